"""NPY files: joints and features in, joints at 20 fps out, and one sentence for everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.arrays.features_files import write_features
from segmo_core.formats.arrays.npy_files import read_npy, write_npy
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import KIT_SKELETON, MODEL_SKELETON, Skeleton
from segmo_core.progress import SilentProgress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton


def test_written_joints_are_the_contract(tmp_path: Path) -> None:
    motion = turning_walk()
    write_npy(motion, tmp_path / "walk.npy")
    array = np.load(tmp_path / "walk.npy")
    assert array.dtype == np.float32
    assert array.shape == (60, 22, 3)
    np.testing.assert_array_equal(array, motion.joint_positions)
    again = read_npy(tmp_path / "walk.npy")
    assert again.frame_rate == 20.0
    assert again.skeleton is MODEL_SKELETON


def test_another_rate_is_written_at_twenty_frames_a_second(tmp_path: Path) -> None:
    time = np.arange(61) / 30.0  # two seconds
    positions = np.zeros((61, 22, 3))
    positions[..., 0] = time[:, None] * 3.0
    write_npy(Motion(positions, 30.0, MODEL_SKELETON), tmp_path / "fast.npy")
    array = np.load(tmp_path / "fast.npy")
    assert array.shape == (41, 22, 3)
    np.testing.assert_allclose(array[:, 0, 0], np.arange(41) / 20.0 * 3.0, atol=1e-6)


def test_other_joints_are_put_on_the_model_skeleton_first(tmp_path: Path) -> None:
    walk = turning_walk()
    names = (*MODEL_SKELETON.joint_names, "left_hand")
    skeleton = Skeleton(names, (*MODEL_SKELETON.parents, 20), np.vstack([MODEL_SKELETON.rest_offsets, [0.1, 0.0, 0.0]]))
    positions = np.concatenate([walk.joint_positions, walk.joint_positions[:, 20:21]], axis=1)
    write_npy(Motion(positions, 20.0, skeleton), tmp_path / "walk.npy")
    np.testing.assert_allclose(np.load(tmp_path / "walk.npy"), walk.joint_positions, atol=1e-5)


def test_features_become_the_joints_they_describe(tmp_path: Path) -> None:
    joints = on_floor_facing_forward(turning_walk().joint_positions.astype(np.float64), HUMANML3D_LAYOUT)
    np.save(tmp_path / "rows.npy", features_from_joints(joints))
    motion = read_npy(tmp_path / "rows.npy")
    assert motion.joint_positions.shape == (59, 22, 3)
    np.testing.assert_allclose(motion.joint_positions, joints[:-1], atol=1e-4)


def test_kit_features_become_kits_own_joints(tmp_path: Path) -> None:
    """A standing body without movement: 21 joints in millimetres, at 12.5 frames a second."""
    rest = np.zeros((9, 21, 3))
    for joint, parent in enumerate(KIT_SKELETON.parents):
        if parent >= 0:
            rest[:, joint] = rest[:, parent] + KIT_SKELETON.rest_offsets[joint] * 1000
    rest[..., 1] += 900
    np.save(tmp_path / "rows.npy", features_from_joints(rest, KIT_LAYOUT))
    motion = read_npy(tmp_path / "rows.npy")
    assert (motion.frame_rate, motion.skeleton.joint_names[11]) == (12.5, "right_hip")
    np.testing.assert_allclose(motion.joint_positions, rest[:-1], atol=1e-2)
    result = to_model_skeleton(motion)
    assert result.scale == pytest.approx(0.8158318 / 820, rel=1e-6)  # legs of the model and of KIT's, 400 + 420 mm
    assert result.motion.joint("left_foot")[0, 2] > result.motion.joint("left_ankle")[0, 2] + 0.05


def test_written_features_are_the_published_steps(tmp_path: Path) -> None:
    """Turned away and lifted, the walk gives the same rows; their joints are the walk, brought home."""
    walk = turning_walk()
    turn = Rotation.from_euler("Y", 70, degrees=True)
    moved = turn.apply(walk.joint_positions.reshape(-1, 3)).reshape(walk.joint_positions.shape) + np.array(
        [3.0, 0.4, -1.0]
    )
    options, silent = ExportOptions(), SilentProgress()
    write_features(walk, tmp_path / "a.npy", options, None, silent)
    write_features(Motion(moved, 20.0, MODEL_SKELETON), tmp_path / "b.npy", options, None, silent)
    rows = np.load(tmp_path / "a.npy")
    assert (rows.shape, rows.dtype) == ((59, 263), np.float32)
    np.testing.assert_allclose(np.load(tmp_path / "b.npy"), rows, atol=2e-4)
    found = read_npy(tmp_path / "a.npy").joint_positions
    assert found[..., 1].min() == pytest.approx(0.0, abs=1e-5)
    np.testing.assert_allclose(found[0, 0, [0, 2]], 0.0, atol=1e-6)
    # Distances between joints say nothing of place and heading: they are the walk's.
    spread = [
        np.linalg.norm(joints[:, :, None] - joints[:, None], axis=-1) for joints in (found, walk.joint_positions[:59])
    ]
    np.testing.assert_allclose(spread[0], spread[1], atol=1e-4)
    with pytest.raises(InvalidRequestError, match="1 frame at 20 fps, expected at least 2"):
        write_features(walk.frames(0, 1), tmp_path / "c.npy", options, None, silent)


def test_options_move_the_joints_as_they_say(tmp_path: Path) -> None:
    walk = turning_walk()
    write_npy(walk, tmp_path / "z.npy", ExportOptions(up_axis="z"))
    expected = walk.joint_positions[..., [0, 2, 1]] * np.array([1, -1, 1])
    np.testing.assert_allclose(np.load(tmp_path / "z.npy"), expected, atol=1e-5)
    write_npy(walk, tmp_path / "in_place.npy", ExportOptions(in_place=True))
    np.testing.assert_allclose(
        np.load(tmp_path / "in_place.npy")[:, 0, [0, 2]],
        np.tile(walk.joint_positions[0, 0, [0, 2]], (60, 1)),
        atol=1e-5,
    )
    write_npy(walk, tmp_path / "origin.npy", ExportOptions(from_origin=True, frame_rate=60.0))
    array = np.load(tmp_path / "origin.npy")
    assert array.shape == (178, 22, 3)  # 59 steps of 1/20 s are 177 of 1/60 s
    np.testing.assert_allclose(array[0, 0, [0, 2]], 0.0, atol=1e-5)


def test_foreign_body_keeps_its_bone_lengths(tmp_path: Path) -> None:
    positions = turning_walk().joint_positions * np.float32(1.1)
    np.save(tmp_path / "tall.npy", positions)
    skeleton = read_npy(tmp_path / "tall.npy").skeleton
    np.testing.assert_allclose(skeleton.bone_lengths, MODEL_SKELETON.bone_lengths * 1.1, rtol=1e-5)
    np.testing.assert_allclose(skeleton.rest_offsets, MODEL_SKELETON.rest_offsets * 1.1, rtol=1e-5)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (
            np.zeros((5, 23, 3)),
            "array of shape (5, 23, 3), expected (T, 22, 3), (T, 66), (22, 3, T)",
        ),
        (np.zeros((22, 3)), "array of shape (22, 3)"),
        (np.zeros((0, 22, 3)), "array of shape (0, 22, 3)"),
        (np.float64(3.0), "array of shape ()"),
        (np.full((5, 22, 3), np.nan), "values of frame 0 hold NaN or infinity"),
        (np.zeros((5, 22, 3), dtype=complex), "holds complex128, expected numbers"),
        (np.zeros((5, 22, 3), dtype=bool), "holds bool, expected numbers"),
        (np.array([{}, {}], dtype=object), "no names, expected joints (motion, posed_joints, joints, ...) or poses"),
        (np.full((5, 22, 3), 1e30), "a coordinate of 1e+30"),
        (np.zeros((400_000, 22, 3), dtype=np.int8), "26400000 values, expected at most 20000000"),
        (np.full((5, 251), np.nan), "values of frame 0 hold NaN or infinity"),
    ],
)
def test_wrong_arrays(tmp_path: Path, array: np.ndarray, sentence: str) -> None:
    np.save(tmp_path / "wrong.npy", array, allow_pickle=True)
    with pytest.raises(FileFormatError) as caught:
        read_npy(tmp_path / "wrong.npy")
    assert sentence in str(caught.value)


def test_cut_and_damaged_files_never_fail_otherwise(tmp_path: Path) -> None:
    write_npy(turning_walk(num_frames=3), tmp_path / "whole.npy")
    whole = (tmp_path / "whole.npy").read_bytes()
    path = tmp_path / "cut.npy"
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            read_npy(path)
    path.write_bytes(whole[:-1])
    with pytest.raises(FileFormatError, match=r"791 bytes of data, expected 792 for shape \(3, 22, 3\)"):
        read_npy(path)
    generator = np.random.default_rng(5)
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[generator.integers(160)] = int(generator.integers(256))
        path.write_bytes(bytes(damaged))
        try:
            read_npy(path)
        except FileFormatError:
            continue
