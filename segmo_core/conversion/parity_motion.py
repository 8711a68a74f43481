"""Motion features against HumanML3D's and KIT-ML's published processing, on a real and a synthetic motion."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.conversion.parity_fixture import Comparisons, Fixture
from segmo_core.motion.features import (
    HUMANML3D_LAYOUT,
    KIT_LAYOUT,
    FeatureLayout,
    features_from_joints,
    joints_from_features,
    on_floor_facing_forward,
    uniform_skeleton,
)

Array = NDArray[np.floating]
SMOOTHING_RADIUS = 80  # frames that the heading of a frame depends on, either side


def check_motion(fixture: Fixture, compare: Comparisons) -> None:
    layout = replace(HUMANML3D_LAYOUT, contact_threshold=fixture.fact("t2m", "feet_thre"))
    lengths = np.linalg.norm(fixture.array("tgt_offsets_t2m"), axis=-1)
    _check_real(fixture, compare, layout, lengths)
    _check_other_body(fixture, compare, layout, lengths)
    layout = replace(KIT_LAYOUT, contact_threshold=fixture.fact("kit", "feet_thre"))
    lengths = np.linalg.norm(fixture.array("tgt_offsets_kit"), axis=-1)
    standing = _standing(fixture.array("kit_raw_joints"), lengths, layout)
    found = features_from_joints(standing, layout)
    _compare_features(compare, "21 joints", found, fixture.array("kit_features"), standing, layout)
    compare.floats("21 joints, features to joints", joints_from_features(found, layout), fixture["kit_recovered"])


def _check_real(fixture: Fixture, compare: Comparisons, layout: FeatureLayout, lengths: Array) -> None:
    joints, features = fixture.array("real_joints"), fixture.array("real_features")
    recovered = joints_from_features(features, layout)
    compare.floats("features to joints", recovered, joints)
    compare.floats("features to joints, published function", recovered, fixture["real_ric_joints"])
    found = features_from_joints(joints, layout)
    _compare_features(compare, "joints to features", found, fixture.array("real_extract_features"), joints, layout)
    # The stored rows were made from one frame more, so the smoothing sees another end; far from it they agree.
    far = len(joints) - 1 - SMOOTHING_RADIUS
    _compare_features(compare, "joints to stored features", found[:far], features[:far], joints[: far + 1], layout)
    standing = _standing(joints, lengths, layout)
    found = features_from_joints(standing, layout)
    _compare_features(compare, "whole processing", found, fixture.array("real_process_file"), standing, layout)


def _check_other_body(fixture: Fixture, compare: Comparisons, layout: FeatureLayout, lengths: Array) -> None:
    uniform = uniform_skeleton(fixture.array("raw_joints"), lengths, layout)
    compare.floats("other body, uniform skeleton", uniform, fixture["raw_uniform_skeleton"])
    standing = on_floor_facing_forward(uniform, layout)
    compare.floats("other body, on the floor", standing, fixture["raw_global_positions"])
    features = features_from_joints(standing, layout)
    _compare_features(compare, "other body", features, fixture.array("raw_features"), standing, layout)
    compare.floats("other body, features to joints", joints_from_features(features, layout), fixture["raw_recovered"])


def _standing(joints: Array, lengths: Array, layout: FeatureLayout) -> Array:
    uniform = uniform_skeleton(joints, lengths, layout)
    return on_floor_facing_forward(uniform, layout)


def _compare_features(
    compare: Comparisons,
    name: str,
    found: Array,
    expected: Array,
    joints: Array,
    layout: FeatureLayout,
) -> None:
    """Rows (T - 1, D) made of joints (T, J, 3), by kind of column."""
    if found.shape != expected.shape:
        compare.problem(name, f"shape {found.shape}, expected {expected.shape}")
        return
    columns = {
        "root turn": slice(0, 1),
        "root velocity": slice(1, 3),
        "root height": slice(3, 4),
        "positions": layout.positions,
        "velocities": layout.velocities,
    }
    for part, where in columns.items():
        compare.floats(f"{name}, {part}", found[:, where], expected[:, where])
    certainty = np.repeat(rotation_certainty(joints, layout)[:-1, 1:], 6, axis=1)
    ours, theirs = found[:, layout.rotations], expected[:, layout.rotations]
    compare.floats(f"{name}, rotations", ours * certainty, theirs * certainty, scale=float(np.abs(theirs).max()))
    compare.ids(f"{name}, contacts", torch.from_numpy(found[:, -4:]), torch.from_numpy(expected[:, -4:]))


def rotation_certainty(joints: Array, layout: FeatureLayout) -> Array:
    """(T, J) 0 to 1: how well the direction of a bone, joints (T, J, 3), determines its rotation.

    The shortest arc from the rest direction by an angle a answers a change of the bone's direction 1 / cos(a / 2)
    times as strongly: nearly opposite to its rest direction the rounding of the published code (float32) is
    magnified without bound. A rotation is relative to the bone before it, so the smaller of both counts.
    """
    result: Array = np.ones(joints.shape[:2])
    for chain in layout.chains:
        before = np.ones(len(joints))
        for parent, joint in itertools.pairwise(chain):
            bone = joints[:, joint] - joints[:, parent]
            cosine = bone @ layout.rest_directions[joint] / np.maximum(np.linalg.norm(bone, axis=-1), 1e-9)
            own = np.sqrt(np.maximum((1 + cosine) / 2, 0.0))
            result[:, joint] = np.minimum(own, before)
            before = own
    return result
