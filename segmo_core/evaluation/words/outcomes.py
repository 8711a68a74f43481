"""What became of one prompt: whether geometry passes it, and what the bundle's own check says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.evaluation.words.prompted import PromptedMotion
from segmo_core.grounding.geometry.body import Body
from segmo_core.grounding.geometry.support import floats, sinks
from segmo_core.grounding.geometry.verdict import Check, Verdict
from segmo_core.grounding.track_alignment import align_track


@dataclass(frozen=True)
class Outcome:
    """told: what was measured. confidence: of the least sure segment, is_found: whether the bundle's check flags none;
    both None for bundles that cannot check. score: what candidates are ranked by.
    """

    prompt: str
    seed: int
    passed: bool
    told: str
    confidence: float | None
    is_found: bool | None
    score: float
    floats: bool
    sinks: bool


def outcome(tested: TestedBundle, made: PromptedMotion, check: Check, *, leaves_floor: bool = False) -> Outcome:
    """Judge one motion. leaves_floor: it may be off the floor for long, on stairs."""
    verdict: Verdict = check(Body.of(made.joints))
    confidence, is_found, score = None, None, 0.0
    if tested.grounder is not None:
        aligned = align_track(tested.grounder, made.motion, made.track)
        confidence = min(segment.confidence for segment in aligned.segments)
        is_found, score = not aligned.flagged, aligned.score
    return Outcome(
        made.prompt,
        made.seed,
        verdict.passed,
        verdict.told,
        confidence,
        is_found,
        score,
        floats(made.joints) and not leaves_floor,
        sinks(made.joints),
    )


def best_of_each(outcomes: Sequence[Sequence[Outcome]], candidates: int) -> list[list[Outcome]]:
    """Of every ``candidates`` motions in a row, the one that the bundle's own check ranks first."""
    return [
        [
            max(row[start : start + candidates], key=lambda one: one.score)
            for start in range(0, len(row) - candidates + 1, candidates)
        ]
        for row in outcomes
    ]


def area_under_curve(scores: Sequence[float], is_true: Sequence[bool]) -> float | None:
    """AUROC: how often a true one has the higher score, ties half. None without one of each."""
    true = [score for score, flag in zip(scores, is_true, strict=True) if flag]
    false = [score for score, flag in zip(scores, is_true, strict=True) if not flag]
    if not true or not false:
        return None
    wins = sum((a > b) + 0.5 * (a == b) for a in true for b in false)
    return wins / (len(true) * len(false))
