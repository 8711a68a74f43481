"""Lists of prompts, and the line for a terminal that gives the present take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from segmo_core.errors import SegmoError
from segmo_core.formats.registry import FORMATS
from segmo_studio.commands.files.file_commands import with_props
from segmo_studio.dialogs.export_dialog import file_stem
from segmo_studio.document.document import Document
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings


class BatchCommands(QObject):
    """``project``: the file that holds the document as it is now, None where nothing does."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        service: EngineService,
        notifications: Notifications,
        settings: Settings,
        project: Callable[[], Path | None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._document = document
        self._service = service
        self._notifications = notifications
        self._settings = settings
        self._project = project

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the actions of the table do."""
        return {"batch": self.ask, "copy_command": self.copy_command}

    def ask(self) -> None:
        from segmo_studio.dialogs.batch_dialog import BatchDialog  # not before somebody asks: start-up time

        settings = self._settings
        dialog = BatchDialog(settings.export_folder, settings.export_format, self._document.settings.seed, self._window)
        if dialog.exec():
            folder = dialog.folder
            job = self._service.make_batch(
                dialog.items, folder, dialog.extension, dialog.seed.value(), self._document.settings
            )
            job.failed.connect(self._notifications.error)
            job.when_done(lambda report: self._tell(folder, report.summary, report.failed))
        dialog.deleteLater()

    def copy_command(self) -> None:
        """The line goes to the clipboard, where it can be pasted into a terminal."""
        from segmo_studio.commands.command_line import command_line  # brings the options of the command line

        take, settings = self._document.current, self._settings
        file = Path(file_stem(take) + FORMATS[settings.export_format].extensions[0])
        try:
            if take.result is not None and not self._service.can_keep_tokens_of(take.result):
                self._notifications.warning(
                    f"{take.name} was made with the bundle “{take.result.origin.bundle}”: open that one first."
                )
                return
            options = with_props(settings.export_options, settings.export_format, self._document.project.props)
            line = command_line(take, file, options, settings.export_format, settings.bundle, self._project())
        except SegmoError as error:
            self._notifications.warning(str(error))
            return
        QApplication.clipboard().setText(line)
        self._notifications.success(f"Copied: {line}")

    def _tell(self, folder: Path, summary: str, failed: tuple[tuple[str, str], ...]) -> None:
        show = ("Show in folder", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        if failed:
            details = "\n".join(f"{name}: {sentence}" for name, sentence in failed)
            self._notifications.error(f"{summary}.", details)
        else:
            self._notifications.success(f"{summary}.", show)
