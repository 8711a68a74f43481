"""Sentences for the user: errors, warnings, news. Posted from anywhere, shown by the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from segmo_core.errors import SegmoError

_REMEMBERED = 200


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
    """The one place to tell the user something. What was told can be read again."""

    posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told: deque[tuple[datetime, Notification]] = deque(maxlen=_REMEMBERED)

    @property
    def told(self) -> tuple[tuple[datetime, Notification], ...]:
        """The last notifications and when they were posted, oldest first."""
        return tuple(self._told)

    def info(self, sentence: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        self._post(Notification("info", sentence, action=action))

    def success(self, sentence: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        self._post(Notification("success", sentence, action=action))

    def warning(self, sentence: str) -> None:
        self._post(Notification("warning", sentence))

    def error(self, sentence: str | SegmoError, details: str = "") -> None:
        self._post(Notification("error", as_sentence(str(sentence)), details))

    def _post(self, notification: Notification) -> None:
        self._told.append((datetime.now(), notification))
        self.posted.emit(notification)


def as_sentence(text: str) -> str:
    """The text with a capital first letter and a full stop. Names of files keep their letters."""
    text = text.strip()
    first_word = text.split(":", 1)[0].split(" ", 1)[0]
    if first_word.isalpha():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
