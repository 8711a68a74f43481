"""What is added at a few frames, spread smoothly over the frames around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.feet.least_squares import Bands

FloatArray = NDArray[np.floating]

_EXACT = 1e7  # weight of the values at their frames beside 1 of the bends between


def spread(count: int, frames: Sequence[int], values: FloatArray, reach: float) -> FloatArray:
    """Curves (count, D) that pass through values (K, D) at ``frames`` (K,), bend least, and fade to 0 elsewhere.

    reach: frames in which they fade: half of a value is left after about as many.
    """
    values = np.asarray(values, dtype=np.float64).reshape(len(frames), -1)
    if count < 3 or not len(frames):
        result = np.zeros((count, values.shape[1]))
        result[list(frames)] = values
        return result
    held = np.zeros(count)
    wanted = np.zeros((count, values.shape[1]))
    held[list(frames)] = _EXACT
    wanted[list(frames)] = values
    bands = Bands(count, width=2, columns=values.shape[1])
    bands.add({0: 1.0}, 1.0 / reach**4)
    bands.add({0: 1.0, 1: -2.0, 2: 1.0}, 1.0)
    bands.add({0: 1.0}, held, wanted)
    return bands.solve()


def spread_turns(count: int, frames: Sequence[int], turns: FloatArray, reach: float) -> FloatArray:
    """Rotations (count, J, 4) that are ``turns`` (K, J, 4) at ``frames`` (K,) and fade to none elsewhere."""
    vectors = rotations.to_rotation_vector(turns)
    for number in range(1, len(vectors)):  # of the two ways round, the one nearer to the key before
        angle = np.linalg.norm(vectors[number], axis=-1, keepdims=True)
        other = vectors[number] * (1.0 - 2.0 * np.pi / np.maximum(angle, 1e-9))
        before = vectors[number - 1]
        is_nearer = np.linalg.norm(other - before, axis=-1) < np.linalg.norm(vectors[number] - before, axis=-1)
        near = frames[number] - frames[number - 1] < 2 * reach
        vectors[number] = np.where((is_nearer & near & (angle[..., 0] > 1e-6))[..., None], other, vectors[number])
    shape = vectors.shape[1:]
    curves = spread(count, frames, vectors.reshape(len(frames), -1), reach).reshape(count, *shape)
    return rotations.from_rotation_vector(curves)
