"""Every tensor of the published files at their real sizes finds its place in our modules, and nothing is left over."""

from __future__ import annotations

import json

import pytest
import torch
from parity_fixtures import PARITY_FOLDER, needs_parity_fixtures
from torch import Tensor

from segmo_core.conversion.upstream import (
    convert_masked_transformer,
    convert_residual_transformer,
    convert_rvqvae,
    load_converted,
    published_masked_config,
    published_residual_config,
    transformer_sizes,
)
from segmo_core.errors import FileFormatError
from segmo_core.models.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.masked_transformer import MaskedTransformer
from segmo_core.models.residual_transformer import ResidualTransformer
from segmo_core.models.rvqvae import RVQVAE, RVQVAEConfig

pytestmark = needs_parity_fixtures


def published_weights(file: str, model: str) -> dict[str, Tensor]:
    """Tensors of the right shapes and no content."""
    shapes = json.loads((PARITY_FOLDER / f"{file}.json").read_text(encoding="utf-8"))[model]
    return {name: torch.zeros(shape, dtype=getattr(torch, kind)) for name, (kind, shape) in shapes.items()}


@pytest.mark.parametrize(
    ("file", "model", "feature_width"),
    [
        ("keys_momask_full", "rvq_t2m", 263),
        ("keys_momask_full", "rvq_kit", 251),
        ("keys_segmo_full", "segmo_vq_model", 263),
    ],
)
def test_rvqvae(file: str, model: str, feature_width: int) -> None:
    ours = RVQVAE(RVQVAEConfig(feature_width=feature_width))
    load_converted(ours, convert_rvqvae(published_weights(file, model)))
    assert all(layer.is_initialized for layer in ours.quantizer.layers)
    if feature_width == 263:
        assert sum(parameter.numel() for parameter in ours.parameters()) / 1e6 == pytest.approx(19.44, abs=0.006)


@pytest.mark.parametrize(
    ("file", "model", "has_segments", "millions"),
    [("keys_momask_full", "momask_t2m_transformer", False, 12.05), ("keys_segmo_full", "segmo_t2m_trans", True, 12.34)],
)
def test_masked_transformer(file: str, model: str, has_segments: bool, millions: float) -> None:
    weights = published_weights(file, model)
    sizes = MaskedTransformerConfig(**vars(transformer_sizes(weights)))
    ours = MaskedTransformer(published_masked_config(sizes, has_segments=has_segments))
    load_converted(ours, convert_masked_transformer(weights))
    assert sum(parameter.numel() for parameter in ours.parameters()) / 1e6 == pytest.approx(millions, abs=0.006)


@pytest.mark.parametrize(
    ("file", "model", "share_weights"),
    [
        ("keys_momask_full", "momask_res_transformer_share_weight", True),
        ("keys_momask_full", "momask_res_transformer_noshare", False),
        ("keys_segmo_full", "segmo_res_trans_share_weight", True),
    ],
)
def test_residual_transformer(file: str, model: str, share_weights: bool) -> None:
    weights = published_weights(file, model)
    sizes = ResidualTransformerConfig(**vars(transformer_sizes(weights)), share_weights=share_weights)
    ours = ResidualTransformer(published_residual_config(sizes, has_segments="segmo" in model))
    load_converted(ours, convert_residual_transformer(weights))


def test_unknown_missing_and_misshapen_tensors_are_named() -> None:
    weights = published_weights("keys_momask_full", "momask_t2m_transformer")
    with pytest.raises(FileFormatError, match=r"clip_model\.logit_scale"):
        convert_masked_transformer(weights | {"clip_model.logit_scale": torch.zeros(())})
    config = published_masked_config(MaskedTransformerConfig(), has_segments=False)
    converted = convert_masked_transformer(weights)
    with pytest.raises(FileFormatError, match=r"head\.output\.bias is missing"):
        load_converted(
            MaskedTransformer(config), {name: t for name, t in converted.items() if name != "head.output.bias"}
        )
    with pytest.raises(FileFormatError, match=r"token_embedding\.weight has shape \(3, 512\), expected \(514, 512\)"):
        load_converted(MaskedTransformer(config), converted | {"token_embedding.weight": torch.zeros(3, 512)})
