"""Stretches of recorded test clips made anew, and clips made loops: is the rest untouched, do they meet, is it there?

Every clip is written as a file, edited as ``segmo edit`` does, and read again. What is asked is drawn from the judge's
actions: in a stretch that stays about where it is, one that does too and that the clip is not of; in one that goes
ahead, walking or running, whichever its speed is. Stretches that go sideways or back fit none. ``against``: an action
on the spot where the recording travels, which has to be bent over the way.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.evaluation.judges.action_classifier import CLASS_NAMES, TrainedClassifier, class_of
from segmo_core.evaluation.measures.tables import Table
from segmo_core.evaluation.samples.segment_prompts import prompt_sentence
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.formats.arrays.npy_array import load_npy, save_array
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.progress import Progress, SilentProgress
from segmo_core.recordings.bridging import poses_of
from segmo_core.recordings.edits import ATTEMPTS, EditedRecording, EditSettings, RecordingEditor
from segmo_core.recordings.recording import Recording, read_recording
from segmo_core.recordings.root_path import headings, laid_at, missed
from segmo_core.recordings.texts import StretchTexts
from segmo_core.recordings.writing import KeptFile

FloatArray = NDArray[np.floating]

CLIPS, LOOPS = 100, 20
_RATE = 20.0
_STRETCH = 48  # frames
_BESIDE = 16  # frames of the recording on either side, at least
_STAYS, _GOES, _RUNS = 0.5, 1.0, 2.0  # metres in the stretch, m/s
_AHEAD = np.cos(np.radians(45.0))
_ON_THE_SPOT = (
    "wave-left-hand", "wave-right-hand", "wave-both-hands", "raise-up-left-hand", "raise-up-right-hand",
    "raise-up-both-hands", "bow",
)  # fmt: skip
_NEAR_SEAM = 9  # frames on either side of a seam in which it can be felt
_LIMIT = 99.0  # percentile of real clips
_METRES, _DEGREES = 0.02, 3.0


@dataclass(frozen=True)
class EditCounts:
    """How many stretches that fit, and that do not, how many loops, and how often each is drawn."""

    fitting: int = CLIPS
    against: int = CLIPS
    loops: int = LOOPS
    attempts: int = ATTEMPTS


@dataclass(frozen=True)
class StretchFigures:
    """Of ``count`` replaced stretches. kept: share of files whose other frames are equal byte by byte. found: share
    whose action the judge recognises. seams: share of seams whose acceleration stays below the real limit.
    acceleration: the largest at a seam, its mean (m/s^2). met: share that end within 2 cm and 3 degrees of the
    recording; apart, turned: the worst (m, degrees). bent: metres that stretches missed by before, the mean.
    """

    count: int
    kept: float
    found: float
    seams: float
    acceleration: float
    met: float
    apart: float
    turned: float
    bent: float


@dataclass(frozen=True)
class LoopFigures:
    """Of ``count`` loops. kept: as of stretches. pose: the farthest that a joint of the last frame is from the first's,
    place and heading of the body aside (mm), the worst. speed: share whose change of speed where the loop closes is
    within that of real clips from frame to frame; change: its mean (m/s).
    """

    count: int
    kept: float
    pose: float
    speed: float
    change: float


@dataclass(frozen=True)
class EditFigures:
    """fitting, against: stretches; see the module. real_limit: m/s^2 of real clips. by_loop: way -> loops."""

    bundle: str
    real_limit: float
    fitting: StretchFigures
    against: StretchFigures | None
    by_loop: dict[str, LoopFigures]

    def tables(self) -> Sequence[Table]:
        """For the terminal, and as Markdown."""
        rows = [("fitting", self.fitting), *([("against", self.against)] if self.against is not None else [])]
        columns = (
            "Stretches", "Count", "Other frames equal", "Action found", "Seams below", "Seam m/s²", "End met",
            "Worst cm", "Worst °", "Bent m",
        )  # fmt: skip
        stretches = tuple(
            (
                name, str(row.count), f"{row.kept:.0%}", f"{row.found:.0%}", f"{row.seams:.0%}",
                f"{row.acceleration:.1f}", f"{row.met:.0%}", f"{100 * row.apart:.2f}", f"{row.turned:.2f}",
                f"{row.bent:.2f}",
            )
            for name, row in rows
        )  # fmt: skip
        loops = tuple(
            (name, str(row.count), f"{row.kept:.0%}", f"{row.pose:.3f}", f"{row.speed:.0%}", f"{row.change:.2f}")
            for name, row in self.by_loop.items()
        )
        return [
            Table(f"Stretches made anew by {self.bundle}, real limit {self.real_limit:.1f} m/s²", columns, stretches),
            Table("Loops", ("Loops", "Count", "Other frames equal", "Pose mm", "Speed within", "Change m/s"), loops),
        ]


def measure_edits(
    tested: TestedBundle,
    data: Mocap22,
    judge: TrainedClassifier,
    counts: EditCounts,
    seed: int = 0,
    progress: Progress | None = None,
) -> EditFigures:
    """As many stretches and loops as ``counts`` says, all of test clips; the first of them stay when more are asked."""
    clips, against, loops = counts.fitting, counts.against, counts.loops
    progress = progress or SilentProgress()
    editor = RecordingEditor(tested.generator, tested.grounder)
    usable = [clip for clip in data.select("test", only_shippable=False) if not clip.mirrored]
    limits = _real_limits(data, usable)
    long = [clip for clip in usable if clip.num_frames >= _STRETCH + 2 * _BESIDE]
    run = _Run(editor, data, judge, limits, EditSettings(seed, counts.attempts, tested.sampling), seed, progress)
    total = clips + against + loops
    with tempfile.TemporaryDirectory() as folder:
        fitting = run.stretches(long, clips, Path(folder), (0.0, clips / total), is_against=False)
        other = run.stretches(long, against, Path(folder), (clips / total, (clips + against) / total), is_against=True)
        by_loop = {}
        for way in ("travelling", "in-place"):
            by_loop[way] = run.loops(long, loops // 2, Path(folder), in_place=way == "in-place")
    return EditFigures(tested.name, limits[0], fitting, other if against else None, by_loop)


@dataclass(frozen=True, eq=False)
class _Run:
    editor: RecordingEditor
    data: Mocap22
    judge: TrainedClassifier
    limits: tuple[float, float]
    settings: EditSettings
    seed: int
    progress: Progress

    def stretches(
        self, clips: Sequence[Clip], count: int, folder: Path, part: tuple[float, float], *, is_against: bool
    ) -> StretchFigures:
        generator = np.random.default_rng([self.seed, int(is_against)])
        rows: list[tuple[float, ...]] = []
        order: list[int] = []
        while len(rows) < count:
            self.progress.raise_if_cancelled()
            order = order or generator.permutation(len(clips)).tolist()
            clip = clips[order.pop()]
            joints = self.data.clip_joints(clip)
            start = int(generator.integers(_BESIDE, clip.num_frames - _STRETCH - _BESIDE + 1))
            way, is_ahead = _way(joints[start], joints[start + _STRETCH])
            if (is_against and way <= _STAYS) or (not is_against and way > _STAYS and not is_ahead):
                continue
            own = class_of(clip)
            choices = [name for name in _ON_THE_SPOT if own is None or name != CLASS_NAMES[own]]
            action = str(generator.choice(choices))
            if way > _STAYS and not is_against:
                action = "run" if way > _RUNS * _STRETCH / _RATE else "walk"
            share = len(rows) / max(count, 1)
            self.progress.report(part[0] + (part[1] - part[0]) * share, f"{clip.name}: {action}")
            source, kept = _file_of(joints, folder)
            text = prompt_sentence(self.data, action, generator)
            texts = StretchTexts((text,), (_STRETCH / _RATE,))
            edited = self.editor.replace(source, start, start + _STRETCH, texts, self.settings)
            rows.append((*self._row(edited, source, kept, action), edited.apart))
        table = np.array(rows) if rows else np.zeros((1, 8))
        return StretchFigures(
            len(rows),
            float(table[:, 0].mean()),
            float(table[:, 1].mean()),
            float(table[:, 2].mean()),
            float(table[:, 3].mean()),
            float(table[:, 4].mean()),
            float(table[:, 5].max()),
            float(table[:, 6].max()),
            float(table[:, 7].mean()),
        )

    def _row(self, edited: EditedRecording, source: Recording, kept: KeptFile, action: str) -> tuple[float, ...]:
        """Kept, found, share of seams below the limit, largest acceleration, met, metres and degrees apart."""
        start, end = edited.stretch
        joints = edited.on_model.joint_positions
        found = CLASS_NAMES[int(self.judge.predict([joints[start:end]])[0])] == action
        acceleration = _acceleration(joints)
        seams = [acceleration[max(0, at - _NEAR_SEAM) : at + _NEAR_SEAM].max() for at in (start, end)]
        there = poses_of(source.on_model.frames(end, end + 1))
        apart, turned = missed(poses_of(edited.on_model), end, there)
        degrees = float(np.degrees(abs(turned)))
        met = apart <= _METRES and degrees <= _DEGREES
        below = float(np.mean([seam <= self.limits[0] for seam in seams]))
        return _is_kept(edited, kept), float(found), below, float(max(seams)), float(met), apart, degrees

    def loops(self, clips: Sequence[Clip], count: int, folder: Path, *, in_place: bool) -> LoopFigures:
        generator = np.random.default_rng([self.seed, 2, int(in_place)])
        rows = []
        for number in generator.permutation(len(clips))[:count]:
            self.progress.raise_if_cancelled()
            self.progress.report(1.0 - 0.5 / max(count, 1), f"{clips[number].name}: loop")
            source, kept = _file_of(self.data.clip_joints(clips[number]), folder)
            text = self.editor.described(source.on_model, at_end=True) or "a person moves"
            texts = StretchTexts((text,), (3.0 if in_place else 1.2,))
            edited = self.editor.loop(source, texts, self.settings, in_place=in_place)
            poses, first = poses_of(edited.on_model), poses_of(source.on_model)
            joints = edited.on_model.joint_positions.astype(np.float64)
            turned = laid_at(poses, len(poses) - 1, first.frames(0, 1))
            angle = headings(turned.frames(0, 1))[0] - headings(poses.frames(0, 1))[0]
            closing = _turned(joints[-2:], angle)
            closing += (joints[0, 0] - closing[-1, 0]) * [1.0, 0.0, 1.0]
            pose = float(np.linalg.norm(closing[-1] - joints[0], axis=-1).max())
            change = np.linalg.norm((joints[1] - joints[0]) - (closing[1] - closing[0]), axis=-1).mean() * _RATE
            rows.append((_is_kept(edited, kept), 1000.0 * pose, float(change <= self.limits[1]), float(change)))
        table = np.array(rows) if rows else np.zeros((1, 4))
        kept_share, pose, speed, change = table[:, 0].mean(), table[:, 1].max(), table[:, 2].mean(), table[:, 3].mean()
        return LoopFigures(len(rows), float(kept_share), float(pose), float(speed), float(change))


def _file_of(joints: FloatArray, folder: Path) -> tuple[Recording, KeptFile]:
    path = folder / "clip.npy"
    save_array(path, joints.astype(np.float32))
    return read_recording(path), KeptFile(path, folder / "edited.npy")


def _is_kept(edited: EditedRecording, file: KeptFile) -> float:
    """1.0 where the file written has the bytes of the file read in every frame beside the edit and its blends."""
    file.write(edited, SilentProgress())
    old, new = load_npy(file.source), load_npy(file.target)
    before, after = edited.kept_before, edited.kept_after
    same = old[:before].tobytes() == new[:before].tobytes()
    return float(same and (not after or old[-after:].tobytes() == new[-after:].tobytes()))


def _real_limits(data: Mocap22, clips: Sequence[Clip]) -> tuple[float, float]:
    """The 99th percentile over frames of real clips: acceleration (m/s^2), and change of speed from frame to frame
    (m/s), both the mean over the joints.
    """
    frames = np.concatenate([_acceleration(data.clip_joints(clip)) for clip in clips if clip.num_frames > 2])
    limit = float(np.percentile(frames, _LIMIT))
    return limit, limit / _RATE


def _acceleration(joints: FloatArray) -> FloatArray:
    """(T - 2,) m/s^2, mean over the joints."""
    steps = np.diff(joints.astype(np.float64), n=2, axis=0) * _RATE**2
    size: FloatArray = np.linalg.norm(steps, axis=-1).mean(axis=1)
    return size


def _way(first: FloatArray, last: FloatArray) -> tuple[float, bool]:
    """Metres on the floor from pose ``first`` (22, 3) to ``last``, and whether both face where that leads."""
    way = (last[0] - first[0]) * [1.0, 0.0, 1.0]
    length = float(np.linalg.norm(way))
    facing = facing_direction(np.stack([first, last]).astype(np.float64), HUMANML3D_LAYOUT)
    return length, length >= _GOES and bool((facing @ way >= _AHEAD * length).all())


def _turned(joints: FloatArray, angle: float) -> FloatArray:
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.array(joints)
    turned[..., 0] = cosine * joints[..., 0] + sine * joints[..., 2]
    turned[..., 2] = cosine * joints[..., 2] - sine * joints[..., 0]
    return turned
