"""Motions with sentences, and the same spoilt, for a judge on joints: recorded clips and edited ones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions.telling import freely_said
from segmo_core.data.editing.edited_clips import kept_edited_clips
from segmo_core.data.mocap22 import Mocap22
from segmo_core.data.spoilt_motion import ALWAYS_WRONG, mirrored, reversed_in_time, with_other_arms
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

_SHORTEST, _LONGEST = 16, 128  # frames
_EXPONENT = 0.5  # of the number of clips of a label: frequent ones shall not drown the rest
_SAYS_A_SIDE = re.compile(r"\b(left|right|clockwise|counterclockwise)\b")
_HAS_A_DIRECTION = re.compile(r"\b(sit|stand|get|rise|lie|fall|walk|run|jump|pick|put|kneel|turn|climb|crouch)\w*\b")
_MAY_BE_CUT = re.compile(r"walk|run|dash|jog|dance|wave|stand|march|crawl|skip|sneak|box|clap")


@dataclass(frozen=True, eq=False)
class JudgedMotion:
    """joints (T, 22, 3). label: equal where motions show the same. sentence: draws one of its sentences."""

    joints: FloatArray
    label: str
    sentence: Callable[[np.random.Generator], str]


@dataclass(frozen=True, eq=False)
class JudgeBatch:
    """Motions, their sentences and labels, and each motion spoilt so that its sentence is wrong."""

    motions: list[FloatArray]
    spoilt: list[FloatArray]
    sentences: list[str]
    labels: list[str]

    def rows(self, chosen: NDArray[np.integer]) -> JudgeBatch:
        """Those at the places ``chosen``."""
        columns = (self.motions, self.spoilt, self.sentences, self.labels)
        return JudgeBatch(*([column[place] for place in chosen] for column in columns))


class JudgePairs:
    """Draws batches, half of them edited where there are edited clips, labels of all sizes."""

    def __init__(self, recorded: Sequence[JudgedMotion], edited: Sequence[JudgedMotion]) -> None:
        self._sets = [_by_label(motions) for motions in (recorded, edited) if motions]

    def draw(self, count: int, generator: np.random.Generator) -> JudgeBatch:
        motions, spoilt, sentences, labels = [], [], [], []
        for place in range(count):
            groups, weights = self._sets[place % len(self._sets)]
            name = str(generator.choice(list(groups), p=weights))
            one = groups[name][int(generator.integers(len(groups[name])))]
            sentence = freely_said(one.sentence(generator), generator)
            joints = _part(one, generator)
            motions.append(joints)
            sentences.append(sentence)
            labels.append(name)
            spoilt.append(self._spoilt(joints, sentence, generator))
        return JudgeBatch(motions, spoilt, sentences, labels)

    def _spoilt(self, joints: FloatArray, sentence: str, generator: np.random.Generator) -> FloatArray:
        draw = generator.random()
        if draw < 0.4 and _SAYS_A_SIDE.search(sentence):
            return mirrored(joints, generator)
        if draw < 0.55 and _HAS_A_DIRECTION.search(sentence):
            return reversed_in_time(joints, generator)
        if draw < 0.75:
            groups, _ = self._sets[int(generator.integers(len(self._sets)))]
            other = groups[str(generator.choice(list(groups)))]
            return with_other_arms(joints, other[int(generator.integers(len(other)))].joints)
        if re.search(r"\b(stands? still|waits|does not move|lies|sits)\b", sentence):
            return reversed_in_time(joints, generator)
        spoil = ALWAYS_WRONG[int(generator.integers(len(ALWAYS_WRONG)))]
        return spoil(joints, generator)


def recorded_motions(data: Mocap22, split: str, *, only_shippable: bool) -> list[JudgedMotion]:
    """Every clip of a split, mirror images included."""

    def said(clip: object) -> Callable[[np.random.Generator], str]:
        return lambda generator: data.sentence(clip, generator)  # type: ignore[arg-type]

    return [
        JudgedMotion(data.clip_joints(clip), clip.group, said(clip))
        for clip in data.select(split, only_shippable=only_shippable)
        if clip.num_frames >= _SHORTEST
    ]


def edited_motions(
    data: Mocap22, split: str, count: int, cache: Path, *, only_shippable: bool, progress: Progress | None = None
) -> list[JudgedMotion]:
    """Edited clips of a split by what they are told to do."""
    clips = data.select(split, only_shippable=only_shippable)
    found = kept_edited_clips(data, clips, count, 0, cache, progress)
    return [JudgedMotion(clip.joints, _told_label(clip.told.plain()), clip.sentence) for clip in found]


def _told_label(plain: dict[str, object]) -> str:
    """The concept, with the side or way where it has one: a left wave is no right wave."""
    side = plain.get("side") or plain.get("direction") or ""
    return f"edited {plain['concept']} {side}".strip()


def _by_label(motions: Sequence[JudgedMotion]) -> tuple[dict[str, list[JudgedMotion]], FloatArray]:
    groups: dict[str, list[JudgedMotion]] = defaultdict(list)
    for motion in motions:
        groups[motion.label].append(motion)
    weights = np.array([len(found) for found in groups.values()], dtype=np.float64) ** _EXPONENT
    return dict(groups), weights / weights.sum()


def _part(one: JudgedMotion, generator: np.random.Generator) -> FloatArray:
    """The whole of it, or of what goes on and on a part."""
    joints = np.asarray(one.joints, dtype=np.float64)
    if _MAY_BE_CUT.search(one.label) and len(joints) > 40 and generator.random() < 0.6:
        length = int(generator.integers(32, min(len(joints), _LONGEST) + 1))
        start = int(generator.integers(len(joints) - length + 1))
        return joints[start : start + length]
    if len(joints) > _LONGEST:
        start = int(generator.integers(len(joints) - _LONGEST + 1))
        return joints[start : start + _LONGEST]
    return joints
