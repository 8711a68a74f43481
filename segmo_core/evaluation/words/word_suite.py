"""Does a bundle do what people type? Free sentences, prompts alone, judged by plain geometry on joints.

Beside that: what the bundle's own check says of the same motions, whether they touch the floor, what amounts come to,
and how much is lost in words that the training did not hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.measures.intervals import Share
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.evaluation.words.amounts import AMOUNTS, Amount
from segmo_core.evaluation.words.battery.all_sentences import BATTERY
from segmo_core.evaluation.words.battery.sentence import KINDS, Sentence
from segmo_core.evaluation.words.outcomes import Outcome, area_under_curve, best_of_each, outcome
from segmo_core.evaluation.words.paraphrases import PARAPHRASES
from segmo_core.evaluation.words.prompted import prompted_motions
from segmo_core.grounding.geometry.body import Body
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.progress import Progress, ProgressPart, SilentProgress

Item = TypeVar("Item")

SEEDS = 2


@dataclass(frozen=True)
class WordSettings:
    """seeds: motions of every sentence. limit: sentences of each kind, graded prompts of each group and paraphrases,
    None for all. candidates: every motion is the
    best of so many, by the bundle's own check."""

    seeds: int = SEEDS
    limit: int | None = None
    candidates: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise InvalidRequestError(f"seeds: {self.seeds}, expected at least 1")
        if self.limit is not None and self.limit < 1:
            raise InvalidRequestError(f"limit: {self.limit}, expected at least 1 sentence of each kind")
        if self.candidates < 1:
            raise InvalidRequestError(f"candidates: {self.candidates}, expected at least 1")


@dataclass(frozen=True)
class SelfCheckFigures:
    """The bundle's check beside the truth. auroc: of its confidence. failures_found: of the motions that geometry
    fails, the share that the check calls found. right_flagged: of those that pass, the share it flags."""

    auroc: float | None
    failures_found: Share | None
    right_flagged: Share | None


@dataclass(frozen=True)
class AmountFigures:
    """One graded prompt. value: mean over the seeds of what was measured; right: share of motions within what was
    asked."""

    group: str
    text: str
    unit: str
    asked: str
    value: float
    right: Share


@dataclass(frozen=True)
class ParaphraseFigures:
    """table, held_out: shares passed, of sentences of the caption tables and of others that stand in none."""

    text: str
    table: Share
    held_out: Share


@dataclass(frozen=True)
class WordFigures:
    """by_kind: passed, of each kind and "all". real: the same of recorded clips that a sentence is about (None where
    no data set was given). floating, sinking: of all motions of the battery."""

    bundle: str
    settings: WordSettings
    sampling: SamplingSettings
    by_kind: dict[str, Share]
    real: dict[str, Share] | None
    outcomes: dict[str, list[Outcome]]
    self_check: SelfCheckFigures
    floating: Share
    sinking: Share
    amounts: tuple[AmountFigures, ...]
    paraphrases: tuple[ParaphraseFigures, ...]
    paraphrases_all: ParaphraseFigures


def measure_words(
    tested: TestedBundle,
    cache: Path,
    settings: WordSettings | None = None,
    recorded: Mapping[str, Sequence[np.ndarray]] | None = None,
    progress: Progress | None = None,
) -> WordFigures:
    """Generate and judge. cache: folder for the motions. recorded: joints (T, 22, 3) of clips by their label."""
    settings, progress = settings or WordSettings(), progress or SilentProgress()
    sentences = _first(BATTERY, lambda sentence: sentence.kind, settings.limit)
    found = _outcomes(tested, sentences, settings, cache, ProgressPart(progress, 0.0, 0.5))
    flat = [one for row in found for one in row]
    by_kind = {
        kind: [one for sentence, row in zip(sentences, found, strict=True) if sentence.kind == kind for one in row]
        for kind in KINDS
    }
    passed = {str(kind): [one.passed for one in outcomes] for kind, outcomes in by_kind.items()}
    amounts = _amounts(tested, settings, cache, ProgressPart(progress, 0.5, 0.75))
    paraphrases = _paraphrases(tested, settings, cache, ProgressPart(progress, 0.75, 1.0))
    return WordFigures(
        tested.name,
        settings,
        tested.sampling,
        _shares(passed),
        None if recorded is None else _shares(_recorded(sentences, recorded)),
        {str(kind): outcomes for kind, outcomes in by_kind.items()},
        _self_check(flat),
        _share([one.floats for one in flat]),
        _share([one.sinks for one in flat]),
        amounts,
        paraphrases,
        _all_paraphrases(paraphrases),
    )


def _first(items: Sequence[Item], group_of: Callable[[Item], str], limit: int | None) -> list[Item]:
    """The first ``limit`` items of each group, in their order."""
    chosen = []
    taken: Counter[str] = Counter()
    for item in items:
        taken[group_of(item)] += 1
        if limit is None or taken[group_of(item)] <= limit:
            chosen.append(item)
    return chosen


def _outcomes(
    tested: TestedBundle, sentences: Sequence[Sentence], settings: WordSettings, cache: Path, progress: Progress
) -> list[list[Outcome]]:
    count = settings.seeds * settings.candidates
    texts = [sentence.text for sentence in sentences]
    made = prompted_motions(tested, texts, count, settings.seed, cache, ProgressPart(progress, 0.0, 0.8))
    found = []
    for number, (sentence, row) in enumerate(zip(sentences, made, strict=True)):
        progress.raise_if_cancelled()
        progress.report(0.8 + 0.2 * number / len(sentences), f"judging sentence {number + 1} of {len(sentences)}")
        found.append([outcome(tested, one, sentence.check, leaves_floor=sentence.leaves_floor) for one in row])
    return best_of_each(found, settings.candidates)


def _amounts(
    tested: TestedBundle, settings: WordSettings, cache: Path, progress: Progress
) -> tuple[AmountFigures, ...]:
    amounts = _first(AMOUNTS, lambda amount: amount.group, settings.limit)
    made = prompted_motions(tested, [amount.text for amount in amounts], settings.seeds, settings.seed, cache, progress)
    found = []
    for amount, row in zip(amounts, made, strict=True):
        values = [amount.measure(Body.of(one.joints)) for one in row]
        right = _share([amount.is_right(value) for value in values])
        found.append(
            AmountFigures(amount.group, amount.text, amount.unit, _range(amount), float(np.mean(values)), right)
        )
    return tuple(found)


def _paraphrases(
    tested: TestedBundle, settings: WordSettings, cache: Path, progress: Progress
) -> tuple[ParaphraseFigures, ...]:
    chosen = PARAPHRASES[: settings.limit]
    texts = [text for one in chosen for text in (one.table, *one.held_out)]
    made = iter(prompted_motions(tested, texts, settings.seeds, settings.seed, cache, progress))
    found = []
    for one in chosen:
        own = [one.check(Body.of(motion.joints)).passed for motion in next(made)]
        others = [one.check(Body.of(motion.joints)).passed for _ in one.held_out for motion in next(made)]
        found.append(ParaphraseFigures(one.table, _share(own), _share(others)))
    return tuple(found)


def _all_paraphrases(rows: Sequence[ParaphraseFigures]) -> ParaphraseFigures:
    def together(shares: Sequence[Share]) -> Share:
        return Share.counted(sum(share.hits for share in shares), sum(share.total for share in shares))

    return ParaphraseFigures("all", together([row.table for row in rows]), together([row.held_out for row in rows]))


def _recorded(sentences: Sequence[Sentence], recorded: Mapping[str, Sequence[np.ndarray]]) -> dict[str, list[bool]]:
    """Of every kind, whether the clips that a sentence is about pass."""
    found: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for sentence in sentences:
        for label in sentence.real:
            found[sentence.kind] += [sentence.check(Body.of(joints)).passed for joints in recorded.get(label, ())]
    return found


def _self_check(outcomes: Sequence[Outcome]) -> SelfCheckFigures:
    checked = [one for one in outcomes if one.is_found is not None]
    return SelfCheckFigures(
        area_under_curve([one.confidence or 0.0 for one in checked], [one.passed for one in checked]),
        Share.of([bool(one.is_found) for one in checked if not one.passed]),
        Share.of([not one.is_found for one in checked if one.passed]),
    )


def _shares(by_kind: Mapping[str, Sequence[bool]]) -> dict[str, Share]:
    found = {kind: Share.of(passed) for kind, passed in by_kind.items()}
    found["all"] = Share.of([one for passed in by_kind.values() for one in passed])
    return {kind: share for kind, share in found.items() if share is not None}


def _share(flags: Sequence[bool]) -> Share:
    return Share.counted(sum(map(bool, flags)), len(flags))


def _range(amount: Amount) -> str:
    low, high = amount.low, amount.high
    if low is not None and low == high:
        return f"{low:g}"
    if high is None:
        return f"{low:g} or more"
    return f"{low:g} to {high:g}"
