"""Files of laboratories, written here by their own rules: Acclaim's skeletons, markers in TRC and C3D."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk
from scipy.spatial.transform import Rotation

from segmo_core import motion_files
from segmo_core.errors import FileFormatError
from segmo_core.formats.registry import read_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, SMPL_PARENTS

WALK = turning_walk()
ACCLAIM = dict(zip(SMPL_JOINT_NAMES, (
    "root lfemur rfemur lowerback ltibia rtibia upperback lfoot rfoot thorax ltoes rtoes lowerneck lclavicle rclavicle "
    "head lhumerus rhumerus lradius rradius lwrist rwrist").split(), strict=True))  # fmt: skip


def acclaim(folder: Path, motion: Motion) -> Path:
    """The model's motion as .asf and .amc: a bone leads to every joint, and turns in axes of its own.

    An Acclaim bone turns itself, so the bone that leads to a joint takes the turn of the joint before it; each joint
    that bears several bones gets one of no length before them.
    """
    generator = np.random.default_rng(3)
    lines = """:version 1.10
:units
  mass 1.0
  length 0.45
  angle deg
:root
  order TX TY TZ RX RY RZ
  axis XYZ
  position 0 0 0
  orientation 0 0 0
:bonedata""".split("\n")
    scale, rows, links = 17.7, [], []
    assert motion.local_rotations is not None
    turns = [Rotation.from_quat(np.roll(motion.local_rotations[:, j], -1, axis=-1)) for j in range(22)]
    values = {"root": np.concatenate([scale * motion.joint_positions[:, 0], turns[0].as_euler("xyz", degrees=True)], 1)}
    for joint in range(1, 22):
        name = ACCLAIM[SMPL_JOINT_NAMES[joint]]
        above = ACCLAIM[SMPL_JOINT_NAMES[SMPL_PARENTS[joint]]]
        offset = scale * np.array(MODEL_SKELETON.rest_offsets[joint])
        stem, length = f"{name}_stem", float(np.linalg.norm(offset))
        axis = generator.uniform(-90, 90, 3)
        own = Rotation.from_euler("xyz", axis, degrees=True)
        for bone, direction, size, freedoms in (
            (stem, offset / length, length, ""),
            (name, [0, 1, 0], 0.0, "rx ry rz"),
        ):
            rows += ["  begin", f"     name {bone}", "     direction " + " ".join(f"{v:.9f}" for v in direction)]
            rows += [f"     length {size:.9f}", "     axis " + " ".join(f"{v:.9f}" for v in axis) + "  XYZ"]
            rows += [f"    dof {freedoms}", "    limits (-160 20)", "           (-70 70)"] if freedoms else []
            rows += ["  end"]
        links += [f"    {above} {stem}", f"    {stem} {name}"]
        values[name] = (own.inv() * turns[joint] * own).as_euler("xyz", degrees=True)
    lines += [*rows, ":hierarchy", "  begin", *links, "  end"]
    (folder / "07.asf").write_text("\n".join(lines) + "\n")
    text = ["#!OML:ASF F:", ":FULLY-SPECIFIED", ":DEGREES"]
    for frame in range(motion.num_frames):
        text.append(str(frame + 1))
        text += [f"{name} " + " ".join(f"{v:.7f}" for v in rows[frame]) for name, rows in values.items()]
    (folder / "07_01.amc").write_text("\n".join(text) + "\n")
    return folder / "07_01.amc"


def test_acclaim_motions_are_those_of_their_skeleton(tmp_path: Path) -> None:
    path = acclaim(tmp_path, WALK)
    motion = read_motion(path)
    found = np.stack([motion.joint(ACCLAIM[name]) for name in SMPL_JOINT_NAMES], axis=1)
    np.testing.assert_allclose(found, 17.7 * WALK.joint_positions, atol=2e-3)
    result = motion_files.open_retargeted(path, keep_height=True)
    assert result.matched_by == "names"
    assert result.motion.frame_rate == 120.0
    assert "no frame rate: 120 frames a second" in result.repairs[0]
    assert np.abs(result.motion.joint_positions - WALK.joint_positions).max() < 2e-3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("lfemur ", "leg "), "'leg' is no bone of the skeleton"),
        (("\nlfemur ", "\nlfemur nan "), "4 values for 'lfemur', expected 3 finite numbers"),
        (("\n1\n", "\n"), "'root' before the first frame"),
    ],
)
def test_wrong_acclaim_files(tmp_path: Path, change: tuple[str, str], sentence: str) -> None:
    path = acclaim(tmp_path, WALK.frames(0, 3))
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(FileFormatError, match=sentence):
        read_motion(path)


def test_acclaim_motions_need_their_skeleton(tmp_path: Path) -> None:
    path = acclaim(tmp_path, WALK.frames(0, 3))
    (tmp_path / "07.asf").unlink()
    with pytest.raises(FileFormatError, match=r"no skeleton beside it, expected 07\.asf in its folder"):
        read_motion(path)


KEYPOINTS = {"Hip": "hip", "Knee": "knee", "Ankle": "ankle", "BigToe": "foot", "Shoulder": "shoulder", "Elbow": "elbow",
             "Wrist": "wrist"}  # fmt: skip


def keypoints() -> tuple[list[str], np.ndarray]:
    """Joints under the names that video tools give them, and a gap in one of them."""
    names, columns = ["Neck", "Head"], [WALK.joint("neck"), WALK.joint("head")]
    for side in ("left", "right"):
        for short, part in KEYPOINTS.items():
            names.append(side[0].upper() + short)
            columns.append(WALK.joint(f"{side}_{part}"))
    points = np.stack(columns, axis=1).astype(np.float64)
    points[20:23, names.index("LKnee")] = np.nan
    return names, points


def skin_marks() -> tuple[list[str], np.ndarray]:
    """Marks of Plug-in Gait around the model's joints."""
    joints = {name: WALK.joint(name).astype(np.float64) for name in SMPL_JOINT_NAMES}
    hips = joints["left_hip"] - joints["right_hip"]
    width = np.linalg.norm(hips, axis=-1, keepdims=True) / 0.72
    across = hips / np.linalg.norm(hips, axis=-1, keepdims=True)
    up = joints["spine1"] - (joints["left_hip"] + joints["right_hip"]) / 2
    up = up - np.sum(up * across, -1, keepdims=True) * across
    up /= np.linalg.norm(up, axis=-1, keepdims=True)
    forward = np.cross(across, up)
    front = (joints["left_hip"] + joints["right_hip"]) / 2 + 0.30 * width * up + 0.19 * width * forward
    marks = {"LASI": front + 0.5 * width * across, "RASI": front - 0.5 * width * across}
    marks |= {"LPSI": front - width * forward + 0.2 * width * across,
              "RPSI": front - width * forward - 0.2 * width * across}  # fmt: skip
    for side, sign in (("left", 1.0), ("right", -1.0)):
        letter = side[0].upper()
        for mark, part in (("KNE", "knee"), ("ANK", "ankle"), ("ELB", "elbow")):
            marks[letter + mark] = joints[f"{side}_{part}"] + 0.03 * sign * across
        marks |= {f"{letter}TOE": joints[f"{side}_foot"], f"{letter}SHO": joints[f"{side}_shoulder"] + 0.03 * up}
        marks |= {
            f"{letter}WRA": joints[f"{side}_wrist"] + 0.02 * up,
            f"{letter}WRB": joints[f"{side}_wrist"] - 0.02 * up,
        }
        marks |= {f"{letter}{end}HD": joints["head"] + sign * 0.07 * across + way * 0.08 * forward
                  for end, way in (("F", 1.0), ("B", -1.0))}  # fmt: skip
    marks["C7"] = joints["neck"] - 0.04 * forward
    return [f"Subject:{name}" for name in marks], np.stack(list(marks.values()), axis=1)


def trc(path: Path, names: list[str], points: np.ndarray, unit: str, metres: float) -> Path:
    header = ["PathFileType\t4\t(X/Y/Z)\tx.trc",
              "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
              f"20.00\t20.00\t{len(points)}\t{len(names)}\t{unit}\t20.00\t1\t{len(points)}",
              "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
              "\t\t" + "\t".join(f"{axis}{n + 1}" for n in range(len(names)) for axis in "XYZ"), ""]  # fmt: skip
    rows = []
    for frame, row in enumerate(points / metres):
        cells = ["" if np.isnan(value) else f"{value:.6f}" for value in row.ravel()]
        rows.append("\t".join([str(frame + 1), f"{frame / 20:.3f}", *cells]))
    path.write_text("\n".join([*header, *rows]) + "\n")
    return path


def c3d(path: Path, names: list[str], points: np.ndarray, *, real: bool, processor: int = 84) -> Path:
    """Points in millimetres as the format's description has them; unseen ones have a residual of -1."""
    order = ">" if processor == 86 else "<"
    scale = -0.1 if real else 0.1

    def real32(value: float) -> bytes:
        if processor != 85:
            return struct.pack(order + "f", value)
        (word,) = struct.unpack("<I", struct.pack("<f", value * 4.0))
        return struct.pack("<I", ((word >> 16) | (word << 16)) & 0xFFFFFFFF)

    def parameter(group: int, name: str, kind: int, shape: list[int], data: bytes) -> bytes:
        body = struct.pack("bB", kind, len(shape)) + bytes(shape) + data + b"\0"
        head = struct.pack("bb", len(name), group) + name.encode()
        return head + struct.pack(order + "H", 2 + len(body)) + body

    group = struct.pack("bb", 5, -1) + b"POINT" + struct.pack(order + "H", 3) + b"\0"
    wide = max(map(len, names))
    block = group
    block += parameter(1, "USED", 2, [], struct.pack(order + "H", len(names)))
    block += parameter(1, "SCALE", 4, [], real32(scale))
    block += parameter(1, "RATE", 4, [], real32(20.0))
    block += parameter(1, "UNITS", -1, [2], b"mm")
    block += parameter(1, "LABELS", -1, [wide, len(names)], "".join(name.ljust(wide) for name in names).encode())
    block += b"\0\0"
    blocks = -(-(len(block) + 4) // 512)
    parameters = (struct.pack("BBBB", 1, 0x50, blocks, processor) + block).ljust(512 * blocks, b"\0")
    data_start = 2 + blocks
    header = struct.pack(order + "BBHHHHH", 2, 0x50, len(names), 0, 1, len(points), 10)
    header += real32(scale) + struct.pack(order + "HH", data_start, 0) + real32(20.0)
    seen = np.isfinite(points).all(axis=-1)
    cells = np.concatenate([np.nan_to_num(1000 * points), np.where(seen, 0.0, -1.0)[..., None]], axis=-1)
    if real:
        data = b"".join(real32(float(value)) for value in cells.ravel())
    else:
        cells[..., :3] = np.round(cells[..., :3] / 0.1)
        data = cells.astype(f"{order}i2").tobytes()
    path.write_bytes(header.ljust(512, b"\0") + parameters + data)
    return path


def apart(result_motion: Motion, ends: tuple[str, ...] = ("wrist", "ankle", "knee", "hip", "shoulder")) -> float:
    """Metres, mean, between limbs and those of the walk."""
    joints = [f"{side}_{end}" for side in ("left", "right") for end in ends]
    found = np.stack([result_motion.joint(name) for name in joints], axis=1)
    truth = np.stack([WALK.joint(name) for name in joints], axis=1)
    return float(np.linalg.norm(found - truth, axis=-1).mean())


@pytest.mark.parametrize(("unit", "metres"), [("mm", 0.001), ("m", 1.0)])
def test_keypoints_of_video_tools_in_trc(tmp_path: Path, unit: str, metres: float) -> None:
    names, points = keypoints()
    motion = read_motion(trc(tmp_path / "x.trc", names, points, unit, metres))
    assert motion.frame_rate == 20.0
    np.testing.assert_allclose(motion.joint("left_ankle"), WALK.joint("left_ankle"), atol=1e-4)
    assert np.abs(motion.joint("left_knee") - WALK.joint("left_knee")).max() < 0.05  # the gap is bridged
    result = motion_files.open_retargeted(tmp_path / "x.trc", keep_height=True)
    assert result.mean_error < 0.05
    assert apart(result.motion) < 0.06


@pytest.mark.parametrize("kind", ["integers", "floats", "MIPS", "DEC"])
def test_marks_on_the_skin_in_c3d(tmp_path: Path, kind: str) -> None:
    names, points = skin_marks()
    processor = {"MIPS": 86, "DEC": 85}.get(kind, 84)
    path = c3d(tmp_path / "x.c3d", names, points, real=kind != "integers", processor=processor)
    motion = read_motion(path)
    assert motion.frame_rate == 20.0
    for side in ("left", "right"):
        np.testing.assert_allclose(motion.joint(f"{side}_hip"), WALK.joint(f"{side}_hip"), atol=2e-3)
    result = motion_files.open_retargeted(path, keep_height=True)
    assert result.mean_error < 0.06
    assert apart(result.motion) < 0.07


def test_markers_of_no_body_are_refused(tmp_path: Path) -> None:
    names, points = keypoints()
    legs = [index for index, name in enumerate(names) if not name.endswith(("Shoulder", "Elbow", "Wrist"))]
    with pytest.raises(FileFormatError, match="no markers for left_shoulder, left_elbow, left_wrist"):
        read_motion(trc(tmp_path / "x.trc", [names[i] for i in legs], points[:, legs], "m", 1.0))


def test_damaged_c3d_files_are_refused(tmp_path: Path) -> None:
    names, points = skin_marks()
    whole = c3d(tmp_path / "x.c3d", names, points, real=True).read_bytes()
    for length in range(0, len(whole) - 200, 997):
        (tmp_path / "cut.c3d").write_bytes(whole[:length])
        try:
            read_motion(tmp_path / "cut.c3d")
        except FileFormatError:
            continue
        assert length > 0.89 * len(whole)
