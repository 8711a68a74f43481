"""Opening, exporting, pictures: the commands of the File menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from segmo_core.errors import SegmoError
from segmo_core.formats.registry import FORMATS, READABLE_EXTENSIONS
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.project.project import Take
from segmo_core.project.project_file import PROJECT_EXTENSION, is_project
from segmo_studio.dialogs.export_dialog import ExportDialog
from segmo_studio.dialogs.import_dialog import ImportDialog
from segmo_studio.document.document import Document
from segmo_studio.document.export_ranges import export_ranges
from segmo_studio.document.playback import Playback
from segmo_studio.document.read_motion import ReadMotion
from segmo_studio.document.selection import Selection
from segmo_studio.services.file_jobs import FileJobs
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings
from segmo_studio.theme.widgets import shortened
from segmo_studio.viewport.motion_view import MotionView


class FileCommands(QObject):
    """Asks for paths and hands them to the jobs."""

    project_chosen = Signal(object)
    """The Path of a project that was to be opened like a motion."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        jobs: FileJobs,
        notifications: Notifications,
        settings: Settings,
        view: MotionView,
        selection: Selection,
        playback: Playback,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._document = document
        self._jobs = jobs
        self._notifications = notifications
        self._settings = settings
        self._view = view
        self._selection = selection
        self._playback = playback
        self.last_export: Path | None = None
        self.import_dialog: ImportDialog | None = None
        self._waiting: list[ReadMotion] = []
        jobs.exported.connect(self.tell_saved)
        jobs.opened.connect(self._on_opened)
        jobs.doubted.connect(self._ask_import)

    def ask_open(self) -> None:
        patterns = " ".join(f"*{extension}" for extension in (*READABLE_EXTENSIONS, PROJECT_EXTENSION))
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            "Open motion",
            str(self._settings.open_folder),
            f"Motions and projects ({patterns});;All files (*)",
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Open a motion file as a take; a wrong file ends in a notification, a doubtful one in the import dialog."""
        if is_project(path):
            self.project_chosen.emit(path)
            return
        self._settings.open_folder = path.parent
        self._jobs.open_motion(path)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {
            "open": self.ask_open,
            "show_reading": self.show_reading,
            "export": self.ask_export,
            "show_in_folder": self.show_in_folder,
            "screenshot": self.save_picture,
        }

    def show_reading(self) -> None:
        """How the current take's file was read, to look at and to put right."""
        take = self._document.current
        if take.source is not None and take.opened is not None:
            job = self._jobs.read(take.source)
            job.when_done(lambda read: self._ask_import(read, take))

    def ask_export(self) -> None:
        take = self._document.current
        if take.motion is None:
            self._notifications.warning("There is no motion to export yet; generate one first.")
            return
        settings = self._settings
        dialog = ExportDialog(
            take,
            settings.export_folder,
            settings.export_format,
            settings.export_options,
            self._window,
            self._view.frame,
            export_ranges(take, self._selection, self._playback),
        )
        if dialog.exec():
            settings.export_folder = dialog.path.parent
            options, body = dialog.options, settings.smpl_folder
            if body is not None and "body" in FORMATS[dialog.format_name].options:
                options = replace(options, body=str(body))
            settings.export_format, settings.export_options = dialog.format_name, options
            props = self._document.project.props
            options = with_props(options, dialog.format_name, props)
            if props and (options.in_place or options.from_origin):
                self._notifications.warning("The props are left out: the body does not stay where they stand.")
            self._jobs.export(dialog.path, options, dialog.format_name, dialog.frames)
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
        self.tell_saved(Path(chosen))

    def _ask_import(self, read: ReadMotion, take: Take | None = None) -> None:
        """take: the one whose motion the dialog may replace; None makes a new one. One dialog at a time."""
        if self.import_dialog is not None:
            if take is None:
                self._waiting.append(read)
            return
        before = take.read_as if take is not None else None
        dialog = ImportDialog(read, self._jobs.fit, before, self._window)
        self.import_dialog = dialog

        def end(answer: int) -> None:
            self.import_dialog = None
            result = dialog.result_read
            dialog.deleteLater()
            if answer and result is not None and result is not before:
                self._jobs.put_opened(read, result, take)
            if self._waiting:
                self._ask_import(self._waiting.pop(0))

        dialog.finished.connect(end)
        dialog.open()

    def _on_opened(self, take: Take) -> None:
        if take.read_as is not None:
            sentence = f"{shortened(take.name, 40)}: {take.read_as.summary}."
            self._notifications.info(sentence, ("How it was read", self.show_reading))

    def tell_saved(self, path: Path) -> None:
        """A file was written: say so, and offer its folder."""
        self.last_export = path
        self._notifications.success(f"Saved {path.name}.", ("Show in folder", self.show_in_folder))


def with_props(options: ExportOptions, format_name: str, props: tuple[Path, ...]) -> ExportOptions:
    """``options`` with what stands in the view, where the format has room and the body stays beside it."""
    if "props" not in FORMATS[format_name].options or options.in_place or options.from_origin:
        return options
    return replace(options, props=tuple(map(str, props)))


def dropped_paths(data: QMimeData) -> list[Path]:
    """Local motions and projects among what is dragged over the window."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in READABLE_EXTENSIONS or is_project(path)]
