"""KIT-ML features as motions on the model's skeleton, at its rate."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.generation.decoding import motion_from_features
from segmo_core.motion.features import KIT_LAYOUT, features_from_joints
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import KIT_JOINT_NAMES, KIT_SKELETON, MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import token_ends


def test_a_walk_comes_back_from_its_kit_features(walk: Motion) -> None:
    """The walk's joints under KIT-ML's names, in millimetres at 12.5 fps, through features and back."""
    at_kit_rate = resample_positions(walk.joint_positions, 20.0, 12.5)
    joints = np.zeros((len(at_kit_rate), 21, 3))
    for index, name in enumerate(KIT_JOINT_NAMES):
        side = name.split("_")[0]
        model_name = f"{side}_foot" if "toe_tip" in name else name
        joints[:, index] = at_kit_rate[:, MODEL_SKELETON.index(model_name)]
    for side in ("left", "right"):  # the foot has a middle and a tip
        ankle, tip = (KIT_SKELETON.index(f"{side}_{part}") for part in ("ankle", "toe_tip"))
        joints[:, KIT_SKELETON.index(f"{side}_foot")] = (joints[:, ankle] + joints[:, tip]) / 2
    features = features_from_joints(joints * 1000, KIT_LAYOUT)
    motion = motion_from_features(features, 12.5)
    assert motion.frame_rate == 20.0
    assert motion.skeleton.same_as(MODEL_SKELETON)
    assert motion.local_rotations is not None
    lengths = np.linalg.norm(
        motion.joint_positions[:, 1:] - motion.joint_positions[:, list(MODEL_SKELETON.parents[1:])], axis=-1
    )
    np.testing.assert_allclose(lengths, np.broadcast_to(MODEL_SKELETON.bone_lengths[1:], lengths.shape), atol=1e-5)
    travelled = motion.joint("pelvis")[-1] - motion.joint("pelvis")[0]
    assert travelled[2] == pytest.approx(1.2 * (motion.num_frames - 1) / 20, abs=0.05)
    for name in ("left_ankle", "right_knee", "left_wrist", "right_elbow", "neck"):
        expected = walk.joint(name)[: motion.num_frames]
        found = motion.joint(name)
        assert np.linalg.norm(found - expected[: len(found)], axis=-1).mean() < 0.06, name


@pytest.mark.parametrize(("durations", "expected"), [((40, 32), (6, 12)), ((8, 8, 8), (1, 2, 4)), ((196,), (31,))])
def test_segments_in_tokens_of_a_slower_bundle(durations: tuple[int, ...], expected: tuple[int, ...]) -> None:
    track = SegmentTrack.from_durations([f"text {number}" for number in range(len(durations))], list(durations))
    ends = token_ends(track, 12.5)
    assert ends == expected
    frames = np.floor((ends[-1] * 4 - 1) / 12.5 * 20 + 1e-6) + 1
    assert frames >= track.num_frames
    assert token_ends(track, 20.0) == tuple(end // 4 for end in track.ends)
