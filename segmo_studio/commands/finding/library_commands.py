"""The library of motions: adding folders, searching, looking at what is found, opening it at its frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from segmo_core.library.index import usual_library
from segmo_core.project.project import Take
from segmo_studio.dialogs.finding.library_dialog import LibraryDialog
from segmo_studio.dialogs.status_line import tell
from segmo_studio.document.playback import Playback
from segmo_studio.document.read_motion import ReadMotion
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.file_jobs import FileJobs
from segmo_studio.services.jobs import Job
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings
from segmo_studio.viewport.motion_view import MotionView

if TYPE_CHECKING:
    from segmo_core.library.indexing import IndexingReport
    from segmo_core.library.search import LibraryHit

_MOST_HITS = 20
_MIDDLE = 128  # between dark and light colours


class LibraryCommands(QObject):
    """One dialog beside the window. The index is the one of ``segmo library``."""

    def __init__(
        self,
        window: QWidget,
        engine: EngineService,
        files: FileJobs,
        playback: Playback,
        notifications: Notifications,
        settings: Settings,
        folder: Path | None = None,
    ) -> None:
        """folder: of the index; None for the one that the command line uses by itself."""
        super().__init__(window)
        self.folder = folder if folder is not None else usual_library()
        self.dialog: LibraryDialog | None = None
        self._window = window
        self._engine = engine
        self._files = files
        self._playback = playback
        self._notifications = notifications
        self._settings = settings
        self._looks = Playback(self)
        self._looking: Job[Any] | None = None
        self._wanted: dict[Path, LibraryHit] = {}
        files.opened.connect(self._go_to_frames)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"library": self.show}

    def show(self) -> None:
        """The dialog, ready to be typed into."""
        if self.dialog is None:
            self.dialog = self._made()
        is_dark = self._window.palette().window().color().lightness() < _MIDDLE
        if isinstance(self.dialog.view, MotionView):
            self.dialog.view.set_theme("dark" if is_dark else "light")
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self.dialog.query.setFocus()

    def release(self) -> None:
        """Free what the preview draws with."""
        self._looks.pause()
        if self.dialog is not None:
            self.dialog.close()
            if isinstance(self.dialog.view, MotionView):
                self.dialog.view.release()

    def add(self, source: Path) -> Job[IndexingReport]:
        """Index the motions below ``source``."""
        job = self._engine.add_to_library(self.folder, source)
        job.failed.connect(self._tell_failure)
        job.when_done(self._tell_report)
        return job

    def _made(self) -> LibraryDialog:
        view = MotionView(theme="dark")
        view.setAccessibleName("Preview of the stretch")
        dialog = LibraryDialog(self.folder, view, self._window)
        dialog.search_requested.connect(self._search)
        dialog.preview_requested.connect(self._look)
        dialog.open_requested.connect(self._open)
        dialog.add_requested.connect(self._ask_folder)
        dialog.finished.connect(lambda _answer: self._looks.pause())
        self._looks.set_looping(True)
        self._looks.moment_changed.connect(view.set_frame)
        return dialog

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.dialog, "Add motions", str(self._settings.open_folder))
        if chosen:
            self.add(Path(chosen))

    def _search(self, query: str) -> None:
        job = self._engine.search_library(self.folder, query, _MOST_HITS)
        job.failed.connect(self._tell_failure)
        if self.dialog is not None:
            job.when_done(self.dialog.show_hits)

    def _look(self, hit: LibraryHit) -> None:
        """Play a stretch in the dialog; a look at another one gives up the one before."""
        if self._looking is not None:
            self._looking.cancel()
        job = self._looking = self._engine.read_quietly(hit.path)
        job.when_done(lambda read: self._play(read, hit))

    def _play(self, read: ReadMotion, hit: LibraryHit) -> None:
        if self.dialog is None or read.result is None or not isinstance(self.dialog.view, MotionView):
            return
        motion = read.result.motion
        shown = motion.frames(min(hit.start, motion.num_frames - 1), min(hit.end, motion.num_frames))
        self.dialog.view.set_motion(None)
        self.dialog.view.set_motion(shown)
        self._looks.set_length(shown.num_frames, shown.frame_rate)
        self._looks.set_frame(0)
        self._looks.play()

    def _open(self, hit: LibraryHit) -> None:
        self._wanted[hit.path] = hit
        self._files.open_motion(hit.path)

    def _go_to_frames(self, take: Take) -> None:
        hit = self._wanted.pop(take.source, None) if take.source is not None else None
        if hit is not None:
            self._playback.set_loop_range(hit.start, min(hit.end, take.num_frames))
            self._playback.set_frame(hit.start)

    def _tell_report(self, report: IndexingReport) -> None:
        added, known = len(report.added) + len(report.updated) + len(report.copies), len(report.unchanged)
        words = f"{added} motions added, {known} known already"
        if report.failures:
            words += f", {len(report.failures)} could not be read (the first: {next(iter(report.failures.values()))})"
        self._tell(f"{words}.", False)

    def _tell_failure(self, sentence: str, _details: str) -> None:
        self._tell(sentence, True)

    def _tell(self, sentence: str, is_problem: bool) -> None:
        tell(self.dialog, self._notifications, sentence, is_problem)
