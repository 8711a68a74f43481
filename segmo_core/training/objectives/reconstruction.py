"""What a reconstruction of motion features is worth: columns, positions and steps, hands before the rest."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from segmo_core.models.tokenizer.rvqvae import RVQVAEConfig
from segmo_core.motion.features import FeatureLayout
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

# Smooth-L1 losses turn from squares to absolute values here, in standard deviations: errors of a trained decoder are
# well below 1, where the published loss would be a square, which cares for the few large ones alone.
_BETA, _STEP_BETA = 0.2, 0.05
_STEP_WEIGHT = 2.0
# Hands are a few of many columns, and most of what a gesture is; the heading drifts by what its column is off.
_JOINT_WEIGHTS = {"elbow": 2.0, "wrist": 3.0}
_ROTATION_WEIGHT = 0.15  # motions are made of positions and velocities; nothing but the evaluators sees rotations
_ROOT_COLUMNS = 4


class GestureLoss:
    """Loss of decoded against real features, normalised (B, T, D).

    Beside columns and positions, the positions' steps from frame to frame count: a waving hand must keep waving.
    """

    def __init__(self, config: RVQVAEConfig, layout: FeatureLayout) -> None:
        self._positions = slice(config.position_start, config.position_stop)
        self._position_weight = config.position_weight
        self._weights = column_weights(layout)

    def __call__(self, decoded: Tensor, features: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss, and figures for the log."""
        decoded, where = decoded.float(), self._positions
        weights = self._weights.to(features.device)
        everything = _weighted(functional.smooth_l1_loss(decoded, features, beta=_BETA, reduction="none"), weights)
        root = functional.smooth_l1_loss(decoded[..., :_ROOT_COLUMNS], features[..., :_ROOT_COLUMNS])
        positions, found, weights = features[..., where], decoded[..., where], weights[where]
        position = _weighted(functional.smooth_l1_loss(found, positions, beta=_BETA, reduction="none"), weights)
        steps = _weighted(
            functional.smooth_l1_loss(found.diff(dim=1), positions.diff(dim=1), beta=_STEP_BETA, reduction="none"),
            weights,
        )
        total = everything + root + self._position_weight * position + _STEP_WEIGHT * steps
        return total, {"loss": total.detach(), "position": position.detach(), "steps": steps.detach()}


def column_weights(layout: FeatureLayout) -> Tensor:
    """(D,) how much a feature column counts: those of the positions and velocities of elbows and wrists count more,
    rotations less."""
    weights = torch.ones(layout.dimension)
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


def _weighted(losses: Tensor, weights: Tensor) -> Tensor:
    """The mean of losses (B, T, D) by column weights (D,)."""
    return (losses * weights).mean() / weights.mean()
