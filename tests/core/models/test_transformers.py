"""What the transformers' own additions do, on small models with random weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from transformer_samples import (
    LENGTHS,
    NUM_CODES,
    NUM_TOKENS,
    TEXT_WIDTH,
    TOKEN_IS_VALID,
    all_ids,
    base_ids,
    condition,
    masked_transformer,
    residual_transformer,
    seeded,
)

from segmo_core.errors import ConfigError, InvalidRequestError
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.trunk.conditioned_transformer import TransformerLayer
from segmo_core.models.trunk.conditioning import TextCondition, token_segments_from_ends
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.trunk.dropout import dropout
from segmo_core.models.trunk.processor import has_bfloat16
from segmo_core.models.trunk.sequence_layout import SequenceLayout
from segmo_core.serialization import from_plain, to_plain


def logits(model: MaskedTransformer, of: TextCondition, ids: Tensor | None = None) -> Tensor:
    with torch.no_grad():
        return model.logits(base_ids() if ids is None else ids, TOKEN_IS_VALID, of)[TOKEN_IS_VALID]


def permuted(of: TextCondition, order: list[int]) -> TextCondition:
    """Segments given in another order, each token still told the same text."""
    position = torch.tensor([order.index(segment) for segment in range(len(order))] + [-1])
    return replace(
        of,
        segment_embeddings=of.segment_embeddings[:, order],
        segment_is_valid=of.segment_is_valid[:, order],
        token_segments=position[of.token_segments],
    )


def test_token_segments_from_ends() -> None:
    ends = torch.tensor([[2, 5, 6], [3, 5, 5], [4, 0, 0]])
    expected = [[0, 0, 1, 1, 1, 2, -1], [0, 0, 0, 1, 1, -1, -1], [0, 0, 0, 0, -1, -1, -1]]
    assert token_segments_from_ends(ends, 7).tolist() == expected


def test_condition_of_wrong_shape_is_refused() -> None:
    of = condition()
    with pytest.raises(InvalidRequestError, match=r"segment_embeddings has shape \(4, 2, 8\), expected \(4, 3, 8\)"):
        replace(of, segment_embeddings=of.segment_embeddings[:, :2])


@pytest.mark.parametrize("norm_first", [False, True])
def test_layer_equals_torch(norm_first: bool) -> None:
    torch.manual_seed(0)
    ours = TransformerLayer(16, num_heads=2, feedforward_width=32, dropout=0.0, norm_first=norm_first).eval()
    theirs = nn.TransformerEncoderLayer(
        16, 2, 32, dropout=0.0, activation="gelu", batch_first=True, norm_first=norm_first
    ).eval()
    names = {
        "self_attn.in_proj_weight": "query_key_value.weight", "self_attn.in_proj_bias": "query_key_value.bias",
        "self_attn.out_proj.weight": "attention_output.weight", "self_attn.out_proj.bias": "attention_output.bias",
        "linear1.weight": "feedforward_in.weight", "linear1.bias": "feedforward_in.bias",
        "linear2.weight": "feedforward_out.weight", "linear2.bias": "feedforward_out.bias",
        "norm1.weight": "attention_norm.weight", "norm1.bias": "attention_norm.bias",
        "norm2.weight": "feedforward_norm.weight", "norm2.bias": "feedforward_norm.bias",
    }  # fmt: skip
    weights = {name: torch.randn_like(tensor) for name, tensor in theirs.state_dict().items()}
    theirs.load_state_dict(weights)
    ours.load_state_dict({names[name]: tensor for name, tensor in weights.items()})
    states = torch.randn(4, NUM_TOKENS, 16)
    with torch.no_grad():
        expected = theirs(states, src_key_padding_mask=~TOKEN_IS_VALID)
    some = TOKEN_IS_VALID[:, 3:] & (torch.rand(4, NUM_TOKENS - 3) < 0.4)
    some[2] = False  # of one sequence nothing is wanted
    for layout in (SequenceLayout.of(TOKEN_IS_VALID), SequenceLayout.ragged(TOKEN_IS_VALID)):
        assert layout.positions is not None  # padding is left out
        with torch.no_grad():
            found = layout.to_batch(ours(layout.to_rows(states), layout))
        torch.testing.assert_close(found[TOKEN_IS_VALID], expected[TOKEN_IS_VALID], rtol=1e-4, atol=1e-4)
        for only, read in ((None, TOKEN_IS_VALID[:, 3:]), (some, some)):
            wanted, wanted_layout = layout.from_column(3, states.device, only)
            assert len(wanted) == read.sum()
            with torch.no_grad():
                later = wanted_layout.to_batch(ours(layout.to_rows(states), layout, (wanted, wanted_layout)))
            torch.testing.assert_close(later[read], expected[:, 3:][read], rtol=1e-4, atol=1e-4)


def test_neighbours_of_equal_length_attend_in_one_kernel() -> None:
    keys = SequenceLayout.ragged(torch.arange(4) < torch.tensor([3, 3, 2, 4, 4, 4])[:, None])
    assert keys.counts == (3, 3, 2, 4, 4, 4)
    assert list(keys.runs(keys)) == [(2, 3, 3), (1, 2, 2), (3, 4, 4)]
    _, last_two = keys.from_column(2, torch.device("cpu"))
    assert list(last_two.runs(keys)) == [(2, 1, 3), (1, 0, 2), (3, 2, 4)]


def test_outputs_of_some_tokens_do_not_hang_on_which_are_read() -> None:
    model, some = masked_transformer(), TOKEN_IS_VALID & (torch.arange(NUM_TOKENS) % 3 == 1)
    with torch.no_grad():
        every = model.hidden(base_ids(), TOKEN_IS_VALID, condition())
        torch.testing.assert_close(model.hidden(base_ids(), TOKEN_IS_VALID, condition(), some)[some], every[some])
    with_gradients = model.hidden(base_ids(), TOKEN_IS_VALID, condition())
    torch.testing.assert_close(with_gradients[TOKEN_IS_VALID], every[TOKEN_IS_VALID], rtol=1e-4, atol=1e-4)


def test_bfloat16_layers_keep_about_two_digits_and_give_float32() -> None:
    if not has_bfloat16():
        pytest.skip("this processor has no bfloat16 arithmetic")
    model = masked_transformer()
    exact = logits(model, condition())
    model.trunk.use_bfloat16()
    rounded = logits(model, condition())
    assert rounded.dtype == torch.float32
    error = (rounded - exact).square().mean().sqrt() / exact.std()
    assert 1e-3 < error < 0.05
    model.logits(base_ids(), TOKEN_IS_VALID, condition()).sum().backward()  # gradients still go the exact way
    torch.testing.assert_close(
        model.logits(base_ids(), TOKEN_IS_VALID, condition())[TOKEN_IS_VALID], exact, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("norm_first", [False, True])
def test_bfloat16_weights_as_on_a_gpu_keep_about_two_digits(norm_first: bool) -> None:
    """The way of devices without packed layers, computed on the processor: layers are bfloat16, the rest is not."""
    model = masked_transformer(norm_first=norm_first)
    with torch.no_grad():
        exact = model.hidden(base_ids(), TOKEN_IS_VALID, condition())[TOKEN_IS_VALID]
        model.trunk._become_bfloat16()
        rounded = model.hidden(base_ids(), TOKEN_IS_VALID, condition())[TOKEN_IS_VALID]
    assert rounded.dtype == torch.float32
    error = (rounded - exact).square().mean().sqrt() / exact.std()
    assert 1e-3 < error < 0.05


@pytest.mark.parametrize("norm_first", [False, True])
def test_bfloat16_layers_mix_no_types_off_the_processor(norm_first: bool) -> None:
    """On torch's meta device, which checks types and shapes and computes nothing."""
    model = masked_transformer(norm_first=norm_first).to("meta")
    model.trunk.use_bfloat16()
    with torch.no_grad():
        found = model.trunk(
            torch.empty(*TOKEN_IS_VALID.shape, model.config.code_width, device="meta"),
            TOKEN_IS_VALID.to("meta"),
            condition().to("meta"),
            fixed_shapes=True,
            want_segments=True,
        )
    assert found.motion.dtype == torch.float32
    assert found.segments is not None
    assert found.segments.dtype == torch.float32


def test_training_attention_equals_fused_attention() -> None:
    """With dropout on, a processor takes another path through attention; without drops it must agree."""
    torch.manual_seed(0)
    layer = TransformerLayer(16, num_heads=2, feedforward_width=32, dropout=1e-9, norm_first=False)
    layout = SequenceLayout.of(TOKEN_IS_VALID)
    rows = layout.to_rows(torch.randn(4, NUM_TOKENS, 16))
    with torch.no_grad():
        torch.testing.assert_close(layer.train()(rows, layout), layer.eval()(rows, layout))


def test_dropout_keeps_the_mean_and_the_share() -> None:
    torch.manual_seed(0)
    dropped = dropout(torch.ones(401, 499), 0.2, training=True)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.2, abs=0.005)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.005)
    assert dropped.max().item() == pytest.approx(1.25, abs=1e-4)
    along_rows = (dropped[:, 1:] == 0) & (dropped[:, :-1] == 0)
    assert along_rows.float().mean().item() == pytest.approx(0.04, abs=0.003)  # neighbours are independent
    assert torch.equal(dropout(torch.ones(3), 0.2, training=False), torch.ones(3))


def test_padding_does_not_influence_valid_tokens() -> None:
    for model in (masked_transformer(), masked_transformer(unconditional_sees_segment_count=True)):
        other_padding = torch.where(TOKEN_IS_VALID, base_ids(), 7)
        assert torch.equal(logits(model, condition()), logits(model, condition(), other_padding))
        alone = model.logits(base_ids()[2:3, :5], torch.ones(1, 5, dtype=torch.bool), take(condition(), 2, 5))
        with torch.no_grad():
            batch = model.logits(base_ids(), TOKEN_IS_VALID, condition())
        torch.testing.assert_close(batch[2, :5], alone[0], rtol=1e-4, atol=1e-4)


def take(of: TextCondition, index: int, num_tokens: int) -> TextCondition:
    one = {name: tensor[index : index + 1] for name, tensor in vars(of).items() if tensor is not None}
    return TextCondition(**(one | {"token_segments": one["token_segments"][:, :num_tokens]}))


def test_absent_segments_do_not_influence_anything() -> None:
    model, of = masked_transformer(), condition()
    other = of.segment_embeddings.masked_fill(~of.segment_is_valid[..., None], 5.0)
    torch.testing.assert_close(logits(model, of), logits(model, replace(of, segment_embeddings=other)))


def test_order_of_segments_without_and_with_order_embedding() -> None:
    published = masked_transformer(timed_conditioning=False, segment_order_embedding=False)
    timed = masked_transformer(segment_order_embedding=False)
    ordered = masked_transformer(timed_conditioning=False)
    shuffled = permuted(condition(), [2, 0, 1])
    for model in (published, timed):
        torch.testing.assert_close(logits(model, condition()), logits(model, shuffled), rtol=1e-4, atol=1e-4)
    assert (logits(ordered, condition()) - logits(ordered, shuffled)).abs().max() > 0.1


def test_timing_changes_the_logits_only_of_a_timed_model() -> None:
    of = condition()
    moved = replace(
        of,
        token_segments=token_segments_from_ends(
            torch.tensor([[5, 9, 0], [2, 8, 12], [5, 0, 0], [8, 12, 0]]), NUM_TOKENS
        ),
    )
    timed, untimed = masked_transformer(), masked_transformer(timed_conditioning=False)
    assert (logits(timed, of) - logits(timed, moved)).abs().max() > 0.1
    assert (logits(timed, of) - logits(timed, of.without_timing())).abs().max() > 0.1
    assert torch.equal(logits(untimed, of), logits(untimed, moved))


def test_unconditional_pass_knows_no_text_no_timing_no_count() -> None:
    model = masked_transformer()
    nothing = TextCondition.unconditional(4, NUM_TOKENS, text_width=TEXT_WIDTH)
    dropped = replace(condition(), is_dropped=torch.ones(4, dtype=torch.bool))
    torch.testing.assert_close(logits(model, dropped), logits(model, nothing), rtol=1e-4, atol=1e-4)
    published = masked_transformer(unconditional_sees_segment_count=True)
    assert (logits(published, dropped) - logits(published, nothing)).abs().max() > 1e-3


def test_guidance_pair_is_the_condition_and_nothing() -> None:
    model, of = masked_transformer(), condition()
    with torch.no_grad():
        both = model.logits(base_ids().repeat(2, 1), TOKEN_IS_VALID.repeat(2, 1), of.for_guidance())
    torch.testing.assert_close(both[:4][TOKEN_IS_VALID], logits(model, of), rtol=1e-4, atol=1e-4)
    dropped = replace(of, is_dropped=torch.ones(4, dtype=torch.bool))
    torch.testing.assert_close(both[4:][TOKEN_IS_VALID], logits(model, dropped), rtol=1e-4, atol=1e-4)


def test_residual_history_is_the_sum_of_lower_layers() -> None:
    for model in (residual_transformer(), residual_transformer(share_weights=False)):
        layers = torch.tensor([1, 2, 3, 2])
        expected = torch.stack(
            [
                sum((model.embed_layer(all_ids()[row, :, q], q) for q in range(int(layers[row]))), torch.zeros(()))
                for row in range(4)
            ]
        )
        torch.testing.assert_close(model._history(all_ids(), layers), expected)


def test_shared_weights_are_embedding_and_projection() -> None:
    model = residual_transformer()
    hidden = torch.randn(3, 12, generator=seeded())
    embedded = model.embed_layer(torch.arange(NUM_CODES + 1), 2)
    torch.testing.assert_close(model.project(hidden, 2), hidden @ embedded.T)


@pytest.mark.parametrize("kind", [MaskedTransformerConfig, ResidualTransformerConfig])
def test_config_json_round_trip(kind: type) -> None:
    config = kind(num_layers=3, dropout=0.1, max_segments=4)
    assert from_plain(kind, to_plain(config)) == config
    with pytest.raises(ConfigError, match="unknown key 'layers'"):
        from_plain(kind, to_plain(config) | {"layers": 3})


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"latent_width": 100, "num_heads": 6}, "latent_width: 100, expected a multiple of num_heads"),
        ({"dropout": 1.0}, "dropout: 1.0, expected 0 to below 1"),
        ({"max_segments": 0}, "need max_segments of at least 1"),
        ({"alignment_temperature": 0.0}, "alignment_temperature: 0.0, expected above 0"),
    ],
)
def test_config_out_of_range(switches: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        MaskedTransformerConfig(**switches)  # type: ignore[arg-type]


def test_lengths_of_the_samples_leave_padding() -> None:
    assert LENGTHS.tolist() == TOKEN_IS_VALID.sum(dim=1).tolist()
