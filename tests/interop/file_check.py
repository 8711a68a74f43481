"""Files written under all sorts of choices, read by other programs, and compared with where the joints should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from array_files import numpy_alone
from client_programs import CLIENTS, VALIDATORS, Client, Job, Reading
from expected_joints import columns_of, joints_at

from segmo_core.formats.registry import FORMATS, MotionFormat, write_motion
from segmo_core.formats.scene.export_options import UNITS, ExportOptions
from segmo_core.motion import kinematics
from segmo_core.motion.motion import Motion

AT_FRAMES = {"bvh": 1e-3}  # metres
AT_OTHER_FRAMES = 1e-4
IN_BLENDER = {"bvh": 1e-4, "fbx": 2e-5, "gltf": 2e-5, "usd": 2e-5}
OFF_THE_LIMBS = 5.0  # degrees
WHOLE_FRAME = 2e-3  # of a frame: glTF keeps times as float32
BETWEEN_FRAMES = 1e-3
SKIN = 1e-3
FRAMES_READ, TIMES_BETWEEN = 150, 60
# Formats with keys between frames too, so that curves stay on the motion at any rate.
KEYS_BETWEEN = ("fbx", "gltf", "usd")
# Numbers without curves. AMASS and HumanML3D's features are of other bodies: tests/core/test_amass.py, test_npy.py.
ARRAYS: dict[str, tuple[Client, ...]] = dict.fromkeys(("npz", "joints", "joints-csv"), (numpy_alone,))
# These programs give the file's own axes, whichever is up.
KEEP_THE_AXES = ("assimp", "ufbx")


@dataclass(frozen=True)
class Case:
    """A file of the grid. names: None takes the format's own."""

    format_name: str
    motion_name: str
    frame_rate: float
    names: str | None = None
    options: ExportOptions = field(default_factory=ExportOptions)
    with_skin: bool = False


@dataclass(frozen=True)
class Result:
    """Largest distances in metres; None where nothing was measured. problem: "" when all is within what is allowed."""

    format_name: str
    motion_name: str
    frame_rate: float
    names: str
    chosen: str
    client: str
    program: str
    at_frames: float | None
    mean: float | None
    between_frames: float | None
    skin: float | None
    problem: str


@dataclass(frozen=True)
class WrittenCase:
    """A case whose file exists. keys, between: the times of the job, seconds; those on keys come first."""

    case: Case
    motion: Motion
    job: Job
    keys: np.ndarray
    between: np.ndarray


def is_blender_preset(options: ExportOptions) -> bool:
    """Z up, in metres, bones along the limbs: what the preset for Blender has, whatever the names and the rate."""
    return (options.up_axis, options.unit, options.bone_axes) == ("z", "m", "bone")


def clients_of(format_name: str) -> tuple[Client, ...]:
    """The programs that read or validate files of a format."""
    validators = (VALIDATORS[format_name],) if format_name in VALIDATORS else ()
    return (*(CLIENTS | ARRAYS).get(format_name, ()), *validators)


def sample_times(motion: Motion, frame_rate: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Times on keys, all or 150 of them, the first and the last included; and 60 times anywhere between."""
    last = int(np.floor((motion.num_frames - 1) / motion.frame_rate * frame_rate + 1e-6))
    keys = np.unique(np.linspace(0, last, min(last + 1, FRAMES_READ)).round()) / frame_rate
    between = np.random.default_rng(seed).uniform(0.0, last / frame_rate, TIMES_BETWEEN if last else 0)
    return keys, np.sort(between)


def write_cases(cases: list[Case], motions: dict[str, Motion], folder: Path) -> list[WrittenCase]:
    """Write the file of every case into ``folder``."""
    written = []
    for number, case in enumerate(cases):
        row, motion = FORMATS[case.format_name], motions[case.motion_name]
        path = folder / f"{number}{row.extensions[0]}"
        write_motion(motion, path, None, case.options, format_name=row.name)
        keys, between = sample_times(motion, case.options.frame_rate or case.frame_rate)
        if row.name in ARRAYS:
            between = np.zeros(0)
        rate = case.options.frame_rate or case.frame_rate
        skin_times = [float(keys[len(keys) // 2]), float(keys[-1])] if case.with_skin else []
        unit = UNITS[case.options.unit or row.unit]
        job = Job(str(path), [*keys, *between], rate, unit, vertex_times=skin_times)
        written.append(WrittenCase(case, motion, job, keys, between))
    return written


def read_cases(written: list[WrittenCase], client: Client) -> list[Result]:
    """What one program makes of the files. Raises NotInstalledError."""
    readings = client([each.job for each in written])
    return [
        _compare(each, client.__name__, reading)
        for each, reading in zip(written, readings, strict=True)
        if not reading.extra.get("not_offered")
    ]


def _compare(written: WrittenCase, client: str, reading: Reading) -> Result:
    case, motion, job, keys = written.case, written.motion, written.job, written.keys
    row = FORMATS[case.format_name]
    naming = case.names or row.names
    problems = [reading.error] if reading.error else list(reading.extra.get("findings", []))
    at_frames = mean = off_keys = skin = None
    last = reading.extra.get("last_frame", 0.0)
    if abs(last - round(last)) > WHOLE_FRAME:
        problems.append(f"ends on frame {last:.4f}, expected a whole one")
    if client == "blender" and is_blender_preset(case.options) and reading.extra:
        if not reading.extra["is_identity"]:
            problems.append("the object's transform is not the identity")
        if reading.extra["off_the_limbs"] > OFF_THE_LIMBS:
            problems.append(f"bones {reading.extra['off_the_limbs']:.1f} degrees off the limbs")
    if len(reading.positions) and not reading.error:
        try:
            columns = columns_of(reading.names, naming)
        except KeyError as error:
            problems.append(f"joint {error} is missing among {reading.names[:8]}")
        else:
            expected = joints_at(motion, np.array(job.times))
            if case.options.up_axis == "z" and client in KEEP_THE_AXES:
                expected = np.stack([expected[..., 0], -expected[..., 2], expected[..., 1]], axis=-1)
            error = np.linalg.norm(reading.positions[:, columns] - expected, axis=-1)
            at_frames, mean = float(error[: len(keys)].max()), float(error[: len(keys)].mean())
            off_keys = float(error[len(keys) :].max(initial=0.0))
            if at_frames > (allowed := _allowed(row.name, client)):
                problems.append(f"{1000 * at_frames:.3f} mm at frames, allowed {1000 * allowed:g}")
            if _must_hold_between_frames(row, client, case, motion) and off_keys > BETWEEN_FRAMES:
                problems.append(f"{1000 * off_keys:.3f} mm between frames, allowed {1000 * BETWEEN_FRAMES:g}")
    if len(reading.vertices):
        skin = _skin_error(motion, np.array(job.vertex_times), reading.vertices)
        if skin > SKIN:
            problems.append(f"skin {1000 * skin:.3f} mm off, allowed {1000 * SKIN:g}")
    elif job.vertex_times and client in ("blender", "three", "usd_core") and not reading.error:
        problems.append("no skin")
    return Result(
        row.name, case.motion_name, case.frame_rate, naming, _chosen(case), client, reading.program,
        at_frames, mean, off_keys, skin,
        "; ".join(problems),
    )  # fmt: skip


def _allowed(format_name: str, client: str) -> float:
    """Metres that joints may be off at frames."""
    if client == "blender":
        return IN_BLENDER[format_name]
    return AT_FRAMES.get(format_name, AT_OTHER_FRAMES)


def _must_hold_between_frames(row: MotionFormat, client: str, case: Case, motion: Motion) -> bool:
    """Where keys stand wherever the motion bends, and where rotations turn on shortest arcs or have keys enough.

    Blender turns the rotations of glTF and USD on straight lines between their four numbers, and BVH has angles.
    assimp's times have six digits: 0.25 ms in a minute, in which a hand may move by centimetres. fbx2gltf plays 60
    frames a second.
    """
    if client in ("assimp", "autodesk_sdk") or case.options.keys == "frame":
        return False
    return row.name in KEYS_BETWEEN and (row.name == "fbx" or client != "blender")


def _chosen(case: Case) -> str:
    """What a case has beside rate, naming and mesh."""
    rest = case.options.chosen - {"frame_rate", "names", "mesh"}
    return ", ".join(f"{name} {getattr(case.options, name)}" for name in sorted(rest))


def _skin_error(motion: Motion, times: np.ndarray, vertices: np.ndarray) -> float:
    """Largest distance from a vertex to the nearest of the posed mannequin's, or back; programs reorder vertices."""
    from scipy.spatial import cKDTree

    from segmo_core.body.mannequin import load_mannequin
    from segmo_core.motion.resampling import resample_motion

    worst = 0.0
    for seconds, found in zip(times, vertices, strict=True):
        frame = round(seconds * 60)
        dense = resample_motion(motion, 60.0).frames(frame, frame + 1)
        turned = kinematics.global_rotations(dense.skeleton, dense.local_rotations)
        expected = load_mannequin().pose(turned[0], dense.joint_positions[0])
        worst = max(worst, cKDTree(expected).query(found)[0].max(), cKDTree(found).query(expected)[0].max())
    return float(worst)
