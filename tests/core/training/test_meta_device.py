"""Training steps on torch's meta device, which holds no numbers: whoever looks one up on the host fails there.

A GPU does not fail, it waits: every lookup lets it run dry once a step.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformer_samples import (
    ENDS,
    NUM_CODES,
    NUM_TOKENS,
    STARTS,
    TOKEN_IS_VALID,
    all_ids,
    base_ids,
    condition,
    masked_transformer,
    residual_transformer,
)

from segmo_core import catalog
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformerDraws
from segmo_core.models.token_transformers.masking import MaskingDraws
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformerDraws
from segmo_core.models.trunk.conditioning import TextCondition

LABELS = torch.tensor([[0, 1, -1], [2, 1, 0], [3, -1, -1], [0, 3, -1]])


def on_meta(value: TextCondition) -> TextCondition:
    return value.to("meta")


def draws() -> MaskedTransformerDraws:
    masking = MaskingDraws.draw(4, NUM_TOKENS, NUM_CODES, torch.Generator().manual_seed(0)).to(torch.device("meta"))
    dropped = torch.zeros(4, dtype=torch.bool, device="meta")
    return MaskedTransformerDraws(masking, dropped, dropped)


@pytest.mark.parametrize("include_padding", [False, True])
@pytest.mark.parametrize("aggregation", list(catalog.AGGREGATORS))
@pytest.mark.parametrize("alignment", [*catalog.ALIGNMENTS, "none"])
def test_no_masked_step_looks_a_number_up(alignment: str, aggregation: str, include_padding: bool) -> None:
    if include_padding and alignment not in ("in-sample", "none"):
        pytest.skip("only in-sample alignment has it")
    switches = {"alignment": alignment, "aggregation": aggregation, "alignment_include_padding": include_padding}
    model = masked_transformer(**switches).to("meta").train()
    loss = model.training_loss(
        base_ids().to("meta"), TOKEN_IS_VALID.to("meta"), on_meta(condition()), STARTS.to("meta"), ENDS.to("meta"),
        segment_labels=LABELS.to("meta"), draws=draws(), count_padding=include_padding,
    )  # fmt: skip
    loss.total.backward()
    assert all(parameter.grad is None or parameter.grad.is_meta for parameter in model.parameters())


@pytest.mark.parametrize("share_weights", [False, True])
def test_no_residual_step_looks_a_number_up(share_weights: bool) -> None:
    model = residual_transformer(share_weights=share_weights).to("meta").train()
    dropped = torch.zeros(4, dtype=torch.bool, device="meta")
    own = ResidualTransformerDraws(torch.rand(4, device="meta"), dropped, dropped)
    loss = model.training_loss(all_ids().to("meta"), TOKEN_IS_VALID.to("meta"), on_meta(condition()), draws=own)
    loss.total.backward()
    assert replace(own).time.is_meta
