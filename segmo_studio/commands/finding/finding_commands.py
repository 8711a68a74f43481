"""Finding in a motion: by a query, by describing it, and what is found used as segments."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.motion_description import MotionDescription
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.timeline.transport_bar import TransportBar


class FindingCommands(QObject):
    """Joins the query above the timeline and the list of what was found with the verbs of editor and jobs."""

    def __init__(
        self,
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
        }

    def _use_query(self) -> None:
        self._editor.use_grounding(self._selection.grounding)
