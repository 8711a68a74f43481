"""FBX files as an evaluator of our own tests sees them; other programs are asked in tests/interop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fbx_files import FbxFile
from sample_motions import somersault, turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.body.mannequin import load_mannequin
from segmo_core.errors import CancelledError, FileFormatError
from segmo_core.formats.fbx.fbx_files import write_fbx
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import CallbackProgress
from segmo_core.timeline.segment_track import SegmentTrack

CHOICES = [
    {},
    {"bone_axes": "bone"},
    {"root_bone": True, "names": "unreal"},
    {"up_axis": "z", "unit": "m", "names": "vrm"},
    {"up_axis": "z", "unit": "in", "bone_axes": "bone", "root_bone": True, "names": "unity"},
]


def wild_motion() -> Motion:
    """Every joint turns along a random path over all directions, near the poles of the angles too."""
    generator = np.random.default_rng(5)
    keys = generator.normal(size=(9, 22, 4))
    for key in range(1, len(keys)):
        keys[key] *= np.sign(np.sum(keys[key] * keys[key - 1], axis=-1, keepdims=True))
    share = np.linspace(0, len(keys) - 1.001, 81)
    below, weight = share.astype(int), (share % 1)[:, None, None]
    turns = keys[below] * (1 - weight) + keys[below + 1] * weight
    turns /= np.linalg.norm(turns, axis=-1, keepdims=True)
    root = np.stack([share * 0.1, share * 0 + 0.9, share * 0], axis=-1)
    return Motion(kinematics.forward_kinematics(MODEL_SKELETON, turns, root), 20.0, MODEL_SKELETON, turns)


def body(positions: np.ndarray) -> np.ndarray:
    return positions[:, -22:]  # without the ground bone


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize("motion", [turning_walk(), somersault()], ids=["turning walk", "somersault"])
def test_joints_are_within_a_tenth_of_a_millimetre(tmp_path: Path, motion: Motion, choice: dict[str, object]) -> None:
    write_fbx(motion, tmp_path / "motion.fbx", ExportOptions(mesh=False, **choice))  # type: ignore[arg-type]
    file = FbxFile(tmp_path / "motion.fbx")
    assert tuple(file.bones)[-22:] == BONE_NAMES[str(choice.get("names", "mixamo"))]
    assert len(file.bones) == 22 + bool(choice.get("root_bone"))
    found = body(file.positions(np.arange(motion.num_frames) / 20.0))
    assert np.linalg.norm(found - motion.joint_positions, axis=-1).max() < 1e-5
    dense = resample_motion(motion, 60.0)
    found = body(file.positions(np.arange(dense.num_frames) / 60.0))
    assert np.linalg.norm(found - dense.joint_positions, axis=-1).max() < 2.5e-4


@pytest.mark.parametrize("rate", [20.0, 24.0, 25.0, 30.0, 60.0])
def test_curves_stay_on_a_wild_motion_at_any_time(tmp_path: Path, rate: float) -> None:
    """Angles interpolated one by one leave the motion near poles: by 14 mm here with keys on the frames alone."""
    motion = wild_motion()
    write_fbx(motion, tmp_path / "motion.fbx", ExportOptions(frame_rate=rate, mesh=False))
    seconds = np.arange(0.0, (motion.num_frames - 1) / 20.0, 1 / 2400)
    found = FbxFile(tmp_path / "motion.fbx").positions(seconds)
    expected = resample_motion(motion, 2400.0).joint_positions[: len(seconds)]
    last_key = np.floor((motion.num_frames - 1) / 20.0 * rate) / rate
    error = np.linalg.norm(found - expected, axis=-1)[seconds <= last_key]
    assert error.max() < 1e-3


def test_a_ground_bone_keeps_the_body_on_its_path_between_keys(tmp_path: Path) -> None:
    """A body that turns about the upright while it bends fast; with 60 keys a second it is 3.1 mm off."""
    share = np.linspace(0, 1, 61)
    turns = np.tile([1.0, 0, 0, 0], (61, 22, 1))
    turned = Rotation.from_euler("YX", np.stack([1200 * share, 75 * np.sin(30 * share)], axis=-1), degrees=True)
    turns[:, 0] = np.roll(turned.as_quat(), 1, axis=-1)
    root = np.stack([share, 0.9 + 0 * share, share], axis=-1)
    positions = kinematics.forward_kinematics(MODEL_SKELETON, turns, root)
    motion = Motion(positions, 20.0, MODEL_SKELETON, turns)
    write_fbx(motion, tmp_path / "motion.fbx", ExportOptions(root_bone=True, mesh=False))
    dense = resample_motion(motion, 960.0)
    found = body(FbxFile(tmp_path / "motion.fbx").positions(np.arange(dense.num_frames) / 960.0))
    assert np.linalg.norm(found - dense.joint_positions, axis=-1).max() < 1e-3


def test_the_first_keys_are_near_the_rest_pose_and_none_jumps(tmp_path: Path) -> None:
    write_fbx(somersault(), tmp_path / "motion.fbx", ExportOptions(mesh=False))
    file = FbxFile(tmp_path / "motion.fbx")
    for bone in file.bones.values():
        turned = file.curve(bone, "Lcl Rotation", np.arange(0, 1.9, 1 / 60))
        assert np.abs(turned[0]).max() <= 180
        assert np.abs(np.diff(turned, axis=0)).max() < 30


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_skin_follows_the_bones(tmp_path: Path, choice: dict[str, object]) -> None:
    motion = turning_walk(num_frames=12)
    options = ExportOptions(**choice)  # type: ignore[arg-type]
    write_fbx(motion, tmp_path / "motion.fbx", options)
    file = FbxFile(tmp_path / "motion.fbx")
    seconds = np.array([0.0, 0.25, 0.5])
    found = file.skinned(seconds) * file.settings["UnitScaleFactor"][0] / 100
    if options.up_axis == "z":
        found = np.stack([found[..., 0], found[..., 2], -found[..., 1]], axis=-1)
    assert motion.local_rotations is not None
    world = kinematics.global_rotations(MODEL_SKELETON, motion.local_rotations[[0, 5, 10]])
    expected = load_mannequin().pose(world, motion.joint_positions[[0, 5, 10]])
    # Skin that was bent into the rest pose of aligned bones and back is a little thinner at knees and elbows.
    allowed = 5e-4 if options.bone_axes == "bone" else 1e-4
    assert np.linalg.norm(found - expected, axis=-1).max() < allowed


def test_rest_bind_and_clusters_agree(tmp_path: Path) -> None:
    write_fbx(turning_walk(num_frames=4), tmp_path / "motion.fbx", ExportOptions(bone_axes="bone", root_bone=True))
    file = FbxFile(tmp_path / "motion.fbx")
    rest = file.world(None)
    by_identifier = {bone.values[0]: rest[name][0] for name, bone in file.bones.items()}
    (pose,) = file.of_kind("Pose", "BindPose")
    (mesh,) = file.of_kind("Model", "Mesh")
    entries = {each.one("Node").values[0]: each.one("Matrix").values[0] for each in pose.all("PoseNode")}
    assert set(entries) == {*by_identifier, mesh.values[0]}
    clusters = file.of_kind("Deformer", "Cluster")
    assert len(clusters) == len(by_identifier) == 23
    for cluster in clusters:
        (bone,) = file.sources(cluster)
        matrix = by_identifier[bone.values[0]]
        link = cluster.one("TransformLink").values[0].reshape(4, 4).T
        np.testing.assert_allclose(link, matrix, atol=1e-9)
        np.testing.assert_allclose(entries[bone.values[0]].reshape(4, 4).T, matrix, atol=1e-9)
        np.testing.assert_allclose(link @ cluster.one("Transform").values[0].reshape(4, 4).T, np.eye(4), atol=1e-9)


def test_a_ground_bone_does_not_point_exactly_at_the_pelvis(tmp_path: Path) -> None:
    """Blender would take the pelvis as connected to it and ignore its translation."""
    write_fbx(turning_walk(num_frames=4), tmp_path / "motion.fbx", ExportOptions(root_bone=True, mesh=False))
    rest = FbxFile(tmp_path / "motion.fbx").world(None)
    to_pelvis = rest["mixamorig:Hips"][0, :3, 3] - rest["root"][0, :3, 3]
    aside = to_pelvis - [0.0, np.linalg.norm(to_pelvis), 0.0]
    assert 1e-3 < np.abs(aside).max() < 0.1  # centimetres


def test_mesh_has_all_faces_normals_and_two_materials(tmp_path: Path) -> None:
    write_fbx(turning_walk(num_frames=2), tmp_path / "motion.fbx")
    file, mesh = FbxFile(tmp_path / "motion.fbx"), load_mannequin()
    (geometry,) = file.of_kind("Geometry", "Mesh")
    corners = geometry.one("PolygonVertexIndex").values[0].reshape(-1, 3)
    assert (corners[:, 2] < 0).all()
    np.testing.assert_array_equal(np.where(corners < 0, -corners - 1, corners), mesh.faces)
    normals = geometry.one("LayerElementNormal").one("Normals").values[0].reshape(-1, 3)
    np.testing.assert_allclose(normals, mesh.normals, atol=1e-6)
    used = geometry.one("LayerElementMaterial").one("Materials").values[0]
    materials = file.of_kind("Material")
    assert len(used) == len(mesh.faces)
    assert [each.values[1].split("\0")[0] for each in materials] == ["Body", "Joints"]
    assert set(used.tolist()) == {0, 1}


def test_what_the_autodesk_sdk_asks_for_is_there(tmp_path: Path) -> None:
    write_fbx(turning_walk(num_frames=3), tmp_path / "motion.fbx", ExportOptions(title="a walk"))
    file = FbxFile(tmp_path / "motion.fbx")
    names = [node.name for node in file.root.children]
    assert names == [
        "FBXHeaderExtension", "FileId", "CreationTime", "Creator", "GlobalSettings", "Documents", "References",
        "Definitions", "Objects", "Connections", "Takes",
    ]  # fmt: skip
    # These two and the footer's first 16 bytes belong together: the SDK compares them.
    assert file.root.one("FileId").values[0].hex() == "28b32aebb624ccc2bfc8b02aa92bfcf1"
    assert file.root.one("CreationTime").values == ["1970-01-01 10:00:00:000"]
    assert bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e") in (tmp_path / "motion.fbx").read_bytes()[-200:]
    counts = {node.values[0]: node.one("Count").values[0] for node in file.root.one("Definitions").all("ObjectType")}
    assert counts.pop("GlobalSettings") == 1
    assert counts == {kind: len(file.of_kind(kind)) for kind in {node.name for node in file.objects.values()}}
    assert file.root.one("Definitions").one("Count").values == [1 + len(file.objects)]
    assert len(file.objects) == len(file.root.one("Objects").children)  # identifiers are unique
    for bone in file.bones.values():
        (attribute,) = [each for each in file.sources(bone) if each.name == "NodeAttribute"]
        assert attribute.values[2] == "LimbNode"


@pytest.mark.parametrize(
    ("rate", "mode", "custom"),
    [(20.0, 14, 20.0), (24.0, 11, -1.0), (29.97, 9, -1.0), (30.0, 6, -1.0), (60.0, 3, -1.0), (12.5, 14, 12.5)],
)
@pytest.mark.parametrize("keys", ["exact", "frame"])
def test_rate_and_length_of_the_take(tmp_path: Path, rate: float, mode: int, custom: float, keys: str) -> None:
    """44 frames of 20 fps are 2.15 s, which is no whole frame at 24, 29.97, 30 and 12.5 fps: the frame before ends."""
    options = ExportOptions(frame_rate=rate, keys=keys, mesh=False)
    write_fbx(turning_walk(num_frames=44), tmp_path / "motion.fbx", options)
    file = FbxFile(tmp_path / "motion.fbx")
    assert file.settings["TimeMode"] == [mode]
    assert file.settings["CustomFrameRate"] == [custom]
    ticks_a_frame = 46186158000 / (30000 / 1001 if rate == 29.97 else rate)
    last_frame = {20.0: 43, 24.0: 51, 29.97: 64, 30.0: 64, 60.0: 129, 12.5: 26}[rate]
    assert file.settings["TimeSpanStop"] == [round(last_frame * ticks_a_frame)]
    (stack,) = file.of_kind("AnimationStack")
    assert stack.properties()["LocalStop"] == file.settings["TimeSpanStop"]
    for curve in file.of_kind("AnimationCurve"):
        frames = curve.one("KeyTime").values[0] / ticks_a_frame
        whole = frames[np.abs(frames - np.round(frames)) < 1e-6]
        np.testing.assert_array_equal(np.round(whole), np.arange(last_frame + 1))
        assert keys == "exact" or len(frames) == last_frame + 1


def test_take_and_segments_are_named(tmp_path: Path) -> None:
    track = SegmentTrack.from_durations(["a person walks", "winkt „fröhlich“"], [40, 20])
    title = "a person walks,\nthen\0 waves – 歩く"
    write_fbx(turning_walk(), tmp_path / "motion.fbx", ExportOptions(title=title), track)
    file = FbxFile(tmp_path / "motion.fbx")
    (stack,) = file.of_kind("AnimationStack")
    assert stack.values[1] == "a person walks, then waves – 歩く\0\x01AnimStack"
    assert file.root.one("Takes").one("Current").values == ["a person walks, then waves – 歩く"]
    assert file.root.one("Takes").one("Take").values == ["a person walks, then waves – 歩く"]
    (mesh,) = file.of_kind("Model", "Mesh")
    for holder in (file.bones["mixamorig:Hips"], mesh):
        assert json.loads(holder.properties()["segmo_segments"][0]) == [
            {"text": "a person walks", "start": 0.0, "end": 2.0},
            {"text": "winkt „fröhlich“", "start": 2.0, "end": 3.0},
        ]
    assert [name for name, bone in file.bones.items() if "segmo_segments" in bone.properties()] == ["mixamorig:Hips"]


@pytest.mark.parametrize(("title", "take"), [("", "motion"), (" \n", "motion"), ("x" * 500, "x" * 200)])
def test_odd_titles(tmp_path: Path, title: str, take: str) -> None:
    write_fbx(turning_walk(num_frames=2), tmp_path / "motion.fbx", ExportOptions(title=title, mesh=False))
    assert FbxFile(tmp_path / "motion.fbx").of_kind("AnimationStack")[0].values[1] == f"{take}\0\x01AnimStack"


def test_same_motion_same_bytes(tmp_path: Path) -> None:
    for name in ("a.fbx", "b.fbx"):
        write_fbx(turning_walk(num_frames=20), tmp_path / name, ExportOptions(title="a walk"))
    assert (tmp_path / "a.fbx").read_bytes() == (tmp_path / "b.fbx").read_bytes()


def test_a_single_frame_and_a_foreign_skeleton(tmp_path: Path) -> None:
    motion = turning_walk(num_frames=1)
    write_fbx(motion, tmp_path / "pose.fbx")
    np.testing.assert_allclose(FbxFile(tmp_path / "pose.fbx").positions(np.zeros(1)), motion.joint_positions, atol=1e-5)
    skeleton = type(MODEL_SKELETON)(("hip", "a:b", "tip"), (-1, 0, 1), np.array([[0, 0, 0], [0, 0.5, 0], [0.3, 0, 0]]))
    snake = turning_walk(skeleton, num_frames=10)
    write_fbx(snake, tmp_path / "snake.fbx")
    file = FbxFile(tmp_path / "snake.fbx")
    assert tuple(file.bones) == ("hip", "a:b", "tip")
    assert not file.of_kind("Geometry")
    np.testing.assert_allclose(file.positions(np.arange(10) / 20.0), snake.joint_positions, atol=1e-5)


def test_cancelled_and_unwritable_leave_nothing_behind(tmp_path: Path) -> None:
    progress = CallbackProgress(lambda fraction, _: progress.cancel() if fraction > 0.3 else None)
    with pytest.raises(CancelledError):
        write_fbx(turning_walk(), tmp_path / "motion.fbx", progress=progress)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_fbx(turning_walk(num_frames=2), tmp_path / "nowhere" / "motion.fbx")
