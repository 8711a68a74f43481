"""Losses of the transformers: what they see, what they must not see, and that they fall."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from transformer_samples import (
    ENDS,
    LENGTHS,
    NUM_CODES,
    NUM_TOKENS,
    STARTS,
    TEXT_WIDTH,
    TOKEN_IS_VALID,
    all_ids,
    base_ids,
    condition,
    masked_transformer,
    residual_transformer,
    seeded,
)

from segmo_core.grounding.window_pooling import mean_and_max_of_windows
from segmo_core.models.aggregation.mean_max import (
    max_of_segments,
    mean_and_max_of_segments,
    mean_of_segments,
    segment_membership,
)
from segmo_core.models.alignment.contrastive_losses import alignment_loss, grounding_loss
from segmo_core.models.token_transformers.masked_transformer import (
    MaskedTransformer,
    MaskedTransformerDraws,
    MaskedTransformerLoss,
)
from segmo_core.models.token_transformers.masking import MaskingDraws, mask_tokens
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.trunk.conditioning import TextCondition

NONE = torch.zeros(4, dtype=torch.bool)
EVERY = torch.ones(4, dtype=torch.bool)
MASK, PAD = NUM_CODES, NUM_CODES + 1


def loss_of(
    model: MaskedTransformer, of: TextCondition, drop_condition: Tensor = NONE, drop_timing: Tensor = NONE
) -> MaskedTransformerLoss:
    masking = MaskingDraws.draw(4, NUM_TOKENS, NUM_CODES, seeded(3))
    draws = MaskedTransformerDraws(masking, drop_condition, drop_timing)
    with torch.no_grad():
        return model.training_loss(base_ids(), TOKEN_IS_VALID, of, STARTS, ENDS, draws=draws)


def test_masking_hides_a_share_of_each_samples_own_length() -> None:
    time = torch.tensor([0.0, 0.5, 0.999, 1.0])
    draws = replace(MaskingDraws.draw(4, NUM_TOKENS, NUM_CODES, seeded()), time=time)
    masked = mask_tokens(base_ids(), TOKEN_IS_VALID, draws, mask_id=MASK, pad_id=PAD)
    counts = [round(math.cos(t * math.pi / 2) * n) for t, n in zip(time.tolist(), LENGTHS.tolist(), strict=True)]
    assert counts == [9, 8, 0, 0]
    assert masked.is_target.sum(dim=1).tolist() == [9, 8, 1, 1]  # at least one
    assert not (masked.is_target & ~TOKEN_IS_VALID).any()
    assert (masked.input_ids[~TOKEN_IS_VALID] == PAD).all()
    untouched = TOKEN_IS_VALID & ~masked.is_target
    assert torch.equal(masked.input_ids[untouched], base_ids()[untouched])


def test_masking_shares_of_mask_random_and_true_tokens() -> None:
    ids = torch.zeros(400, 50, dtype=torch.int64)
    draws = replace(MaskingDraws.draw(400, 50, 1000, seeded()), time=torch.zeros(400))
    shown = mask_tokens(ids, torch.ones_like(ids, dtype=torch.bool), draws, mask_id=1000, pad_id=1001).input_ids
    assert (shown == 1000).float().mean().item() == pytest.approx(0.9 * 0.88, abs=0.01)
    assert (shown == 0).float().mean().item() == pytest.approx(0.9 * 0.12, abs=0.01)
    assert ((shown > 0) & (shown < 1000)).float().mean().item() == pytest.approx(0.1, abs=0.01)


def test_segment_aggregation_by_hand() -> None:
    hidden = torch.tensor([[[1.0, -4.0], [3.0, -2.0], [5.0, 0.0]]])
    membership = segment_membership(torch.tensor([[0, 2, 3]]), torch.tensor([[2, 3, 3]]), 3)
    assert mean_of_segments(hidden, membership).tolist() == [[[2.0, -3.0], [5.0, 0.0], [0.0, 0.0]]]
    assert max_of_segments(hidden, membership).tolist() == [[[3.0, -2.0], [5.0, 0.0], [0.0, 0.0]]]


def test_sliding_windows_equal_segments() -> None:
    hidden = torch.randn(23, 6, generator=seeded())
    windows = torch.tensor([[a, b] for a in range(23) for b in range(a + 1, 24)])
    membership = segment_membership(windows[None, :, 0], windows[None, :, 1], 23)
    expected = mean_and_max_of_segments(hidden[None], membership)[0]
    found = mean_and_max_of_windows(hidden.numpy(), windows.numpy())
    torch.testing.assert_close(torch.from_numpy(found), expected)


def test_alignment_loss_by_hand() -> None:
    """Two orthogonal pairs at temperature 1: every term is -log(e / (e + 1))."""
    vectors = torch.eye(3)[None].repeat(2, 1, 1)
    is_valid = torch.tensor([[True, True, False], [True, False, False]])
    expected = math.log(1 + math.exp(-1))
    assert alignment_loss(vectors, vectors, is_valid, temperature=1.0).item() == pytest.approx(expected, abs=1e-6)
    with_absent = math.log(1 + 2 * math.exp(-1))
    found = alignment_loss(vectors, vectors, is_valid, temperature=1.0, include_padding=True)
    assert found.item() == pytest.approx(with_absent, abs=1e-6)
    alone = torch.tensor([[True, False, False], [True, False, False]])
    assert alignment_loss(vectors, vectors, alone, temperature=1.0).item() == 0.0


def test_same_sentences_are_not_negatives_of_each_other() -> None:
    vectors = torch.eye(3)
    texts = torch.eye(3)
    different = grounding_loss(vectors, vectors, texts, temperature=1.0)
    assert different.item() == pytest.approx(math.log(1 + 2 * math.exp(-1)), abs=1e-6)
    texts = torch.tensor([[1.0, 0, 0], [1.0, 0.05, 0], [0, 0, 1.0]])  # the first two say nearly the same
    found = grounding_loss(vectors, vectors, texts, temperature=1.0)
    expected = (2 * math.log(1 + math.exp(-1)) + math.log(1 + 2 * math.exp(-1))) / 3
    assert found.item() == pytest.approx(expected, abs=1e-6)
    labels = torch.tensor([4, 4, 7])
    labelled = grounding_loss(vectors, vectors, torch.eye(3), labels, temperature=1.0)
    assert labelled.item() == pytest.approx(expected, abs=1e-6)
    unknown = grounding_loss(vectors, vectors, texts, torch.tensor([-1, -1, -1]), temperature=1.0)
    assert unknown.item() == pytest.approx(different.item(), abs=1e-6)
    one_sentence = torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0, 0, 1.0]])  # whatever the labels
    found = grounding_loss(vectors, vectors, one_sentence, torch.tensor([1, 2, 3]), temperature=1.0)
    assert found.item() == pytest.approx(expected, abs=1e-6)
    assert grounding_loss(vectors[:1], vectors[:1], texts[:1], temperature=1.0).item() == 0.0


def test_alignment_is_taken_only_where_the_answer_was_not_given() -> None:
    model, of = masked_transformer(), condition()
    assert loss_of(model, of).alignment.item() == 0.0  # every token was told its segment
    assert loss_of(model, of, drop_timing=EVERY).alignment.item() > 0.1
    assert loss_of(model, of, drop_timing=EVERY, drop_condition=EVERY).alignment.item() == 0.0
    # Of samples 0 and 1 only 0 lost its timing: the text of 1 cannot matter.
    first = torch.tensor([True, False, False, False])
    other = of.segment_embeddings.clone()
    other[1] += 1.0
    before = loss_of(model, of, drop_timing=first)
    after = loss_of(model, replace(of, segment_embeddings=other), drop_timing=first)
    assert after.alignment.item() == pytest.approx(before.alignment.item(), abs=1e-6)
    assert after.cross_entropy.item() != pytest.approx(before.cross_entropy.item(), abs=1e-4)


def test_alignment_of_a_model_without_timing_takes_all_conditional_samples() -> None:
    model = masked_transformer(timed_conditioning=False)
    assert loss_of(model, condition()).alignment.item() > 0.1
    assert loss_of(model, condition(), drop_condition=EVERY).alignment.item() == 0.0


def test_grounding_reads_only_unconditional_samples() -> None:
    model, of = masked_transformer(), condition()
    assert loss_of(model, of).grounding.item() == 0.0
    assert loss_of(model, of, drop_condition=EVERY).grounding.item() > 0.1


def test_labels_reach_the_grounding_loss() -> None:
    model, of = masked_transformer(), condition()
    draws = MaskedTransformerDraws(MaskingDraws.draw(4, NUM_TOKENS, NUM_CODES, seeded(3)), EVERY, NONE)
    losses = []
    for labels in (None, torch.arange(12).view(4, 3), torch.zeros(4, 3, dtype=torch.int64)):
        loss = model.training_loss(base_ids(), TOKEN_IS_VALID, of, STARTS, ENDS, draws=draws, segment_labels=labels)
        losses.append(loss.grounding.item())
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)  # no two sentences are alike
    assert losses[2] == pytest.approx(0.0, abs=1e-6)  # all show the same action: nothing to tell apart


def test_motion_tower_of_grounding_cannot_see_the_text() -> None:
    """Captions, segment texts, their number and their timing leave the motion side as it is."""
    model, of = masked_transformer(), condition()
    seen: list[Tensor] = []
    assert model.grounding is not None
    model.grounding.motion.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    loss_of(model, of, drop_condition=EVERY)
    other = TextCondition.from_embeddings(
        of.caption_embeddings + 3.0,
        of.segment_embeddings.flip(1) * 2.0,
        of.segment_is_valid,
        of.token_segments.clamp(max=0),
    )
    loss_of(model, other, drop_condition=EVERY)
    first, second = (vectors[of.segment_is_valid] for vectors in seen)
    assert torch.equal(first, second)


def test_grounding_windows_are_the_vectors_of_training() -> None:
    model = masked_transformer()
    ids, windows = base_ids()[1], torch.tensor([[0, 4], [4, 8], [8, 12]])
    assert model.grounding is not None
    states = model.motion_states(ids).numpy()
    pooled = torch.from_numpy(mean_and_max_of_windows(states, windows.numpy()))
    with torch.no_grad():
        found = model.grounding.embed_pooled(pooled)
    nothing = TextCondition.unconditional(1, NUM_TOKENS, text_width=TEXT_WIDTH)
    with torch.no_grad():
        hidden = model.hidden(ids[None], torch.ones(1, NUM_TOKENS, dtype=torch.bool), nothing)
        membership = segment_membership(STARTS[1:2], ENDS[1:2], NUM_TOKENS)
        expected = model.grounding.embed_motion(hidden, membership)[0]
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(3))
    texts = model.embed_text_segments(torch.randn(2, TEXT_WIDTH, generator=seeded()))
    torch.testing.assert_close(texts.norm(dim=-1), torch.ones(2))


def test_draws_follow_the_generator_and_the_shares() -> None:
    model = masked_transformer(condition_dropout=0.2, timed_conditioning_dropout=0.3, grounding_light_masking=0.5)
    first, again = (model._draw(5000, NUM_TOKENS, seeded(5)) for _ in range(2))
    assert torch.equal(first.drop_condition, again.drop_condition)
    assert torch.equal(first.masking.order, again.masking.order)
    assert first.drop_condition.float().mean().item() == pytest.approx(0.2, abs=0.02)
    assert first.drop_timing.float().mean().item() == pytest.approx(0.3, abs=0.02)
    late = first.masking.time > 0.9
    assert late[first.drop_condition].float().mean().item() == pytest.approx(0.5 + 0.05, abs=0.05)
    assert late[~first.drop_condition].float().mean().item() == pytest.approx(0.1, abs=0.02)


def test_training_lowers_the_masked_loss() -> None:
    torch.manual_seed(0)
    model = MaskedTransformer(masked_transformer(dropout=0.1, condition_dropout=0.1).config)
    optimizer, generator = torch.optim.AdamW(model.parameters(), lr=1e-2), seeded()
    history = []
    for _ in range(120):
        loss = model.training_loss(base_ids(), TOKEN_IS_VALID, condition(), STARTS, ENDS, generator)
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        history.append(loss.cross_entropy.item())
    assert sum(history[:10]) / 10 == pytest.approx(math.log(NUM_CODES), abs=0.3)
    assert sum(history[-20:]) / 20 < 0.6 * math.log(NUM_CODES)


def test_training_lowers_the_residual_loss() -> None:
    torch.manual_seed(0)
    model = ResidualTransformer(residual_transformer(dropout=0.1, condition_dropout=0.1).config)
    optimizer, generator = torch.optim.AdamW(model.parameters(), lr=1e-2), seeded()
    history = []
    for _ in range(120):
        loss = model.training_loss(all_ids(), TOKEN_IS_VALID, condition(), generator)
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        history.append(loss.total.item())
    assert sum(history[:10]) / 10 == pytest.approx(math.log(NUM_CODES + 1), abs=0.3)
    assert sum(history[-20:]) / 20 < 0.6 * math.log(NUM_CODES)


def test_residual_loss_ignores_padding() -> None:
    model = residual_transformer()
    other = torch.where(TOKEN_IS_VALID[..., None], all_ids(), 3)
    with torch.no_grad():
        losses = [
            model.training_loss(ids, TOKEN_IS_VALID, condition(), seeded()).total.item() for ids in (all_ids(), other)
        ]
    assert losses[0] == losses[1]
