"""A drag as an object: it gets every move, and either a release or a cancel ends it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.track_edits import TrackLimits, does_ripple, with_end
from segmo_studio.timeline.snapping import Snap, SnapTarget, snap

SNAP_REACH_PIXELS = 7.0


@dataclass(frozen=True)
class BoundaryPreview:
    """A boundary on its way. snap: where it stands and what drew it there. ripple: whether what follows moves."""

    track: SegmentTrack
    boundary: int
    snap: Snap
    ripple: bool


class BoundaryDrag:
    """Moves the end of segment ``boundary``: a roll edit, with Shift a ripple edit; Alt switches snapping off.

    The end of the last segment always ripples, for nobody follows who could give way.
    """

    def __init__(
        self, track: SegmentTrack, boundary: int, limits: TrackLimits, targets: list[SnapTarget], grab_offset: float
    ) -> None:
        self.track = track
        self.boundary = boundary
        self.preview: BoundaryPreview | None = None
        self._limits = limits
        self._targets = targets
        self._grab_offset = grab_offset

    def move_to(self, frame: float, frames_per_pixel: float, modifiers: Qt.KeyboardModifier) -> BoundaryPreview | None:
        """Preview the boundary at ``frame`` (where the mouse is); None while it is back at its old place."""
        frame -= self._grab_offset
        if modifiers & Qt.KeyboardModifier.AltModifier:
            landed = Snap(round(frame))
        else:
            landed = snap(frame, self._targets, SNAP_REACH_PIXELS * frames_per_pixel, self._limits.grid)
        wants_ripple = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        ripple = does_ripple(self.track, self.boundary, self._limits, wants_ripple)
        moved = with_end(self.track, self.boundary, landed.frame, self._limits, ripple)
        if moved[self.boundary].end != landed.frame:
            landed = Snap(moved[self.boundary].end)
        self.preview = None if moved == self.track else BoundaryPreview(moved, self.boundary, landed, ripple)
        return self.preview
