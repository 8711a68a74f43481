"""A drag as an object: it gets every move, and either a release or a cancel ends it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.timeline.snapping import Snap, SnapTarget, snap

SNAP_REACH_PIXELS = 7.0


@dataclass(frozen=True)
class BoundaryPreview:
    """A boundary on its way. snap: where it stands and what drew it there. ripple: whether what follows moves."""

    track: SegmentTrack
    boundary: int
    snap: Snap
    ripple: bool


@dataclass(frozen=True)
class TrackLimits:
    """minimum, maximum: frames of a segment and of the whole track. grid: frames a boundary snaps to.

    can_ripple: whether what follows may move.
    """

    minimum: int
    maximum: int
    grid: int
    can_ripple: bool = True


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
        is_last = self.boundary == len(self.track) - 1
        wants_ripple = bool(modifiers & Qt.KeyboardModifier.ShiftModifier) or is_last
        ripple = wants_ripple and self._limits.can_ripple
        moved = self._rippled(landed.frame) if ripple else self._rolled(landed.frame)
        if moved[self.boundary].end != landed.frame:
            landed = Snap(moved[self.boundary].end)
        self.preview = None if moved == self.track else BoundaryPreview(moved, self.boundary, landed, ripple)
        return self.preview

    def _rolled(self, frame: int) -> SegmentTrack:
        left, right = self.track[self.boundary], self.track[self.boundary + 1]
        minimum = min(self._limits.minimum, left.num_frames, right.num_frames)
        return self.track.with_boundary(self.boundary, frame, minimum)

    def _rippled(self, frame: int) -> SegmentTrack:
        segment = self.track[self.boundary]
        longest = max(self._limits.maximum - self.track.num_frames + segment.num_frames, segment.num_frames)
        shortest = min(self._limits.minimum, segment.num_frames)
        return self.track.with_duration(self.boundary, max(shortest, min(frame - segment.start, longest)))
