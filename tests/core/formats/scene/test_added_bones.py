"""Bones beyond the 22 joints: UE5's spine, fingers of relaxed hands; joints stay where they are."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.formats.registry import FORMATS, read_motion, write_motion
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion import rotations
from segmo_core.motion.resampling import resample_motion

# The bones of UE5's SKM_Manny that ours has, child -> parent.
MANNY = {
    "spine_01": "pelvis", "spine_02": "spine_01", "spine_03": "spine_02", "spine_04": "spine_03",
    "spine_05": "spine_04", "neck_01": "spine_05", "neck_02": "neck_01", "head": "neck_02",
    "clavicle_l": "spine_05", "clavicle_r": "spine_05", "upperarm_l": "clavicle_l", "lowerarm_l": "upperarm_l",
    "hand_l": "lowerarm_l", "thigh_l": "pelvis", "calf_l": "thigh_l", "foot_l": "calf_l", "ball_l": "foot_l",
    "pelvis": "root",
}  # fmt: skip


@pytest.mark.parametrize("bone_axes", ["world", "bone"])
@pytest.mark.parametrize("names", list(BONE_NAMES))
def test_joints_stay_where_they_are(names: str, bone_axes: str) -> None:
    motion = turning_walk(num_frames=20)
    options = ExportOptions(names=names, fingers=True, root_bone=True, bone_axes=bone_axes)
    scene = build_export_scene(motion, options)
    assert len(set(scene.joint_names)) == len(scene.joint_names) == 1 + 22 + 30 + (3 if names == "manny" else 0)
    columns = [scene.joint_names.index(name) for name in BONE_NAMES[names]]
    np.testing.assert_allclose(scene.global_pose()[1][:, columns], motion.joint_positions, atol=2e-6)
    assert scene.mesh is not None
    plain = build_export_scene(motion, ExportOptions(bone_axes=bone_axes)).mesh
    assert plain is not None
    np.testing.assert_allclose(scene.mesh.vertices, plain.vertices, atol=1e-6)
    assert set(np.unique(scene.mesh.joint_indices)) <= set(columns)


def test_manny_has_the_bones_of_ue5() -> None:
    scene = build_export_scene(turning_walk(num_frames=2), ExportOptions(names="manny", root_bone=True))
    parents = {
        name: scene.joint_names[parent]
        for name, parent in zip(scene.joint_names, scene.parents, strict=True)
        if parent >= 0
    }
    assert parents.items() >= MANNY.items()
    rest = dict(zip(scene.joint_names, scene.global_rest()[1], strict=True))
    for name, above, below in (("spine_02", "spine_01", "spine_03"), ("neck_02", "neck_01", "head")):
        np.testing.assert_allclose(rest[name], (rest[above] + rest[below]) / 2, atol=1e-9)


@pytest.mark.parametrize("side", ["left", "right"])
def test_hands_hang_relaxed(side: str) -> None:
    """Straight in the T-pose, palm down; closed by some 60 degrees in all frames."""
    scene = build_export_scene(turning_walk(num_frames=5), ExportOptions(fingers=True))
    rest, (turned, placed) = scene.global_rest()[1], scene.global_pose()
    index = {name: joint for joint, name in enumerate(scene.joint_names)}
    wrist, out = index[f"{side}_wrist"], 1.0 if side == "left" else -1.0
    for finger in ("index", "middle", "ring", "pinky"):
        first, second, third = (index[f"{side}_{finger}{part}"] for part in (1, 2, 3))
        straight = rotations.normalize(rest[third] - rest[first])
        np.testing.assert_allclose(straight, [out, 0, 0], atol=1e-9)
        into_hand = rotations.inverse(turned[:, wrist])
        bent = rotations.rotate(into_hand, placed[:, third] - placed[:, first])
        assert (bent[:, 1] < -0.015).all(), "towards the palm"
        whole = np.abs(np.sum(turned[:, third] * turned[:, wrist], axis=-1))
        assert 45 < np.degrees(2 * np.arccos(whole)).min() < 80
        assert placed.shape[1] == 52
        assert scene.parents[second] == first
    thumb = index[f"{side}_thumb3"]
    assert rest[thumb][2] > rest[wrist][2] + 0.05, "the thumb is in front of a palm that looks down"


def test_amass_files_have_relaxed_hands(tmp_path: Path) -> None:
    write_motion(turning_walk(num_frames=5), tmp_path / "a.npz", format_name="amass-smplh")
    with np.load(tmp_path / "a.npz") as arrays:
        hands = arrays["poses"][:, 66:].reshape(-1, 2, 15, 3)
    assert (hands == hands[:1]).all()
    left, right = hands[0]
    np.testing.assert_allclose(right, left * [1, -1, -1])
    assert (left[:12, 2] < -0.2).all(), "left fingers point along +X and close about -Z, towards -Y"
    assert np.degrees(np.linalg.norm(left, axis=-1)).max() < 35


def chunk(path: Path) -> dict[str, object]:
    """The JSON of a .glb file."""
    raw = path.read_bytes()
    (length,) = struct.unpack_from("<I", raw, 12)
    found: dict[str, object] = json.loads(raw[20 : 20 + length])
    return found


# https://github.com/vrm-c/vrm-specification: the bones that a VRM humanoid must have.
REQUIRED = {"hips", "spine", "head", *(f"{side}{part}" for side in ("left", "right") for part in (
    "UpperLeg", "LowerLeg", "Foot", "UpperArm", "LowerArm", "Hand"))}  # fmt: skip


def test_a_vrm_animation_says_which_node_is_which_bone(tmp_path: Path) -> None:
    motion = turning_walk(num_frames=44)
    write_motion(motion, tmp_path / "walk.vrma", options=ExportOptions(title="a walk"))
    found = chunk(tmp_path / "walk.vrma")
    extension = found["extensions"]["VRMC_vrm_animation"]  # type: ignore[index]
    assert found["extensionsUsed"] == ["VRMC_vrm_animation"]
    assert extension["specVersion"] == "1.0"
    bones = {name: entry["node"] for name, entry in extension["humanoid"]["humanBones"].items()}
    nodes = found["nodes"]
    assert bones.keys() >= REQUIRED
    assert all(nodes[node]["name"] == name for name, node in bones.items())  # type: ignore[index]
    assert all(np.allclose(node.get("rotation", [0, 0, 0, 1]), [0, 0, 0, 1]) for node in nodes)  # type: ignore[attr-defined]
    assert "skins" not in found or not found["skins"]
    (animation,) = found["animations"]  # type: ignore[misc]
    moved = [one["target"]["node"] for one in animation["channels"] if one["target"]["path"] == "translation"]
    assert moved == [bones["hips"]]
    assert len(nodes) == 52  # type: ignore[arg-type]
    first = (tmp_path / "walk.vrma").read_bytes()
    write_motion(motion, tmp_path / "walk.vrma", options=ExportOptions(title="a walk"))
    assert (tmp_path / "walk.vrma").read_bytes() == first


def test_a_vrm_animation_comes_back(tmp_path: Path) -> None:
    """44 frames of 20 fps are 2.15 s, at 30 fps 64.5 frames."""
    motion = turning_walk(num_frames=44)
    write_motion(motion, tmp_path / "walk.vrma")
    again = read_motion(tmp_path / "walk.vrma")
    assert (again.frame_rate, again.num_frames) == (FORMATS["vrma"].frame_rate, 65)
    columns = [again.skeleton.joint_names.index(name) for name in BONE_NAMES["vrm"]]
    expected = resample_motion(motion, 30.0).joint_positions
    np.testing.assert_allclose(again.joint_positions[:, columns], expected, atol=1e-5)
