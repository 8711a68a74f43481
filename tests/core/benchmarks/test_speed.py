"""The yardstick of `segmo bench generate` gives the same tokens, so its times can be compared."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest
import torch

from segmo_core.benchmarks.generation_speed import measure_generation
from segmo_core.benchmarks.published_generation import PublishedTrunk, published_base_tokens, published_residual_tokens
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.token_transformers.sampling import generate_base_tokens, generate_residual_tokens, uniforms_from
from segmo_core.models.trunk import processor
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig

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


@pytest.mark.slow
def test_bench_compares_three_ways_at_the_published_sizes() -> None:
    speed = measure_generation(batch=1, rounds=1)
    assert speed.ids_are_identical
    assert 0.2 < speed.fast_agreement <= 1
    for name in ("published", "ours", "fast"):
        assert 0 < getattr(speed, f"{name}_best") <= getattr(speed, f"{name}_median")
    assert speed.gigaflops > 1


def waiting_of_threads(**given: str) -> list[str]:
    """What a fresh process with these variables sets for OpenMP."""
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    environment = {name: value for name, value in os.environ.items() if name not in names} | given
    script = f"import os, segmo_core; print(*(os.environ[name] for name in {names}))"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_threads_wait_as_the_user_says_and_spin_a_little_by_default() -> None:
    assert waiting_of_threads() == ["20000", "PASSIVE"]
    assert waiting_of_threads(GOMP_SPINCOUNT="7", OMP_WAIT_POLICY="ACTIVE") == ["7", "ACTIVE"]


def test_processor_says_what_it_has() -> None:
    assert isinstance(processor.has_bfloat16(), bool)
    kept = processor.keep_freed_memory()
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        assert kept
