"""read_fbx on our own files and on files built node by node: takes, hierarchies, units and what must be refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sample_motions import somersault, turning_walk

from segmo_core.errors import FileFormatError, MissingDependencyError
from segmo_core.formats.fbx import binary as fbx_binary
from segmo_core.formats.fbx.binary import Int64, Node
from segmo_core.formats.fbx.document import fbx_nodes
from segmo_core.formats.fbx.fbx_files import read_fbx, write_fbx
from segmo_core.formats.fbx.ufbx_reader import read_with_ufbx
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import SilentProgress

pytest.importorskip("ufbx")

MOTION = turning_walk(num_frames=30)


def build(path: Path, change: Callable[[dict[str, Node]], None], motion: Motion = MOTION, **options: object) -> Path:
    """A file whose top-level nodes ``change`` has altered."""
    scene = build_export_scene(motion, ExportOptions(title="first", mesh=False, **options))  # type: ignore[arg-type]
    nodes = fbx_nodes(scene, SilentProgress())
    change({node.name: node for node in nodes})
    path.write_bytes(fbx_binary.encode(nodes))
    return path


def remove_objects(top: dict[str, Node], kinds: set[str]) -> None:
    gone = {node.properties[0] for node in top["Objects"].children if node.name in kinds}
    top["Objects"].children = [node for node in top["Objects"].children if node.name not in kinds]
    links = top["Connections"].children
    top["Connections"].children = [link for link in links if not gone & set(link.properties[1:3])]


def set_property(node: Node, name: str, *values: fbx_binary.Property) -> None:
    (block,) = [child for child in node.children if child.name == "Properties70"]
    for entry in block.children:
        if entry.properties[0] == name:
            entry.properties = (*entry.properties[:4], *values)
            return
    raise KeyError(name)


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"bone_axes": "bone", "names": "smpl"},
        {"up_axis": "z", "unit": "in", "bone_axes": "bone", "names": "unreal", "mesh": False},
        {"frame_rate": 30.0, "mesh": False},
    ],
    ids=str,
)
def test_our_own_files_come_back(tmp_path: Path, choice: dict[str, object]) -> None:
    motion = somersault()
    write_fbx(motion, tmp_path / "motion.fbx", ExportOptions(**choice))  # type: ignore[arg-type]
    again = read_fbx(tmp_path / "motion.fbx")
    assert again.skeleton.joint_names == BONE_NAMES[str(choice.get("names", "mixamo"))]
    assert again.skeleton.parents == MODEL_SKELETON.parents
    assert again.frame_rate == choice.get("frame_rate", 20.0)
    bent = 4e-3 if choice.get("bone_axes") == "bone" else 1e-5  # knees and elbows, by a degree
    np.testing.assert_allclose(again.skeleton.rest_offsets, MODEL_SKELETON.rest_offsets, atol=bent)
    if again.frame_rate == 20.0:
        assert np.linalg.norm(again.joint_positions - motion.joint_positions, axis=-1).max() < 1e-5
        assert again.local_rotations is not None
        assert motion.local_rotations is not None
        same = np.abs(np.sum(again.local_rotations * motion.local_rotations, axis=-1))
        # Relative to the T-pose, which knees and elbows of aligned bones leave by a degree.
        np.testing.assert_allclose(same, 1.0, atol=4e-5 if choice.get("bone_axes") == "bone" else 1e-9)
    else:
        assert again.num_frames == int(39 / 20 * 30) + 1


def test_a_ground_bone_is_a_joint_of_the_file(tmp_path: Path) -> None:
    write_fbx(MOTION, tmp_path / "motion.fbx", ExportOptions(root_bone=True, mesh=False))
    again = read_fbx(tmp_path / "motion.fbx")
    assert again.skeleton.joint_names[:2] == ("root", "mixamorig:Hips")
    assert again.skeleton.num_joints == 23
    np.testing.assert_allclose(again.joint_positions[:, 1:], MOTION.joint_positions, atol=1e-5)
    assert again.local_rotations is None  # the pelvis moves against the ground bone, which no rigid skeleton does


def test_an_armature_on_top_turns_and_scales_all(tmp_path: Path) -> None:
    """As Blender writes it: a Null, turned by -90 degrees about X and a hundred times as large, holds the bones."""

    def put_on_armature(top: dict[str, Node]) -> None:
        armature = Node("Model", (Int64(77), "Armature\0\x01Model", "Null"))
        block = armature.add("Properties70")
        block.add("P", "Lcl Rotation", "Lcl Rotation", "", "A", -90.0, 0.0, 0.0)
        block.add("P", "Lcl Translation", "Lcl Translation", "", "A", 0.0, 300.0, 0.0)
        block.add("P", "Lcl Scaling", "Lcl Scaling", "", "A", 100.0, 100.0, 100.0)
        top["Objects"].children.insert(0, armature)
        for link in top["Connections"].children:
            if link.properties[0] == "OO" and link.properties[2] == 0:
                link.properties = ("OO", link.properties[1], Int64(77))
        top["Connections"].children.append(Node("C", ("OO", Int64(77), Int64(0))))
        (pose,) = [node for node in top["Objects"].children if node.name == "Pose"]
        top["Objects"].children.remove(pose)  # it would have to be turned as well
        for name, value in {"UnitScaleFactor": 1.0, "UpAxis": 1, "FrontAxis": 2, "FrontAxisSign": 1}.items():
            set_property(top["GlobalSettings"], name, value)

    again = read_fbx(build(tmp_path / "motion.fbx", put_on_armature, up_axis="z"))
    np.testing.assert_allclose(again.joint_positions[..., [0, 2]], MOTION.joint_positions[..., [0, 2]], atol=1e-5)
    np.testing.assert_allclose(again.joint_positions[..., 1], MOTION.joint_positions[..., 1] + 3.0, atol=1e-5)
    np.testing.assert_allclose(again.skeleton.rest_offsets, MODEL_SKELETON.rest_offsets, atol=1e-5)


ANIMATION = {"AnimationStack", "AnimationLayer", "AnimationCurveNode", "AnimationCurve"}


def test_of_several_takes_the_longest_that_moves_the_body(tmp_path: Path) -> None:
    longer = somersault(num_frames=40)

    def add_takes(top: dict[str, Node]) -> None:
        scene = build_export_scene(longer, ExportOptions(title="second", mesh=False))
        other = {node.name: node for node in fbx_nodes(scene, SilentProgress())}
        moved = {
            node.properties[0]: Int64(node.properties[0] + 10**7)
            for node in other["Objects"].children
            if node.name in ANIMATION
        }
        for node in other["Objects"].children:
            if node.name in ANIMATION:
                node.properties = (moved[node.properties[0]], *node.properties[1:])
                top["Objects"].children.append(node)
        for link in other["Connections"].children:
            if link.properties[1] in moved:
                ends = [moved.get(end, end) for end in link.properties[1:3]]
                link.properties = (link.properties[0], *ends, *link.properties[3:])
                top["Connections"].children.append(link)
        empty = Node("AnimationStack", (Int64(88), "Take 001\0\x01AnimStack", ""))  # as Mixamo leaves it
        block = empty.add("Properties70")
        block.add("P", "LocalStop", "KTime", "Time", "", Int64(60 * 46186158000))
        top["Objects"].children.insert(0, empty)

    again = read_fbx(build(tmp_path / "motion.fbx", add_takes))
    np.testing.assert_allclose(again.joint_positions, longer.joint_positions, atol=1e-5)


def test_bones_that_change_length_give_positions_without_rotations(tmp_path: Path) -> None:
    def stretch(top: dict[str, Node]) -> None:
        (knee,) = [
            node for node in top["Objects"].children if node.name == "Model" and "left_knee" in str(node.properties[1])
        ]
        for link in top["Connections"].children:
            if link.properties[0] == "OP" and link.properties[3] == "Lcl Translation":
                link.properties = (*link.properties[:2], knee.properties[0], "Lcl Translation")

    again = read_fbx(build(tmp_path / "motion.fbx", stretch))
    assert again.local_rotations is None
    shin = np.linalg.norm(again.joint_positions[:, 4] - again.joint_positions[:, 1], axis=-1)
    assert np.ptp(shin) > 0.5


@pytest.mark.parametrize("rate", [0.0, -1.0, 1e9])
def test_a_rate_that_cannot_be_is_thirty(tmp_path: Path, rate: float) -> None:
    def forget(top: dict[str, Node]) -> None:
        set_property(top["GlobalSettings"], "CustomFrameRate", rate)

    assert read_fbx(build(tmp_path / "motion.fbx", forget)).frame_rate == 30.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda top: remove_objects(top, ANIMATION), "no animation of its skeleton, expected a take with keys"),
        (lambda top: remove_objects(top, {"NodeAttribute", "Model"}), r"no skeleton, expected bones \(LimbNode\)"),
        (
            lambda top: [
                set_property(node, "LocalStop", Int64(10**8 * 46186158000))
                for node in top["Objects"].children
                if node.name == "AnimationStack"
            ],
            r"lasts 1e\+08 s at 20 frames per second with 23 bones, expected a shorter one",
        ),
    ],
    ids=["no animation", "no skeleton", "three years"],
)
def test_what_is_no_motion_is_refused(tmp_path: Path, change: Callable[[dict[str, Node]], None], sentence: str) -> None:
    with pytest.raises(FileFormatError, match=sentence):
        read_fbx(build(tmp_path / "motion.fbx", change))


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    def spoil(top: dict[str, Node]) -> None:
        curve = next(node for node in top["Objects"].children if node.name == "AnimationCurve")
        values = next(child for child in curve.children if child.name == "KeyValueFloat")
        values.properties = (np.full_like(values.properties[0], np.nan),)  # type: ignore[arg-type]

    with pytest.raises(FileFormatError, match="of frame 0 hold NaN or infinity"):
        read_fbx(build(tmp_path / "motion.fbx", spoil))


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "motion.fbx"
    write_fbx(MOTION, path, ExportOptions(mesh=False))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileFormatError, match="not a complete FBX file"):
        read_fbx(path)
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(FileFormatError, match="not a complete FBX file"):
        read_fbx(path)


def test_without_ufbx_the_install_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ufbx", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'segmo\[fbx\]'"):
        read_with_ufbx(tmp_path / "motion.fbx")
