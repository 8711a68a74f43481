"""One more bone on the ground above the pelvis: it carries the travel and the heading, without the body's sway."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from segmo_core.formats.scene.rig import Rig
from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

ROOT_BONE_NAME = "root"
# A walking pelvis sways once in two steps, about once a second, by 5 cm and 10 degrees: what repeats each second
# keeps a hundredth of that, and the travel and the turns of the path stay.
_PATH_SECONDS = 0.5
_HEADING_SECONDS = 0.25
_LEVEL = 0.3  # the pelvis' forward axis has no heading where less than this of it is level (lying down, somersaults)
_UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, eq=False)
class GroundPath:
    """seconds (T,): when. angles (T,): radians about Y from +Z. places (T, 3): metres, on the ground."""

    seconds: FloatArray
    angles: FloatArray
    places: FloatArray

    def at(self, seconds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Turns (K, 4) and places (K, 3) at ``seconds`` (K,), straight between those that are known."""
        angles = np.interp(seconds, self.seconds, self.angles)
        places = np.stack([np.interp(seconds, self.seconds, self.places[:, axis]) for axis in range(3)], axis=-1)
        return rotations.from_axis_angle(_UP, angles), places


def ground_path(pelvis: FloatArray, root: FloatArray, frame_rate: float) -> GroundPath:
    """The path of a pelvis of world rotations (T, 4) and positions (T, 3) metres, at ``frame_rate`` Hz."""
    angles = _smooth(headings(pelvis)[:, None], _HEADING_SECONDS * frame_rate)[:, 0]
    places = _smooth(root * [1.0, 0.0, 1.0], _PATH_SECONDS * frame_rate)
    return GroundPath(np.arange(len(root)) / frame_rate, angles, places)


def headings(pelvis: FloatArray) -> FloatArray:
    """Radians (T,) about Y, unrolled, that a pelvis of world rotations (T, 4) faces away from +Z.

    Frames without a heading (lying, upside down) take what the frames around them say.
    """
    forward = rotations.rotate(pelvis, np.array([0.0, 0.0, 1.0]))
    upright = rotations.rotate(pelvis, _UP)[..., 1]
    level = np.hypot(forward[:, 0], forward[:, 2])
    angle = np.arctan2(forward[:, 0], forward[:, 2])
    known = np.flatnonzero((level > _LEVEL) & (upright > 0.0))
    if len(known) == 0:
        known = np.array([int(level.argmax())])
    return np.interp(np.arange(len(angle)), known, np.unwrap(angle[known]))


def with_ground_bone(rig: Rig, path: GroundPath, seconds: FloatArray) -> Rig:
    """``rig``, whose frames are at ``seconds`` (T,), below a bone that goes along ``path``."""
    turned, places = path.at(seconds)
    placed = np.array(rig.placed)
    placed[:, 0] = rotations.rotate(rotations.inverse(turned), placed[:, 0] - places)
    return replace(
        rig,
        names=(ROOT_BONE_NAME, *rig.names),
        parents=(-1, *(parent + 1 for parent in rig.parents)),
        offsets=np.concatenate([np.zeros((1, 3)), rig.offsets]),
        turned=np.concatenate([turned[:, None], rig.turned], axis=1),
        placed=np.concatenate([places[:, None], placed], axis=1),
        body=tuple(bone + 1 for bone in rig.body),
        moving=(0, *(bone + 1 for bone in rig.moving)),
    )


def _smooth(values: FloatArray, frames: float) -> FloatArray:
    """(T, n) without what changes faster than ``frames``; both ends stay, for beyond them the values go on mirrored."""
    num = len(values)
    if num < 2:
        return values
    beyond = max(1, int(np.ceil(4 * frames)))
    padded = np.pad(values, ((beyond, beyond), (0, 0)), mode="reflect", reflect_type="odd")
    smooth: FloatArray = gaussian_filter1d(padded, frames, axis=0)[beyond : beyond + num]
    return smooth
