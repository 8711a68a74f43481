"""How long motion files take to write and to read, beside a plain NumPy archive of the same motion in the same run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from segmo_core.errors import InvalidRequestError, MissingDependencyError
from segmo_core.formats.registry import FORMATS, MotionFormat, read_motion, write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import Progress, SilentProgress

SHORT_FRAMES = 199
LONG_SECONDS = 60.0
LONG_RATE = 60.0
MODEL_RATE = 20.0


@dataclass(frozen=True)
class ExportTime:
    """One format and one motion, the best of the rounds: what else the machine does only adds.

    frames, frame_rate: of the motion as asked for; formats that cannot change the rate keep 20 fps. seconds: to write,
    by the clock. processor_seconds: what this program computed in that time, whatever else the machine did. ratio: of
    processor_seconds to those of np.savez. read_seconds: to read it back, None where nothing reads it. num_bytes: of
    the file.
    """

    format_name: str
    frames: int
    frame_rate: float
    seconds: float
    processor_seconds: float
    ratio: float
    read_seconds: float | None
    num_bytes: int


@dataclass(frozen=True)
class ExportSpeed:
    """times: short motion first, formats in the order of the table. savez_seconds: of the processor, for both motions.
    not_installed: format name -> what is missing."""

    times: tuple[ExportTime, ...]
    savez_seconds: tuple[float, float]
    not_installed: dict[str, str]


def measure_export(
    format_names: Sequence[str] | None = None, rounds: int = 5, progress: Progress | None = None
) -> ExportSpeed:
    """Time every format, or the named ones, with 199 frames at 20 fps and with 60 s written at 60 fps.

    The long motion is left out of formats that draw every frame (video), which take as long as they have frames.
    Raises InvalidRequestError for a name that is not in FORMATS or is never written.
    """
    progress = progress or SilentProgress()
    rows = _rows(format_names)
    lengths = {SHORT_FRAMES: MODEL_RATE, round(LONG_SECONDS * MODEL_RATE): LONG_RATE}
    times: list[ExportTime] = []
    yardsticks: list[float] = []
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (num_frames, rate) in enumerate(lengths.items()):
            motion = swaying_motion(num_frames)
            yardstick = _best(partial(_savez, Path(folder) / "plain.npz", motion), 3 * rounds).processor
            yardsticks.append(yardstick)
            for place, row in enumerate(rows):
                if number > 0 and is_drawn(row):
                    continue
                progress.raise_if_cancelled()
                progress.report((number + place / len(rows)) / len(lengths), f"{row.title}, {num_frames} frames")
                try:
                    times.append(_time(row, motion, rate, Path(folder), yardstick, rounds))
                except MissingDependencyError as error:
                    missing[row.name] = str(error)
    return ExportSpeed(tuple(times), (yardsticks[0], yardsticks[1]), missing)


def swaying_motion(num_frames: int, frame_rate: float = MODEL_RATE) -> Motion:
    """Every joint swings about its own axis while the body walks in circles: smooth, never twice the same frame."""
    seconds = np.arange(num_frames) / frame_rate
    generator = np.random.default_rng(0)
    axes = rotations.normalize(generator.normal(size=(MODEL_SKELETON.num_joints, 3)))
    phase = generator.uniform(0, 2 * np.pi, MODEL_SKELETON.num_joints)
    local = rotations.from_axis_angle(axes, 0.5 * np.sin(3.0 * seconds[:, None] + phase))
    heading = 0.8 * seconds
    local[:, 0] = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), heading)
    root = np.stack([-np.cos(heading), 0.93 + 0.02 * np.sin(12 * seconds), np.sin(heading)], axis=-1)
    positions = kinematics.forward_kinematics(MODEL_SKELETON, local, root)
    return Motion(positions, frame_rate, MODEL_SKELETON, local)


def is_drawn(row: MotionFormat) -> bool:
    """True for pictures of the motion, which are drawn frame by frame."""
    return "rendering" in row.writer or "video" in row.writer


def _rows(names: Sequence[str] | None) -> list[MotionFormat]:
    rows = [row for row in FORMATS.values() if row.writer]
    known = [row.name for row in rows]
    for name in names or ():
        if name not in known:
            raise InvalidRequestError(f"format {name!r} is unknown, expected one of {', '.join(known)}")
    return [row for row in rows if names is None or row.name in names]


def _time(
    row: MotionFormat, motion: Motion, frame_rate: float, folder: Path, yardstick: float, rounds: int
) -> ExportTime:
    path = folder / f"motion{row.extensions[0]}"
    can_resample = "frame_rate" in row.options
    options = ExportOptions(frame_rate=frame_rate) if can_resample and frame_rate != motion.frame_rate else None

    def write() -> None:
        write_motion(motion, path, None, options, format_name=row.name)

    taken = _best(write, 1 if is_drawn(row) else rounds)
    read_seconds = _best(lambda: read_motion(path), rounds).clock if row.reader else None
    rate = frame_rate if can_resample else motion.frame_rate
    frames = round((motion.num_frames - 1) / motion.frame_rate * rate) + 1
    return ExportTime(
        row.name, frames, rate, taken.clock, taken.processor, taken.processor / yardstick, read_seconds,
        path.stat().st_size,
    )  # fmt: skip


def _savez(path: Path, motion: Motion) -> None:
    np.savez(path, positions=motion.joint_positions, rotations=np.asarray(motion.local_rotations))


@dataclass(frozen=True)
class _Taken:
    clock: float
    processor: float


def _best(work: Callable[[], object], rounds: int) -> _Taken:
    """Fewest seconds of ``rounds`` runs, after one that loads what is needed."""
    work()
    clock = processor = float("inf")
    for _ in range(rounds):
        started, computed = time.perf_counter(), time.process_time()
        work()
        clock = min(clock, time.perf_counter() - started)
        processor = min(processor, time.process_time() - computed)
    return _Taken(clock, processor)
