"""How much quality a frame may have: as much as the machine draws in time, and all of it when nothing moves."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median

SLOW_SECONDS = 0.025  # a picture that takes longer leaves too little of a 30th of a second for the rest of the window
EASY_SECONDS = 0.015  # a picture that takes less may look better: the next step takes at most 1.6 times as long
FAST_SECONDS = 0.011  # a picture that takes less leaves time for 60 a second
_WINDOW = 6  # frames looked at before a step, so that one hiccup changes nothing


@dataclass(frozen=True)
class Quality:
    """scale: share of the screen's resolution. smooth: edges smoothed. coarse: bodies of fewer triangles."""

    scale: float
    smooth: bool
    coarse: bool = False


FULL = Quality(1.0, True)
# Smoothing costs as much as drawing, and less than the jags it takes away: so the picture gets coarser first.
_STEPS = (
    FULL,
    Quality(0.75, True),
    Quality(0.6, True, coarse=True),
    Quality(0.5, True, coarse=True),
    Quality(0.5, False, coarse=True),
)
SOFTWARE_INTERVAL, FAST_INTERVAL = 33, 16  # milliseconds: 30 and 60 pictures a second


class AdaptiveQuality:
    """Steps down while frames are slow and up again while they are fast."""

    def __init__(self) -> None:
        self._step = 1
        self._typical = SLOW_SECONDS
        self._recent: deque[float] = deque(maxlen=_WINDOW)

    @property
    def moving(self) -> Quality:
        """For frames that follow one another."""
        return _STEPS[self._step]

    @property
    def interval(self) -> int:
        """Milliseconds from one picture to the next that the machine keeps up with and has time left beside."""
        return FAST_INTERVAL if self._typical < FAST_SECONDS else SOFTWARE_INTERVAL

    def note(self, seconds: float) -> None:
        """Takes the time that one picture of ``moving`` quality took, until it was in the window."""
        self._recent.append(seconds)
        if len(self._recent) < _WINDOW:
            return
        typical = self._typical = median(self._recent)
        step = self._step
        if typical > SLOW_SECONDS:
            step = min(step + 1, len(_STEPS) - 1)
        elif typical < EASY_SECONDS:
            step = max(step - 1, 0)
        if step != self._step:
            self._step = step
            self._recent.clear()
