"""At which times a file has keys: on each of its frames, and between them where the motion bends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]

_SAME_TIME = 2e-5  # seconds; formats keep times as float32, which after five minutes are this far off
_ON_FRAME = 1e-6  # of a frame


def frame_times(num_frames: int, source_rate: float, frame_rate: float) -> FloatArray:
    """Seconds (N,) of the whole frames at ``frame_rate`` Hz from the first of ``num_frames`` to the last not after."""
    seconds = (num_frames - 1) / source_rate
    return np.arange(int(np.floor(seconds * frame_rate + _ON_FRAME)) + 1) / frame_rate


def exact_key_times(num_frames: int, source_rate: float, frame_rate: float, longest: float | None) -> FloatArray:
    """``frame_times``, and between them the times of the motion's own frames, where its straight ways have corners.

    Curves that go straight from key to key are on the motion then at any time. longest: seconds; where given,
    stretches between keys are divided until none is longer.
    """
    frames = frame_times(num_frames, source_rate, frame_rate)
    own = np.arange(num_frames) / source_rate
    own = own[own < frames[-1]]
    after = np.searchsorted(frames, own)
    gap = np.minimum(np.abs(own - frames[after]), np.abs(own - frames[np.maximum(after - 1, 0)]))
    times = np.sort(np.concatenate([frames, own[gap > _SAME_TIME]]))
    if longest is None or len(times) < 2:
        return times
    parts = np.ceil(np.diff(times) / longest - _ON_FRAME).astype(int)
    start = np.repeat(np.arange(len(parts)), parts)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[start]
    return np.append(times[start] + share * np.diff(times)[start], times[-1])
