"""What can be measured of a motion at every frame: speed, height of the pelvis, feet that stand."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.floor import floor_height
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_SMOOTH_SECONDS = 0.2


@dataclass(frozen=True, eq=False)
class MotionCurves:
    """speed: (T,) m/s of the pelvis over the floor, over a fifth of a second. height: (T,) metres of the pelvis above
    the floor. contacts: frames [start, end) that the left foot stands, and the right one; None where the skeleton has
    no feet of known names.
    """

    speed: FloatArray
    height: FloatArray
    contacts: tuple[tuple[tuple[int, int], ...], ...] | None


_known: WeakKeyDictionary[Motion, MotionCurves] = WeakKeyDictionary()


def curves_of(motion: Motion) -> MotionCurves:
    """Measured once for a motion, in a few milliseconds."""
    if motion not in _known:
        _known[motion] = _measured(motion)
    return _known[motion]


def _measured(motion: Motion) -> MotionCurves:
    root = np.asarray(motion.joint_positions[:, 0], dtype=np.float64)
    steps = np.linalg.norm(np.diff(root[:, [0, 2]], axis=0), axis=1) * motion.frame_rate
    speed = np.concatenate([steps[:1], steps]) if len(steps) else np.zeros(1)
    width = max(1, round(_SMOOTH_SECONDS * motion.frame_rate))
    padded = np.pad(speed, (width // 2, width - 1 - width // 2), mode="edge")
    smooth = np.convolve(padded, np.ones(width) / width, "valid")
    return MotionCurves(smooth, root[:, 1] - floor_height(motion), _contacts(motion))


def _contacts(motion: Motion) -> tuple[tuple[tuple[int, int], ...], ...] | None:
    from segmo_core.motion.feet.standing import standing_feet

    stands = standing_feet(motion, floor_height(motion))
    if stands is None:
        return None
    return tuple(_stretches(stands[:, side]) for side in range(stands.shape[1]))


def _stretches(flags: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Half-open ranges in which ``flags`` (T,) are set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return tuple((int(start), int(end)) for start, end in edges.reshape(-1, 2))
