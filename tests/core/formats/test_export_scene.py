"""An export scene poses the joints where the motion has them, whatever was chosen."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion import rotations
from segmo_core.motion.resampling import resample_motion
from segmo_core.timeline.segment_track import SegmentTrack
from tests.core.sample_motions import turning_walk

CHOICES = [
    ExportOptions(),
    ExportOptions(bone_axes="bone"),
    ExportOptions(root_bone=True),
    ExportOptions(root_bone=True, bone_axes="bone", up_axis="z", unit="cm", names="unreal"),
    ExportOptions(up_axis="z", unit="in"),
]


@pytest.mark.parametrize("options", CHOICES)
def test_joints_are_where_the_motion_has_them(options: ExportOptions) -> None:
    motion = turning_walk()
    scene = build_export_scene(motion, options)
    _, positions = scene.global_pose()
    expected = motion.joint_positions.astype(np.float64) / scene.metres_per_unit
    if scene.up_axis == "z":
        expected = np.stack([expected[..., 0], -expected[..., 2], expected[..., 1]], axis=-1)
    first = int(options.root_bone)
    assert np.abs(positions[:, first:] - expected).max() * scene.metres_per_unit < 2e-6
    if options.root_bone:
        ground = positions[:, 0]
        assert np.abs(ground[:, 1 if scene.up_axis == "y" else 2]).max() < 1e-9
    rest_mesh = scene.mesh
    assert rest_mesh is not None
    up = 1 if scene.up_axis == "y" else 2
    assert abs(float(rest_mesh.vertices[:, up].min())) * scene.metres_per_unit < 0.02
    np.testing.assert_allclose(scene.global_rest()[1][first:], rest_mesh.rest_joints, atol=1e-6)


def test_bone_axes_point_along_the_bones() -> None:
    scene = build_export_scene(turning_walk(num_frames=2), ExportOptions(bone_axes="bone"))
    turned, placed = scene.global_rest()
    for joint, child in (("left_knee", "left_ankle"), ("right_elbow", "right_wrist"), ("spine3", "neck")):
        j, c = scene.joint_names.index(joint), scene.joint_names.index(child)
        along = rotations.normalize(placed[c] - placed[j])
        np.testing.assert_allclose(rotations.rotate(turned[j], np.array([0.0, 1.0, 0.0])), along, atol=1e-9)


def test_in_place_takes_out_the_travel_only() -> None:
    motion = turning_walk()
    _, moved = build_export_scene(motion, ExportOptions()).global_pose()
    _, still = build_export_scene(motion, ExportOptions(in_place=True)).global_pose()
    assert np.ptp(moved[:, 0, [0, 2]], axis=0).max() > 0.5
    assert np.ptp(still[:, 0, [0, 2]], axis=0).max() < 1e-9
    np.testing.assert_allclose(still - still[:, :1], moved - moved[:, :1], atol=1e-6)
    np.testing.assert_allclose(still[..., 1], moved[..., 1], atol=1e-6)


def test_from_origin_starts_at_the_origin_facing_forward() -> None:
    motion = turning_walk().frames(30, 60)
    _, placed = build_export_scene(motion, ExportOptions(from_origin=True)).global_pose()
    np.testing.assert_allclose(placed[0, 0, [0, 2]], 0.0, atol=1e-6)
    hips = placed[0, 1] - placed[0, 2]  # left minus right: +X when facing +Z
    assert hips[0] > 0.12
    assert abs(hips[2]) < 0.05


def test_segments_are_in_seconds_and_keys_at_a_multiple_of_the_rate() -> None:
    track = SegmentTrack.from_durations(["a person walks", "a person waves"], [40, 20])
    motion = turning_walk(num_frames=60)
    scene = build_export_scene(motion, ExportOptions(frame_rate=25.0), track, least_key_rate=60.0)
    assert [(part.start, part.end) for part in scene.segments] == [(0.0, 2.0), (2.0, 3.0)]
    assert scene.frame_rate == 75.0
    assert scene.display_rate == 25.0
    assert scene.num_frames == int(59 / 20 * 75) + 1


def test_resampled_rotations_keep_the_bones_and_the_old_frames() -> None:
    motion = turning_walk()
    finer = resample_motion(motion, 60.0)
    np.testing.assert_allclose(finer.joint_positions[::3], motion.joint_positions, atol=1e-5)
    bones = finer.joint_positions[:, 1:] - finer.joint_positions[:, list(motion.skeleton.parents[1:])]
    np.testing.assert_allclose(
        np.linalg.norm(bones, axis=-1), np.broadcast_to(motion.skeleton.bone_lengths[1:], bones.shape[:2]), atol=1e-5
    )


def test_every_naming_has_22_different_names() -> None:
    for names in BONE_NAMES.values():
        assert len(set(names)) == 22


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"frame_rate": 0.0}, "frame rate 0, expected 1 to 1000"),
        ({"unit": "yard"}, "unit 'yard', expected one of m, cm"),
        ({"names": "maya"}, "bone names 'maya', expected one of smpl"),
    ],
)
def test_unknown_choices_are_refused(choice: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        ExportOptions(**choice)  # type: ignore[arg-type]
