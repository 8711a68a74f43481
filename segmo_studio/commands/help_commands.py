"""Windows about the program: every command, every key, every message, and what it is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from segmo_studio.commands.actions import Actions, shortcut_tables
from segmo_studio.dialogs.about import show_about
from segmo_studio.dialogs.command_palette import CommandPalette
from segmo_studio.dialogs.messages import Messages
from segmo_studio.dialogs.shortcut_sheet import ShortcutSheet
from segmo_studio.services.notifications import Notifications


class HelpCommands(QObject):
    """One at a time: each is gone before something else is done."""

    def __init__(self, window: QMainWindow, actions: Actions, notifications: Notifications) -> None:
        super().__init__(window)
        self._window = window
        self._actions = actions
        self._notifications = notifications

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        window = self._window
        return {
            "palette": lambda: CommandPalette(self._actions.all(), window).exec(),
            "messages": lambda: Messages(self._notifications.told, window).exec(),
            "shortcuts": lambda: ShortcutSheet(shortcut_tables(), window).exec(),
            "about": lambda: show_about(window),
        }
