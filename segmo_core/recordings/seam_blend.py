"""Seams without a jump: what two motions differ by where they meet fades out on either side (inertialisation).

Only the difference at the seam and its speed are carried on, by the polynomial of fifth degree that takes both to rest
(D. Bollo, Inertialization, GDC 2018), so that neither motion shows through the other.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.recordings.own_body import Poses

FloatArray = NDArray[np.floating]
Kept = Literal["left", "right", "right, wholly"]

_FASTEST = 6.0  # rad/s and m/s of a difference; more is noise of two frames


def faded(offset: FloatArray, speed: FloatArray, frames: FloatArray, length: float) -> FloatArray:
    """(K, ...) what is left of ``offset`` (...) ``frames`` (K,) after the seam; 0 from ``length`` frames on.

    speed: (...) of the offset, a frame.
    """
    u = np.clip(frames / length, 0.0, 1.0).reshape(-1, *[1] * np.ndim(offset))
    value = 1.0 - 10.0 * u**3 + 15.0 * u**4 - 6.0 * u**5
    slope = u - 6.0 * u**3 + 8.0 * u**4 - 3.0 * u**5
    left: FloatArray = offset * value + speed * length * slope
    return left


def joined(
    left: Poses, right: Poses, overlap: int, lengths: tuple[float, float], frame_rate: float, kept: Kept
) -> tuple[Poses, Poses]:
    """``left`` and ``right``, changed so that the one flows into the other: pose and speed, at the seam.

    The first ``overlap`` frames of ``right`` are at the same times as the last of ``left``, and are left out of what
    comes back. lengths: frames over which the difference fades in ``left`` and in ``right``. kept: the one whose place
    and heading stay, the other's change; of what the joints differ by each takes half, or "right, wholly" none.
    """
    seam = len(left) - 1
    own, other = left.frames(len(left) - overlap, len(left)), right.frames(0, overlap)
    turn = rotations.to_rotation_vector(rotations.multiply(own.local, rotations.inverse(other.local)))
    place = own.root - other.root
    limit = _FASTEST / frame_rate
    speeds = [
        np.clip(values[-1] - values[-2], -limit, limit) if overlap > 1 else np.zeros_like(values[-1])
        for values in (turn, place)
    ]
    shares = np.full((turn.shape[1], 1), 1.0 if kept == "right, wholly" else 0.5)
    shares[0] = 0.0 if kept == "left" else 1.0
    before = seam - np.arange(len(left)).astype(np.float64)
    after = np.arange(1, len(right) - overlap + 1).astype(np.float64)

    def parts(values: FloatArray, speed: FloatArray, share: FloatArray | float) -> tuple[FloatArray, FloatArray]:
        ahead = faded((1.0 - share) * values, (1.0 - share) * speed, after, lengths[1])
        return faded(-share * values, share * speed, before, lengths[0]), ahead

    turn_before, turn_after = parts(turn[-1], speeds[0], shares)
    place_before, place_after = parts(place[-1], speeds[1], float(shares[0, 0]))
    rest = right.frames(overlap, len(right))
    return _moved(left, turn_before, place_before), _moved(rest, turn_after, place_after)


def _moved(poses: Poses, turn: FloatArray, place: FloatArray) -> Poses:
    changed = np.any(turn != 0.0, axis=-1, keepdims=True)
    turned = rotations.multiply(rotations.from_rotation_vector(turn), poses.local)
    return Poses(np.where(changed, turned, poses.local), poses.root + place)
