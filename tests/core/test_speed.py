"""The yardstick of `segmo bench generate` gives the same tokens, so its times can be compared."""

from __future__ import annotations

import torch

from segmo_core.evaluation.published_way import PublishedTrunk, published_base_tokens, published_residual_tokens
from segmo_core.models.conditioning import TextCondition
from segmo_core.models.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.masked_transformer import MaskedTransformer
from segmo_core.models.residual_transformer import ResidualTransformer
from segmo_core.models.sampling import generate_base_tokens, generate_residual_tokens, uniforms_from

SWITCHES = {"segment_order_embedding": False, "timed_conditioning": False, "unconditional_sees_segment_count": True}
SIZES = {"num_codes": 32, "code_width": 16, "text_width": 24, "latent_width": 32, "feedforward_width": 64}
SIZES |= {"num_layers": 2, "num_heads": 4}


def test_published_way_decides_the_same_tokens_as_ours() -> None:
    torch.manual_seed(3)
    masked = MaskedTransformer(MaskedTransformerConfig(grounding_head=False, **SIZES, **SWITCHES)).eval()
    residual = ResidualTransformer(ResidualTransformerConfig(num_quantizers=4, **SIZES, **SWITCHES)).eval()
    lengths, ends = torch.tensor([11, 8]), torch.tensor([[4, 11, 0, 0, 0], [3, 6, 8, 0, 0]])
    condition = TextCondition.from_embeddings(
        torch.randn(2, 24), torch.randn(2, 5, 24), ends > 0, torch.full((2, 11), -1)
    )
    generator = torch.Generator().manual_seed(5)
    base = generate_base_tokens(masked, condition, lengths, generator=generator)
    ids = generate_residual_tokens(residual, base, condition, generator=generator)
    uniforms = uniforms_from(torch.Generator().manual_seed(5), torch.device("cpu"))
    expected = published_base_tokens(masked, PublishedTrunk(masked.trunk), condition, lengths, ends, uniforms)
    assert torch.equal(base, expected)
    trunk = PublishedTrunk(residual.trunk)
    assert torch.equal(ids, published_residual_tokens(residual, trunk, expected, condition, uniforms))
    assert ids[1, 8:].unique().tolist() == [-1]
