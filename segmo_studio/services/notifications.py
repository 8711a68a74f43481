"""Sentences for the user: errors, warnings, news. Posted from anywhere, shown by the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from segmo_core.errors import SegmoError


@dataclass(frozen=True)
class Notification:
    """level: "info", "success", "warning" or "error". details: what helps to find the cause; may be empty.

    action: label of a button and what it does.
    """

    level: str
    sentence: str
    details: str = ""
    action: tuple[str, Callable[[], object]] | None = None


class Notifications(QObject):
    """The one place to tell the user something."""

    posted = Signal(object)

    def info(self, sentence: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        self.posted.emit(Notification("info", sentence, action=action))

    def success(self, sentence: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        self.posted.emit(Notification("success", sentence, action=action))

    def warning(self, sentence: str) -> None:
        self.posted.emit(Notification("warning", sentence))

    def error(self, sentence: str | SegmoError, details: str = "") -> None:
        self.posted.emit(Notification("error", as_sentence(str(sentence)), details))


def as_sentence(text: str) -> str:
    """The text with a capital first letter and a full stop. Names of files keep their letters."""
    text = text.strip()
    first_word = text.split(":", 1)[0].split(" ", 1)[0]
    if first_word.isalpha():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
