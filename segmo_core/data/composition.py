"""Clips joined into sequences of one to five segments whose boundaries are known exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions import join_sentences
from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.errors import ConfigError
from segmo_core.motion import features as motion_features
from segmo_core.motion import rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class CompositionSettings:
    """How sequences are put together. Frames at 20 Hz; every segment is a whole number of tokens (4 frames).

    segment_count_shares: probability of 1, 2, ... segments. action_exponent: actions are drawn with probability
    (frames of the action) ** exponent, so that frequent ones do not drown the rest. candidates: clips compared for
    the smallest jump at a join. blend_frames: over how many frames the remaining jump is faded out.
    sentence_variants: wordings drawn per sequence.
    """

    num_sequences: int = 10000
    segment_count_shares: tuple[float, ...] = (0.38, 0.30, 0.18, 0.09, 0.05)
    max_frames: int = 196
    min_segment_frames: int = 24
    max_segment_frames: int = 140
    action_exponent: float = 0.8
    candidates: int = 4
    blend_frames: int = 10
    sentence_variants: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if any(share < 0 for share in self.segment_count_shares) or abs(sum(self.segment_count_shares) - 1) > 1e-8:
            raise ConfigError(
                f"composition.segment_count_shares: {list(self.segment_count_shares)}, expected shares that sum to 1"
            )
        if len(self.segment_count_shares) * self.min_segment_frames > self.max_frames:
            raise ConfigError(
                f"composition: {len(self.segment_count_shares)} segments of {self.min_segment_frames} frames do not "
                f"fit into {self.max_frames}"
            )


@dataclass(frozen=True, eq=False)
class ComposedSequence:
    """features: (T, 263) float32 un-normalised, T a multiple of 4. ends: segment ends in frames.

    sentences: per wording, one sentence per segment. captions: per wording, the sentence for the whole.
    actions: the label (group) of each segment.
    """

    features: FloatArray
    ends: tuple[int, ...]
    sentences: tuple[tuple[str, ...], ...]
    captions: tuple[str, ...]
    actions: tuple[str, ...]


class Composer:
    """Draws sequences from a list of clips. ``compose(i)`` depends on the seed and i alone."""

    def __init__(self, data: Mocap22, clips: Sequence[Clip], settings: CompositionSettings) -> None:
        self._data = data
        self._settings = settings
        groups: dict[str, list[Clip]] = defaultdict(list)
        for clip in clips:
            if clip.num_frames >= settings.min_segment_frames:
                groups[clip.group].append(clip)
        self._names = sorted(groups)
        self._groups = groups
        weights = np.array(
            [sum(clip.num_frames for clip in groups[name]) ** settings.action_exponent for name in self._names]
        )
        self._weights = weights / weights.sum()

    def compose(self, index: int, actions: Sequence[str] | None = None) -> ComposedSequence:
        """Sequence number ``index``; with ``actions`` given, of those actions in that order."""
        settings = self._settings
        generator = np.random.default_rng([settings.seed, index])
        shares = settings.segment_count_shares
        count = len(actions) if actions else 1 + int(generator.choice(len(shares), p=shares))
        longest = min(settings.max_segment_frames, int(settings.max_frames / count * 1.35))
        clips: list[Clip] = []
        joints: FloatArray | None = None
        ends: list[int] = []
        left = settings.max_frames
        for number in range(count):
            room = left - (count - number - 1) * settings.min_segment_frames
            limit = min(longest if count > 1 else settings.max_frames, room)
            name = actions[number] if actions else str(generator.choice(self._names, p=self._weights))
            clip, stretch = self._best_stretch(name, limit, joints, generator)
            joints = stretch if joints is None else join_motions(joints, stretch, settings.blend_frames)
            left -= len(stretch)
            clips.append(clip)
            ends.append(len(joints))
        if joints is None:
            raise ValueError("a sequence has at least one segment")
        uniform = motion_features.uniform_skeleton(joints, HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)
        world = motion_features.on_floor_facing_forward(uniform, HUMANML3D_LAYOUT)
        rows = motion_features.features_from_joints(world)
        sentences, captions = [], []
        for _ in range(settings.sentence_variants):
            lines = tuple(self._data.sentence(clip, generator) for clip in clips)
            sentences.append(lines)
            captions.append(join_sentences(lines, generator))
        return ComposedSequence(
            features=np.concatenate([rows, rows[-1:]]),
            ends=tuple(ends),
            sentences=tuple(sentences),
            captions=tuple(captions),
            actions=tuple(clip.group for clip in clips),
        )

    def _best_stretch(
        self, name: str, limit: int, before: FloatArray | None, generator: np.random.Generator
    ) -> tuple[Clip, FloatArray]:
        """Among a few random stretches of the action: lively ones, and close in pose to where we come from."""
        best: tuple[float, Clip, FloatArray] | None = None
        pool = self._groups[name]
        for _ in range(self._settings.candidates):
            clip = pool[int(generator.integers(len(pool)))]
            wanted = int(generator.integers(self._settings.min_segment_frames, limit + 1))
            if clip.num_frames <= limit and generator.random() < 0.5:
                wanted = clip.num_frames
            length = max(min(wanted, clip.num_frames) // 4 * 4, 4)
            start = int(generator.integers(0, clip.num_frames - length + 1))
            stretch = np.asarray(self._data.clip_joints(clip)[start : start + length], dtype=np.float64)
            activity = float(np.linalg.norm(stretch[1:] - stretch[:-1], axis=-1).mean())
            cost = -4.0 * activity + (pose_distance(before[-1], stretch[0]) if before is not None else 0.0)
            if best is None or cost < best[0]:
                best = (cost, clip, stretch)
        if best is None:
            raise ValueError("candidates must be at least 1")
        return best[1], best[2]


def pose_distance(a: FloatArray, b: FloatArray) -> float:
    """Mean distance in metres of two poses (22, 3), each turned to face +Z and taken relative to its ground point."""
    return float(np.linalg.norm(_local_pose(a) - _local_pose(b), axis=-1).mean())


def _local_pose(pose: FloatArray) -> FloatArray:
    turn = rotations.between(motion_features.facing_direction(pose, HUMANML3D_LAYOUT), np.array([0.0, 0.0, 1.0]))
    return rotations.rotate(turn, pose - pose[0] * np.array([1.0, 0.0, 1.0]))


def join_motions(first: FloatArray, second: FloatArray, blend_frames: int) -> FloatArray:
    """Joints (T1 + T2, 22, 3): ``second`` turned and moved to go on where ``first`` ends.

    The jump that remains in the pose is added to the beginning of ``second`` and faded out by a quintic without
    velocity at its end (inertial blending), so that the first frame continues the last one at its own speed.
    """
    facing = motion_features.facing_direction(first[-1], HUMANML3D_LAYOUT)
    turn = rotations.between(motion_features.facing_direction(second[0], HUMANML3D_LAYOUT), facing)
    if turn[0] < 1e-6:  # a half turn must be about the vertical
        turn = np.array([0.0, 0.0, 1.0, 0.0])
    moved = rotations.rotate(turn, second - second[0, 0] * np.array([1.0, 0.0, 1.0]))
    step = first[-1] - first[-2] if len(first) > 1 else np.zeros_like(first[-1])
    expected = first[-1] + step
    moved = moved + expected[0] * np.array([1.0, 0.0, 1.0])
    length = min(blend_frames, len(moved))
    x = np.arange(length) / length
    fade = (1 - x) ** 3 * (1 + 3 * x + 6 * x**2)
    moved[:length] += fade[:, None, None] * (expected - moved[0])
    return np.concatenate([first, moved])
