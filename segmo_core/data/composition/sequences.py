"""Clips joined into sequences of one to five segments whose boundaries are known exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions.telling import freely_said
from segmo_core.data.captions.wordings import STILL_SENTENCES, at_the_same_time, compose_caption, continued
from segmo_core.data.composition.action_groups import ActionGroups
from segmo_core.data.composition.clip_stretches import HOLDABLE_SPEED, StretchChooser, still_stretches, whole_tokens
from segmo_core.data.composition.edited_segments import EditedSegments
from segmo_core.data.composition.joining import LocalPoses, end_speed, hold, join_motions, with_arms_of
from segmo_core.data.editing.edited_clips import EditedClip
from segmo_core.data.editing.measured_sentences import measured_sentence
from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.data.raw_clips import features_of, on_the_models_skeleton
from segmo_core.errors import ConfigError
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]

STILL_GROUP = "stand still"
_LOW = 0.84  # metres; the pelvis of somebody who sits, crouches or lies is below, who stands or walks above
# What legs and arms can do independently of each other, and which arms it takes.
_LEG_GROUPS = ("walk", "run", "walk-back", "walk-left", "walk-right", "walk-turn-left", "walk-turn-right")
_ARM_GROUPS = {
    "wave-left-hand": ("left",), "wave-right-hand": ("right",), "wave-both-hands": ("left", "right"),
    "raise-up-left-hand": ("left",), "raise-up-right-hand": ("right",), "raise-up-both-hands": ("left", "right"),
}  # fmt: skip


@dataclass(frozen=True)
class CompositionSettings:
    """How sequences are put together. Frames at 20 Hz; every segment is a whole number of tokens (4 frames).

    segment_count_shares: probability of 1, 2, ... segments. action_exponent: actions are drawn with probability
    (frames of the action) ** exponent, so that frequent ones do not drown the rest. candidates: clips compared for
    the smallest jump at a join. blend_frames: over how many frames the remaining jump is faded out.
    sentence_variants: wordings drawn per sequence. still_share: segments in which somebody just stands.
    repeat_share: segments that go on with the action before. simultaneous_share: segments with a walk or run below
    and a wave or raised hand above ("while"). pause_share: segments after which the pose is held for a moment, as
    part of the segment. down_share: segments drawn from clips that begin upright and come to rest sitting, crouched or
    on the floor. low_share: of the segments after one that ends low, those drawn from clips that begin so, whatever
    their action: who sat down stands up from there. keyframed_share: segments of clips that an animator drew; no other
    segment is taken from those. measured_share: of the sentences about recorded walks, waves and the like those that
    tell what was measured: speed, way, times. edited_share: segments of edited clips (``data.editing``), of which
    edited_clips are made, once.
    """

    num_sequences: int = 10000
    segment_count_shares: tuple[float, ...] = (0.30, 0.28, 0.22, 0.13, 0.07)
    max_frames: int = 196
    min_segment_frames: int = 24
    max_segment_frames: int = 140
    action_exponent: float = 0.8
    candidates: int = 4
    blend_frames: int = 10
    sentence_variants: int = 3
    still_share: float = 0.04
    repeat_share: float = 0.04
    simultaneous_share: float = 0.06
    pause_share: float = 0.1
    down_share: float = 0.04
    low_share: float = 0.6
    keyframed_share: float = 0.04
    measured_share: float = 0.2
    edited_share: float = 0.0
    edited_clips: int = 8000
    seed: int = 0

    def __post_init__(self) -> None:
        if any(share < 0 for share in self.segment_count_shares) or abs(sum(self.segment_count_shares) - 1) > 1e-8:
            raise ConfigError(
                f"composition.segment_count_shares: {list(self.segment_count_shares)}, expected shares that sum to 1"
            )
        for name in (field.name for field in fields(self) if field.name.endswith("_share")):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"composition.{name}: {getattr(self, name)}, expected 0 to 1")
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


@dataclass(frozen=True, eq=False)
class _Piece:
    """One segment before it is joined: joints (T, 22, 3), its label, what it is called, its cost at the join."""

    joints: FloatArray
    action: str
    sentence: Callable[[np.random.Generator], str]
    cost: float = 0.0
    goes_on: bool = False


class Composer:
    """Draws sequences from a list of clips. ``compose(i)`` depends on the seed and i alone.

    edited: clips made of those, for ``CompositionSettings.edited_share``.
    """

    def __init__(
        self,
        data: Mocap22,
        clips: Sequence[Clip],
        settings: CompositionSettings,
        edited: Sequence[EditedClip] = (),
    ) -> None:
        self._data = data
        self._edited = EditedSegments(edited) if edited else None
        self._settings = settings
        long_enough = [clip for clip in clips if clip.num_frames >= settings.min_segment_frames]
        keyframed = [clip for clip in long_enough if clip.keyframed]
        usable = [clip for clip in long_enough if not clip.keyframed] or keyframed
        self._recorded = ActionGroups(usable, settings.action_exponent)
        self._keyframed = ActionGroups(keyframed, settings.action_exponent) if keyframed else None
        groups = self._recorded.clips
        first = {clip.name: _rests_low(data.clip_joints(clip)[1::-1]) for clip in usable}
        self._low = [clip for clip in usable if first[clip.name]]
        self._down = [clip for clip in usable if not first[clip.name] and _rests_low(data.clip_joints(clip)[-2:])]
        self._chooser = StretchChooser(data, settings.min_segment_frames)
        self._still = still_stretches(data, clips, settings.min_segment_frames) if settings.still_share else []
        self._legs = [name for name in _LEG_GROUPS if name in groups]
        self._arms = [name for name in _ARM_GROUPS if name in groups]

    def compose(self, index: int, actions: Sequence[str] | None = None) -> ComposedSequence:
        """Sequence number ``index``; with ``actions`` given, of those actions in that order."""
        settings = self._settings
        generator = np.random.default_rng([settings.seed, index])
        shares = settings.segment_count_shares
        count = len(actions) if actions else 1 + int(generator.choice(len(shares), p=shares))
        longest = min(settings.max_segment_frames, int(settings.max_frames / count * 1.35))
        pieces: list[_Piece] = []
        joints: FloatArray | None = None
        ends: list[int] = []
        left = settings.max_frames
        for number in range(count):
            room = left - (count - number - 1) * settings.min_segment_frames
            limit = min(longest if count > 1 else settings.max_frames, room)
            before = pieces[-1].action if pieces else None
            end = LocalPoses.of(joints[-2:]) if joints is not None else None
            piece = self._piece(actions[number] if actions else None, before, limit, end, generator)
            joints = piece.joints if joints is None else join_motions(joints, piece.joints, settings.blend_frames)
            left -= len(piece.joints)
            pieces.append(piece)
            ends.append(len(joints))
        if joints is None:
            raise ValueError("a sequence has at least one segment")
        rows = features_of(on_the_models_skeleton(joints))
        sentences, captions = [], []
        for _ in range(settings.sentence_variants):
            lines = tuple(self._sentence(piece, generator) for piece in pieces)
            captions.append(compose_caption(lines, generator))
            sentences.append(tuple(freely_said(line, generator) for line in lines))
        return ComposedSequence(
            features=rows,
            ends=tuple(ends),
            sentences=tuple(sentences),
            captions=tuple(captions),
            actions=tuple(piece.action for piece in pieces),
        )

    def _sentence(self, piece: _Piece, generator: np.random.Generator) -> str:
        sentence = piece.sentence(generator)
        return continued(sentence, generator) if piece.goes_on and generator.random() < 0.7 else sentence

    def _piece(
        self,
        action: str | None,
        before: str | None,
        limit: int,
        end: LocalPoses | None,
        generator: np.random.Generator,
    ) -> _Piece:
        """A segment of ``action`` (None: of any), to follow a segment of ``before`` that ends in ``end``."""
        settings = self._settings
        kind, goes_on = generator.random(), False
        if action is None:
            if self._edited is not None and generator.random() < settings.edited_share:
                edited = self._edited_piece(self._edited, limit, end, generator)
                if edited is not None:
                    return edited
            kind -= settings.still_share
            if kind < 0 and self._still:
                return self._still_piece(limit, end, generator)
            kind -= settings.simultaneous_share
            if kind < 0 and self._legs and self._arms:
                return self._simultaneous_piece(limit, end, generator)
            kind -= settings.keyframed_share
            if kind < 0 and self._keyframed is not None:
                pool = self._keyframed.draw(generator)
                return self._closest_stretch(pool, settings.candidates, limit, end, generator)
            kind -= settings.repeat_share
            goes_on = kind < 0 and before in self._recorded.clips
            if not goes_on:
                is_low = end is not None and end.poses[-1, 0, 1] < _LOW
                if is_low and self._low and generator.random() < settings.low_share:
                    return self._closest_stretch(self._low, 2 * settings.candidates, limit, end, generator)
                if not is_low and self._down and kind < settings.down_share:
                    return self._closest_stretch(self._down, settings.candidates, limit, end, generator)
        if goes_on:
            action = str(before)
        pool = self._clips_of(action) if action is not None else self._recorded.draw(generator)
        piece = self._closest_stretch(pool, settings.candidates, limit, end, generator, goes_on)
        if generator.random() < settings.pause_share:
            piece = self._with_pause(piece, limit, generator)
        return piece

    def _clips_of(self, action: str) -> list[Clip]:
        """Recorded ones where there are any."""
        if action in self._recorded.clips or self._keyframed is None:
            return self._recorded.clips[action]
        return self._keyframed.clips[action]

    def _closest_stretch(
        self,
        pool: Sequence[Clip],
        candidates: int,
        limit: int,
        end: LocalPoses | None,
        generator: np.random.Generator,
        goes_on: bool = False,
    ) -> _Piece:
        """Among stretches of a few random clips of ``pool`` the one closest to where we come from."""
        pieces = []
        for _ in range(candidates if end is not None else 1):
            clip = pool[int(generator.integers(len(pool)))]
            cost, stretch = self._chooser.stretch(clip, limit, end, generator)
            pieces.append(_Piece(stretch, clip.group, self._sentence_of(clip, stretch), cost, goes_on))
        return _closest(pieces)

    def _sentence_of(self, clip: Clip, stretch: FloatArray) -> Callable[[np.random.Generator], str]:
        def sentence(generator: np.random.Generator) -> str:
            told = None
            if generator.random() < self._settings.measured_share:
                told = measured_sentence(clip.action, clip.style, stretch, generator)
            return told or self._data.sentence(clip, generator)

        return sentence

    def _still_piece(self, limit: int, end: LocalPoses | None, generator: np.random.Generator) -> _Piece:
        pieces = []
        for _ in range(self._settings.candidates):
            clip, start, stop = self._still[int(generator.integers(len(self._still)))]
            wanted = whole_tokens(int(generator.integers(self._settings.min_segment_frames, min(limit, 80) + 1)))
            stretch: FloatArray = np.asarray(self._data.clip_joints(clip)[start:stop], dtype=np.float64)[:wanted]
            stretch = hold(stretch, wanted - len(stretch))
            cost = 0.0 if end is None else float(end.join_distances(LocalPoses.of(stretch[:2]), np.array([0]))[0])
            pieces.append(_Piece(stretch, STILL_GROUP, _stands_still, cost))
        return _closest(pieces)

    def _simultaneous_piece(self, limit: int, end: LocalPoses | None, generator: np.random.Generator) -> _Piece:
        walks = self._recorded.clips[str(generator.choice(self._legs))]
        legs = self._closest_stretch(walks, self._settings.candidates, limit, end, generator)
        name = str(generator.choice(self._arms))
        pool = self._recorded.clips[name]
        clip = pool[int(generator.integers(len(pool)))]
        interest = self._chooser.interest(clip)
        arms: FloatArray = np.asarray(self._data.clip_joints(clip)[interest.start : interest.stop], dtype=np.float64)
        if len(arms) < len(legs.joints):
            arms = hold(arms, len(legs.joints) - len(arms))

        def sentence(generator: np.random.Generator) -> str:
            one, other = legs.sentence(generator), self._data.sentence(clip, generator)
            return at_the_same_time(one, other, generator) or f"{one.rstrip('. ')} while doing this: {other}"

        joints = with_arms_of(legs.joints, arms, _ARM_GROUPS[name])
        return _Piece(joints, f"{legs.action} + {name}", sentence, legs.cost)

    def _edited_piece(
        self, edited: EditedSegments, limit: int, end: LocalPoses | None, generator: np.random.Generator
    ) -> _Piece | None:
        is_low = None if end is None else bool(end.poses[-1, 0, 1] < _LOW)
        shortest = self._settings.min_segment_frames
        clip = edited.draw(shortest, whole_tokens(limit), is_low, generator)
        if clip is None:
            return None
        joints = np.asarray(clip.joints, dtype=np.float64)
        wanted = max(-(-len(joints) // FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN, shortest)
        return _Piece(hold(joints, wanted - len(joints)), clip.told.concept, clip.sentence)

    def _with_pause(self, piece: _Piece, limit: int, generator: np.random.Generator) -> _Piece:
        room = limit - len(piece.joints)
        if room < 2 * FRAMES_PER_TOKEN or end_speed(piece.joints) > HOLDABLE_SPEED:
            return piece
        frames = int(generator.integers(2, min(room // FRAMES_PER_TOKEN, 8) + 1)) * FRAMES_PER_TOKEN
        return _Piece(hold(piece.joints, frames), piece.action, piece.sentence, piece.cost, piece.goes_on)


def _rests_low(joints: FloatArray) -> bool:
    """Whether the last of joints (2, 22, 3) is of somebody who sits, crouches or lies, and hardly moves."""
    return bool(joints[-1, 0, 1] < _LOW) and end_speed(joints) < HOLDABLE_SPEED


def _closest(pieces: Sequence[_Piece]) -> _Piece:
    """The first of those that join best."""
    if not pieces:
        raise ValueError("candidates must be at least 1")
    return min(pieces, key=lambda piece: piece.cost)


def _stands_still(generator: np.random.Generator) -> str:
    return f"a person {generator.choice(STILL_SENTENCES)}."
