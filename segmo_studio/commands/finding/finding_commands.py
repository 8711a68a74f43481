"""Finding in a motion: by a query, by describing it, and what is found used as segments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.jobs import Job
from segmo_studio.services.motion_description import MotionDescription
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.theme.widgets import shortened
from segmo_studio.timeline.transport_bar import TransportBar

if TYPE_CHECKING:
    from segmo_core.training.finetuning.segment_clips import SavedClips


class FindingCommands(QObject):
    """Joins the query above the timeline and the list of what was found with the verbs of editor and jobs."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        selection: Selection,
        playback: Playback,
        editor: TrackEditor,
        jobs: TakeJobs,
        engine: EngineService,
        notifications: Notifications,
        bar: TransportBar,
        panel: PromptPanel,
    ) -> None:
        super().__init__(document)
        self.description = MotionDescription(document, engine, notifications)
        self._window = window
        self._document = document
        self._engine = engine
        self._notifications = notifications
        self._selection = selection
        self._editor = editor
        self._bar = bar
        bar.find_requested.connect(jobs.find)
        bar.use_requested.connect(self._use_query)
        panel.found.stretch_chosen.connect(playback.set_frame)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {
            "find": self._bar.query.setFocus,
            "describe": self.description.describe_anew,
            "use_all_found": self._editor.use_all_found,
            "use_grounding": self._use_query,
            "save_clips": self._ask_clips,
        }

    def save_clips(self, folder: Path) -> Job[SavedClips] | None:
        """Every segment of the current motion as a clip that ``segmo finetune`` learns from."""
        take = self._document.current
        track = take.shown_track
        if take.motion is None or track is None:
            return None
        job = self._engine.save_clips(take.motion, track, folder, take.name)
        job.failed.connect(self._notifications.error)
        job.when_done(lambda saved: self._notifications.success(_saved_words(saved, folder)))
        return job

    def _ask_clips(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._window, "Folder for training clips")
        if chosen:
            self.save_clips(Path(chosen))

    def _use_query(self) -> None:
        self._editor.use_grounding(self._selection.grounding)


def _saved_words(saved: SavedClips, folder: Path) -> str:
    left = [f"segment {number} has no text" for number in saved.unnamed]
    left += [f"segment {number} is too short" for number in saved.short]
    more = f"; {', '.join(left)}" if left else ""
    return f"Saved {len(saved.written)} clips in {shortened(str(folder))}{more}."
