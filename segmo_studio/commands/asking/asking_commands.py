"""Who cuts the prompt, and which language models there are to do it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QWidget

from segmo_studio.document.document import Document
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.asking.language_models import LanguageModels
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.making.reproposal import Reproposal
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.services.track_editor import TrackEditor


class AskingCommands(QObject):
    """Joins the prompt panel with the language models, and proposals over edited segments with who decides."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        service: EngineService,
        notifications: Notifications,
        panel: PromptPanel,
        jobs: TakeJobs,
        editor: TrackEditor,
    ) -> None:
        super().__init__(document)
        self._window = window
        self._document = document
        self.models = LanguageModels(document, service.runner, notifications)
        self._jobs = jobs
        panel.segmenter_requested.connect(self.ask_segmenter)
        self._panel = panel
        self._editor = editor
        panel.language.translate_requested.connect(self._translate)
        panel.language.translated.connect(self._use_translation)
        jobs.reproposed.connect(self._ask_about)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"segmenter": self.ask_segmenter}

    def ask_segmenter(self) -> None:
        """What is chosen holds at once; the window goes on meanwhile."""
        from segmo_studio.dialogs.asking.segmenter_dialog import SegmenterDialog  # not before somebody asks

        dialog = SegmenterDialog(self._document, self.models, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _ask_about(self, reproposal: Reproposal) -> None:
        from segmo_studio.dialogs.asking.proposal_dialog import KEEP_MINE, ProposalDialog  # not before somebody asks

        dialog = ProposalDialog(reproposal, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def answer(code: int) -> None:
            if code == QDialog.DialogCode.Accepted:
                self._jobs.answer(reproposal, dialog.track)
            elif code == KEEP_MINE:
                self._jobs.answer(reproposal, None)
            else:
                self._jobs.dismiss()

        dialog.finished.connect(answer)
        dialog.open()

    def _translate(self, prompt: str) -> None:
        offer, job = self._panel.language, self.models.translate(prompt)
        job.when_done(lambda translation: offer.show_translation(prompt, translation))
        job.failed.connect(lambda sentence, _details: offer.show_problem(prompt, sentence))
        job.cancelled.connect(offer.take_back)

    def _use_translation(self, prompt: str, translation: str) -> None:
        field = self._panel.prompt
        field.setFocus()
        field.replace_all(translation)
        self._editor.translate_prompt(prompt, translation)
