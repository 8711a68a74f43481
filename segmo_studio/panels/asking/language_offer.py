"""Below the prompt: that it does not read as English, and its translation, shown before it takes the prompt's place."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from segmo_core.segmentation.grammar.language import NOT_ENGLISH, reads_as_english
from segmo_studio.panels.prompt_text import PromptText
from segmo_studio.theme.widgets import label, push_button, set_role

_PAUSE_MS = 300
_LETTERS = 1000  # of a long prompt, enough to tell its language


class LanguageOffer(QFrame):
    """Hidden while the prompt is English. Nothing is asked and nothing is replaced before somebody says so."""

    translate_requested = Signal(str)
    """The prompt is to be translated."""
    translated = Signal(str, str)
    """The prompt and the translation that is to take its place."""

    def __init__(self, prompt: PromptText) -> None:
        super().__init__()
        self.setObjectName("card")
        self._prompt = prompt
        self._asked = ""
        self.sentence = label(NOT_ENGLISH, "small", wrap=True)
        self.translate = push_button("Translate", tip="Ask a language model of Ollama for the prompt in English")
        self.use = push_button("Use", "primary", "Put the translation in the place of the prompt")
        self.leave = push_button("No", tip="The prompt stays as it is")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.translate, self.leave, self.use):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(self.sentence)
        column.addLayout(buttons)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        prompt.textChanged.connect(self._pause.start)
        self.translate.clicked.connect(self._translate)
        self.leave.clicked.connect(lambda: self._offer(NOT_ENGLISH))
        self.use.clicked.connect(self._use)
        self._translation = ""
        self._offer(NOT_ENGLISH)
        self.hide()

    def show_translation(self, prompt: str, translation: str) -> None:
        """The answer for ``prompt``; one for a prompt that is no longer there is dropped."""
        if prompt == self._asked == self._prompt.toPlainText():
            self._translation = translation
            self._say(f"In English: “{translation}”", "")

    def show_problem(self, prompt: str, sentence: str) -> None:
        """Why there is no translation of ``prompt``."""
        if prompt == self._asked:
            self._offer(sentence, "warning")

    def take_back(self) -> None:
        """Nobody waits for the translation any more."""
        self._offer(NOT_ENGLISH)

    def _look(self) -> None:
        text = self._prompt.toPlainText()
        if text != self._asked:
            self._offer(NOT_ENGLISH)
        self.setVisible(bool(text.strip()) and not reads_as_english(text[:_LETTERS]))

    def _offer(self, sentence: str, role: str = "small") -> None:
        self._asked = self._translation = ""
        self._say(sentence, role)

    def _translate(self) -> None:
        self._asked = self._prompt.toPlainText()
        self._say("Translating…", "small")
        self.translate_requested.emit(self._asked)

    def _use(self) -> None:
        self.translated.emit(self._asked, self._translation)

    def _say(self, sentence: str, role: str) -> None:
        set_role(self.sentence, role)
        self.sentence.setText(sentence)
        self.translate.setVisible(not self._asked)
        for button in (self.use, self.leave):
            button.setVisible(bool(self._translation))
