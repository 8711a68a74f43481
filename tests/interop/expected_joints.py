"""Where joints and skin should be at any time, by formulas of this folder's own (scipy); and by which names."""

from __future__ import annotations

import re

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.motion.motion import Motion


def joints_at(motion: Motion, times: np.ndarray) -> np.ndarray:
    """World positions (T, J, 3) at ``times`` (T,) seconds: rotations on shortest arcs, the root on straight lines."""
    seconds = np.arange(motion.num_frames) / motion.frame_rate
    times = np.clip(times, 0.0, seconds[-1])
    root = motion.joint_positions[:, 0].astype(np.float64)
    positions = np.zeros((len(times), motion.skeleton.num_joints, 3))
    turns: list[Rotation] = []
    for joint, parent in enumerate(motion.skeleton.parents):
        local = Slerp(seconds, Rotation.from_quat(np.roll(motion.local_rotations[:, joint], -1, axis=-1)))(times)
        turns.append(local if parent < 0 else turns[parent] * local)
        if parent < 0:
            positions[:, joint] = np.stack([np.interp(times, seconds, root[:, axis]) for axis in range(3)], axis=-1)
        else:
            offset = turns[parent].apply(np.array(motion.skeleton.rest_offsets[joint]))
            positions[:, joint] = positions[:, parent] + offset
    return positions


def columns_of(names: list[str], naming: str) -> list[int]:
    """For the 22 joints in SMPL order, which of a program's ``names`` each is; KeyError names one that is missing.

    Programs drop or change separators and namespaces, and USD gives paths: only letters and digits count.
    """
    index = {_plain(name): place for place, name in enumerate(names)}
    return [index[_plain(name)] for name in BONE_NAMES[naming]]


def _plain(name: str) -> str:
    letters = re.sub(r"[^A-Za-z0-9]", "", re.split(r"[/:|]", name)[-1])
    return letters.removeprefix("mixamorig").lower()
