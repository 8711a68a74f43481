"""USD files: written against an evaluation of their plain attributes, read against hand-computed numbers."""

from __future__ import annotations

import math
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sample_motions import somersault, turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import FileFormatError, InvalidRequestError, MissingDependencyError
from segmo_core.formats.reading.choices import ReadingChoices
from segmo_core.formats.reading.subprocess_reader import read_in_subprocess
from segmo_core.formats.registry import read_motion
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.formats.usd.usd_files import read_usd, write_usd
from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack

Usd = pytest.importorskip("pxr.Usd", reason="needs usd-core: pip install 'segmo[usd]'")
read_skeleton = pytest.importorskip("segmo_core.formats.usd.skeleton_reader").read_skeleton

# The lower bone, 10 cm above the upper, turns about Z from 0 to 90 degrees within a second; centimetres, Z up.
ARM = """#usda 1.0
(
    defaultPrim = "Body"
    metersPerUnit = 0.01
    timeCodesPerSecond = 30
    upAxis = "Z"
)
def SkelRoot "Body"
{
    def Skeleton "Rig" (prepend apiSchemas = ["SkelBindingAPI"])
    {
        uniform token[] joints = ["Upper", "Upper/Lower"]
        uniform matrix4d[] bindTransforms = [
            ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 50, 1)),
            ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 10, 50, 1))]
        uniform matrix4d[] restTransforms = [
            ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 50, 1)),
            ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 10, 0, 1))]
        rel skel:animationSource = </Body/Move>
    }
    def SkelAnimation "Move"
    {
        uniform token[] joints = ["Upper", "Upper/Lower"]
        float3[] translations = [(0, 0, 50), (0, 10, 0)]
        half3[] scales = [(1, 1, 1), (1, 1, 1)]
        quatf[] rotations.timeSamples = {
            0: [(1, 0, 0, 0), (1, 0, 0, 0)],
            1: [(0.9999619, 0, 0, 0.0087265), (1, 0, 0, 0)],
            30: [(0.70710678, 0, 0, 0.70710678), (1, 0, 0, 0)],
        }
    }
}
"""


def save(folder: Path, text: str | bytes, name: str = "arm.usda") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / name


def evaluate(path: Path, frame: int) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Joint positions by name and skinned points at a frame, from the attributes alone, in the file's unit."""
    stage = Usd.Stage.Open(str(path))
    prims = {str(prim.GetTypeName()): prim for prim in stage.Traverse()}
    skeleton, animation = prims["Skeleton"], prims["SkelAnimation"]
    joints = [str(joint) for joint in skeleton.GetAttribute("joints").Get()]
    assert [str(joint) for joint in animation.GetAttribute("joints").Get()] == joints
    place = np.array(animation.GetAttribute("translations").Get(frame), dtype=np.float64)
    turns = [(*q.GetImaginary(), q.GetReal()) for q in animation.GetAttribute("rotations").Get(frame)]
    world: dict[str, tuple[Rotation, np.ndarray]] = {}
    for joint, offset, turn in zip(joints, place, turns, strict=True):
        above = world.get(joint.rpartition("/")[0], (Rotation.identity(), np.zeros(3)))
        world[joint] = (above[0] * Rotation.from_quat(turn), above[1] + above[0].apply(offset))
    named = {str(name): world[joint][1] for name, joint in zip(
        skeleton.GetAttribute("jointNames").Get(), joints, strict=True)}  # fmt: skip
    if "Mesh" not in prims:
        return named, None
    mesh = prims["Mesh"]
    bind = np.array(skeleton.GetAttribute("bindTransforms").Get())
    posed = np.tile(np.eye(4), (len(joints), 1, 1))
    for row, joint in enumerate(joints):
        posed[row, :3, :3], posed[row, 3, :3] = world[joint][0].as_matrix().T, world[joint][1]
    maps = np.linalg.inv(bind) @ posed
    points = np.array(mesh.GetAttribute("points").Get(), dtype=np.float64)
    points = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    indices = np.array(mesh.GetAttribute("primvars:skel:jointIndices").Get()).reshape(-1, 4)
    weights = np.array(mesh.GetAttribute("primvars:skel:jointWeights").Get()).reshape(-1, 4)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
    return named, np.einsum("vi,vk,vkij->vj", points, weights, maps[indices])[:, :3]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("walk.usda", ExportOptions()),
        ("walk.usdc", ExportOptions(frame_rate=30.0, names="mixamo", bone_axes="bone", root_bone=True)),
        ("walk.usdz", ExportOptions(names="unreal", root_bone=True, unit="cm", up_axis="z")),
        ("walk.usd", ExportOptions(names="vrm", mesh=False)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_written_attributes_are_the_motion_and_read_back(tmp_path: Path, name: str, options: ExportOptions) -> None:
    motion = turning_walk()
    write_usd(motion, tmp_path / name, options)
    rate = options.frame_rate or 20.0
    expected = resample_motion(motion, rate)
    assert expected.local_rotations is not None
    turned = kinematics.global_rotations(MODEL_SKELETON, expected.local_rotations)
    rest = build_export_scene(motion, ExportOptions()).mesh
    assert rest is not None
    for frame in (0, 17, expected.num_frames - 1):
        found, vertices = evaluate(tmp_path / name, frame)
        places = np.stack([found[joint] for joint in BONE_NAMES[options.names or "smpl"]])
        np.testing.assert_allclose(to_metres(places, options), expected.joint_positions[frame], atol=5e-6)
        assert (vertices is not None) == options.mesh
        if vertices is not None:
            posed = rest.pose(turned[frame], expected.joint_positions[frame])
            # Knees and elbows of aligned bones are bent into their rest pose and back.
            atol = 5e-4 if options.bone_axes == "bone" else 1e-5
            np.testing.assert_allclose(to_metres(vertices, options), posed, atol=atol)
    again = read_usd(tmp_path / name)
    assert again.frame_rate == rate
    assert again.skeleton.joint_names == BONE_NAMES[options.names or "smpl"]
    assert again.local_rotations is not None
    np.testing.assert_allclose(again.joint_positions, expected.joint_positions, atol=1e-5)


def to_metres(points: np.ndarray, options: ExportOptions) -> np.ndarray:
    points = points * (0.01 if options.unit == "cm" else 1.0)
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=-1) if options.up_axis == "z" else points


def test_stage_says_what_other_programs_ask_for(tmp_path: Path) -> None:
    track = SegmentTrack.from_durations(["a person walks", "a „person“ waves"], [40, 20])
    options = ExportOptions(frame_rate=30.0, unit="cm", title="a walk", names="mixamo")
    write_usd(turning_walk(), tmp_path / "walk.usdc", options, track)
    stage = Usd.Stage.Open(str(tmp_path / "walk.usdc"))
    assert stage.GetTimeCodesPerSecond() == 30.0
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0.0, 88.0)
    assert stage.GetMetadata("metersPerUnit") == 0.01
    assert stage.GetMetadata("upAxis") == "Y"
    root = stage.GetDefaultPrim()
    assert (root.GetTypeName(), root.GetDisplayName()) == ("SkelRoot", "a walk")
    layer = stage.GetRootLayer()
    assert layer.comment == "a walk"
    assert list(layer.customLayerData["segments"]["texts"]) == ["a person walks", "a „person“ waves"]
    assert list(layer.customLayerData["segments"]["ends"]) == [2.0, 3.0]
    assert stage.GetPrimAtPath("/Motion/a_walk").GetTypeName() == "SkelAnimation"
    joints = stage.GetPrimAtPath("/Motion/Skeleton").GetAttribute("joints").Get()
    assert joints[1] == "mixamorig_Hips/mixamorig_LeftUpLeg"  # no ':' in a path
    subsets = [prim for prim in stage.Traverse() if prim.GetTypeName() == "GeomSubset"]
    assert sum(len(prim.GetAttribute("indices").Get()) for prim in subsets) == 15806


@pytest.mark.parametrize("extension", [".usda", ".usdc", ".usd", ".usdz"])
def test_same_motion_same_bytes(tmp_path: Path, extension: str) -> None:
    motion = somersault()
    for name in ("a", "b"):
        write_usd(motion, tmp_path / f"{name}{extension}", ExportOptions(title="Skeleton"))
    first = (tmp_path / f"a{extension}").read_bytes()
    assert first == (tmp_path / f"b{extension}").read_bytes()
    assert first.startswith({".usda": b"#usda", ".usdz": b"PK"}.get(extension, b"PXR-USDC"))
    if extension == ".usdz":
        with zipfile.ZipFile(tmp_path / "a.usdz") as package:
            member = package.infolist()[0]
        assert member.compress_type == zipfile.ZIP_STORED
        assert first.index(b"PXR-USDC") % 64 == 0


def test_no_finding_of_usd_validation(tmp_path: Path) -> None:
    from pxr import UsdValidation

    write_usd(turning_walk(num_frames=5), tmp_path / "walk.usdc", ExportOptions(root_bone=True, names="unity"))
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    assert len(validators) > 20
    stage = Usd.Stage.Open(str(tmp_path / "walk.usdc"))
    findings = UsdValidation.ValidationContext(validators).Validate(stage)
    assert [finding.GetMessage() for finding in findings] == []


def test_reads_hand_computed_positions_in_metres_y_up(tmp_path: Path) -> None:
    motion = read_motion(save(tmp_path, ARM))
    assert motion.skeleton.joint_names == ("Upper", "Lower")
    assert (motion.frame_rate, motion.num_frames) == (20.0, 21)  # a second at the least rate
    # The file's Z is up: (x, y, z) stands for (x, z, -y). Upper at 50 cm height, Lower 10 cm behind, then to the left.
    np.testing.assert_allclose(motion.joint_positions[0], [[0, 0.5, 0], [0, 0.5, -0.1]], atol=1e-6)
    np.testing.assert_allclose(motion.joint_positions[-1], [[0, 0.5, 0], [-0.1, 0.5, 0]], atol=1e-6)
    np.testing.assert_allclose(motion.skeleton.rest_offsets[1], [0, 0, -0.1], atol=1e-6)


def test_files_it_refers_to_must_be_in_its_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    save(tmp_path, ARM, "outside.usda")
    save(inner, ARM, "beside.usda")
    text = '#usda 1.0\n( timeCodesPerSecond = 30\n upAxis = "Z"\n metersPerUnit = 0.01\n subLayers = [@%s@] )\n'
    assert read_usd(save(inner, text % "./beside.usda", "good.usda")).num_frames > 10
    with pytest.raises(FileFormatError, match=r"refers to '\.\./outside\.usda', expected only files in its folder"):
        read_usd(save(inner, text % "../outside.usda", "bad.usda"))


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"not a scene", "a.usda", "is damaged, expected a complete USD file"),
        (b"not a scene", "a.usdc", "is damaged, expected a complete USD file"),
        (b"not a scene", "a.usdz", "cannot be opened, expected a USD file"),
        (b"PXR-USDC" + bytes(80), "a.usdc", "expected a complete USD file"),
        (ARM[: len(ARM) // 2].encode(), "a.usda", "is damaged"),
        (b"#usda 1.0\n", "a.usda", "holds no skeleton, expected one"),
        (ARM.replace("rel skel", "# rel skel").encode(), "a.usda", "none of its skeletons (1) is sound and animated"),
        (ARM.replace("PerSecond = 30", "PerSecond = 0").encode(), "a.usda", "0 time codes per second"),
        (ARM.replace("30: [", "3000000000: [").encode(), "a.usda", "frames of 2 joints, expected at most 1000000"),
        (ARM.replace("(0, 0, 50), (0, 10", "(0, 0, inf), (0, 10").encode(), "a.usda", "NaN or infinity"),
        (ARM.replace("((1, 0, 0", "((1e200, 0, 0", 1).encode(), "a.usda", "the rest pose: transforms of frame 0 hold"),
        (
            ARM.replace('"Upper", "Upper/Lower"', '"Upper/Lower", "Upper"').encode(),
            "a.usda",
            "none of its skeletons (1) is sound",
        ),
        (ARM.replace(", (0, 10, 0)]", "]").encode(), "a.usda", "the pose of frame 0 is incomplete, expected 2 joints"),
    ],
)
def test_wrong_files_say_what_was_expected(tmp_path: Path, content: bytes, name: str, sentence: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        read_skeleton(save(tmp_path, content, name))  # in this process, for speed; the way around it is tested below
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / name))


def test_several_animations_and_several_skeletons_are_chosen_by_name(tmp_path: Path) -> None:
    """Another animation beside the bound one, played slower and to 60 degrees; then the whole body twice."""
    moves = ARM[ARM.index("    def SkelAnimation") :].rstrip().removesuffix("}")
    still = "(0.8660254, 0, 0, 0.5), (1, 0, 0, 0)"
    wave = moves.replace("Move", "Wave").replace("(0.70710678, 0, 0, 0.70710678), (1, 0, 0, 0)", still)
    of_others = wave.replace("Wave", "Foreign").replace('"Upper", "Upper/Lower"', '"Hip", "Hip/Knee"')
    body = ARM.rstrip().removesuffix("}") + wave + of_others + "}\n"
    first = read_skeleton(save(tmp_path, body, "two.usda"))
    assert first.provenance.clips == ("Move", "Wave")
    assert first.provenance.clip == "Move"
    waved = read_skeleton(tmp_path / "two.usda", "wave")
    assert waved.provenance.clip == "Wave"
    for motion, degrees in ((first, 90.0), (waved, 60.0)):
        reach = motion.joint_positions[-1, 1] - motion.joint_positions[-1, 0]
        expected = 0.1 * np.array([-np.sin(np.radians(degrees)), 0, -np.cos(np.radians(degrees))])
        np.testing.assert_allclose(reach, expected, atol=1e-5)
    people = ARM + ARM[ARM.index("def SkelRoot") :].replace("Body", "Other").replace(
        "0: [(1, 0, 0, 0)", "9: [(1, 0, 0, 0)"
    )
    both = read_skeleton(save(tmp_path, people, "people.usda"))
    assert both.provenance.clips == ("Body/Rig", "Other/Rig")
    assert read_usd(tmp_path / "people.usda", ReadingChoices("2")).provenance.clip == "Other/Rig"
    with pytest.raises(InvalidRequestError, match=r"no clip 'jump', expected one of Body/Rig, Other/Rig"):
        read_usd(tmp_path / "people.usda", ReadingChoices("jump"))


def test_without_the_library_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path, ARM)
    monkeypatch.setitem(sys.modules, "pxr", None)
    for act in (lambda: read_usd(path), lambda: write_usd(turning_walk(num_frames=2), tmp_path / "walk.usd")):
        with pytest.raises(MissingDependencyError, match=r"pip install 'segmo\[usd\]'"):
            act()


def test_a_reader_that_crashes_never_ends_or_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad_readers.py").write_text(
        "import ctypes, time\n"
        "from segmo_core.errors import FileFormatError\n"
        "def crash(path): ctypes.string_at(0)\n"
        "def sleep(path): time.sleep(60)\n"
        "def spin(path):\n    while True: pass\n"
        "def hoard(path): return [bytes(1 << 28) for _ in range(16)]\n"
        "def refuse(path): raise FileFormatError(f'{path}: no bones')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    path = Path("walk.usd")
    for reader, sentence, seconds in (
        ("crash", "the USD library gave up on it", 60.0),
        ("sleep", "not read after 0.5 s, expected a smaller USD file", 0.5),
        ("spin", "not read after 2 s, expected a smaller USD file", 2.0),
        ("hoard", "needs more than 1024 MiB", 60.0),
        ("refuse", "walk.usd: no bones", 60.0),
    ):
        with pytest.raises(FileFormatError, match=sentence):
            read_in_subprocess(f"bad_readers:{reader}", path, "USD", max_seconds=seconds)


def test_a_motion_of_another_body_has_no_mannequin(tmp_path: Path) -> None:
    arm = read_usd(save(tmp_path, ARM))
    write_usd(arm, tmp_path / "again.usda")
    assert "Mannequin" not in (tmp_path / "again.usda").read_text()
    np.testing.assert_allclose(read_usd(tmp_path / "again.usda").joint_positions, arm.joint_positions, atol=1e-6)
    with pytest.raises(InvalidRequestError, match="the motion has 2 joints"):
        write_usd(Motion(arm.joint_positions, 20.0, arm.skeleton), tmp_path / "x.usd", ExportOptions(names="unity"))
    assert math.isclose(arm.seconds, 1.05)
