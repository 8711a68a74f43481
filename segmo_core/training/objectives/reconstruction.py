"""What a reconstruction of motion features is worth: columns, joints seen from the body, steps, and the root's path."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from segmo_core.motion.features import FeatureLayout
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]

# Smooth-L1 losses turn from squares to absolute values here, in units of the scale: errors of a trained decoder are
# well below 1, where the published loss would be a square, which cares for the few large ones alone.
_BETA, _STEP_BETA = 0.2, 0.05
_STEP_WEIGHT = 2.0
_JOINT_WEIGHT = 0.5
_PATH_WEIGHT = 0.5
# Hands are a few of many columns, and most of what a gesture is.
_JOINT_WEIGHTS = {"elbow": 2.0, "wrist": 3.0}
_ROTATION_WEIGHT = 0.15  # motions are made of positions and velocities; nothing but the evaluators sees rotations
_ROOT_COLUMNS = 4
_HEIGHT_WEIGHT = 3.0  # the pelvis' height, one column of the 64 that say where joints are
# Errors that count as 1: metres of joints, metres a frame of joints and of the root, numbers of rotation matrices, half
# radians a frame, contacts. About the spread of everyday motion; of the root's and of contacts a fifth, since what the
# root is off adds up along the way.
_LENGTH, _STEP, _ROOT_STEP, _ROTATION, _TURN, _CONTACT = 0.1, 0.027, 0.005, 0.25, 0.002, 0.08


class BodyLoss:
    """Loss of decoded against real features (B, T, D), normalised with mean and std (D,).

    Errors are weighed in the features' own units, whatever they are normalised with. Beside columns, the joints' steps
    from frame to frame count, since a waving hand must keep waving, and the path of the root over the window, since
    what each frame is off by adds up to where somebody ends.
    """

    def __init__(self, layout: FeatureLayout, std: FloatArray) -> None:
        self._std = torch.from_numpy(np.asarray(std, dtype=np.float32))
        scales = _scales(layout)
        self._ratio = self._std / scales
        self._weights = column_weights(layout)
        self._joints = slice(_ROOT_COLUMNS - 1, layout.positions.stop)
        self._length = float(scales[layout.positions.start])

    def __call__(self, decoded: Tensor, features: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss, and figures for the log; path: metres from its place that the root is at the end of a window."""
        device, decoded = features.device, decoded.float()
        weights, error = self._weights.to(device), (decoded - features) * self._ratio.to(device)
        everything = _weighted(_smooth(error, _BETA), weights)
        root = _smooth(error[..., :_ROOT_COLUMNS], 1.0).mean()
        where, weights = self._joints, weights[self._joints]
        joints = _weighted(_smooth(error[..., where], _BETA), weights)
        steps = _weighted(_smooth(error[..., where].diff(dim=1), _STEP_BETA), weights)
        std = self._std.to(device)[:3]
        drift = (root_path(decoded[..., :3] * std) - root_path(features[..., :3] * std)).norm(dim=-1) / self._length
        path = _smooth(drift, _BETA).mean()
        total = everything + root + _JOINT_WEIGHT * joints + _STEP_WEIGHT * steps + _PATH_WEIGHT * path
        return total, {
            "loss": total.detach(),
            "position": joints.detach(),
            "steps": steps.detach(),
            "path": drift.detach()[:, -1].mean() * self._length,
        }


def root_path(rows: Tensor) -> Tensor:
    """(B, T, 2) where the root is over the floor, of un-normalised rows (B, T, 3 or more) that begin with the
    heading's velocity and the root's; the features' own rule (``joints_from_features``), with gradients."""
    half_angle = functional.pad(rows[:, :-1, 0].cumsum(dim=1), (1, 0))
    turn = 2.0 * half_angle[:, 1:]  # a step is told in the heading of the frame that it leads to
    x, z = rows[:, :-1, 1], rows[:, :-1, 2]
    steps = torch.stack([x * turn.cos() - z * turn.sin(), x * turn.sin() + z * turn.cos()], dim=-1)
    return functional.pad(steps.cumsum(dim=1), (0, 0, 1, 0))


def column_weights(layout: FeatureLayout) -> Tensor:
    """(D,) how much a feature column counts: those of the positions and velocities of elbows and wrists count more,
    rotations less."""
    weights = torch.ones(layout.dimension)
    weights[_ROOT_COLUMNS - 1] = _HEIGHT_WEIGHT
    weights[layout.rotations] = _ROTATION_WEIGHT
    if layout.num_joints != len(SMPL_JOINT_NAMES):  # KIT-ML's joints have other names
        return weights
    for joint, name in enumerate(SMPL_JOINT_NAMES):
        weight = _JOINT_WEIGHTS.get(name.split("_")[-1], 1.0)
        if joint > 0:  # the root has no local position
            first = layout.positions.start + 3 * (joint - 1)
            weights[first : first + 3] = weight
        first = layout.velocities.start + 3 * joint
        weights[first : first + 3] = weight
    return weights


def _scales(layout: FeatureLayout) -> Tensor:
    """(D,) the error of each column that counts as 1."""
    length = 1.0 / layout.metres
    scales = torch.ones(layout.dimension)
    scales[0], scales[1:3] = _TURN, _ROOT_STEP * length
    scales[3], scales[layout.positions] = _LENGTH * length, _LENGTH * length
    scales[layout.rotations], scales[layout.velocities] = _ROTATION, _STEP * length
    scales[layout.velocities.stop :] = _CONTACT
    return scales


def _smooth(error: Tensor, beta: float) -> Tensor:
    return functional.smooth_l1_loss(error, torch.zeros_like(error), beta=beta, reduction="none")


def _weighted(losses: Tensor, weights: Tensor) -> Tensor:
    """The mean of losses (B, T, D) by column weights (D,)."""
    return (losses * weights).mean() / weights.mean()
