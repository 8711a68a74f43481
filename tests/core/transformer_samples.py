"""Small seeded transformers and batches for tests."""

from __future__ import annotations

import torch
from torch import Tensor

from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.trunk.conditioning import TextCondition, token_segments_from_ends
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig

NUM_CODES, TEXT_WIDTH = 16, 8
SIZES = {
    "num_codes": NUM_CODES,
    "code_width": 12,
    "latent_width": 16,
    "feedforward_width": 32,
    "num_layers": 2,
    "num_heads": 2,
    "text_width": TEXT_WIDTH,
}
LENGTHS = torch.tensor([9, 12, 5, 12])
NUM_TOKENS = 12
ENDS = torch.tensor([[3, 9, 0], [4, 8, 12], [5, 0, 0], [6, 12, 0]])
STARTS = torch.tensor([[0, 3, 0], [0, 4, 8], [0, 0, 0], [0, 6, 0]])
TOKEN_IS_VALID = torch.arange(NUM_TOKENS) < LENGTHS[:, None]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def masked_transformer(**switches: object) -> MaskedTransformer:
    torch.manual_seed(0)
    config = MaskedTransformerConfig(**(SIZES | {"max_segments": 3, "dropout": 0.0} | switches))  # type: ignore[arg-type]
    return livelier(MaskedTransformer(config).eval())


def residual_transformer(**switches: object) -> ResidualTransformer:
    torch.manual_seed(0)
    sizes = SIZES | {"max_segments": 3, "dropout": 0.0, "num_quantizers": 4}
    return livelier(ResidualTransformer(ResidualTransformerConfig(**(sizes | switches))).eval())  # type: ignore[arg-type]


def livelier(model: torch.nn.Module) -> torch.nn.Module:
    """Weights of a fresh model are so small that nothing depends on anything; enlarge them."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.3)
    return model


def condition(seed: int = 1) -> TextCondition:
    generator = seeded(seed)
    return TextCondition.from_embeddings(
        torch.randn(4, TEXT_WIDTH, generator=generator),
        torch.randn(4, 3, TEXT_WIDTH, generator=generator),
        ENDS > STARTS,
        token_segments_from_ends(ENDS, NUM_TOKENS),
    )


def base_ids(seed: int = 2) -> Tensor:
    return torch.randint(NUM_CODES, (4, NUM_TOKENS), generator=seeded(seed))


def all_ids(seed: int = 2) -> Tensor:
    return torch.randint(NUM_CODES, (4, NUM_TOKENS, 4), generator=seeded(seed))
