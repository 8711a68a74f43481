"""Fingers of files: what is told of them is kept, comes back at the same angles, and is nowhere made up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foreign_bodies import A_POSE, NAMINGS, Body, body_of
from sample_motions import turning_walk
from scipy.spatial.transform import Rotation

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.formats.registry import FORMATS, MotionFormat
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.looping import as_loop
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.hands.hand_shape import FINGER_JOINTS
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FINGERS = ("thumb", "index", "middle", "ring", "pinky")
NUM_FRAMES = 24

# How programs call the bones of the left hand's fingers, thumb first, from the wrist to the tip; {s} is the side.
PROGRAMS: dict[str, tuple[str, list[str], tuple[str, str]]] = {
    "Mixamo": ("Mixamo", [f"mixamorig:{{s}}Hand{f}{n}" for f in ("Thumb", "Index", "Middle", "Ring", "Pinky")
                          for n in (1, 2, 3)], ("Left", "Right")),
    "Unreal": ("Bandai-Namco", [f"{f}_0{n}_{{s}}" for f in FINGERS for n in (1, 2, 3)], ("l", "r")),
    "Unity": ("Bandai-Namco", [f"{{s}}{f}{p}" for f in ("Thumb", "Index", "Middle", "Ring", "Little")
                               for p in ("Proximal", "Intermediate", "Distal")], ("Left", "Right")),
    "VRoid": ("Bandai-Namco", [f"J_Bip_{{s}}_{f}{n}" for f in ("Thumb", "Index", "Middle", "Ring", "Little")
                               for n in (1, 2, 3)], ("L", "R")),
    "Rokoko": ("Rokoko", [f"{{s}}Finger{n}{p}" for n in range(1, 6)
                          for p in (("Metacarpal" if n == 1 else "Proximal"), "Medial", "Distal")], ("Left", "Right")),
    "Xsens": ("Xsens", [f"{{s}}{f}{p}" for f in ("First", "Second", "Third", "Fourth", "Fifth")
                        for p in (("MC", "PP", "DP") if f == "First" else ("PP", "MP", "DP"))], ("Left", "Right")),
    "Biped": ("3ds Max Biped", [f"Bip01_{{s}}_Finger{n}{p}" for n in range(5) for p in ("", "1", "2")], ("L", "R")),
    "Rigify": ("Rigify", [f"DEF-{f}.0{n}.{{s}}" for f in ("thumb", "f_index", "f_middle", "f_ring", "f_pinky")
                          for n in (1, 2, 3)], ("L", "R")),
    "MakeHuman": ("Rigify", [f"finger{n}-{p}.{{s}}" for n in range(1, 6) for p in (1, 2, 3)], ("L", "R")),
    "Daz": ("Daz", [f"{{s}}{f}{n}" for f in ("Thumb", "Index", "Mid", "Ring", "Pinky") for n in (1, 2, 3)],
            ("l", "r")),
    "SMPL-H": ("Mixamo", [f"{{s}}_{f}{n}" for f in FINGERS for n in (1, 2, 3)], ("left", "right")),
    "Japanese": ("Japanese", [f"{{s}}{f}{n}" for f in ("親指", "人指", "中指", "薬指", "小指") for n in "１２３"],
                 ("左", "右")),
}  # fmt: skip
ANGLES = {finger: [10.0 + 12 * number + 5 * part for part in range(3)] for number, finger in enumerate(FINGERS)}


def closing(side: str, finger: str, degrees: np.ndarray) -> Rotation:
    """Turns that close a finger of a T-pose's hand, palm down: about Z, the thumb's about an axis of its own."""
    axis = (
        np.array([0.5, 0.7, -0.4] if finger == "thumb" else [0.0, 0.0, -1.0]) * ([1, -1, -1], [1, 1, 1])[side == "left"]
    )
    return Rotation.from_rotvec(np.radians(degrees)[:, None] * axis / np.linalg.norm(axis))


def with_fingers(body: Body, wrist: str, names: list[str], side: str, shown: np.ndarray) -> None:
    """Fifteen bones at ``wrist``, straight along the arm; all bent by ANGLES times ``shown`` (T,)."""
    along = body.offsets[body.names.index(wrist)]
    along = along / np.linalg.norm(along)
    for number, finger in enumerate(FINGERS):
        above, reach = wrist, 0.09 * along + np.array([0, 0, 0.03 - 0.015 * number])
        for part in range(3):
            name = names[3 * number + part]
            body.append(name, above, tuple(reach))
            body.turns[-1] = closing(side, finger, ANGLES[finger][part] * shown)
            above, reach = name, 0.03 * along


def sample() -> Motion:
    return turning_walk(num_frames=NUM_FRAMES)


def hands() -> HandPoses:
    """ANGLES, opened and closed once."""
    shown = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, NUM_FRAMES))
    turns = np.zeros((NUM_FRAMES, 30, 4))
    for row, joint in enumerate(FINGER_JOINTS):
        side, finger = joint[:-1].split("_")
        turn = closing(side, finger, ANGLES[finger][int(joint[-1]) - 1] * shown)
        turns[:, row] = np.roll(turn.as_quat(), 1, axis=-1)
    return HandPoses(turns)


def away(found: HandPoses | None, expected: HandPoses) -> float:
    """The largest angle, degrees, between two hands."""
    assert found is not None
    turned = [Rotation.from_quat(np.roll(each.local_rotations, -1, -1).reshape(-1, 4)) for each in (found, expected)]
    return float(np.degrees((turned[0].inv() * turned[1]).magnitude().max()))


@pytest.mark.parametrize(
    ("extension", "names", "axes"),
    [
        *(("bvh", names, "world") for names in BONE_NAMES),
        *(("glb", names, axes) for names in BONE_NAMES for axes in ("world", "bone")),
        ("fbx", "mixamo", "world"), ("fbx", "manny", "bone"), ("usd", "smpl", "world"), ("vrma", None, "world"),
    ],
)  # fmt: skip
def test_fingers_go_out_and_come_back(tmp_path: Path, extension: str, names: str | None, axes: str) -> None:
    pytest.importorskip({"fbx": "ufbx", "usd": "pxr"}.get(extension, "numpy"))
    motion = replace(sample(), hands=hands())
    path = tmp_path / f"fist.{extension}"
    options = ExportOptions(names=names, bone_axes=axes, frame_rate=20.0)
    motion_files.write(motion, path, options=options)
    found = motion_files.open_retargeted(path, keep_height=True)
    assert found.num_finger_joints == 30
    assert found.motion.hands is not None
    assert found.motion.hands.num_found == 30
    assert found.motion.num_frames == NUM_FRAMES
    assert away(found.motion.hands, hands()) < 0.02
    np.testing.assert_allclose(found.motion.joint_positions, motion.joint_positions, atol=2e-4)


def test_angles_stand_in_the_file_as_they_are(tmp_path: Path) -> None:
    """Read by hand: the Z channel of a left finger that closes about -Z."""
    motion_files.write(replace(sample(), hands=hands()), tmp_path / "fist.bvh", options=ExportOptions(names="mixamo"))
    lines = (tmp_path / "fist.bvh").read_text().split("MOTION")
    order = [line.split()[1] for line in lines[0].splitlines() if line.split()[:1] in (["JOINT"], ["ROOT"])]
    rows = np.array([line.split() for line in lines[1].splitlines()[3:]], dtype=float)
    middle = rows[:, 3 + 3 * order.index("LeftHandMiddle2")]
    assert middle.min() == pytest.approx(-ANGLES["middle"][1] * np.sin(np.pi * 12 / 23) ** 2, abs=1e-4)
    assert middle[0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("pose", [None, A_POSE], ids=["T-pose", "A-pose"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_s_fingers_are_known(tmp_path: Path, program: str, pose: dict[str, Rotation] | None) -> None:
    naming, names, sides = PROGRAMS[program]
    body = body_of(sample(), NAMINGS[naming].split(), pose)
    shown = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, NUM_FRAMES))
    for side, said in zip(("left", "right"), sides, strict=True):
        wrist = NAMINGS[naming].split()[SMPL_JOINT_NAMES.index(f"{side}_wrist")]
        with_fingers(body, wrist, [name.format(s=said) for name in names], side, shown)
        if pose is not None:  # the axes of bones hang down with the arm
            hang = pose[f"{side}_wrist"]
            for index in range(len(body.names) - 15, len(body.names)):
                body.turns[index] = hang * body.turns[index] * hang.inv()
    (tmp_path / "taken.bvh").write_text(body.text(), encoding="utf-8")
    found = motion_files.open_retargeted(tmp_path / "taken.bvh")
    assert found.num_finger_joints == 30
    assert found.motion.hands is not None
    expected, got = hands().local_rotations, found.motion.hands.local_rotations
    four = [row for row, joint in enumerate(FINGER_JOINTS) if "thumb" not in joint]
    alike = np.abs(np.sum(expected[:, four] * got[:, four], axis=-1)).clip(max=1.0)
    assert np.degrees(2 * np.arccos(alike)).max() < 0.1
    thumbs = [row for row, joint in enumerate(FINGER_JOINTS) if "thumb" in joint and not joint.endswith("1")]
    bent = np.degrees(2 * np.arccos(np.abs(got[:, thumbs, 0]).clip(max=1.0))).max(axis=0)
    np.testing.assert_allclose(bent, 2 * ANGLES["thumb"][1:], rtol=0.01)


def test_names_beside_bones_that_turn(tmp_path: Path) -> None:
    """UE5's metacarpals, fourth joints at the tips, CMU's mitten, a thumb of one bone, and a hand without fingers."""
    body = body_of(sample(), NAMINGS["Mixamo"].split())
    along, half = (0.05, 0.0, 0.0), np.full(NUM_FRAMES, 0.5)
    body.append("index_metacarpal_l", "mixamorig:LeftHand", along)
    body.append("index_01_l", "index_metacarpal_l", along)
    body.append("index_02_l", "index_01_l", along)
    body.turns[-1] = closing("left", "index", 60 * half)
    body.append("index_03_l", "index_02_l", along)
    body.append("index_04_l", "index_03_l", along)
    body.append("LeftFingerBase", "mixamorig:LeftHand", along)
    body.turns[-1] = closing("left", "ring", 40 * half)
    body.append("LThumb", "mixamorig:LeftHand", along)
    (tmp_path / "taken.bvh").write_text(body.text())
    found = motion_files.open_retargeted(tmp_path / "taken.bvh")
    assert found.num_finger_joints == 5, "three of the index, all others in one, a thumb"
    assert found.motion.hands is not None
    turned = {joint: found.motion.hands.local_rotations[:, row] for row, joint in enumerate(FINGER_JOINTS)}
    angle = {joint: np.degrees(2 * np.arccos(np.abs(turn[5, 0]))) for joint, turn in turned.items()}
    assert angle["left_index1"] == pytest.approx(0.0, abs=0.01)
    assert angle["left_index2"] == pytest.approx(30.0, abs=0.01)
    assert angle["left_ring1"] == angle["left_pinky1"] == pytest.approx(20.0, abs=0.01)
    assert angle["right_index2"] == pytest.approx(24.0, abs=0.01), "hands without fingers hang relaxed"


@pytest.mark.parametrize("format_name", ["amass-smplh", "amass-smplx"])
def test_fingers_of_smpl_bodies(tmp_path: Path, format_name: str) -> None:
    """Ninety numbers out of our own files are the hands' rotation vectors, and come back as those."""
    motion = replace(sample(), hands=hands())
    motion_files.write(motion, tmp_path / "fist.npz", format_name=format_name, options=ExportOptions(frame_rate=20))
    with np.load(tmp_path / "fist.npz") as arrays:
        vectors = arrays["poses"][:, -90:].reshape(NUM_FRAMES, 30, 3)
    angles = np.degrees(np.linalg.norm(vectors, axis=-1))
    assert angles[:, FINGER_JOINTS.index("right_ring2")].max() == pytest.approx(51.0 * np.sin(np.pi * 12 / 23) ** 2)
    found = motion_files.open_retargeted(tmp_path / "fist.npz")
    assert (found.num_finger_joints, found.motion.num_frames) == (30, NUM_FRAMES)
    assert away(found.motion.hands, hands()) < 1e-4


def test_amass_hands_in_arrays_of_their_own(tmp_path: Path) -> None:
    bent = np.zeros((4, 45))
    bent[:, 3] = 0.5
    poses = {"root_orient": np.tile([np.pi / 2, 0, 0], (4, 1)), "pose_body": np.zeros((4, 63))}
    poses |= {"trans": np.zeros((4, 3)), "mocap_frame_rate": np.array(30.0)}
    np.savez(tmp_path / "a.npz", **poses, left_hand_pose=bent, right_hand_pose=0 * bent)
    found = motion_files.open_retargeted(tmp_path / "a.npz").motion.hands
    assert found is not None
    angles = 2 * np.arccos(found.local_rotations[0, :, 0].clip(max=1.0))
    assert angles[FINGER_JOINTS.index("left_index2")] == pytest.approx(0.5)
    assert np.delete(angles, FINGER_JOINTS.index("left_index2")).max() < 1e-6
    np.savez(tmp_path / "b.npz", **poses, left_hand_pose=np.ones((4, 6)), right_hand_pose=bent)
    assert motion_files.open_retargeted(tmp_path / "b.npz").motion.hands is None, "six weights are no joints"


@pytest.mark.parametrize("width", [156, 165])
def test_hands_that_never_move_are_none(tmp_path: Path, width: int) -> None:
    """Most of AMASS, and rigs whose fingers nobody animated: relaxed when they go out again."""
    poses = np.zeros((4, width))
    poses[:, 0] = np.pi / 2
    np.savez(tmp_path / "a.npz", poses=poses, trans=np.zeros((4, 3)), mocap_framerate=30.0)
    found = motion_files.open_retargeted(tmp_path / "a.npz")
    assert (found.num_finger_joints, found.motion.hands) == (30, None)
    assert "30 finger joints that bend in no frame" in found.summary
    body = body_of(sample(), NAMINGS["Mixamo"].split())
    names = [name.format(s="Left") for name in PROGRAMS["Mixamo"][1]]
    with_fingers(body, "mixamorig:LeftHand", names, "left", np.zeros(NUM_FRAMES))
    (tmp_path / "taken.bvh").write_text(body.text())
    stiff = motion_files.open_retargeted(tmp_path / "taken.bvh")
    assert (stiff.num_finger_joints, stiff.motion.hands) == (15, None)


def test_a_mirrored_body_has_its_hands(tmp_path: Path) -> None:
    body = body_of(sample(), NAMINGS["Mixamo"].split())
    shown = 0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, NUM_FRAMES))
    for side in ("Left", "Right"):
        names = [name.format(s=side) for name in PROGRAMS["Mixamo"][1]]
        with_fingers(body, f"mixamorig:{side}Hand", names, side.lower(), shown)
    (tmp_path / "plain.bvh").write_text(body.text())
    (tmp_path / "mirrored.bvh").write_text(body.mirrored().text())
    plain, mirrored = (motion_files.open_retargeted(tmp_path / f"{name}.bvh") for name in ("plain", "mirrored"))
    assert (plain.is_mirrored, mirrored.is_mirrored) == (False, True)
    assert plain.motion.hands is not None
    assert away(mirrored.motion.hands, plain.motion.hands) < 0.01


def test_what_is_done_to_a_motion_is_done_to_its_hands() -> None:
    motion = replace(sample(), hands=hands())
    cut = motion.frames(6, 12)
    assert cut.hands is not None
    np.testing.assert_array_equal(cut.hands.local_rotations, hands().local_rotations[6:12])
    faster = resample_motion(motion, 60.0)
    assert faster.hands is not None
    assert faster.hands.num_frames == faster.num_frames == 3 * (NUM_FRAMES - 1) + 1
    assert away(replace(faster.hands, local_rotations=faster.hands.local_rotations[::3]), hands()) < 1e-5
    loop = as_loop(motion, 2, 9).hands
    assert loop is not None
    np.testing.assert_allclose(np.abs(np.sum(loop.local_rotations[0] * loop.local_rotations[-1], -1)), 1.0, atol=1e-12)


def test_our_own_file_keeps_them_and_the_command_line_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    motion_files.write(replace(sample(), hands=hands()), tmp_path / "fist.bvh")
    assert main(["import", str(tmp_path / "fist.bvh"), "-o", str(tmp_path / "fist.npz"), "--fps", "40", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["retargeted"]
    assert (told["finger_joints_found"], told["finger_joints_kept"]) == (30, 30)
    assert main(["inspect", str(tmp_path / "fist.npz"), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)["body"]
    assert (body["finger_joints_found"], body["finger_joints_kept"]) == (30, 30)
    assert main(["inspect", str(tmp_path / "fist.bvh")]) == 0
    assert "30 finger joints kept" in capsys.readouterr().out
    arguments = ["export", str(tmp_path / "fist.npz"), "-o", str(tmp_path / "again.glb"), "--fps", "20"]
    assert main(arguments) == 0
    again = motion_files.open_motion(tmp_path / "again.glb")
    assert away(again.hands, hands()) < 0.02
    assert main([*arguments, "--no-fingers"]) == 0
    assert motion_files.read(tmp_path / "again.glb").motion.skeleton.num_joints == 22


def test_without_fingers_nothing_is_there(tmp_path: Path) -> None:
    motion_files.write(sample(), tmp_path / "walk.npz")
    with np.load(tmp_path / "walk.npz") as arrays:
        assert not [name for name in arrays if "hand" in name]
    found = motion_files.open_retargeted(tmp_path / "walk.npz")
    assert (found.num_finger_joints, found.motion.hands) == (0, None)
    motion_files.write(found.motion, tmp_path / "walk.bvh")
    assert motion_files.read(tmp_path / "walk.bvh").motion.skeleton.num_joints == 22


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hand_rotations": np.zeros((NUM_FRAMES, 29, 4))}, "hands: rotations of shape"),
        ({"hand_rotations": np.zeros((3, 30, 4))}, "hands of 3 frames, expected 24"),
        ({"hand_rotations": np.full((NUM_FRAMES, 30, 4), np.nan)}, "NaN"),
        ({"hand_rotations": np.zeros((NUM_FRAMES, 30, 4))}, "another length than 1"),
        ({"hand_joints_found": np.array(31)}, "hand_joints_found is no number from 1 to 30"),
    ],
)
def test_damaged_hands_are_refused(tmp_path: Path, changes: dict[str, np.ndarray], sentence: str) -> None:
    motion_files.write(replace(sample(), hands=hands()), tmp_path / "fist.npz")
    with np.load(tmp_path / "fist.npz") as arrays:
        np.savez(tmp_path / "bad.npz", **{**arrays, **changes})
    with pytest.raises(motion_files.FileFormatError, match=sentence):
        motion_files.read(tmp_path / "bad.npz")


@pytest.mark.parametrize("row", [row for row in FORMATS.values() if row.writer], ids=lambda row: row.name)
def test_every_format_takes_a_motion_with_hands(tmp_path: Path, row: MotionFormat) -> None:
    pytest.importorskip({"usd": "pxr", "obj": "trimesh", "ply": "trimesh", "stl": "trimesh"}.get(row.name, "numpy"))
    motion = replace(sample(), hands=hands()).frames(0, 4)
    options = ExportOptions(in_place="in_place" in row.options)
    motion_files.write(motion, tmp_path / f"x{row.extensions[0]}", options=options, format_name=row.name)
    assert list(tmp_path.iterdir())
