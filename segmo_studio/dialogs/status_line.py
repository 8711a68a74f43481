"""The sentence in a dialog that says what came of what was asked for; the window says it where the dialog is closed."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QLabel

from segmo_studio.services.notifications import Notifications
from segmo_studio.theme.widgets import set_role


class TalkingDialog(Protocol):
    """A dialog with a sentence of its own."""

    def isVisible(self) -> bool: ...
    def say(self, sentence: str, is_problem: bool = False) -> None: ...


def show_status(status: QLabel, sentence: str, is_problem: bool) -> None:
    """The sentence in the dialog's line, in the colour of a problem where it is one."""
    set_role(status, "danger" if is_problem else "small")
    status.setText(sentence)


def tell(dialog: TalkingDialog | None, notifications: Notifications, sentence: str, is_problem: bool) -> None:
    """In the dialog while that is open, else as a notification."""
    if dialog is not None and dialog.isVisible():
        dialog.say(sentence, is_problem)
    elif is_problem:
        notifications.error(sentence)
    else:
        notifications.success(sentence)
