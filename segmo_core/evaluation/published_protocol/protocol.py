"""The published protocol: everything measured several times over, with 95 % intervals, real motions beside.

In every repeat the motions are shuffled, each with one of its captions and a random crop; R-precision and MM-Dist are
taken in batches of 32, FID and Diversity over all (T2M; MoMask and SegMo evaluate so).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.text_motion_set import TextMotion, TextMotionSet
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges.feature_extractor import TextMotionFeatures
from segmo_core.evaluation.measures import metrics
from segmo_core.evaluation.published_protocol.protocol_figures import (
    GENERATED,
    MULTIMODALITY_CAPTIONS,
    REAL,
    RECONSTRUCTED,
    EvaluationReport,
    ProtocolSettings,
    Sums,
)
from segmo_core.evaluation.samples.bundle_sampler import BundleSampler, TokenIds
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.motion_segmenter import MotionSegmenter, token_rows
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN

FloatArray = NDArray[np.floating]
Cut = Callable[[FloatArray, TextMotion], tuple[int, ...]]

DIVERSITY_PAIRS, DIVERSITY_PAIRS_OF_FEW, FEW_MOTIONS = 300, 100, 300
MULTIMODALITY_MOTIONS, MULTIMODALITY_PAIRS = 30, 10
TRUE_BOUNDARIES = "true boundaries"


def evaluate(
    data: TextMotionSet,
    features: TextMotionFeatures,
    sampler: BundleSampler | None = None,
    settings: ProtocolSettings | None = None,
    *,
    segmenters: Sequence[MotionSegmenter] = (),
    progress: Progress | None = None,
) -> EvaluationReport:
    """Measure real motions and, with a ``sampler``, what its tokenizer gives back and what it generates.

    segmenters: segmentations to report ISC with; the true boundaries are added where the data set has them.
    Raises InvalidRequestError for a data set of fewer than 32 motions or of other features than the evaluator's.
    """
    settings, progress = settings or ProtocolSettings(), progress or SilentProgress()
    _check(data, features, sampler)
    total = min(len(data), settings.limit or len(data))
    total -= total % metrics.RETRIEVAL_BATCH
    run = _Run(features, sampler, settings, _cuts(data, segmenters), Sums())
    counts: dict[int, int] = {}
    for number in range(settings.repeats):
        generator = np.random.default_rng([settings.seed, number])
        label = f"repeat {number + 1} of {settings.repeats}"
        part = _Labelled(ProgressPart(progress, number / settings.repeats, (number + 1) / settings.repeats), label)
        part.report(0.0)
        order = generator.permutation(len(data))[:total]
        items = [data.draw(int(index), generator) for index in order]
        counts = counts or {n: [len(i.segments) for i in items].count(n) for n in _numbers_of_segments(items)}
        again = [data.draw_again(int(index), generator) for index in order]
        run.repeat(items, again, generator, part)
    return EvaluationReport(
        data=data.name,
        evaluator=features.name,
        repeats=settings.repeats,
        num_motions=total,
        counts=counts,
        methods=tuple(run.sums.figures(method) for method in run.sums.metrics),
        consistency=run.sums.consistency_figures(),
        notices=tuple(_notices(data, features, sampler, settings, total)),
    )


@dataclass(frozen=True)
class _Run:
    """What all repeats share. cuts: by name, the boundaries in tokens that ISC is taken with."""

    features: TextMotionFeatures
    sampler: BundleSampler | None
    settings: ProtocolSettings
    cuts: dict[str, Cut]
    sums: Sums

    def repeat(
        self,
        items: Sequence[TextMotion],
        again: Sequence[FloatArray],
        generator: np.random.Generator,
        progress: Progress,
    ) -> None:
        texts = self.features.embed_texts([item.caption for item in items])
        real = self.features.embed_motions([item.features for item in items])
        self._measure(REAL, items, texts, real, real, generator)
        self.sums.add(REAL, "fid", metrics.frechet_distance(real, self.features.embed_motions(again)))
        if self.sampler is None:
            return
        captions = min(self.settings.multimodality_captions, len(items))
        main = 0.95 * len(items) / (len(items) + captions * MULTIMODALITY_MOTIONS)  # share of the work
        real_ids = self.sampler.encode([item.features for item in items])
        if self.settings.tokenizer_row:
            reconstructed = self.features.embed_motions(self.sampler.decode(real_ids))
            self._measure(RECONSTRUCTED, items, texts, real, reconstructed, generator)
        made, made_ids = self.sampler.generate(items, _seed(generator), ProgressPart(progress, 0.05, 0.05 + main))
        self._measure(GENERATED, items, texts, real, self.features.embed_motions(made), generator)
        if self.sampler.bundle.masked_transformer.aligns_segments:
            self._measure_consistency("real", items, [item.features for item in items], real_ids)
            self._measure_consistency("generated", items, made, made_ids)
        if captions:
            chosen = [items[row] for row in generator.choice(len(items), captions, replace=False)]
            repeated = [item for item in chosen for _ in range(MULTIMODALITY_MOTIONS)]
            part = ProgressPart(progress, 0.05 + main, 1.0)
            vectors = self.features.embed_motions(self.sampler.generate(repeated, _seed(generator), part)[0])
            pairs = metrics.random_pairs(MULTIMODALITY_MOTIONS, MULTIMODALITY_PAIRS, generator)
            value = metrics.multimodality(vectors.reshape(captions, MULTIMODALITY_MOTIONS, -1), *pairs)
            self.sums.add(GENERATED, "multimodality", value)

    def _measure(
        self,
        method: str,
        items: Sequence[TextMotion],
        texts: FloatArray,
        real: FloatArray,
        motions: FloatArray,
        generator: np.random.Generator,
    ) -> None:
        ranks = metrics.retrieval_ranks(texts, motions)
        found: dict[str, FloatArray] = {f"top_{places}": (ranks < places).astype(np.float64) for places in (1, 2, 3)}
        found["mm_dist"] = np.linalg.norm(texts.astype(np.float64) - motions, axis=1)
        numbers = np.array([len(item.segments) for item in items])
        for name, values in found.items():
            self.sums.add(method, name, float(values.mean()))
            for count in _numbers_of_segments(items):
                self.sums.add_by_segments(method, count, name, float(values[numbers == count].mean()))
        if method != REAL:
            self.sums.add(method, "fid", metrics.frechet_distance(real, motions))
        pairs = DIVERSITY_PAIRS if len(motions) > FEW_MOTIONS else min(DIVERSITY_PAIRS_OF_FEW, len(motions))
        drawn = metrics.random_pairs(len(motions), pairs, generator)
        self.sums.add(method, "diversity", metrics.diversity(motions, *drawn))

    def _measure_consistency(
        self, what: str, items: Sequence[TextMotion], motions: Sequence[FloatArray], token_ids: Sequence[TokenIds]
    ) -> None:
        """ISC over samples of at least two segments; with one there is nothing to be consistent with."""
        rows = [row for row, item in enumerate(items) if len(item.segments) > 1]
        if self.sampler is None or not rows:
            return
        chosen, ids = [items[row] for row in rows], [token_ids[row] for row in rows]
        for name, cut in self.cuts.items():
            if name == TRUE_BOUNDARIES and any(item.ends is None for item in chosen):
                continue
            ends = [cut(motions[row], items[row]) for row in rows]
            self.sums.add_consistency(name, what, float(self.sampler.consistency(chosen, ids, ends).mean()))


def _cuts(data: TextMotionSet, segmenters: Sequence[MotionSegmenter]) -> dict[str, Cut]:
    def cut_by(segmenter: MotionSegmenter) -> Cut:
        def cut(features: FloatArray, item: TextMotion) -> tuple[int, ...]:
            tokens = token_rows(features, data.statistics, data.layout, FRAMES_PER_TOKEN)
            return segmenter.segment(tokens, len(item.segments))

        return cut

    cuts = {segmenter.name: cut_by(segmenter) for segmenter in segmenters}
    cuts[TRUE_BOUNDARIES] = lambda _, item: tuple(end // FRAMES_PER_TOKEN for end in item.ends or ())
    return cuts


def _numbers_of_segments(items: Sequence[TextMotion]) -> list[int]:
    return sorted({len(item.segments) for item in items})


def _seed(generator: np.random.Generator) -> int:
    return int(generator.integers(2**62))


def _check(data: TextMotionSet, features: TextMotionFeatures, sampler: BundleSampler | None) -> None:
    if len(data) < metrics.RETRIEVAL_BATCH:
        raise InvalidRequestError(f"{data.name}: {len(data)} motions, expected at least {metrics.RETRIEVAL_BATCH}")
    widths = {"evaluator": features.feature_width}
    if sampler is not None:
        widths["bundle"] = sampler.bundle.tokenizer.config.feature_width
    for name, width in widths.items():
        if width != data.layout.dimension:
            raise InvalidRequestError(f"{name}: {width} features, expected {data.layout.dimension} as in {data.name}")


def _notices(
    data: TextMotionSet,
    features: TextMotionFeatures,
    sampler: BundleSampler | None,
    settings: ProtocolSettings,
    total: int,
) -> list[str]:
    notices = list(data.notices)
    if "GloVe" in features.name:
        notices.append("Not the published evaluator: numbers compare with rows of this table only.")
    if total < len(data):
        notices.append(f"{total} of {len(data)} motions; FID falls as their number grows, compare equal numbers only.")
    if sampler is not None and 0 < settings.multimodality_captions < MULTIMODALITY_CAPTIONS:
        notices.append(f"MultiModality over {settings.multimodality_captions} captions, published 96.")
    return notices


class _Labelled:
    """A progress whose messages say which repeat it is."""

    def __init__(self, whole: Progress, label: str) -> None:
        self._whole, self._label = whole, label

    def report(self, fraction: float, message: str = "") -> None:
        self._whole.report(fraction, f"{self._label}, {message}" if message else self._label)

    def raise_if_cancelled(self) -> None:
        self._whole.raise_if_cancelled()
