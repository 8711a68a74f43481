"""Undo and redo in the Edit menu, named after the step that they take back or do again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from segmo_studio.commands.actions import Actions
from segmo_studio.document.document import Document


class UndoCommands(QObject):
    """Follows the document's undo stack."""

    def __init__(self, document: Document, actions: Actions) -> None:
        super().__init__(document)
        self._stack = document.undo_stack
        self._actions = actions
        # A step can get another name when the outcome of its job comes, of which the stack does not tell.
        for signal in (self._stack.indexChanged, document.takes_changed):
            signal.connect(self._show_names)
        self._show_names()

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"undo": self._stack.undo, "redo": self._stack.redo}

    def _show_names(self) -> None:
        stack = self._stack
        for name, can, text in (
            ("undo", stack.canUndo(), stack.undoText()),
            ("redo", stack.canRedo(), stack.redoText()),
        ):
            self._actions[name].setEnabled(can)
            self._actions[name].setText(f"{name.title()} {text}".strip())
