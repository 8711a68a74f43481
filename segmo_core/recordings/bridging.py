"""The stretch between two pieces of recorded motion, made from text by masked tokens with the recording around them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.grounding.grounder import Grounder
from segmo_core.grounding.track_alignment import align_track
from segmo_core.models.sampling_settings import SamplingOverrides, SamplingSettings
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.recordings.own_body import Poses
from segmo_core.recordings.root_path import laid_at, missed
from segmo_core.recordings.splicing import OVERLAP
from segmo_core.recordings.texts import StretchTexts
from segmo_core.segmentation.prompt_text import one_caption
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE, WINDOW_TOKENS

FloatArray = NDArray[np.floating]

_CONTEXT_TOKENS = 10  # of the recording, told on either side
_LEAST_CONTEXT = 3
_PER_TOKEN = FRAMES_PER_TOKEN / MODEL_FRAME_RATE  # seconds
# What ranks the stretches that were drawn: how surely the action is there, less for what has to be bent.
_METRE, _RADIAN = 0.25, 0.1
_FOUND = 0.5


@dataclass(frozen=True, eq=False)
class Drawn:
    """A generated stretch. result: the context's tokens included. poses: at ``frame_rate`` of the recording, those of
    the context too, at least OVERLAP frames of it; the stretch is from frame ``start`` to ``end``.
    confidence: of its segments, the least.
    """

    result: GenerationResult
    poses: Poses
    start: int
    end: int
    confidence: float


def draw_stretch(
    generator: MotionGenerator,
    grounder: Grounder | None,
    left: Motion | None,
    right: Motion | None,
    texts: StretchTexts,
    *,
    frames: int,
    is_bound: bool,
    seed: int,
    attempts: int,
    sampling: SamplingSettings | SamplingOverrides | None = None,
    progress: Progress | None = None,
) -> Drawn:
    """``frames`` frames at the rate of the recording between the end of ``left`` and the beginning of ``right``.

    left, right: on the model's skeleton, None where there is nothing. is_bound: ``right`` stands where it stands, so
    that of ``attempts`` drawn with successive seeds the one that has to be bent least is better, among those that show
    the texts. Raises CancelledError.
    """
    progress = progress or SilentProgress()
    request, told = _request(generator, grounder, left, right, texts, seed, sampling)
    rate = (left or right or _nothing()).frame_rate
    best, best_score = None, -np.inf
    for attempt in range(attempts):
        part = ProgressPart(progress, attempt / attempts, (attempt + 1) / attempts)
        result = generator.generate(replace(request, seed=request.seed + attempt), part)
        drawn = _drawn(grounder, result, told, frames, rate, len(texts.texts))
        score = min(drawn.confidence, 0.9) + (drawn.confidence >= _FOUND)
        if is_bound and left is not None and right is not None:
            placed = laid_at(drawn.poses, drawn.start - 1, poses_of(left).frames(left.num_frames - 1, left.num_frames))
            apart, turn = missed(placed, drawn.end, poses_of(right))
            score -= _METRE * apart + _RADIAN * abs(turn)
        if score > best_score:
            best, best_score = drawn, score
    assert best is not None
    return best


def poses_of(motion: Motion) -> Poses:
    """The poses of a motion that has rotations."""
    assert motion.local_rotations is not None
    return Poses(motion.local_rotations, motion.joint_positions[:, 0].astype(np.float64))


def _request(
    generator: MotionGenerator,
    grounder: Grounder | None,
    left: Motion | None,
    right: Motion | None,
    texts: StretchTexts,
    seed: int,
    sampling: SamplingSettings | SamplingOverrides | None,
) -> tuple[GenerationRequest, tuple[int, int]]:
    """What to generate, and how many tokens before and after the stretch are the recording's."""
    lengths = [max(2, round(seconds / _PER_TOKEN)) for seconds in texts.seconds]
    room = max(WINDOW_TOKENS - sum(lengths), 2 * _LEAST_CONTEXT) // max((left is not None) + (right is not None), 1)
    before = _context(generator, grounder, left, min(room, _CONTEXT_TOKENS), at_end=True)
    after = _context(generator, grounder, right, min(room, _CONTEXT_TOKENS), at_end=False)
    names = [*([texts.before or texts.texts[0]] * (before is not None)), *texts.texts]
    names += [texts.after or texts.texts[-1]] * (after is not None)
    counts = [*([len(before)] if before is not None else []), *lengths, *([len(after)] if after is not None else [])]
    track = SegmentTrack.from_durations(names, [count * FRAMES_PER_TOKEN for count in counts])
    told = (0 if before is None else len(before), 0 if after is None else len(after))
    context = [ids for ids in (before, after) if ids is not None]
    if not context:
        return GenerationRequest(one_caption(names), track, seed, sampling), told
    ids = np.zeros((sum(counts), context[0].shape[1]), dtype=np.int64)
    if before is not None:
        ids[: told[0]] = before
    if after is not None:
        ids[len(ids) - told[1] :] = after
    kept = (*((0,) if before is not None else ()), *((len(counts) - 1,) if after is not None else ()))
    return (
        GenerationRequest(
            one_caption(names), track, seed, sampling, kept_segments=kept, kept_token_ids=ids,
            kept_frame_rate=MODEL_FRAME_RATE,
        ),
        told,
    )  # fmt: skip


def _context(
    generator: MotionGenerator, grounder: Grounder | None, motion: Motion | None, most: int, *, at_end: bool
) -> NDArray[np.integer] | None:
    """Token ids (N, Q) of the last or first ``most`` tokens of a motion; None where there are too few, or none.

    Only bundles that read motions at 20 frames a second, as the timeline counts, are told any.
    """
    if motion is None or grounder is None or grounder.frame_rate != MODEL_FRAME_RATE:
        return None
    told = resample_motion(_backwards(motion) if at_end else motion, MODEL_FRAME_RATE)
    count = min(told.num_frames // FRAMES_PER_TOKEN, most)
    if count < _LEAST_CONTEXT:
        return None
    told = told.frames(0, count * FRAMES_PER_TOKEN)
    told = _backwards(told) if at_end else told
    going_on = 2 * told.joint_positions[-1:] - told.joint_positions[-2:-1]  # the last row tells a speed too
    told = Motion(np.concatenate([told.joint_positions, going_on]), MODEL_FRAME_RATE, told.skeleton)
    return generator.encode(grounder.feature_rows(told))


def _backwards(motion: Motion) -> Motion:
    """The frames in the opposite order, so that frames at another rate are counted from the end."""
    assert motion.local_rotations is not None
    return replace(motion, joint_positions=motion.joint_positions[::-1], local_rotations=motion.local_rotations[::-1])


def _drawn(
    grounder: Grounder | None, result: GenerationResult, told: tuple[int, int], frames: int, rate: float, count: int
) -> Drawn:
    """The poses of a result at the frames of the recording: the stretch fills ``frames``, the rest keeps its time."""
    from scipy.interpolate import CubicSpline  # slow to import

    motion, track = result.motion, result.track
    begin, stop = told[0] * FRAMES_PER_TOKEN, motion.num_frames - told[1] * FRAMES_PER_TOKEN
    confidence = 1.0
    if grounder is not None:
        checks = align_track(grounder, motion, track).segments
        first = 1 if told[0] else 0
        confidence = min(check.confidence for check in checks[first : first + count])
    step = MODEL_FRAME_RATE / rate
    before = int(begin // step)
    after = int((motion.num_frames - 1 - stop) // step) + 1 if told[1] else 0
    times = np.concatenate(
        [
            begin - step * np.arange(before, 0, -1),
            begin + (stop - begin) * np.arange(frames) / frames,
            stop + step * np.arange(after),
        ]
    )
    times = np.clip(times, 0.0, motion.num_frames - 1.0)
    poses = poses_of(motion)
    knots = np.arange(motion.num_frames)
    local = CubicSpline(knots, poses.local, axis=0)(times)
    local /= np.linalg.norm(local, axis=-1, keepdims=True)
    root = CubicSpline(knots, poses.root, axis=0)(times)
    return Drawn(result, *_padded(Poses(local, root), before, before + frames), confidence)


def _padded(poses: Poses, start: int, end: int) -> tuple[Poses, int, int]:
    """``poses`` with OVERLAP frames before ``start`` and after ``end``: where there are none, it goes on as it does."""
    before, after = max(0, OVERLAP - start), max(0, OVERLAP - (len(poses) - end))
    step = [poses.root[1] - poses.root[0], poses.root[-1] - poses.root[-2]]
    root = [
        *(poses.root[0] - step[0] * count for count in range(before, 0, -1)),
        *poses.root,
        *(poses.root[-1] + step[1] * count for count in range(1, after + 1)),
    ]
    local = np.concatenate(
        [np.repeat(poses.local[:1], before, axis=0), poses.local, np.repeat(poses.local[-1:], after, axis=0)]
    )
    return Poses(local, np.array(root)), start + before, end + before


def _nothing() -> Motion:
    raise InvalidRequestError("stretch: nothing before and nothing after it, expected a recording to edit")
