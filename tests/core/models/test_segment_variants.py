"""Aggregation and alignment variants: their numbers by hand, and that the default is the model it was."""

from __future__ import annotations

import hashlib
import math

import pytest
import torch
from torch import Tensor, nn
from transformer_samples import (
    ENDS,
    LENGTHS,
    NUM_TOKENS,
    SIZES,
    STARTS,
    TOKEN_IS_VALID,
    base_ids,
    condition,
    masked_transformer,
    seeded,
)

from segmo_core import catalog
from segmo_core.errors import ConfigError
from segmo_core.models.aggregation.cls import ClsAggregator
from segmo_core.models.aggregation.cross_attention import CrossAttentionAggregator
from segmo_core.models.aggregation.mean_max import segment_membership
from segmo_core.models.alignment.batch_level import BatchAlignment
from segmo_core.models.alignment.in_sample import InSampleAlignment
from segmo_core.models.alignment.segment_alignment import AlignmentInputs, contrastive_loss
from segmo_core.models.alignment.token_level import TokenAlignment
from segmo_core.models.alignment.whole_caption import GlobalAlignment
from segmo_core.models.token_transformers.masked_transformer import (
    MaskedTransformer,
    MaskedTransformerDraws,
    MaskedTransformerLoss,
)
from segmo_core.models.token_transformers.masking import MaskingDraws
from segmo_core.models.trunk.conditioned_transformer import TransformerLayer
from segmo_core.models.trunk.configs import MaskedTransformerConfig

AGGREGATIONS = ("mean", "max", "mean-max", "cross-attention", "cls")
ALIGNMENTS = ("in-sample", "batch-level", "global", "token", "none")
ONE_PAIR = math.log(1 + math.exp(-1))  # -log softmax of a cosine of 1 against a cosine of 0, at temperature 1


def aggregator(name: str) -> nn.Module:
    torch.manual_seed(0)
    config = MaskedTransformerConfig(**(SIZES | {"dropout": 0.0}))  # type: ignore[arg-type]
    module: nn.Module = catalog.load(catalog.AGGREGATORS, "aggregation", name).of(config)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module.eval()


@pytest.mark.parametrize("name", AGGREGATIONS)
@torch.no_grad()
def test_a_segment_vector_depends_on_its_own_tokens_alone(name):
    aggregate, hidden = aggregator(name), torch.randn(4, NUM_TOKENS, 16, generator=seeded())
    membership = segment_membership(STARTS, ENDS, NUM_TOKENS)
    vectors = aggregate(hidden, membership)
    assert vectors.shape == (4, 3, 16)
    changed = hidden.clone()
    changed[0, 3:9] += 1.0  # the second segment of sample 0
    changed[0, 9:] += 5.0  # beyond its end
    again = aggregate(changed, membership)
    moved = (again - vectors).abs().amax(dim=-1) > 1e-6
    assert moved.tolist() == [[False, True, False], [False] * 3, [False] * 3, [False] * 3]
    alone = aggregate(hidden[1:2, 4:8], torch.ones(1, 1, 4, dtype=torch.bool))
    torch.testing.assert_close(alone[0, 0], vectors[1, 1])


@pytest.mark.parametrize("name", AGGREGATIONS)
@torch.no_grad()
def test_empty_segments_are_finite_and_the_same_whatever_the_motion(name):
    aggregate = aggregator(name)
    membership = segment_membership(STARTS, ENDS, NUM_TOKENS)
    first, second = (aggregate(torch.randn(4, NUM_TOKENS, 16, generator=seeded(s)), membership)[2, 1:] for s in (0, 1))
    assert first.isfinite().all()
    assert torch.equal(first, second)


@torch.no_grad()
def test_cross_attention_is_torchs_own_with_the_learned_query():
    ours = aggregator("cross-attention")
    assert isinstance(ours, CrossAttentionAggregator)
    hidden = torch.randn(1, 5, 16, generator=seeded())
    theirs = nn.MultiheadAttention(16, 2, batch_first=True)
    theirs.in_proj_weight.copy_(torch.cat([torch.eye(16), ours.key_value.weight]))
    theirs.in_proj_bias.copy_(torch.cat([torch.zeros(16), ours.key_value.bias]))
    theirs.out_proj.weight.copy_(ours.output.weight)
    theirs.out_proj.bias.copy_(ours.output.bias)
    expected, _ = theirs(ours.query.view(1, 1, 16), hidden, hidden)
    torch.testing.assert_close(ours(hidden, torch.ones(1, 1, 5, dtype=torch.bool)), expected)


@torch.no_grad()
def test_cls_is_a_transformer_layer_read_at_its_first_token():
    ours = aggregator("cls")
    assert isinstance(ours, ClsAggregator)
    assert isinstance(ours.layer, TransformerLayer)
    theirs = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, activation="gelu", batch_first=True)
    layer = ours.layer
    for target, source in (
        (theirs.self_attn.in_proj_weight, layer.query_key_value.weight),
        (theirs.self_attn.in_proj_bias, layer.query_key_value.bias),
        (theirs.self_attn.out_proj.weight, layer.attention_output.weight),
        (theirs.self_attn.out_proj.bias, layer.attention_output.bias),
        (theirs.linear1.weight, layer.feedforward_in.weight),
        (theirs.linear1.bias, layer.feedforward_in.bias),
        (theirs.linear2.weight, layer.feedforward_out.weight),
        (theirs.linear2.bias, layer.feedforward_out.bias),
        (theirs.norm1.weight, layer.attention_norm.weight),
        (theirs.norm1.bias, layer.attention_norm.bias),
        (theirs.norm2.weight, layer.feedforward_norm.weight),
        (theirs.norm2.bias, layer.feedforward_norm.bias),
    ):
        target.copy_(source)
    hidden = torch.randn(1, 5, 16, generator=seeded())
    expected = theirs.eval()(torch.cat([ours.cls_token.view(1, 1, 16), hidden], dim=1))[:, :1]
    torch.testing.assert_close(ours(hidden, torch.ones(1, 1, 5, dtype=torch.bool)), expected)


def inputs() -> AlignmentInputs:
    """Two samples of three tokens: two segments (2 + 1 tokens) and one. Unit vectors, orthogonal where they differ."""
    east, north, up = torch.eye(3)
    membership = torch.tensor([[[True, True, False], [False, False, True]], [[True, True, True], [False] * 3]])
    return AlignmentInputs(
        motion=torch.stack([torch.stack([east, east, north]), torch.stack([up, up, up])]),
        token_is_valid=torch.ones(2, 3, dtype=torch.bool),
        text_segments=torch.stack([torch.stack([east, north]), torch.stack([up, east])]),
        segment_is_valid=torch.tensor([[True, True], [True, False]]),
        membership=membership,
        caption=torch.stack([(2 * east + north) / 5**0.5, up]),
    )


def mean_of(hidden: Tensor, membership: Tensor) -> Tensor:
    return aggregator("mean")(hidden, membership)  # type: ignore[no-any-return]


def test_in_sample_compares_within_the_sample_with_two_segments():
    loss = InSampleAlignment()(inputs(), mean_of, 1.0, False)
    assert loss.item() == pytest.approx(ONE_PAIR, abs=1e-6)


def test_batch_level_compares_the_three_present_segments_of_both_samples():
    loss = BatchAlignment()(inputs(), mean_of, 1.0, False)
    assert loss.item() == pytest.approx(math.log(1 + 2 * math.exp(-1)), abs=1e-6)


def test_global_compares_whole_captions_with_whole_motions():
    loss = GlobalAlignment()(inputs(), mean_of, 1.0, False)
    assert loss.item() == pytest.approx(ONE_PAIR, abs=1e-6)  # both captions are their motions' directions


def test_token_compares_each_token_with_the_texts_of_its_sample():
    alignment = TokenAlignment()
    both = inputs()
    first = both.of_rows(torch.tensor([0]))
    assert alignment(first, mean_of, 1.0, False).item() == pytest.approx(ONE_PAIR, abs=1e-6)
    # Three tokens of the other sample have one text to choose from: nothing to get wrong.
    assert alignment(both, mean_of, 1.0, False).item() == pytest.approx(ONE_PAIR / 2, abs=1e-6)


def test_a_lower_temperature_sharpens():
    expected = math.log(1 + math.exp(-10))
    for alignment in (InSampleAlignment(), GlobalAlignment(), TokenAlignment()):
        first = inputs() if isinstance(alignment, GlobalAlignment) else inputs().of_rows(torch.tensor([0]))
        assert alignment(first, mean_of, 0.1, False).item() == pytest.approx(expected, rel=1e-3)


def test_one_pair_has_nothing_to_be_told_from():
    vector = torch.ones(1, 3, requires_grad=True)
    loss = contrastive_loss(vector, vector, 0.1)
    loss.backward()
    assert loss.item() == 0.0


def loss_of(model: MaskedTransformer, drop_condition: Tensor, drop_timing: Tensor) -> MaskedTransformerLoss:
    masking = MaskingDraws.draw(4, NUM_TOKENS, 16, seeded(3))
    draws = MaskedTransformerDraws(masking, drop_condition, drop_timing)
    return model.training_loss(base_ids(), TOKEN_IS_VALID, condition(), STARTS, ENDS, draws=draws)


@pytest.mark.parametrize("alignment", ALIGNMENTS)
@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_every_combination_has_gradients_for_all_it_has(alignment, aggregation):
    model = masked_transformer(alignment=alignment, aggregation=aggregation, grounding_head=False).train()
    loss = loss_of(model, torch.zeros(4, dtype=torch.bool), torch.ones(4, dtype=torch.bool))
    loss.total.backward()
    assert (loss.alignment.item() > 0) == (alignment != "none")
    expected = loss.cross_entropy.item() + loss.alignment.item()
    assert loss.total.item() == pytest.approx(expected, rel=1e-6)
    missing = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert [name for name in missing if "timed_projection" not in name] == []
    has_aggregator = any(name.startswith("alignment_aggregator") for name in model.state_dict())
    assert has_aggregator == (alignment not in ("token", "none") and aggregation not in ("mean", "max"))


@pytest.mark.parametrize("alignment", ["in-sample", "batch-level", "global", "token"])
@torch.no_grad()
def test_no_variant_is_told_the_answer(alignment):
    """Samples whose tokens know their segment, or whose text was taken away, do not take part."""
    model, every = masked_transformer(alignment=alignment), torch.ones(4, dtype=torch.bool)
    assert loss_of(model, ~every, ~every).alignment.item() == 0.0
    assert loss_of(model, every, every).alignment.item() == 0.0
    assert loss_of(model, ~every, every).alignment.item() > 0.01


def test_weight_scales_the_alignment_term():
    every = torch.ones(4, dtype=torch.bool)
    kit = loss_of(masked_transformer(alignment_weight=0.1, grounding_head=False), ~every, every)
    assert kit.total.item() == pytest.approx(kit.cross_entropy.item() + 0.1 * kit.alignment.item(), rel=1e-6)


@pytest.mark.parametrize(
    ("switches", "sentence"),
    [
        ({"alignment": "batch"}, "alignment: 'batch' is unknown, expected one of in-sample, batch-level, global"),
        ({"aggregation": "sum"}, "aggregation: 'sum' is unknown, expected one of mean, max, mean-max"),
        ({"alignment": "token", "alignment_include_padding": True}, "exists only for in-sample alignment"),
    ],
)
def test_unknown_variants_are_refused_with_the_known_ones(switches, sentence):
    with pytest.raises(ConfigError, match=sentence):
        MaskedTransformerConfig(**switches)


def test_the_default_model_has_the_names_and_the_numbers_it_always_had():
    """Bundles and checkpoints of the time before variants existed must load and train on unchanged."""
    model = masked_transformer()
    assert (model.config.alignment, model.config.aggregation) == ("in-sample", "mean-max")
    names = list(model.state_dict())
    assert names[-8:] == [
        "alignment_aggregator.combine.weight", "alignment_aggregator.combine.bias",
        "grounding.text_in.weight", "grounding.text_in.bias", "grounding.text_out.weight", "grounding.text_out.bias",
        "grounding.motion.combine.weight", "grounding.motion.combine.bias",
    ]  # fmt: skip
    assert (len(names), hashlib.sha256(" ".join(names).encode()).hexdigest()[:16]) == (46, "46ce7d1692a3c7c9")
    masking = model._draw(4, NUM_TOKENS, seeded(3)).masking
    drop_condition = torch.tensor([True, False, False, True])
    draws = MaskedTransformerDraws(masking, drop_condition, torch.tensor([False, True, True, False]))
    loss = model.training_loss(base_ids(), TOKEN_IS_VALID, condition(), STARTS, ENDS, draws=draws)
    found = [value.item() for value in (loss.total, loss.cross_entropy, loss.alignment, loss.grounding)]
    assert found == pytest.approx([6.0186291, 3.5056024, 1.7459750, 1.5341029], rel=1e-5)
    loss.total.backward()
    norms = sum(p.grad.double().norm().item() for p in model.parameters() if p.grad is not None)
    assert norms == pytest.approx(52.572415, rel=1e-5)
    assert int(LENGTHS.sum()) == 38  # the sample behind these numbers
