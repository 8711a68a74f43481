"""The protocol on made-up embeddings whose figures are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.data.text_motion_set import TextMotion
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.published_protocol.protocol import evaluate
from segmo_core.evaluation.published_protocol.protocol_figures import Estimate, ProtocolSettings
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.segmentation.motion_uniform import UniformSegmenter

WIDTH = HUMANML3D_LAYOUT.dimension


class MadeUpSet:
    """Motion i is filled with i; even ones have one segment, odd ones two, with a true boundary after 8 frames."""

    name, frame_rate, layout, notices = "made up", 20.0, HUMANML3D_LAYOUT, ()
    statistics = FeatureStatistics(np.zeros(WIDTH), np.ones(WIDTH))

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def draw_again(self, index: int, generator: np.random.Generator) -> np.ndarray:
        return self.draw(index, generator, with_segments=False).features

    def draw(self, index: int, generator: np.random.Generator, *, with_segments: bool = True) -> TextMotion:
        segments = ("one",) if index % 2 == 0 else ("one", "two")
        ends = (24,) if index % 2 == 0 else (8, 24)
        return TextMotion(np.full((24, WIDTH), float(index)), Caption(str(index)), segments, ends, str(index))


class Numbers:
    """A caption "5" is the point (5, 0, 0, 0); a motion filled with 5 is (5 + shift, 0, 0, 0)."""

    name, feature_width = "numbers", WIDTH

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def embed_texts(self, captions):
        return np.array([[float(caption.text), 0, 0, 0] for caption in captions])

    def embed_motions(self, motions):
        return np.array([[float(motion[0, 0]) + self.shift, 0, 0, 0] for motion in motions])


class Copier:
    """A sampler that gives every motion back, moved by ``offset``; the base tokens tell the boundary it was asked."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self.asked: list[int] = []
        model = SimpleNamespace(aligns_segments=True)
        tokenizer = SimpleNamespace(config=SimpleNamespace(feature_width=WIDTH))
        self.bundle = SimpleNamespace(masked_transformer=model, tokenizer=tokenizer)

    def generate(self, items, seed, progress=None):
        self.asked.append(len(items))
        return [item.features + self.offset for item in items], self.encode([item.features for item in items])

    def encode(self, motions):
        return [np.zeros((len(motion) // 4, 1), dtype=np.int64) for motion in motions]

    def decode(self, token_ids):
        return [np.zeros((len(ids) * 4, WIDTH)) for ids in token_ids]

    def consistency(self, items, token_ids, ends):
        assert all(len(item.segments) == 2 for item in items)
        return np.array([found[0] / 10 for found in ends])


def test_motions_that_lie_on_their_captions_are_found_first() -> None:
    report = evaluate(MadeUpSet(70), Numbers(), settings=ProtocolSettings(repeats=3))
    (real,) = report.methods
    assert (report.num_motions, real.name, report.counts[1] + report.counts[2]) == (64, "Real", 64)
    for name in ("top_1", "top_2", "top_3"):
        assert real.metrics[name] == Estimate(1.0, 0.0)
    assert real.metrics["mm_dist"] == Estimate(0.0, 0.0)
    assert real.metrics["fid"].mean == pytest.approx(0.0, abs=1e-6)
    assert real.by_segments[2]["top_1"] == Estimate(1.0, 0.0)
    assert "multimodality" not in real.metrics


def test_a_shift_shows_in_every_figure_by_its_size() -> None:
    settings = ProtocolSettings(repeats=2, multimodality_captions=4)
    sampler = Copier(offset=40.0)
    report = evaluate(MadeUpSet(32), Numbers(), sampler, settings, segmenters=[UniformSegmenter()])
    real, reconstructed, generated = report.methods
    assert [row.name for row in report.methods] == ["Real", "Tokenizer", "Generated"]
    assert generated.metrics["mm_dist"] == Estimate(40.0, 0.0)
    assert generated.metrics["fid"].mean == pytest.approx(1600.0)  # equal spread, means 40 apart
    assert real.metrics["mm_dist"] == Estimate(0.0, 0.0)
    # Every motion is 40 further, so the nearest to any caption is the motion filled with 0, then with 1, ...
    assert generated.metrics["top_1"] == Estimate(1 / 32, 0.0)
    assert generated.metrics["top_3"] == Estimate(3 / 32, 0.0)
    assert generated.by_segments[1]["top_1"] == Estimate(1 / 16, 0.0)
    assert generated.by_segments[2]["top_1"] == Estimate(0.0, 0.0)
    assert generated.metrics["multimodality"] == Estimate(0.0, 0.0)
    assert sampler.asked == [32, 120, 32, 120]
    assert reconstructed.metrics["diversity"] == Estimate(0.0, 0.0)
    cuts = {row.segmentation: (row.real.mean, row.generated.mean) for row in report.consistency}
    assert cuts["uniform"] == pytest.approx((0.3, 0.3))  # six tokens in two equal parts
    assert cuts["true boundaries"] == pytest.approx((0.2, 0.2))


def test_the_same_seed_gives_the_same_report_and_another_seed_another() -> None:
    first, second, other = (
        evaluate(MadeUpSet(100), Numbers(3.5), settings=ProtocolSettings(repeats=2, limit=32, seed=seed))
        for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other
    assert any("32 of 100 motions" in notice for notice in first.notices)


def test_interval_is_that_of_the_published_code() -> None:
    estimate = Estimate.of([1.0, 2.0, 3.0, 6.0])
    assert estimate.mean == 3.0
    assert estimate.interval == pytest.approx(1.96 * np.sqrt(14 / 4) / 2)  # 1.96 std / sqrt(4)


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="31 motions, expected at least 32"):
        evaluate(MadeUpSet(31), Numbers())
    with pytest.raises(InvalidRequestError, match="limit: 8"):
        ProtocolSettings(limit=8)
    narrow = Numbers()
    narrow.feature_width = 251
    with pytest.raises(InvalidRequestError, match="evaluator: 251 features, expected 263"):
        evaluate(MadeUpSet(32), narrow)
