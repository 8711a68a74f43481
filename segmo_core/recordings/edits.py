"""Edits of a recording: a stretch made anew from text, more after its end, a loop, another motion joined to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.generation.generator import MotionGenerator
from segmo_core.grounding import description
from segmo_core.grounding.grounder import Grounder
from segmo_core.models.sampling_settings import SamplingOverrides, SamplingSettings
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.recordings.assembling import assembled, motion_of_poses, off_body_of, track_of
from segmo_core.recordings.bridging import draw_stretch
from segmo_core.recordings.own_body import OwnBody, Poses
from segmo_core.recordings.placing import Piece, PlacedStretch
from segmo_core.recordings.recording import Recording, at_rate
from segmo_core.recordings.splicing import OVERLAP, splice
from segmo_core.recordings.texts import StretchTexts
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MIN_SEGMENT_FRAMES, MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

ATTEMPTS = 4
BRIDGE_SECONDS = 1.2
"""Of what leads from one motion into the next where nobody says how long it is to take."""
_SHORTEST = MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE
_CONTEXT_SECONDS = 2.0
_SHOWN_SECONDS = 2.0  # of the beginning that the way back of a loop is told


@dataclass(frozen=True)
class EditSettings:
    """seed: of the first stretch that is drawn. attempts: how many are, of which the best is taken."""

    seed: int = 0
    attempts: int = ATTEMPTS
    sampling: SamplingSettings | SamplingOverrides | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= 64:
            raise InvalidRequestError(f"candidates: {self.attempts}, expected 1 to 64")


@dataclass(frozen=True, eq=False)
class EditedRecording:
    """numbers: the new motion as the file would have it. on_model: the same on the model's skeleton, without the frames
    before the first that the source's has. kept_before: how many frames at the beginning are the source's, number by
    number; kept_after: how many at the end. stretch: the frames that were made, blends left out. track: the segments.
    apart, turned: metres and radians that the stretch missed its end by before it was bent to arrive there.
    confidence: that it shows its text, by the model's own check.
    """

    source: Recording
    numbers: Motion
    on_model: Motion
    kept_before: int
    kept_after: int
    stretch: tuple[int, int]
    track: SegmentTrack
    apart: float = 0.0
    turned: float = 0.0
    confidence: float = 1.0


class RecordingEditor:
    """Edits recordings with one bundle. The same recording, text and seed give the same motion."""

    def __init__(self, generator: MotionGenerator, grounder: Grounder | None) -> None:
        self._generator = generator
        self._grounder = grounder

    def replace(
        self,
        source: Recording,
        start: int,
        end: int,
        texts: StretchTexts,
        settings: EditSettings,
        progress: Progress | None = None,
    ) -> EditedRecording:
        """Frames [``start``, ``end``) of the file made anew; the others stay, but for the blends beside them.

        Raises InvalidRequestError for a stretch that is too short, or all there is.
        """
        start, end = start - source.first, end - source.first
        count = source.on_model.num_frames
        if not 0 <= start < end <= count:
            raise InvalidRequestError(
                f"stretch: frames {start} to {end}, expected some of the {count} of the recording"
            )
        _check_length(end - start, source.frame_rate)
        left = Piece(source, 0, start) if start >= OVERLAP else None
        right = Piece(source, end, count) if count - end >= OVERLAP else None
        if left is None and right is None:
            raise InvalidRequestError("stretch: all of the recording, expected a part (segmo generate makes all anew)")
        frames = end - start if left is not None else end
        frames = frames if right is not None else frames + count - end
        return self._compose(source, left, right, frames, texts, settings, progress)

    def extend(
        self, source: Recording, texts: StretchTexts, settings: EditSettings, progress: Progress | None = None
    ) -> EditedRecording:
        """The recording, and after its end what ``texts`` say."""
        left = Piece(source, 0, source.on_model.num_frames)
        return self._compose(source, left, None, _frames(source, texts), texts, settings, progress)

    def loop(
        self,
        source: Recording,
        texts: StretchTexts,
        settings: EditSettings,
        progress: Progress | None = None,
        *,
        in_place: bool = False,
    ) -> EditedRecording:
        """The recording, and a stretch after it that comes back to its first pose, which its last frame is.

        in_place: back to where it began, too; else the pose goes on from where it has come to.
        """
        left = Piece(source, 0, source.on_model.num_frames)
        right = Piece(source, 0, min(round(_SHOWN_SECONDS * source.frame_rate) + OVERLAP, left.end), is_bound=in_place)
        frames = _frames(source, texts)
        edited = self._compose(source, left, right, frames, texts, settings, progress, blends_right=False)
        length = source.num_frames + frames + 1
        return replace(
            edited,
            numbers=edited.numbers.frames(0, length),
            on_model=edited.on_model.frames(0, length - source.first),
            kept_after=0,
            track=edited.track.cut(0, length),
        )

    def join(
        self,
        source: Recording,
        other: Recording,
        texts: StretchTexts,
        settings: EditSettings,
        progress: Progress | None = None,
    ) -> EditedRecording:
        """``other``, set on the floor where a stretch after the end of ``source`` leads to; on the body of ``source``,
        at its rate.
        """
        left = Piece(source, 0, source.on_model.num_frames)
        right = Piece(at_rate(other, source.frame_rate), 0, 0, is_bound=False)
        right = replace(right, end=right.of.on_model.num_frames)
        return self._compose(source, left, right, _frames(source, texts), texts, settings, progress)

    def described(self, motion: Motion, *, at_end: bool) -> str:
        """What happens in the last or the first seconds of a motion (model skeleton); "" where nobody knows."""
        if self._grounder is None:
            return ""
        near = min(motion.num_frames, round(_CONTEXT_SECONDS * motion.frame_rate))
        start = motion.num_frames - near if at_end else 0
        words = description.vocabulary()
        found = description.describe_stretch(self._grounder, motion, start, start + near, words, None)
        return found.text if found.is_known else ""

    def _compose(
        self,
        source: Recording,
        left: Piece | None,
        right: Piece | None,
        frames: int,
        texts: StretchTexts,
        settings: EditSettings,
        progress: Progress | None,
        *,
        blends_right: bool = True,
    ) -> EditedRecording:
        """``left``, ``frames`` frames of ``texts`` and ``right`` as one motion on the body of ``source``."""
        around = [None if piece is None else piece.on_model() for piece in (left, right)]
        texts = replace(
            texts,
            before=texts.before or (self.described(around[0], at_end=True) if around[0] is not None else ""),
            after=texts.after or (self.described(around[1], at_end=False) if around[1] is not None else ""),
        )
        is_bound = right is not None and right.is_bound
        drawn = draw_stretch(
            self._generator, self._grounder, around[0], around[1], texts,
            frames=frames, is_bound=is_bound, seed=settings.seed, attempts=settings.attempts,
            sampling=settings.sampling, progress=progress or SilentProgress(),
        )  # fmt: skip
        placed = PlacedStretch.of(source, drawn, left, right)
        spliced = []
        for body in (source.own, OwnBody.of_model(source.on_model)):
            before = None if left is None else body.poses.frames(left.start, left.end)
            after = placed.right_on(body, right, before)
            spliced.append(splice(body, before, placed.stretch, after, source.frame_rate, blends_right=blends_right))
        start, end = spliced[0].start, spliced[0].end
        kept_after = len(spliced[0].poses) - end if is_bound else 0
        changed = slice(start, len(spliced[0].poses) - kept_after)
        own = Poses(spliced[0].poses.local[changed], spliced[0].poses.root[changed])
        off_body = off_body_of(source, left, right, frames)
        numbers = source.numbers_of(own, None if off_body is None else off_body[changed])
        model = motion_of_poses(spliced[1].poses.frames(changed.start, changed.stop), source.frame_rate)
        begin = 0 if left is None else left.end - left.start
        track = track_of(source, left, right, (begin, begin + frames), len(spliced[0].poses), texts)
        return EditedRecording(
            source,
            assembled(source.numbers, source.first + start, numbers, kept_after),
            assembled(source.on_model, start, model, kept_after),
            source.first + start,
            kept_after,
            (source.first + begin, source.first + begin + frames),
            track,
            *placed.missed,
            drawn.confidence,
        )


def _frames(source: Recording, texts: StretchTexts) -> int:
    frames = max(1, round(sum(texts.seconds) * source.frame_rate))
    _check_length(frames, source.frame_rate)
    return frames


def _check_length(frames: int, frame_rate: float) -> None:
    if frames / frame_rate < _SHORTEST - 1e-6:
        raise InvalidRequestError(f"stretch: {frames / frame_rate:.2f} s, expected at least {_SHORTEST:g} s")
