"""Edits of takes as a whole, and of what is marked in them. Each is one undo step; none changes a motion."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from segmo_studio.document.document import Document
from segmo_studio.document.editing.segment_marks import with_lock


class TakeEditor(QObject):
    """The verbs of the takes panel and of the Takes menu."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document = document

    def new_take(self) -> None:
        """An empty take; the current one is used when it is still empty."""
        if not self._document.current.is_empty:
            self._document.push_take("New take", self._document.project.next_take())

    def rename(self, take_id: int, name: str) -> None:
        """Another name; the one there was stays where the new one is blank."""
        take = self._document.project.find(take_id)
        if take is None or not name.strip() or name.strip() == take.name:
            return
        renamed = replace(take, name=name.strip())
        project = self._document.project.with_takes_mapped(lambda other: renamed if other is take else other)
        self._document.push("Rename take", project)

    def remove(self, take_id: int) -> None:
        """Delete a take; undo brings it back with its motion."""
        self._document.push("Delete take", self._document.project.without_take(take_id))

    def star(self, take_id: int, is_starred: bool) -> None:
        """Mark a take as a good one, or take the mark away."""
        take = self._document.project.find(take_id)
        if take is None or take.starred == is_starred:
            return
        marked = replace(take, starred=is_starred)
        project = self._document.project.with_takes_mapped(lambda other: marked if other is take else other)
        self._document.push("Star take" if is_starred else "Unstar take", project)

    def can_lock(self, index: int) -> bool:
        """Whether segment ``index`` of the current take has a motion that a lock could keep."""
        take = self._document.current
        return take.plan is not None and index in take.plan.kept

    def lock(self, index: int, is_locked: bool) -> None:
        """Keep a segment through every edit and every variation, or set it free."""
        take = self._document.current
        if is_locked == (index in take.locked) or (is_locked and not self.can_lock(index)):
            return
        text = f"{'Lock' if is_locked else 'Unlock'} segment {index + 1}"
        self._document.push_take(text, with_lock(take, index, is_locked))
