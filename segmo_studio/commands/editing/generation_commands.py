"""Making motions: proposing segments, generating, variations, repair, and giving them up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from segmo_studio.document.selection import Selection
from segmo_studio.panels.inspector import Inspector
from segmo_studio.panels.job_status import JobStatus
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.timeline.timeline_view import TimelineView


class GenerationCommands(QObject):
    """What the menus and the buttons of prompt panel and inspector ask for."""

    def __init__(
        self,
        jobs: TakeJobs,
        editor: TrackEditor,
        selection: Selection,
        panel: PromptPanel,
        inspector: Inspector,
        timeline: TimelineView,
        job_status: JobStatus,
    ) -> None:
        super().__init__(panel)
        self._jobs = jobs
        self._editor = editor
        self._selection = selection
        self._panel = panel
        self._timeline = timeline
        self._job_status = job_status
        panel.propose_requested.connect(jobs.propose)
        panel.generate_requested.connect(self._generate)
        inspector.reroll_requested.connect(lambda index: jobs.regenerate(reroll=index))
        inspector.regenerate_requested.connect(lambda: jobs.regenerate())
        inspector.typical_requested.connect(editor.set_typical_duration)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        jobs, prompt = self._jobs, self._panel.prompt.toPlainText
        return {
            "propose": lambda: jobs.propose(prompt()),
            "generate": lambda: self._generate(prompt()),
            "regenerate": lambda: jobs.regenerate(),
            "reroll": lambda: jobs.regenerate(reroll=self._selection.segment),
            "repair": lambda: self._editor.repair(),
            "cancel": self._job_status.cancel,
        }

    def _generate(self, prompt: str) -> None:
        """Ask for a motion; whoever has asked wants to see it, so that Space plays from now on."""
        if self._jobs.generate(prompt) is not None:
            self._timeline.setFocus()
