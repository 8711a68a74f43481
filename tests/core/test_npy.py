"""NPY files: joints and features in, joints at 20 fps out, and one sentence for everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.errors import FileFormatError
from segmo_core.formats.joints import read_npy, write_npy
from segmo_core.motion.features import HUMANML3D_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton


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


def test_foreign_body_keeps_its_bone_lengths(tmp_path: Path) -> None:
    positions = turning_walk().joint_positions * np.float32(1.1)
    np.save(tmp_path / "tall.npy", positions)
    skeleton = read_npy(tmp_path / "tall.npy").skeleton
    np.testing.assert_allclose(skeleton.bone_lengths, MODEL_SKELETON.bone_lengths * 1.1, rtol=1e-5)
    np.testing.assert_allclose(skeleton.rest_offsets, MODEL_SKELETON.rest_offsets * 1.1, rtol=1e-5)


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((5, 21, 3)), "array of shape (5, 21, 3), expected (T, 22, 3) joints or (T, 263) features"),
        (np.zeros((22, 3)), "array of shape (22, 3)"),
        (np.zeros((0, 22, 3)), "array of shape (0, 22, 3)"),
        (np.float64(3.0), "array of shape ()"),
        (np.full((5, 22, 3), np.nan), "values of frame 0 hold NaN or infinity"),
        (np.zeros((5, 22, 3), dtype=complex), "holds complex128, expected numbers"),
        (np.zeros((5, 22, 3), dtype=bool), "holds bool, expected numbers"),
        (np.array([{}, {}], dtype=object), "holds pickled objects, expected plain numbers"),
        (np.full((5, 22, 3), 1e30), "a coordinate of 1e+30"),
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
