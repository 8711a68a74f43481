"""Opening, exporting, pictures: the commands of the File menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from segmo_core.errors import SegmoError
from segmo_core.formats.registry import READABLE_EXTENSIONS
from segmo_studio.dialogs.export_dialog import ExportDialog
from segmo_studio.document.document import Document
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.settings import Settings
from segmo_studio.viewport.motion_view import MotionView


class FileCommands(QObject):
    """Asks for paths and hands them to the jobs."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        jobs: TakeJobs,
        notifications: Notifications,
        settings: Settings,
        view: MotionView,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._document = document
        self._jobs = jobs
        self._notifications = notifications
        self._settings = settings
        self._view = view
        self.last_export: Path | None = None
        jobs.exported.connect(self._on_exported)

    def ask_open(self) -> None:
        patterns = " ".join(f"*{extension}" for extension in READABLE_EXTENSIONS)
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open motion", str(self._settings.open_folder), f"Motions ({patterns});;All files (*)"
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Open a motion file as a take; a wrong file ends in a notification."""
        self._settings.open_folder = path.parent
        self._jobs.open_motion(path)

    def ask_export(self) -> None:
        take = self._document.current
        if take.motion is None:
            self._notifications.warning("There is no motion to export yet; generate one first.")
            return
        settings = self._settings
        dialog = ExportDialog(
            take, settings.export_folder, settings.export_format, settings.export_options, self._window
        )
        if dialog.exec():
            settings.export_folder = dialog.path.parent
            settings.export_format, settings.export_options = dialog.format_name, dialog.options
            self._jobs.export(dialog.path, dialog.options, dialog.format_name)
        dialog.deleteLater()

    def show_in_folder(self) -> None:
        if self.last_export is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.last_export.parent)))

    def save_picture(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save picture", str(self._settings.export_folder / "motion.png"), "Pictures (*.png)"
        )
        if not chosen:
            return
        try:
            self._view.screenshot(Path(chosen))
        except SegmoError as error:
            self._notifications.error(error)
            return
        self._on_exported(Path(chosen))

    def _on_exported(self, path: Path) -> None:
        self.last_export = path
        self._notifications.success(f"Saved {path.name}.", ("Show in folder", self.show_in_folder))


def dropped_paths(data: QMimeData) -> list[Path]:
    """Local files with a readable extension among what is dragged over the window."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in READABLE_EXTENSIONS]
