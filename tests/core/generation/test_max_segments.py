"""Bundles whose model takes another number of segments than five."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from segmo_core.bundle import load_bundle, save_bundle
from segmo_core.data.composition.sequences import CompositionSettings
from segmo_core.data.pools.token_pool import SequencePool, TokenPool, tokenize_pool
from segmo_core.engine import Engine
from segmo_core.errors import ConfigError
from segmo_core.generation.request import GenerationRequest
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.conditioning import token_segments_from_ends
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.training.objectives.tokens import condition_of

TEXTS = [f"A person does thing number {number}." for number in range(7)]


@pytest.fixture(scope="module")
def engine_with(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Engine]:
    def build(max_segments: int) -> Engine:
        tiny = load_bundle(tiny_bundle)
        told = {"segment_order_embedding": False, "timed_conditioning": False} if max_segments == 0 else {}
        torch.manual_seed(1)
        folder = tmp_path_factory.mktemp("bundles") / f"segments{max_segments}"
        save_bundle(
            folder,
            name=f"segments{max_segments}",
            description="random weights for tests",
            licence="MIT",
            text_encoder="minilm",
            tokenizer=tiny.tokenizer,
            masked_transformer=MaskedTransformer(
                replace(tiny.masked_transformer.config, max_segments=max_segments, **told)
            ),
            residual_transformer=ResidualTransformer(
                replace(tiny.residual_transformer.config, max_segments=max_segments, **told)
            ),
            statistics=tiny.statistics,
            model_card="# for tests\n",
            sampling=tiny.manifest.sampling,
        )
        return Engine(folder, device="cpu")

    return build


def test_a_bundle_of_eight_segments_takes_seven(engine_with):
    engine = engine_with(8)
    track = engine.suggest_track(TEXTS, durations=[1.0] * 7)
    result = engine.generate(GenerationRequest("a person does seven things", track))
    assert (len(result.track), result.motion.num_frames) == (7, 140)


def test_a_bundle_of_three_segments_does_seven_in_windows(engine_with):
    engine = engine_with(3)
    track = engine.suggest_track(TEXTS, durations=[1.0] * 7)
    result = engine.generate(GenerationRequest("a person does seven things", track))
    assert (len(result.track), result.motion.num_frames) == (7, 140)


def test_a_bundle_without_segments_reads_the_prompt_alone(engine_with):
    engine = engine_with(0)
    first, second = (
        engine.generate(GenerationRequest("a person walks", engine.suggest_track(texts, durations=[2.0, 1.0])))
        for texts in (TEXTS[:2], TEXTS[2:4])
    )
    np.testing.assert_array_equal(first.token_ids, second.token_ids)


def sequences(num_segments: tuple[int, ...]) -> SequencePool:
    """Made-up sequences of eight frames a segment."""
    lengths = [8 * count for count in num_segments]
    return SequencePool(
        features=np.random.default_rng(0).normal(size=(sum(lengths), 12)).astype(np.float32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        ends=[[8 * (i + 1) for i in range(count)] for count in num_segments],
        sentences=[[[f"does {count} {i}" for i in range(count)]] for count in num_segments],
        captions=[[f"does {count} things"] for count in num_segments],
        actions=[[f"{i}" for i in range(count)] for count in num_segments],
    )


class LetterEncoder:
    name, width = "letters", 6

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.array([[len(text) + i for i in range(6)] for text in texts], dtype=np.float32)


def pool_of(num_segments: tuple[int, ...], path: Path) -> TokenPool:
    torch.manual_seed(0)
    config = RVQVAEConfig(feature_width=12, num_codes=8, code_width=4, num_quantizers=2, width=8, depth=1)
    tokenizer = RVQVAE(config)
    statistics = FeatureStatistics(np.zeros(12, np.float32), np.ones(12, np.float32))
    return tokenize_pool(sequences(num_segments), tokenizer, statistics, LetterEncoder(), path)


def test_a_pool_is_as_wide_as_its_longest_sequence_and_is_tokenised_once(tmp_path):
    path = tmp_path / "tokens.npz"
    assert pool_of((2, 7, 1), path).ends.tolist()[1] == [2, 4, 6, 8, 10, 12, 14]
    written = path.stat().st_mtime_ns
    assert pool_of((2, 7, 1), path).ends.shape == (3, 7)
    assert path.stat().st_mtime_ns == written


@pytest.mark.parametrize("alignment", ["in-sample", "batch-level", "global", "token"])
@pytest.mark.parametrize("max_segments", [3, 8])
def test_models_train_on_pools_of_more_and_of_fewer_segments(alignment, max_segments, tmp_path):
    batch = pool_of((2, 7, 4, 5), tmp_path / "tokens.npz").batch(np.arange(4), np.random.default_rng(0))
    config = MaskedTransformerConfig(
        num_codes=8, code_width=4, text_width=6, latent_width=8, feedforward_width=8, num_layers=1, num_heads=2,
        max_segments=max_segments, alignment=alignment, timed_conditioning_dropout=0.9, condition_dropout=0.0,
    )  # fmt: skip
    torch.manual_seed(0)
    loss = MaskedTransformer(config).training_loss(
        batch.token_ids[..., 0].clamp(min=0),
        batch.token_is_valid,
        condition_of(batch),
        batch.segment_starts,
        batch.segment_ends,
        torch.Generator().manual_seed(1),
        segment_labels=batch.segment_labels,
    )
    assert loss.total.isfinite()
    assert loss.alignment.item() > 0.1
    loss.total.backward()


def test_compositions_may_have_other_numbers_of_segments():
    assert CompositionSettings(segment_count_shares=(0.1,) * 8 + (0.2,), min_segment_frames=20).num_sequences
    with pytest.raises(ConfigError, match="sum to 1"):
        CompositionSettings(segment_count_shares=(0.5, 0.4))
    with pytest.raises(ConfigError, match="9 segments of 24 frames do not fit into 196"):
        CompositionSettings(segment_count_shares=(0.1,) * 8 + (0.2,))


def test_no_segment_condition_tells_no_token_its_segment():
    assert token_segments_from_ends(torch.zeros(2, 0, dtype=torch.int64), 3).tolist() == [[-1] * 3] * 2
