"""Decisions about tokens: kept tokens, seeds, lengths, schedule, progress."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from transformer_samples import (
    LENGTHS,
    NUM_CODES,
    NUM_TOKENS,
    TOKEN_IS_VALID,
    all_ids,
    condition,
    masked_transformer,
    residual_transformer,
    seeded,
)

from segmo_core.errors import CancelledError
from segmo_core.models.token_transformers.drawing import Uniforms, draw_classes, hidden_counts, keep_top_classes
from segmo_core.models.token_transformers.sampling import generate_base_tokens, generate_residual_tokens
from segmo_core.progress import CallbackProgress

KEPT = TOKEN_IS_VALID & (torch.arange(NUM_TOKENS) % 3 == 0)


def base(seed: int = 0, **settings: object) -> Tensor:
    return generate_base_tokens(masked_transformer(), condition(), LENGTHS, generator=seeded(seed), **settings)  # type: ignore[arg-type]


def residual(base_ids: Tensor, seed: int = 0, **settings: object) -> Tensor:
    return generate_residual_tokens(
        residual_transformer(), base_ids, condition(), generator=seeded(seed), **settings  # type: ignore[arg-type]
    )  # fmt: skip


def test_hidden_counts_are_the_published_ones() -> None:
    length = np.array([49])
    ten = [int(hidden_counts(length, step, 10)[0]) for step in range(10)]
    eighteen = [int(hidden_counts(length, step, 18)[0]) for step in range(18)]
    assert ten == [49, 48, 46, 42, 38, 31, 24, 17, 9, 1]
    assert eighteen == [49, 49, 48, 47, 46, 44, 42, 39, 36, 33, 30, 26, 22, 18, 13, 9, 5, 1]


def test_top_classes() -> None:
    kept = keep_top_classes(np.arange(512.0)[None], 0.1)
    assert np.isfinite(kept).sum() == 52
    assert kept[0, -52:].tolist() == list(range(460, 512))
    assert (keep_top_classes(np.ones((2, 4)), 1.0) == 1).all()


def test_drawn_classes_have_their_probabilities() -> None:
    probabilities = np.array([0.5, 0.3, 0.0, 0.2], dtype=np.float32)
    with np.errstate(divide="ignore"):
        logits = np.log(probabilities)[None]
    uniforms = (np.arange(1000, dtype=np.float32) + 0.5) / 1000
    drawn = draw_classes(logits.repeat(1000, axis=0), uniforms, "inverse_cdf")
    assert np.bincount(drawn, minlength=4).tolist() == [500, 300, 0, 200]
    noise = np.random.default_rng(0).random((20000, 4), dtype=np.float32)
    drawn = draw_classes(logits.repeat(20000, axis=0), noise, "gumbel")
    np.testing.assert_allclose(np.bincount(drawn, minlength=4) / 20000, probabilities, atol=0.015)


@pytest.mark.parametrize("seed", [0, 5, 2**40 + 17, 2**63 - 1])
def test_numbers_of_a_seed_are_those_of_torch(seed: int) -> None:
    generator, uniforms = torch.Generator().manual_seed(seed), Uniforms(seed)
    for shape in ((1, 25), (3, 49), (7,)):
        assert (torch.rand(shape, generator=generator).numpy() == uniforms(shape)).all()


def test_same_seed_same_tokens_other_seed_other_tokens() -> None:
    assert torch.equal(base(3), base(3))
    assert not torch.equal(base(3), base(4))
    assert torch.equal(residual(base(3), 3), residual(base(3), 3))
    assert not torch.equal(residual(base(3), 3), residual(base(3), 4))


def test_valid_tokens_are_codes_and_padding_is_minus_one() -> None:
    ids = base()
    assert ids.shape == (4, NUM_TOKENS)
    assert ((ids >= 0) == TOKEN_IS_VALID).all()
    assert ids.max() < NUM_CODES
    full = residual(ids, top_k_share=1.0, temperature=10.0)
    assert torch.equal(full[..., 0], ids)
    assert ((full >= 0) == TOKEN_IS_VALID[..., None]).all()  # the padding class is never drawn
    assert full.max() < NUM_CODES


def test_published_sampling_may_draw_the_padding_class() -> None:
    full = residual(base(), top_k_share=1.0, temperature=10.0, padding_is_drawable=True)
    assert (full[TOKEN_IS_VALID] == -1).any()


@pytest.mark.parametrize("steps", [1, 2, 10])
def test_kept_base_tokens_stay_and_the_others_are_decided(steps: int) -> None:
    kept_ids = all_ids()[..., 0]
    ids = base(steps=steps, kept_ids=kept_ids, kept_mask=KEPT)
    assert torch.equal(ids[KEPT], kept_ids[KEPT])
    assert ((ids >= 0) == TOKEN_IS_VALID).all()
    assert ids.max() < NUM_CODES
    assert not torch.equal(ids[TOKEN_IS_VALID & ~KEPT], kept_ids[TOKEN_IS_VALID & ~KEPT])


def test_keeping_everything_changes_nothing() -> None:
    kept = all_ids().masked_fill(~TOKEN_IS_VALID[..., None], -1)
    ids = base(kept_ids=kept[..., 0], kept_mask=TOKEN_IS_VALID)
    assert torch.equal(ids, kept[..., 0])
    assert torch.equal(residual(ids, kept_ids=kept, kept_mask=TOKEN_IS_VALID), kept)


def test_kept_residual_tokens_stay_in_every_layer() -> None:
    kept = all_ids()
    ids = base(kept_ids=kept[..., 0], kept_mask=KEPT)
    full = residual(ids, kept_ids=kept, kept_mask=KEPT)
    assert torch.equal(full[KEPT], kept[KEPT])
    assert ((full >= 0) == TOKEN_IS_VALID[..., None]).all()


def test_kept_tokens_influence_the_others() -> None:
    first = base(kept_ids=all_ids()[..., 0], kept_mask=KEPT)
    second = base(kept_ids=(all_ids()[..., 0] + 5) % NUM_CODES, kept_mask=KEPT)
    free = TOKEN_IS_VALID & ~KEPT
    assert not torch.equal(first[free], second[free])


def test_no_guidance_is_one_forward_of_the_batch() -> None:
    model, sizes = masked_transformer(), []
    model.trunk.register_forward_pre_hook(lambda _module, inputs: sizes.append(len(inputs[0])))
    for scale in (1.0, 4.0):
        generate_base_tokens(model, condition(), LENGTHS, steps=3, guidance_scale=scale, generator=seeded())
    assert sizes == [4, 4, 4, 8, 8, 8]


def test_cancelling_stops_at_the_next_step() -> None:
    reported: list[float] = []
    progress = CallbackProgress(lambda fraction, _message: reported.append(fraction))
    with pytest.raises(CancelledError):
        base(steps=10, progress=progress, preview=lambda step, _ids: progress.cancel() if step == 2 else None)
    assert reported == pytest.approx([0.1, 0.2, 0.3])
    with pytest.raises(CancelledError):
        residual(torch.zeros(4, NUM_TOKENS, dtype=torch.int64), progress=progress)


def test_previews_are_whole_motions_that_end_as_the_result() -> None:
    seen: list[np.ndarray] = []
    result = base(steps=4, preview=lambda _step, ids: seen.append(ids))
    assert len(seen) == 4
    assert all(((ids >= 0) == TOKEN_IS_VALID.numpy()).all() and ids.max() < NUM_CODES for ids in seen)
    assert (seen[-1] == result.numpy()).all()


def test_missing_randomness_and_wrong_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="no generator and no uniforms"):
        generate_base_tokens(masked_transformer(), condition(), LENGTHS)
    with pytest.raises(ValueError, match="segments of 12 tokens, expected 5"):
        generate_base_tokens(masked_transformer(), condition(), LENGTHS.clamp(max=5), generator=seeded())
