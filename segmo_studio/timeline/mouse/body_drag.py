"""Dragging the body of a segment, or of several: to another place, with Ctrl a copy of them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from segmo_studio.timeline.mouse.carried import CarriedSegments
from segmo_studio.timeline.places import Places


class BodyDrag:
    """From a press on the body of a segment; nothing happens before the mouse has moved ``reach`` pixels."""

    def __init__(self, indices: tuple[int, ...], pressed_at: QPointF, reach: int) -> None:
        self._indices = indices
        self._pressed_at = pressed_at
        self._reach = reach
        self._has_begun = False
        self.carried: CarriedSegments | None = None

    def move_to(self, point: QPointF, places: Places, modifiers: Qt.KeyboardModifier) -> CarriedSegments | None:
        """Where they would go from ``point``; None before the drag has begun."""
        way = point - self._pressed_at
        # Up or down means another panel: further than a hand that only clicks slips.
        self._has_begun = self._has_begun or abs(way.x()) >= self._reach or abs(way.y()) >= 4 * self._reach
        if not self._has_begun:
            return None
        copies = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        row = places.rows.track.adjusted(0, -30, 0, 30)
        place = places.insertion_at(point.x()) if row.contains(point) else None
        self.carried = CarriedSegments(self._indices, point.x() - self._pressed_at.x(), place, copies)
        return self.carried

    @property
    def moves(self) -> bool:
        """Whether letting go now changes anything."""
        carried = self.carried
        if carried is None or carried.place is None:
            return False
        return carried.copies or not _is_home(carried.indices, carried.place)


def _is_home(indices: tuple[int, ...], place: int) -> bool:
    """Whether segments that lie side by side would stay where they are."""
    first, last = min(indices), max(indices)
    return last - first + 1 == len(indices) and first <= place <= last + 1
