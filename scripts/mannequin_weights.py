"""Skinning weights of the mannequin.

Each joint has a gate: 0 on its parent's side, 1 on its own, with a soft step between. A vertex belongs to a
joint by the product of the gates on the way from the root, less what its children take; so weights sum to 1
by construction.
"""

from __future__ import annotations

import numpy as np
from mannequin_shape import FloatArray
from numpy.typing import NDArray

from segmo_core.motion.skeleton import MODEL_SKELETON


def skin_weights(vertices: FloatArray, joints: dict[str, FloatArray]) -> tuple[NDArray[np.integer], FloatArray]:
    """Indices (V, 4) and weights (V, 4) of the four strongest joints; each row sums to 1."""
    gates = _gates(vertices, joints)
    names, parents = MODEL_SKELETON.joint_names, MODEL_SKELETON.parents
    reach = np.ones((len(vertices), len(names)))
    weights = np.zeros_like(reach)
    for joint, name in enumerate(names):
        if parents[joint] >= 0:
            siblings = [names[other] for other in MODEL_SKELETON.children[parents[joint]]]
            total = np.maximum(sum(gates[sibling] for sibling in siblings), 1.0)
            reach[:, joint] = reach[:, parents[joint]] * gates[name] / total
    for joint in range(len(names)):
        weights[:, joint] = reach[:, joint] - sum(reach[:, child] for child in MODEL_SKELETON.children[joint])
    order = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    strongest = np.take_along_axis(weights, order, axis=1)
    strongest[strongest < 0.004] = 0.0
    return order, strongest / strongest.sum(axis=1, keepdims=True)


def _gates(points: FloatArray, joints: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """(V,) values 0 to 1 for every joint but the root."""

    def plane(joint: str, normal: tuple[float, float, float], half_width: float, shift: float = 0.0) -> FloatArray:
        direction = np.asarray(normal) / np.linalg.norm(normal)
        return _smooth_step(((points - joints[joint]) @ direction - shift) / half_width)

    x, y = points[:, 0], points[:, 1]
    gates = {
        "spine1": plane("spine1", (0, 1, 0), 0.085, -0.02),
        "spine2": plane("spine2", (0, 1, 0), 0.075, -0.02),
        "spine3": plane("spine3", (0, 1, 0), 0.06, 0.0),
        "neck": plane("neck", (0, 1, 0.25), 0.045, -0.01),
        "head": plane("head", (0, 1, -0.45), 0.035, -0.005),
    }
    for name, sign in (("left", 1.0), ("right", -1.0)):
        # Soft between the legs where they meet, sharp below, where each leg is its own.
        own_side = _smooth_step(sign * x / (0.004 + 0.026 * _smooth_step((y + 0.17) / 0.04)))
        below = _smooth_step((0.05 - y) / 0.05)  # the hip's slanting plane also passes over the hands
        gates[f"{name}_hip"] = plane(f"{name}_hip", (sign * 0.62, -1.0, 0.0), 0.075, 0.012) * own_side * below
        gates[f"{name}_knee"] = plane(f"{name}_knee", (0, -1, 0), 0.06)
        gates[f"{name}_ankle"] = plane(f"{name}_ankle", (0, -1, 0.35), 0.035, 0.004)
        gates[f"{name}_foot"] = plane(f"{name}_foot", (0, 0, 1), 0.03, 0.0)
        # Only the upper chest moves with the collar bone; beyond the armpit everything does.
        high_enough = np.maximum(_smooth_step((y - 0.37) / 0.09), _smooth_step((sign * x - 0.185) / 0.03))
        gates[f"{name}_collar"] = _smooth_step((sign * x - 0.10) / 0.075) * high_enough
        gates[f"{name}_shoulder"] = plane(f"{name}_shoulder", (sign * 1.0, -0.12, 0), 0.062, -0.012)
        gates[f"{name}_elbow"] = plane(f"{name}_elbow", (sign, 0, 0), 0.045)
        gates[f"{name}_wrist"] = plane(f"{name}_wrist", (sign, 0, 0), 0.028)
    return gates


def _smooth_step(value: FloatArray) -> FloatArray:
    """0 below -1, 1 above 1, quintic in between (slope and curvature zero at both ends)."""
    t = np.clip((value + 1.0) / 2.0, 0.0, 1.0)
    return t * t * t * (t * (6.0 * t - 15.0) + 10.0)
