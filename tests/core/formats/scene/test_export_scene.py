"""An export scene poses the joints where the motion has them, whatever was chosen."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import KEYS, ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import MODEL_SKELETON
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


def test_segments_are_in_seconds() -> None:
    track = SegmentTrack.from_durations(["a person walks", "a person waves"], [40, 20])
    scene = build_export_scene(turning_walk(num_frames=60), ExportOptions(frame_rate=25.0), track)
    assert [(part.start, part.end) for part in scene.segments] == [(0.0, 2.0), (2.0, 3.0)]


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("root_bone", [False, True])
@pytest.mark.parametrize("rate", [20.0, 24.0, 29.97, 30.0, 60.0])
def test_every_scene_ends_on_a_whole_frame_with_a_key_on_each(rate: float, root_bone: bool, keys: str) -> None:
    """59 frames of 20 fps are 2.9 s: 58 frames at 20 fps, 69.6 at 24, 86.91 at 29.97, 87 at 30, 174 at 60."""
    options = ExportOptions(frame_rate=rate, root_bone=root_bone, keys=keys, mesh=False)
    scene = build_export_scene(turning_walk(num_frames=59), options, keys_between=True)
    last = {20.0: 58, 24.0: 69, 29.97: 86, 30.0: 87, 60.0: 174}[rate]
    assert scene.num_frames == last + 1
    frames = scene.key_frames
    assert frames[-1] == last
    assert set(range(last + 1)) <= set(frames.tolist())
    assert np.diff(frames).min() > 1e-3
    if keys == "frame":
        assert len(frames) == last + 1
    else:
        own = np.arange(59) / 20.0
        assert np.abs(scene.key_times[:, None] - own[own <= scene.key_times[-1]]).min(axis=0).max() < 1e-9
    if keys == "exact" and root_bone:
        assert np.diff(scene.key_times).max() < 1 / 120 + 1e-9


@pytest.mark.parametrize(("said", "meant"), [(29.97, 30000 / 1001), (23.976, 24000 / 1001), (59.94, 60000 / 1001)])
def test_rates_of_television_are_what_they_stand_for(said: float, meant: float) -> None:
    assert ExportOptions(frame_rate=said).frame_rate == pytest.approx(meant, abs=1e-9)
    assert ExportOptions(frame_rate=round(said)).frame_rate == round(said)


def test_the_ground_bone_follows_the_path_and_not_the_sway() -> None:
    """A pelvis that goes 1.2 m/s ahead and sways by 5 cm and 10 degrees once a second."""
    seconds = np.arange(81) / 20.0
    root = np.stack([0.025 * np.sin(2 * np.pi * seconds), 0 * seconds + 0.9, 1.2 * seconds], axis=-1)
    local = np.tile([1.0, 0, 0, 0], (81, 22, 1))
    local[:, 0] = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.radians(5) * np.sin(2 * np.pi * seconds))
    motion = Motion(kinematics.forward_kinematics(MODEL_SKELETON, local, root), 20.0, MODEL_SKELETON, local)
    scene = build_export_scene(motion, ExportOptions(root_bone=True, mesh=False))
    turned, placed = scene.global_pose()
    assert np.ptp(placed[:, 0, 0]) < 0.006
    assert np.abs(placed[:, 0, 2] - 1.2 * seconds).max() < 0.005
    np.testing.assert_allclose(placed[:, 1:], motion.joint_positions, atol=1e-5)
    facing = rotations.rotate(turned[:, 0], np.array([0.0, 0.0, 1.0]))
    assert np.degrees(np.abs(np.arctan2(facing[20:-20, 0], facing[20:-20, 2]))).max() < 2.0


def test_knees_and_elbows_of_aligned_bones_bend_by_a_degree_at_rest() -> None:
    """Knees go forward and elbows back, no bone is farther than half a degree from the T-pose, the pose stays."""
    motion = turning_walk(num_frames=3)
    straight, bent = (build_export_scene(motion, ExportOptions(bone_axes=axes)) for axes in ("world", "bone"))
    place = {name: bent.global_rest()[1][joint] for joint, name in enumerate(bent.joint_names)}
    for side in ("left", "right"):
        for first, middle, last, towards in (("hip", "knee", "ankle", 1.0), ("shoulder", "elbow", "wrist", -1.0)):
            upper = rotations.normalize(place[f"{side}_{middle}"] - place[f"{side}_{first}"])
            lower = rotations.normalize(place[f"{side}_{last}"] - place[f"{side}_{middle}"])
            assert np.degrees(np.arccos(upper @ lower)) == pytest.approx(1.0, abs=1e-6)
            off_the_line = place[f"{side}_{middle}"] - (place[f"{side}_{first}"] + place[f"{side}_{last}"]) / 2
            assert off_the_line[2] * towards > 0.001
    directions = [
        rotations.normalize(scene.global_rest()[1][1:] - scene.global_rest()[1][list(scene.parents[1:])])
        for scene in (straight, bent)
    ]
    angles = np.degrees(np.arccos(np.clip(np.sum(directions[0] * directions[1], axis=-1), -1, 1)))
    assert angles.max() < 0.5001
    np.testing.assert_allclose(bent.global_pose()[1], straight.global_pose()[1], atol=1e-9)


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
        ({"keys": "many"}, "keys 'many', expected one of exact, frame"),
        ({"names": "maya"}, "bone names 'maya', expected one of smpl"),
    ],
)
def test_unknown_choices_are_refused(choice: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        ExportOptions(**choice)  # type: ignore[arg-type]
