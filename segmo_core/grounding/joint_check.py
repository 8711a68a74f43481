"""Does a motion do what its segments say, judged on its joints: by what words count or measure, and by a model of its
own, which shares neither tokens nor weights with those that generate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.grounding.facts.word_facts import word_facts
from segmo_core.grounding.geometry.body import Body
from segmo_core.models.estimators.joint_rows import joint_rows, padded_rows
from segmo_core.runtimes.motion_models import JointJudging

FloatArray = NDArray[np.floating]

_MARGIN = 6  # frames before and after a segment that may belong to it
_SHORTEST = 8  # frames that a judgement needs
_LONGEST = 128  # frames at a time, as in training; of longer stretches the best part counts
_FACT_WEIGHT = 4.0  # what a measured fact adds to the logarithm of the odds, and takes from it twice over
_SUREST = 0.99  # no judge is surer


@dataclass(frozen=True)
class JointJudgement:
    """confidence: probability that a stretch shows its text. holds: whether what the text counts or measures is so,
    None where it asks for nothing of the kind. measured: what was, in words."""

    confidence: float
    holds: bool | None
    measured: str


def judge_stretches(
    joints: FloatArray,
    stretches: Sequence[tuple[int, int]],
    texts: Sequence[str],
    judge: JointJudging | None,
    vectors: FloatArray,
    otherwise: Sequence[float],
) -> list[JointJudgement]:
    """Of joints (T, 22, 3) at 20 fps, every stretch [start, end) against its text.

    vectors: (S, W) of the texts. otherwise: confidences to go by where a bundle has no judge on joints.
    """
    body = Body.of(joints)
    confidences = list(otherwise) if judge is None else _by_the_judge(joints, stretches, judge, vectors)
    found = []
    for (start, end), text, confidence in zip(stretches, texts, confidences, strict=True):
        first, last = max(0, start - _MARGIN), min(len(joints), end + _MARGIN)
        verdict = word_facts(text).judge(body.between(first, last)) if last - first >= _SHORTEST else None
        if verdict is None:
            found.append(JointJudgement(confidence, None, ""))
            continue
        sure = min(max(confidence, 1.0 - _SUREST), _SUREST)
        odds = np.log(sure / (1.0 - sure)) + (_FACT_WEIGHT if verdict.passed else -2.0 * _FACT_WEIGHT)
        combined = float(1.0 / (1.0 + np.exp(-odds)))
        found.append(JointJudgement(combined, verdict.passed, verdict.told))
    return found


def _by_the_judge(
    joints: FloatArray, stretches: Sequence[tuple[int, int]], judge: JointJudging, vectors: FloatArray
) -> list[float]:
    """Calibrated probability of every stretch: of a long one, of the part that fits best."""
    rows = joint_rows(joints)
    pieces: list[FloatArray] = []
    owner: list[int] = []
    for index, (start, end) in enumerate(stretches):
        start = max(0, min(start, len(rows) - _SHORTEST))
        end = max(end, min(start + _SHORTEST, len(rows)))
        firsts = range(start, max(start + 1, end - _LONGEST + 1), _LONGEST // 2)
        for first in firsts:
            pieces.append(rows[first : min(first + _LONGEST, end)])
            owner.append(index)
    batch, is_valid = padded_rows(pieces)
    cosines = judge.similarity(batch, is_valid, vectors[owner])
    best = [max(cosines[k] for k in range(len(owner)) if owner[k] == index) for index in range(len(stretches))]
    config = judge.config
    return [float(1.0 / (1.0 + np.exp((config.level - cosine) / config.spread))) for cosine in best]
