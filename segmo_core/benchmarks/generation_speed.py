"""How long generation takes at the published sizes, as a ratio to the published way in the same run."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from segmo_core.benchmarks.published_generation import PublishedTrunk, published_base_tokens, published_residual_tokens
from segmo_core.benchmarks.turns import seconds_in_turns
from segmo_core.models.devices import usable_device
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.token_transformers.sampling import generate_base_tokens, generate_residual_tokens, uniforms_from
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.conditioning import TextCondition, token_segments_from_ends
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.trunk.packed_linear import pack_linears
from segmo_core.progress import Progress, SilentProgress

NUM_TOKENS = 49
NUM_SEGMENTS = 3
SEED = 2  # its draws keep off the boundaries of codes: published float32 and float64 ids are the same for 16 motions


@dataclass(frozen=True)
class GenerationSpeed:
    """Seconds for one batch (best and median of all runs), text encoding excluded.

    published, ours: float32. fast: ours with layers in bfloat16; float32 as well where the processor has none.
    agreement: share of our token ids that are the published way's; below 1 only where a draw lies so close to the
    boundary of two codes that the order of summation decides. fast_agreement: the same for the fast way against ours.
    gigaflops: float32 matrix product of this machine in the same run, the ceiling.
    """

    batch: int
    threads: int
    published_best: float
    published_median: float
    ours_best: float
    ours_median: float
    fast_best: float
    fast_median: float
    agreement: float
    fast_agreement: float
    gigaflops: float

    @property
    def ids_are_identical(self) -> bool:
        return self.agreement == 1.0

    @property
    def ratio(self) -> float:
        """How many times faster than the published way, by the medians."""
        return self.published_median / self.ours_median

    @property
    def fast_ratio(self) -> float:
        return self.published_median / self.fast_median


def _wait_for(device: torch.device) -> None:
    """Until what was asked of the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.inference_mode()
def measure_generation(
    batch: int = 1, rounds: int = 5, progress: Progress | None = None, *, device: str = "cpu"
) -> GenerationSpeed:
    """Time whole generations of 196 frames with random weights of the published sizes, the ways taking turns.

    Raises InvalidRequestError for a device that is not there.
    """
    progress, place = progress or SilentProgress(), usable_device(device)
    torch.manual_seed(0)
    switches: dict[str, Any] = {
        "segment_order_embedding": False,
        "timed_conditioning": False,
        "unconditional_sees_segment_count": True,
    }
    masked = MaskedTransformer(MaskedTransformerConfig(grounding_head=False, **switches)).eval().to(place)
    residual = ResidualTransformer(ResidualTransformerConfig(**switches)).eval().to(place)
    tokenizer = RVQVAE(RVQVAEConfig()).eval().to(place)
    lengths = torch.full((batch,), NUM_TOKENS, device=place)
    ends = torch.tensor([[16, 32, NUM_TOKENS, 0, 0]]).repeat(batch, 1)
    condition = TextCondition.from_embeddings(
        torch.randn(batch, 512),
        torch.randn(batch, 5, 512),
        torch.arange(5)[None].repeat(batch, 1) < NUM_SEGMENTS,
        torch.full_like(token_segments_from_ends(ends, NUM_TOKENS), -1),
    ).to(place)
    trunks = PublishedTrunk(masked.trunk), PublishedTrunk(residual.trunk)

    def decide(base_model: MaskedTransformer, residual_model: ResidualTransformer) -> torch.Tensor:
        generator = torch.Generator().manual_seed(SEED)
        base = generate_base_tokens(base_model, condition, lengths, generator=generator)
        ids = generate_residual_tokens(residual_model, base, condition, generator=generator)
        tokenizer.decode(ids)
        return ids

    def ours() -> torch.Tensor:
        return decide(masked, residual)

    def published() -> torch.Tensor:
        uniforms = uniforms_from(torch.Generator().manual_seed(SEED), place)
        base = published_base_tokens(masked, trunks[0], condition, lengths, ends.to(place), uniforms)
        ids = published_residual_tokens(residual, trunks[1], base, condition, uniforms)
        tokenizer.decode(ids)
        return ids

    fast_models = copy.deepcopy(masked), copy.deepcopy(residual)
    for model in (masked, residual, *fast_models) if place.type == "cpu" else ():
        pack_linears(model)
    for quick in fast_models:
        quick.trunk.use_bfloat16()

    def fast() -> torch.Tensor:
        return decide(*fast_models)

    ways: dict[str, Callable[[], torch.Tensor]] = {"published": published, "ours": ours, "fast": fast}
    ids = {name: way() for name, way in ways.items()}  # also the warm-up

    def timed(way: Callable[[], torch.Tensor]) -> Callable[[], float]:
        def run() -> float:
            started = time.perf_counter()
            way()
            _wait_for(place)
            return time.perf_counter() - started

        return run

    seconds = seconds_in_turns({name: timed(way) for name, way in ways.items()}, rounds, progress)
    return GenerationSpeed(
        batch=batch,
        threads=torch.get_num_threads(),
        published_best=min(seconds["published"]),
        published_median=statistics.median(seconds["published"]),
        ours_best=min(seconds["ours"]),
        ours_median=statistics.median(seconds["ours"]),
        fast_best=min(seconds["fast"]),
        fast_median=statistics.median(seconds["fast"]),
        agreement=_agreement(ids["ours"], ids["published"]),
        fast_agreement=_agreement(ids["fast"], ids["ours"]),
        gigaflops=matrix_product_gigaflops(),
    )


def _agreement(ids: torch.Tensor, others: torch.Tensor) -> float:
    return float((ids == others).float().mean())


def matrix_product_gigaflops(size: int = 1536, rounds: int = 5) -> float:
    """Best float32 rate of a square matrix product, in 10^9 operations a second."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best / 1e9
