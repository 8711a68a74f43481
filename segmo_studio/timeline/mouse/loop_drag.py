"""Dragging the played range: its ends, all of it, or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_studio.document.playback import Playback
from segmo_studio.timeline.drags import SNAP_REACH_PIXELS
from segmo_studio.timeline.snapping import SnapTarget, snap

START, END, WHOLE, NEW = "start", "end", "whole", "new"


class LoopDrag:
    """part: START or END of the range, WHOLE moves it, NEW spans one from where the mouse was pressed."""

    def __init__(self, part: str, playback: Playback, pressed_at: float, targets: Sequence[SnapTarget]) -> None:
        """pressed_at: frames. targets: what the ends are drawn to."""
        self._part = part
        self._playback = playback
        self._pressed_at = pressed_at
        self._targets = targets
        self._before = playback.loop_range if playback.has_loop_range else None

    def move_to(self, frame: float, frames_per_pixel: float, snaps: bool) -> None:
        """The mouse is at ``frame`` now."""
        reach = SNAP_REACH_PIXELS * frames_per_pixel if snaps else 0.0

        def landed(wanted: float) -> int:
            return snap(wanted, self._targets, reach, 1).frame

        start, end = self._before or (0, self._playback.num_frames)
        if self._part == NEW:
            start, end = sorted((landed(self._pressed_at), landed(frame)))
        elif self._part == START:
            start = min(landed(frame), end - 1)
        elif self._part == END:
            end = max(landed(frame), start + 1)
        else:
            length, shift = end - start, frame - self._pressed_at
            start = max(0, min(landed(start + shift), self._playback.num_frames - length))
            end = start + length
        if end > start:
            self._playback.set_loop_range(start, end)

    def cancel(self) -> None:
        """Back to the range that was there before."""
        if self._before is None:
            self._playback.clear_loop_range()
        else:
            self._playback.set_loop_range(*self._before)
