"""Who cuts the prompt, and which language models there are to do it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from segmo_studio.document.document import Document
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.asking.language_models import LanguageModels
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.notifications import Notifications


class AskingCommands(QObject):
    """Joins the prompt panel with the language models."""

    def __init__(
        self,
        window: QWidget,
        document: Document,
        service: EngineService,
        notifications: Notifications,
        panel: PromptPanel,
    ) -> None:
        super().__init__(document)
        self._window = window
        self._document = document
        self.models = LanguageModels(document, service.runner, notifications)
        panel.segmenter_requested.connect(self.ask_segmenter)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"segmenter": self.ask_segmenter}

    def ask_segmenter(self) -> None:
        """What is chosen holds at once; the window goes on meanwhile."""
        from segmo_studio.dialogs.asking.segmenter_dialog import SegmenterDialog  # not before somebody asks

        dialog = SegmenterDialog(self._document, self.models, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
