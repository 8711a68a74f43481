"""Where sliding feet and jitter come from: real clips, what the tokenizer gives back of them, generated motions.

Each before and after the foot-skate clean-up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges.action_classifier import CLASSES
from segmo_core.evaluation.measures.tokenizer_error import reconstruction_error
from segmo_core.evaluation.samples.joined_clips import classes_with_clips, joined_by_class
from segmo_core.evaluation.samples.segment_prompts import draw_prompts, prompt_sentence
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.generation.decoding import motion_from_features
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.features import HUMANML3D_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.feet.foot_contact import without_foot_skating
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.motion_quality import foot_skating, jitter
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]
Quality = Callable[[FloatArray, float], float]

MOTIONS = 8  # of each action
_MAX_FRAMES = 196
_FRAMES = (48, 80)  # of a generated motion of one action
JOINED = "three joined actions"


@dataclass(frozen=True)
class Stages:
    """A figure of real motions, of what the tokenizer gives back of them, and of generated ones: as they are, and after
    the foot-skate clean-up.
    """

    real: float
    real_cleaned: float
    tokenizer: float
    tokenizer_cleaned: float
    generated: float
    generated_cleaned: float

    @property
    def ratio(self) -> float:
        """Generated and cleaned, as users get it, over real."""
        return self.generated_cleaned / self.real if self.real else float("inf")


@dataclass(frozen=True)
class ActionMovement:
    """skating: metres a second of toes near the floor. jitter: joint acceleration, m/s^2. counts: real, generated."""

    skating: Stages
    jitter: Stages
    num_real: int
    num_generated: int


@dataclass(frozen=True)
class MovementFigures:
    """by_action: for classes with test clips, and of three of them joined. overall: mean over the actions.

    tokenizer_error, base_error: mean joint error (root-aligned MPJPE, mm) of ``num_clips`` test clips through the
    tokenizer, and through its base tokens alone.
    """

    bundle: str
    by_action: dict[str, ActionMovement]
    overall: ActionMovement
    tokenizer_error: float
    base_error: float
    num_clips: int


def measure_movement(
    tested: TestedBundle, data: Mocap22, *, motions: int = MOTIONS, seed: int = 0, progress: Progress | None = None
) -> MovementFigures:
    """``motions`` generated ones of each action beside as many real test clips at most, 2.4 to 4 s each."""
    if motions < 1:
        raise InvalidRequestError(f"motions: {motions}, expected at least 1")
    progress = progress or SilentProgress()
    clips = [clip for clip in data.select("test", only_shippable=True) if not clip.mirrored]
    tokenizer, statistics = tested.bundle.tokenizer, tested.bundle.statistics
    error, base_error = (reconstruction_error(tokenizer, data, clips, statistics, layers) for layers in (0, 1))
    found = {}
    names = [*classes_with_clips(data, "test"), JOINED]
    for number, name in enumerate(names):
        progress.raise_if_cancelled()
        progress.report(0.1 + 0.9 * number / len(names), name)
        real = _real(data, name, motions, seed)
        found[name] = _movement(tested, real, _requests(data, name, motions, seed))
    single = [row for name, row in found.items() if name != JOINED]
    return MovementFigures(tested.name, found, _average(single), error, base_error, len(clips))


def reconstruct(tested: TestedBundle, motion: Motion, *, feet_stand: bool) -> Motion:
    """What the tokenizer gives back of a motion (model skeleton, 20 Hz), with or without clean-up."""
    rows = features_from_joints(on_floor_facing_forward(motion.joint_positions, HUMANML3D_LAYOUT))
    rows = np.concatenate([rows, rows[-1:]])
    bundle = tested.bundle
    unit = bundle.tokenizer.config.frames_per_token
    rows = rows[: len(rows) // unit * unit]
    with torch.inference_mode():
        tensor = torch.from_numpy(bundle.statistics.normalised(rows).astype(np.float32))[None]
        decoded = bundle.tokenizer.decode(bundle.tokenizer.encode(tensor.to(bundle.device)))[0].float().cpu().numpy()
    return motion_from_features(bundle.statistics.restored(decoded), MODEL_FRAME_RATE, feet_stand=feet_stand)


def _movement(tested: TestedBundle, real: Sequence[Motion], requests: Sequence[GenerationRequest]) -> ActionMovement:
    made = [tested.make(request)[0] for request in requests]
    plain = [tested.generator.decode(np.asarray(result.token_ids, dtype=np.int64)) for result in made]
    stages: list[Sequence[Motion]] = [
        real,
        [without_foot_skating(motion) for motion in real],
        [reconstruct(tested, motion, feet_stand=False) for motion in real],
        [reconstruct(tested, motion, feet_stand=True) for motion in real],
        [motion.frames(0, result.motion.num_frames) for motion, result in zip(plain, made, strict=True)],
        [result.motion for result in made],
    ]

    def of(quality: Quality) -> Stages:
        rows = [[quality(motion.joint_positions, motion.frame_rate) for motion in motions] for motions in stages]
        return Stages(*(float(np.mean(row)) for row in rows))

    return ActionMovement(of(foot_skating), of(jitter), len(real), len(requests))


def _real(data: Mocap22, name: str, count: int, seed: int) -> list[Motion]:
    if name == JOINED:
        return [joined.motion for joined in joined_by_class(data, "test", 3, count, seed)]
    clips = [clip for clip in data.select("test", only_shippable=True) if clip.group in CLASSES[name]]
    order = np.random.default_rng([seed, 1]).permutation(len(clips))[:count]
    return [rigid_motion(MODEL_SKELETON, data.clip_joints(clips[i])[:_MAX_FRAMES], MODEL_FRAME_RATE) for i in order]


def _requests(data: Mocap22, name: str, count: int, seed: int) -> list[GenerationRequest]:
    if name == JOINED:
        prompts = draw_prompts(data, 3, count, seed)
        return [GenerationRequest(prompt.caption, prompt.track, seed=prompt.seed) for prompt in prompts]
    generator = np.random.default_rng([seed, 2])
    requests = []
    for number in range(count):
        text = prompt_sentence(data, name, generator)
        frames = int(generator.integers(_FRAMES[0] // 4, _FRAMES[1] // 4 + 1)) * 4
        requests.append(GenerationRequest(text, SegmentTrack.from_durations([text], [frames]), seed=seed + number))
    return requests


def _average(rows: Sequence[ActionMovement]) -> ActionMovement:
    def stages(values: Sequence[Stages]) -> Stages:
        return Stages(**{name: float(np.mean([getattr(value, name) for value in values])) for name in vars(values[0])})

    return ActionMovement(
        stages([row.skating for row in rows]),
        stages([row.jitter for row in rows]),
        sum(row.num_real for row in rows),
        sum(row.num_generated for row in rows),
    )
