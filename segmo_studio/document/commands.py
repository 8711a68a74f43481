"""The undo command: the project before and after one edit. Values are immutable, so both share nearly everything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from segmo_core.project.project import Project

_MERGEABLE = 1


class ProjectEdit(QUndoCommand):
    """One step of undo.

    merge_key: edits that follow each other with the same key (turning one spin box) become one step.
    """

    def __init__(
        self,
        text: str,
        before: Project,
        after: Project,
        apply: Callable[[Project], None],
        merge_key: str | None = None,
    ) -> None:
        super().__init__(text)
        self.before = before
        self.after = after
        self._apply = apply
        self._merge_key = merge_key

    def redo(self) -> None:
        self._apply(self.after)

    def undo(self) -> None:
        self._apply(self.before)

    def id(self) -> int:
        return _MERGEABLE if self._merge_key is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ProjectEdit) or other._merge_key != self._merge_key:
            return False
        self.after = other.after
        return True
