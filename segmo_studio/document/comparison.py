"""Which takes are compared, and how: beside each other, or as ghosts in one view. Looking is no edit: never undone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from segmo_core.project.project import Take
from segmo_studio.document.document import Document

MOST_COMPARED = 3
"""Takes beside the current one: four figures fill a view."""


class Comparison(QObject):
    """Marked takes are compared with the current one; where none is marked, the one that was on screen before it."""

    changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._marked: tuple[int, ...] = ()
        self._pair: tuple[int, int] | None = None
        self._current_id, self._former_id = document.current.take_id, -1
        self._shows_ghosts = self._shows_sides = False
        document.take_switched.connect(self._on_take_switched)
        document.takes_changed.connect(self._on_takes_changed)
        document.opened.connect(self.clear)

    @property
    def marked(self) -> tuple[int, ...]:
        """Numbers of the takes that were marked, in the order of marking."""
        return self._marked

    @property
    def shows_ghosts(self) -> bool:
        return self._shows_ghosts

    @property
    def shows_sides(self) -> bool:
        return self._shows_sides

    @property
    def others(self) -> tuple[Take, ...]:
        """What the current take is compared with: those with a motion, at most three."""
        found = [self._document.project.find(take_id) for take_id in self._marked]
        takes = [take for take in found if take is not None and take is not self._document.current]
        former = self._document.project.find(self._former_id)
        if not takes and former is not None and former is not self._document.current:
            takes = [former]
        return tuple(take for take in takes if take.motion is not None)[:MOST_COMPARED]

    def mark(self, take_id: int, is_marked: bool) -> None:
        """Compare a take from now on, or no more; a fourth one takes the place of the first."""
        kept = tuple(other for other in self._marked if other != take_id)
        self._marked = (*kept, take_id)[-MOST_COMPARED:] if is_marked else kept
        self._pair = None
        self.changed.emit()

    def show_ghosts(self, shown: bool) -> None:
        """See-through bodies of the others in the view."""
        self._shows_ghosts = shown
        self.changed.emit()

    def show_sides(self, shown: bool) -> None:
        """A view for each of the others, beside that of the current take."""
        self._shows_sides = shown
        self.changed.emit()

    def swap(self) -> None:
        """Show the other one of two takes, and with the next call the first one again."""
        current, others = self._document.current.take_id, self.others
        if self._pair is None or current not in self._pair or self._other_of(current) is None:
            if not others:
                return
            self._pair = (current, others[0].take_id)
        other = self._other_of(current)
        if other is not None:
            self._document.select_take(other.take_id)

    def clear(self) -> None:
        """Compare nothing any more."""
        self._marked, self._pair, self._former_id = (), None, -1
        self._current_id = self._document.current.take_id
        self._shows_ghosts = self._shows_sides = False
        self.changed.emit()

    def _other_of(self, current: int) -> Take | None:
        first, second = self._pair or (-1, -1)
        return self._document.project.find(second if current == first else first)

    def _on_take_switched(self, take: Take) -> None:
        self._former_id, self._current_id = self._current_id, take.take_id
        self.changed.emit()

    def _on_takes_changed(self) -> None:
        there = {take.take_id for take in self._document.project.takes}
        self._marked = tuple(take_id for take_id in self._marked if take_id in there)
        self.changed.emit()
