"""AMASS files: forward kinematics on SMPL's rest joints when read, bone directions kept when written."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from sample_motions import somersault, turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import FileFormatError
from segmo_core.formats.arrays.npz_files import read_npz
from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

# Some rest joints of the neutral mean bodies, joint minus parent, metres, as other projects print them.
PELVIS = {"smplh": [-0.0018, -0.2233, 0.0282], "smplx": [0.0031, -0.3514, 0.0120]}
OFFSETS = {
    "smplh": {"left_hip": [0.0695, -0.0914, -0.0068], "left_knee": [0.0343, -0.3752, -0.0045],
              "left_ankle": [-0.0136, -0.3980, -0.0437], "left_foot": [0.0264, -0.0558, 0.1193]},
    "smplx": {"left_hip": [0.0582, -0.0928, -0.0260], "left_knee": [0.0547, -0.3787, -0.0094],
              "left_ankle": [-0.0434, -0.4031, -0.0318], "left_foot": [0.0472, -0.0580, 0.1182]},
}  # fmt: skip
WIDTH = {"smplh": 156, "smplx": 165}
LEFT_LEG = ("left_hip", "left_knee", "left_ankle", "left_foot")


def amass(tmp_path: Path, **changes: object) -> Path:
    generator = np.random.default_rng(1)
    arrays: dict[str, object] = {
        "poses": generator.normal(scale=0.4, size=(5, 156)),
        "trans": generator.normal(size=(5, 3)),
        "betas": np.zeros(16),
        "gender": np.array("male"),
        "labels": np.array([{"pickled": True}], dtype=object),
        "mocap_framerate": np.array(120.0),
        **changes,
    }
    path = tmp_path / "amass.npz"
    np.savez(path, allow_pickle=True, **{k: v for k, v in arrays.items() if v is not None})
    return path


def left_leg(kind: str, poses: np.ndarray, trans: np.ndarray) -> np.ndarray:
    """(T, 5, 3) pelvis to left foot by scipy, turned from Z up to Y up."""
    turn = Rotation.from_rotvec(poses[:, :3])
    places = [trans + PELVIS[kind]]
    for name in LEFT_LEG:
        places.append(places[-1] + turn.apply(OFFSETS[kind][name]))
        joint = SMPL_JOINT_NAMES.index(name)
        turn = turn * Rotation.from_rotvec(poses[:, 3 * joint : 3 * joint + 3])
    z_up = np.stack(places, axis=1)
    return np.stack([z_up[..., 0], z_up[..., 2], -z_up[..., 1]], axis=-1)


@pytest.mark.parametrize("kind", ["smplh", "smplx"])
def test_reading_is_forward_kinematics_on_the_mean_body(tmp_path: Path, kind: str) -> None:
    poses = np.random.default_rng(4).normal(scale=0.4, size=(5, WIDTH[kind]))
    poses[:, 0] += np.pi / 2  # upright with Z up
    path = amass(tmp_path, poses=poses)
    motion = read_npz(path)
    assert motion.frame_rate == 120.0
    assert motion.skeleton.joint_names == SMPL_JOINT_NAMES
    with np.load(path) as arrays:
        expected = left_leg(kind, poses, arrays["trans"])
    found = np.stack([motion.joint(name) for name in ("pelvis", *LEFT_LEG)], axis=1)
    np.testing.assert_allclose(found, expected, atol=3e-4)  # the offsets above are rounded


def test_a_file_of_parts_is_the_same_motion(tmp_path: Path) -> None:
    whole = read_npz(amass(tmp_path, poses=np.random.default_rng(4).normal(scale=0.4, size=(5, 165))))
    poses = np.random.default_rng(4).normal(scale=0.4, size=(5, 165))
    parts = read_npz(
        amass(tmp_path, poses=None, root_orient=poses[:, :3], pose_body=poses[:, 3:66], pose_jaw=poses[:, 66:69])
    )
    np.testing.assert_array_equal(parts.joint_positions, whole.joint_positions)


@pytest.mark.parametrize("motion", [turning_walk(), somersault()], ids=["turning walk", "somersault"])
@pytest.mark.parametrize("kind", ["smplh", "smplx"])
def test_written_files_come_back_through_our_retargeting(tmp_path: Path, kind: str, motion: Motion) -> None:
    path = tmp_path / "walk.npz"
    options = ExportOptions(frame_rate=motion.frame_rate)
    write_motion(motion, path, options=options, format_name=f"amass-{kind}")
    result = to_model_skeleton(read_npz(path))
    assert result.matched_by == "names"
    assert result.uses_rotations
    error = np.linalg.norm(result.motion.joint_positions - motion.joint_positions, axis=-1)
    assert error.max() < 1e-5  # metres
    # The twist of limbs and the turn of the head come back too, which positions alone do not show.
    assert motion.local_rotations is not None
    assert result.motion.local_rotations is not None
    alike = np.abs(np.sum(result.motion.local_rotations * motion.local_rotations, axis=-1))
    assert alike.min() > 1 - 1e-8
    first = path.read_bytes()
    write_motion(motion, path, options=options, format_name=f"amass-{kind}")
    assert path.read_bytes() == first


@pytest.mark.parametrize(("kind", "rate"), [("smplh", "mocap_framerate"), ("smplx", "mocap_frame_rate")])
def test_files_have_the_rate_that_the_blender_add_on_takes(tmp_path: Path, kind: str, rate: str) -> None:
    write_motion(turning_walk(num_frames=44), tmp_path / "walk.npz", format_name=f"amass-{kind}")
    with np.load(tmp_path / "walk.npz") as arrays:
        assert float(arrays[rate]) == 30.0
        assert len(arrays["trans"]) == int(43 / 20 * 30) + 1


@pytest.mark.parametrize("kind", ["smplh", "smplx"])
def test_written_files_hold_what_amass_files_hold(tmp_path: Path, kind: str) -> None:
    walk = turning_walk()
    path = tmp_path / "walk.npz"
    write_motion(walk, path, options=ExportOptions(frame_rate=60.0), format_name=f"amass-{kind}")
    with np.load(path, allow_pickle=False) as arrays:
        found = dict(arrays)
    assert found["poses"].shape == (178, WIDTH[kind])
    assert found["trans"].shape == (178, 3)
    assert found["betas"].shape == (16,)
    assert str(found["gender"]) == "neutral"
    assert float(found["mocap_framerate" if kind == "smplh" else "mocap_frame_rate"]) == 60.0
    if kind == "smplh":
        assert found["dmpls"].shape == (178, 8)
    else:
        assert str(found["surface_model_type"]) == "smplx"
        parts = [found[name] for name in ("root_orient", "pose_body", "pose_jaw", "pose_eye", "pose_hand")]
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), found["poses"])
    # Every bone of the leg below the hip has the motion's direction; the body stands as high as its legs are long.
    leg = left_leg(kind, found["poses"], found["trans"])[::3]
    for place, (start, end) in enumerate(itertools.pairwise(LEFT_LEG), start=1):
        theirs, ours = leg[:, place + 1] - leg[:, place], walk.joint(end) - walk.joint(start)
        cosine = np.sum(theirs * ours, -1) / np.linalg.norm(theirs, axis=-1) / np.linalg.norm(ours, axis=-1)
        assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() < 0.5
    travelled = [body[-1, [0, 2]] - body[0, [0, 2]] for body in (leg[:, 0], walk.joint("pelvis"))]
    assert 0.9 < np.linalg.norm(travelled[0]) / np.linalg.norm(travelled[1]) < 1.0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mocap_framerate": np.array(0.0)}, "mocap_framerate is not one positive number"),
        ({"poses": np.zeros((5, 63))}, "poses of shape (5, 63)"),
        ({"trans": np.zeros((4, 3))}, "trans of shape (4, 3)"),
        ({"poses": np.full((5, 156), np.nan)}, "poses of frame 0 hold NaN"),
        ({"trans": np.full((5, 3), np.inf)}, "trans of frame 0 hold NaN or infinity"),
        ({"poses": np.array([{}], dtype=object)}, "poses holds object, expected numbers"),
        ({"poses": np.array(["a"])}, "poses holds <U1, expected numbers"),
        (
            {"poses": None, "root_orient": np.zeros((5, 3)), "pose_body": np.zeros((4, 63))},
            "pose_body of shape (4, 63)",
        ),
    ],
)
def test_wrong_amass_files(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        read_npz(amass(tmp_path, **changes))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", ["poses", "trans"])
def test_numbers_next_to_infinity_are_told(name: str, tmp_path: Path) -> None:
    """Their squares are infinite, which numpy would say on the terminal."""
    values = np.zeros((5, 156 if name == "poses" else 3))
    values[3, 2] = -1e200
    with pytest.raises(FileFormatError, match=f"{name} of frame 3 hold 1e\\+200, expected finite numbers of a body"):
        read_npz(amass(tmp_path, **{name: values}))


@pytest.mark.parametrize("column", [3, 100])
def test_turns_that_no_body_makes_are_refused(tmp_path: Path, column: int) -> None:
    poses = np.zeros((4, 156))
    poses[2, column] = 1e90
    path = tmp_path / "x.npz"
    np.savez(path, poses=poses, trans=np.zeros((4, 3)), mocap_framerate=30.0)
    with pytest.raises(FileFormatError, match=r"frame 2: a joint turned by 1e\+90 radians"):
        read_npz(path)
