"""BVH files: read against hand-computed numbers and scipy, written against an evaluator of their own text."""

from __future__ import annotations

import itertools
import json
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from sample_motions import somersault, turning_walk
from scipy.spatial.transform import Rotation

from segmo_core.errors import FileFormatError
from segmo_core.formats.bvh import motion_rows
from segmo_core.formats.bvh import parser as bvh_parser
from segmo_core.formats.bvh.bvh_files import read_bvh, write_bvh
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, Skeleton

PARITY = Path(__file__).resolve().parents[5] / "shared" / "parity"

# Root at (1, 2, 3), an upper bone of 10 along Y, a lower bone of 5 along Y.
ARM = """HIERARCHY
ROOT Base
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Middle
  {
    OFFSET 0 10 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT Tip
    {
      OFFSET 0 5 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      End Site
      {
        OFFSET 0 1 0
      }
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.05
1 2 3 0 0 0 0 0 0 0 0 0
1 2 3 90 0 0 0 90 0 0 0 0
"""


def write(folder: Path, text: str | bytes, name: str = "walk.bvh") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def evaluate(text: str) -> dict[str, np.ndarray]:
    """World positions (T, 3) by joint name, in file units: a reader of one screen, with scipy's rotations."""
    header, motion = text.split("MOTION\n")
    rows = np.array([[float(v) for v in line.split()] for line in motion.splitlines()[2:]])
    column = 0
    world: list[tuple[Rotation, np.ndarray]] = []
    result: dict[str, np.ndarray] = {}
    blocks = re.findall(r"(?:ROOT|JOINT) (\S+)|OFFSET (.+)|CHANNELS \d (.+)|(End Site)|(\})", header)
    name, offset, in_end_site = "", np.zeros(3), False
    for joint, offset_text, channels, end_site, closing in blocks:
        if joint:
            name = joint
        elif end_site:
            in_end_site = True
        elif offset_text:
            offset = np.array([float(v) for v in offset_text.split()])
        elif closing:
            if in_end_site:
                in_end_site = False
            else:
                world.pop()
        elif channels:
            words = channels.split()
            values = dict(zip(words, rows[:, column : column + len(words)].T, strict=True))
            column += len(words)
            order = "".join(word[0] for word in words if word.endswith("rotation"))
            angles = np.stack([values[f"{axis}rotation"] for axis in order], axis=-1)
            local = Rotation.from_euler(order, angles, degrees=True)
            if "Xposition" in values:
                place = offset + np.stack([values[f"{axis}position"] for axis in "XYZ"], axis=-1)
            else:
                place = np.tile(offset, (len(rows), 1))
            if world:
                parent, origin = world[-1]
                place, local = origin + parent.apply(place), parent * local
            world.append((local, place))
            result[name] = place
    return result


def test_reads_hand_computed_positions(tmp_path: Path) -> None:
    motion = read_bvh(write(tmp_path, ARM))
    assert motion.skeleton.joint_names == ("Base", "Middle", "Tip")
    assert motion.frame_rate == 20.0
    # Frame 0: straight up. Frame 1: Z by 90 lays the bone along -X; X by 90 then lifts the next one along +Z.
    np.testing.assert_allclose(motion.joint_positions[0], [[1, 2, 3], [1, 12, 3], [1, 17, 3]], atol=1e-5)
    np.testing.assert_allclose(motion.joint_positions[1], [[1, 2, 3], [-9, 2, 3], [-9, 2, 8]], atol=1e-5)


@pytest.mark.parametrize("order", ["".join(order) for order in itertools.permutations("XYZ")] + ["ZYZ", "XZ", "Y"])
def test_any_channel_order_agrees_with_scipy(tmp_path: Path, order: str) -> None:
    channels = " ".join(f"{axis}rotation" for axis in order)
    angles = np.array([33.0, -71.0, 110.0])[: len(order)]
    text = (
        f"HIERARCHY\nROOT a\n{{\nOFFSET 0 0 0\nCHANNELS {len(order)} {channels}\n"
        "JOINT b\n{\nOFFSET 3 4 5\nCHANNELS 0\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n}\n"
        f"MOTION\nFrames: 1\nFrame Time: 0.01\n{' '.join(map(str, angles))}\n"
    )
    expected = Rotation.from_euler(order, angles, degrees=True).apply([3, 4, 5]).ravel()
    np.testing.assert_allclose(read_bvh(write(tmp_path, text)).joint_positions[0, 1], expected, atol=1e-5)


def test_tabs_crlf_spaced_names_and_braces_on_the_same_line(tmp_path: Path) -> None:
    text = ARM.replace("JOINT Middle\n  {", "Joint Bip01 L Arm {").replace("  ", "\t").replace("\n", "\r\n")
    motion = read_bvh(write(tmp_path, b"\xef\xbb\xbf" + text.encode() + b"\r\n\r\n"))
    assert motion.skeleton.joint_names == ("Base", "Bip01 L Arm", "Tip")
    np.testing.assert_allclose(motion.joint_positions[1, 2], [-9, 2, 8], atol=1e-5)


def test_position_channels_of_a_joint_replace_its_offset(tmp_path: Path) -> None:
    text = ARM.replace("CHANNELS 3 Zrotation", "CHANNELS 4 Yposition Zrotation", 1)
    still = text.replace("0 0 0 0 0 0 0 0 0\n", "0 0 0 7 0 0 0 0 0 0\n").replace("90 0 0 0 90 0", "90 0 0 7 0 90 0")
    motion = read_bvh(write(tmp_path, still))
    np.testing.assert_allclose(motion.joint_positions[0, 2], [1, 14, 3], atol=1e-5)
    np.testing.assert_allclose(motion.skeleton.rest_offsets[1], [0, 7, 0], atol=1e-12)
    assert motion.local_rotations is not None
    stretching = read_bvh(write(tmp_path, still.replace("90 0 0 7", "90 0 0 9")))
    np.testing.assert_allclose(stretching.joint_positions[1], [[1, 2, 3], [-8, 2, 3], [-8, 2, 8]], atol=1e-5)
    assert stretching.local_rotations is None


@pytest.mark.parametrize(
    ("frame_time", "rate"),
    [("0.05", 20.0), (".0083333", 120.0), ("0.033333", 30.0), ("0.0333667", 1 / 0.0333667), ("0.04170838", 23.976)],
)
def test_frame_rate(tmp_path: Path, frame_time: str, rate: float) -> None:
    motion = read_bvh(write(tmp_path, ARM.replace("0.05", frame_time)))
    assert motion.frame_rate == pytest.approx(rate, rel=1e-6)


@pytest.mark.skipif(not PARITY.is_dir(), reason="needs the parity fixtures beside the repository")
@pytest.mark.parametrize("variant", ["ik0", "ik1"])
def test_reads_another_projects_file_as_that_project_meant_it(variant: str) -> None:
    expected = load_file(PARITY / "bvh.safetensors")[f"glb_{variant}_it100"]
    order = json.loads((PARITY / "bvh.json").read_text())["re_order"]
    motion = read_bvh(PARITY / f"000612_{variant}_it100.bvh")
    np.testing.assert_allclose(motion.joint_positions, expected[:, order], atol=1e-5)


@pytest.mark.parametrize("motion", [turning_walk(), somersault()], ids=["turning walk", "somersault"])
def test_forward_kinematics_of_the_written_text_is_the_motion(tmp_path: Path, motion: Motion) -> None:
    write_bvh(motion, tmp_path / "walk.bvh")
    found = evaluate((tmp_path / "walk.bvh").read_text())
    assert set(found) == set(MODEL_SKELETON.joint_names)
    for index, name in enumerate(MODEL_SKELETON.joint_names):
        error = np.linalg.norm(found[name] / 100 - motion.joint_positions[:, index], axis=-1)
        assert error.max() < 1e-5, name


def test_written_curves_stay_on_the_motion_between_keys(tmp_path: Path) -> None:
    motion = turning_walk(num_frames=120)
    write_bvh(motion, tmp_path / "walk.bvh")
    lines = (tmp_path / "walk.bvh").read_text().splitlines()
    rows = np.array([[float(v) for v in line.split()] for line in lines[lines.index("MOTION") + 3 :]])
    assert np.abs(np.diff(rows[:, 3:], axis=0)).max() < 30
    assert rows[-1, 5] - rows[0, 5] == pytest.approx(720, abs=0.01)  # twice around, not folded back to 360
    halfway = rotations.from_euler(np.radians((rows[1:, 3:6] + rows[:-1, 3:6]) / 2), "ZXY")
    assert motion.local_rotations is not None
    between = rotations.slerp(motion.local_rotations[:-1, 0], motion.local_rotations[1:, 0], 0.5)
    assert np.abs(np.sum(halfway * between, axis=-1)).min() > 1 - 1e-6


def test_written_header_is_what_other_programs_need(tmp_path: Path) -> None:
    skeleton = Skeleton(
        (*(f"mixamorig:{name}" for name in MODEL_SKELETON.joint_names[:-1]), "mixamorig:left wrist.1"),
        MODEL_SKELETON.parents,
        MODEL_SKELETON.rest_offsets,
    )
    motion = turning_walk(skeleton, frame_rate=30.0)
    write_bvh(motion, tmp_path / "walk.bvh")
    text = (tmp_path / "walk.bvh").read_text()
    assert "ROOT pelvis\n{\n\tOFFSET 0.000000 0.000000 0.000000\n\tCHANNELS 6 Xposition Yposition Zposition" in text
    assert "JOINT left_wrist_1\n" in text
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in re.findall(r"(?:ROOT|JOINT) (.+)", text))
    frame_time = float(re.findall(r"Frame Time: (.+)", text)[0])
    assert abs(frame_time - 1 / 30) * 10_000 < 1e-5  # ten thousand frames stay within 10 microseconds
    end_sites = re.findall(r"End Site\s*\{\s*OFFSET (.+)", text)
    lengths = [math.dist((0, 0, 0), map(float, row.split())) for row in end_sites]
    assert len(lengths) == 5
    assert all(5 < length < 20 for length in lengths)
    knee = re.findall(r"JOINT left_knee\s*\{\s*OFFSET (.+)", text)[0]
    assert knee == "0.000000 -39.362320 0.000000"


def test_same_motion_same_bytes_and_read_back(tmp_path: Path) -> None:
    motion = somersault()
    write_bvh(motion, tmp_path / "a.bvh")
    write_bvh(motion, tmp_path / "b.bvh")
    assert (tmp_path / "a.bvh").read_bytes() == (tmp_path / "b.bvh").read_bytes()
    again = read_bvh(tmp_path / "a.bvh")
    order = [again.skeleton.joint_names.index(name) for name in MODEL_SKELETON.joint_names]
    np.testing.assert_allclose(again.joint_positions[:, order] / 100, motion.joint_positions, atol=1e-5)
    write_bvh(Motion(motion.joint_positions, 20.0, MODEL_SKELETON), tmp_path / "c.bvh")  # rotations recovered
    found = evaluate((tmp_path / "c.bvh").read_text())
    np.testing.assert_allclose(found["left_wrist"] / 100, motion.joint("left_wrist"), atol=1e-4)


def test_ten_seconds_are_written_in_a_twentieth_of_a_second(tmp_path: Path) -> None:
    motion = turning_walk(num_frames=199)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        write_bvh(motion, tmp_path / "walk.bvh")
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.05


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("90 0 0 0 90 0 0 0 0", "90 0 0 0 90 0 0 0 0 0"), "line 25: 13 values, expected 12"),
        (("Frames: 2", "Frames: 1000000000"), "2 frames, expected the 1000000000 that it declares"),
        (("1 2 3 90", "1,5 2.5 3 90"), "line 25: numbers with commas and with points, expected points alone"),
        (("Frames: 2", "Frames: -3"), "line 22: -3 frames, expected a whole number"),
        (("Frames: 2", "Frames: many"), "line 22: 'Frames: many', expected 'Frames: N'"),
        (("0.05", "0"), "line 23: a frame time of 0 s"),
        (("0.05", "nan"), "line 23: 'Frame Time: nan', expected 'Frame Time: SECONDS'"),
        (("1 2 3 90", "1 nan 3 90"), "line 25: 'nan', expected a finite number"),
        (("1 2 3 90", "1 2_0 3 90"), "line 25: '2_0', expected a finite number"),
        (("1 2 3 90", "1 two 3 90"), "line 25: 'two', expected a finite number"),
        (("1 2 3 90", "1 1e30 3 90"), "a coordinate of 1e+30, expected positions of a body"),
        (("MOTION", "MOVEMENT"), "line 21: 'MOVEMENT' after the root joint"),
        (("OFFSET 0 10 0", "OFFSET 0 10"), "line 9: 'CHANNELS', expected a finite number"),
        (("CHANNELS 3 Z", "CHANNELS 2 Z"), "line 9: 'Yrotation', expected JOINT, End Site or }"),
        (("CHANNELS 6 X", "CHANNELS 1000000 X"), "line 5: 1e+06 channels, expected 0 to 6"),
        (("Xposition", "Wposition"), "line 5: channel 'Wposition', expected Xposition"),
        (("JOINT Tip", "JOINT"), "line 11: a joint without a name"),
        (("ROOT Base", "JOINT Base"), "line 2: 'JOINT', expected ROOT"),
        (("HIERARCHY", "HIGHER"), "does not begin with HIERARCHY, expected a BVH file"),
    ],
)
def test_wrong_files_say_where_and_what(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    path = write(tmp_path, ARM.replace(*change, 1))
    with pytest.raises(FileFormatError) as caught:
        read_bvh(path)
    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_a_body_without_channels_is_refused(tmp_path: Path) -> None:
    empty = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nMOTION\nFrames: 1\nFrame Time: 1\n\n"
    with pytest.raises(FileFormatError, match="no joint has channels"):
        read_bvh(write(tmp_path, empty))


def test_missing_file_folder_and_empty_file(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        read_bvh(tmp_path / "none.bvh")
    with pytest.raises(FileFormatError, match="is a folder"):
        read_bvh(tmp_path)
    with pytest.raises(FileFormatError, match="is empty"):
        read_bvh(write(tmp_path, b""))
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_bvh(turning_walk(num_frames=2), tmp_path / "nowhere" / "walk.bvh")


def test_a_file_cut_anywhere_is_refused_or_told(tmp_path: Path) -> None:
    write_bvh(turning_walk(num_frames=6), tmp_path / "whole.bvh")
    whole = (tmp_path / "whole.bvh").read_bytes()
    start = whole.index(b"\n", whole.index(b"Frame Time")) + 1
    four_rows = start + len(b"".join(whole[start:].splitlines(keepends=True)[:4]))
    enough = whole.rindex(b" ", 0, four_rows) + 2
    last_number = whole.rstrip().rindex(b" ") + 1  # inside it a cut still leaves a number
    for length in [*range(1, last_number, 37), last_number]:
        path = write(tmp_path, whole[:length])
        if length < enough:
            with pytest.raises(FileFormatError):
                read_bvh(path)
        else:
            assert any("Declares 6 frames and holds" in said for said in read_bvh(path).provenance.repairs)


def test_rubbish_and_damaged_files_never_fail_otherwise(tmp_path: Path) -> None:
    generator = np.random.default_rng(7)
    for size in (1, 10, 1000, 100_000):
        with pytest.raises(FileFormatError):
            read_bvh(write(tmp_path, generator.bytes(size)))
        with pytest.raises(FileFormatError):
            read_bvh(write(tmp_path, b"HIERARCHY\n" + generator.bytes(size)))
    whole = bytearray(ARM.encode())
    accepted = 0
    for _ in range(400):
        damaged = whole.copy()
        for _ in range(generator.integers(1, 4)):
            damaged[generator.integers(len(damaged))] = generator.integers(256)
        try:
            motion = read_bvh(write(tmp_path, bytes(damaged)))
        except FileFormatError:
            continue
        accepted += 1
        assert np.isfinite(motion.joint_positions).all()
    assert accepted < 400
    deep = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\n"
    deep += "JOINT b\n{\nOFFSET 0 1 0\nCHANNELS 1 Xrotation\n" * 5000
    with pytest.raises(FileFormatError, match="more than 2000 joints"):
        read_bvh(write(tmp_path, deep))


@pytest.mark.parametrize("motion", [turning_walk(), somersault()], ids=["turning walk", "somersault"])
def test_bvhio_reads_the_same_joints(tmp_path: Path, motion: Motion) -> None:
    """An independent reader agrees on a file with a ground bone, Z up, and on every joint's place."""
    bvhio = pytest.importorskip("bvhio", reason="pip install bvhio")
    path = tmp_path / "walk.bvh"
    write_bvh(motion, path, ExportOptions(names="unreal", up_axis="z"))
    ours = read_bvh(path)
    root = bvhio.readAsHierarchy(str(path))
    for frame in (0, 1, 17, 39):
        root.loadPose(frame)
        theirs = {joint.Name: np.array(joint.PositionWorld) for joint, _, _ in root.layout()}
        found = np.array([theirs[name] for name in ours.skeleton.joint_names])
        np.testing.assert_allclose(ours.joint_positions[frame], found, atol=5e-3)  # its numbers are float32, in cm


def test_a_ground_bone_is_left_out(tmp_path: Path) -> None:
    walk = turning_walk()
    write_bvh(walk, tmp_path / "walk.bvh", ExportOptions(root_bone=True, names="mixamo"))
    motion = read_bvh(tmp_path / "walk.bvh")
    assert motion.skeleton.joint_names[0] == "Hips"
    assert motion.local_rotations is not None
    pelvis = motion.skeleton.index("Hips")
    np.testing.assert_allclose(motion.joint_positions[:, pelvis] / 100, walk.joint("pelvis"), atol=1e-5)


def test_more_values_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_rows, "_MAX_VALUES", 23)
    with pytest.raises(FileFormatError, match="2 frames of 12 values, expected at most 1"):
        read_bvh(write(tmp_path, ARM))
    monkeypatch.setattr(bvh_parser, "MAX_BYTES", 0)
    with pytest.raises(FileFormatError, match="0 MiB, expected at most 0 MiB"):
        read_bvh(write(tmp_path, ARM))
