"""A short test that this machine computes what it should: generation and training, here and on a GPU, in one minute.

Small models of random weights. On the processor ours is compared with the published way of doing the same, and the way
that GPUs go with the way of processors; on a GPU each with the processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from segmo_core.benchmarks.published_generation import PublishedTrunk, published_base_tokens, published_residual_tokens
from segmo_core.benchmarks.random_pools import LONGEST, random_pool
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.token_transformers.sampling import generate_base_tokens, generate_residual_tokens, uniforms_from
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.conditioning import TextCondition, token_segments_from_ends
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.trunk.processor import has_bfloat16
from segmo_core.progress import Progress
from segmo_core.training.loop import Trainer
from segmo_core.training.objectives.tokens import MaskedObjective, ResidualObjective, condition_of
from segmo_core.training.stage_settings import StageSettings

_SIZES: dict[str, Any] = {
    "latent_width": 64, "feedforward_width": 128, "num_layers": 2, "num_heads": 4, "dropout": 0.0,
    "segment_order_embedding": False, "timed_conditioning": False, "unconditional_sees_segment_count": True,
}  # fmt: skip
_BATCH, _STEPS = 8, 12
_FLOAT32, _BFLOAT16 = 1e-3, 5e-2  # how far losses may be apart, relatively
_SAME_IDS = 0.999  # a draw on the very border of two codes may fall to either side
_PROCESSOR = torch.device("cpu")


@dataclass(frozen=True)
class Check:
    """name: what was compared. found, expected: in words. passed: whether it is as it should be."""

    name: str
    found: str
    expected: str
    passed: bool
    seconds: float


def run_checks(progress: Progress) -> list[Check]:
    """All checks that this machine can make; those on a GPU where torch finds one."""
    wanted = list(_wanted())
    checks = []
    for number, (name, check) in enumerate(wanted):
        progress.raise_if_cancelled()
        progress.report(number / len(wanted), name)
        began = time.perf_counter()
        try:
            found, expected, passed = check()
        except (RuntimeError, NotImplementedError) as error:  # what torch says of a device that cannot
            found, expected, passed = str(error).splitlines()[0][:120], "no error", False
        checks.append(Check(name, found, expected, passed, time.perf_counter() - began))
    return checks


_Outcome = tuple[str, str, bool]


def _wanted() -> Iterator[tuple[str, Callable[[], _Outcome]]]:
    yield "generation as the published way, processor", lambda: _same_ids(_published(), _generated(_PROCESSOR))
    yield (
        "training step in fixed shapes, processor",
        lambda: _same_loss(_step(_PROCESSOR), _step(_PROCESSOR, fixed=True)),
    )
    if has_bfloat16():
        yield (
            "training step in bfloat16, processor",
            lambda: _same_loss(_step(_PROCESSOR), _step(_PROCESSOR, precision=torch.bfloat16), _BFLOAT16),
        )
    yield "training learns, processor", lambda: _learns(_PROCESSOR)
    for number in range(torch.cuda.device_count()):
        yield from _wanted_of(torch.device("cuda", number), f"GPU {number}")


def _wanted_of(device: torch.device, name: str) -> Iterator[tuple[str, Callable[[], _Outcome]]]:
    """Those on a GPU, each beside the processor."""
    yield f"generation, {name}", lambda: _same_ids(_generated(_PROCESSOR), _generated(device))
    yield f"decoded motion, {name}", lambda: _same_motion(device)
    yield f"training step, {name}", lambda: _same_loss(_step(_PROCESSOR), _step(device))
    yield (
        f"training step in bfloat16, {name}",
        lambda: _same_loss(_step(_PROCESSOR), _step(device, precision=torch.bfloat16), _BFLOAT16),
    )
    yield f"training learns, {name}", lambda: _learns(device)


def _models(device: torch.device, **switches: Any) -> tuple[MaskedTransformer, ResidualTransformer]:
    torch.manual_seed(0)
    masked = MaskedTransformer(MaskedTransformerConfig(**_SIZES, **switches))
    return masked.to(device), ResidualTransformer(ResidualTransformerConfig(**_SIZES)).to(device)


def _condition() -> tuple[TextCondition, Tensor]:
    generator = torch.Generator().manual_seed(1)
    ends = torch.tensor([[16, 32, LONGEST, 0, 0]]).repeat(_BATCH, 1)
    condition = TextCondition.from_embeddings(
        torch.randn(_BATCH, 512, generator=generator),
        torch.randn(_BATCH, 5, 512, generator=generator),
        (torch.arange(5) < 3)[None].repeat(_BATCH, 1),
        torch.full_like(token_segments_from_ends(ends, LONGEST), -1),
    )
    return condition, ends


@torch.inference_mode()
def _generated(device: torch.device) -> Tensor:
    """Ids (B, N, Q) of eight motions, by our way."""
    masked, residual = _models(device, grounding_head=False)
    masked.eval()
    residual.eval()
    condition, _ = _condition()
    generator = torch.Generator().manual_seed(2)
    lengths = torch.full((_BATCH,), LONGEST, device=device)
    base = generate_base_tokens(masked, condition.to(device), lengths, generator=generator)
    return generate_residual_tokens(residual, base, condition.to(device), generator=generator).cpu()


@torch.inference_mode()
def _published() -> Tensor:
    """The same by the published way, on the processor."""
    masked, residual = _models(_PROCESSOR, grounding_head=False)
    masked.eval()
    residual.eval()
    condition, ends = _condition()
    uniforms = uniforms_from(torch.Generator().manual_seed(2), _PROCESSOR)
    lengths = torch.full((_BATCH,), LONGEST)
    base = published_base_tokens(masked, PublishedTrunk(masked.trunk), condition, lengths, ends, uniforms)
    return published_residual_tokens(residual, PublishedTrunk(residual.trunk), base, condition, uniforms)


def _same_ids(wanted: Tensor, found: Tensor) -> _Outcome:
    share = float((wanted == found).double().mean())
    return f"{share:.2%} of {wanted.numel()} ids the same", f"{_SAME_IDS:.1%} or more", share >= _SAME_IDS


@torch.inference_mode()
def _same_motion(device: torch.device) -> _Outcome:
    torch.manual_seed(3)
    tokenizer = RVQVAE(RVQVAEConfig(width=64, code_width=32, num_codes=64)).eval()
    ids = torch.randint(64, (2, LONGEST, 6), generator=torch.Generator().manual_seed(4))
    for name, buffer in tokenizer.named_buffers():
        if name.endswith("codebook"):
            torch.nn.init.normal_(buffer)
    here = tokenizer.decode(ids)
    there = tokenizer.to(device).decode(ids.to(device)).cpu()
    apart = float((here - there).abs().max() / here.abs().max())
    return f"{apart:.1e} apart", f"{_FLOAT32:.0e} at most", apart <= _FLOAT32


def _step(device: torch.device, *, precision: torch.dtype = torch.float32, fixed: bool = False) -> tuple[float, float]:
    """Loss, and length of the gradient, of one step of the masked transformer with the same draws everywhere."""
    masked, _ = _models(device)
    masked.trunk.has_fixed_shapes = fixed
    batch = (
        random_pool(full_length=False).on(device).batch(np.arange(_BATCH), np.random.default_rng(0), fixed_length=True)
    )
    draws = masked._draw(_BATCH, LONGEST, torch.Generator().manual_seed(5))
    draws = replace(
        draws,
        masking=draws.masking.to(device),
        drop_condition=draws.drop_condition.to(device),
        drop_timing=draws.drop_timing.to(device),
    )
    with torch.autocast(device.type, precision, enabled=precision != torch.float32):
        loss = masked.training_loss(
            batch.token_ids[..., 0].clamp(min=0), batch.token_is_valid, condition_of(batch), batch.segment_starts,
            batch.segment_ends, segment_labels=batch.segment_labels, draws=draws,
        )  # fmt: skip
    loss.total.backward()
    squares = [
        parameter.grad.double().square().sum() for parameter in masked.parameters() if parameter.grad is not None
    ]
    return float(loss.total.detach()), float(torch.stack(squares).sum().sqrt())


def _same_loss(wanted: tuple[float, float], found: tuple[float, float], tolerance: float = _FLOAT32) -> _Outcome:
    apart = max(abs(a - b) / max(abs(a), 1e-9) for a, b in zip(wanted, found, strict=True))
    told = f"loss {found[0]:.4f}, gradient {found[1]:.4f}, {apart:.1e} apart"
    return told, f"{tolerance:.0e} at most", apart <= tolerance


def _learns(device: torch.device) -> _Outcome:
    """A few steps on the same eight sequences: the loss of both transformers must fall."""
    pool = random_pool(full_length=True)
    few = replace(pool, **{name: getattr(pool, name)[:_BATCH] for name in ("token_ids", "num_tokens", "ends", "labels",
                                                                         "sentence_rows", "caption_rows")})  # fmt: skip
    settings = StageSettings(steps=_STEPS, batch_size=_BATCH, learning_rate=5e-3, warmup_steps=1)
    falls = []
    masked, residual = _models(device)
    for objective in (MaskedObjective(masked, few, few, _BATCH), ResidualObjective(residual, few, few, _BATCH)):
        trainer = Trainer(objective, settings, str(device))
        losses = [float(trainer.step(step)["cross_entropy"]) for step in range(_STEPS)]
        falls.append(f"{losses[0]:.2f} to {min(losses[-3:]):.2f}")
        if not (np.isfinite(losses).all() and np.mean(losses[-3:]) < np.mean(losses[:3])):
            return f"cross-entropy {falls[-1]}", "less at the end", False
    return f"cross-entropy {', '.join(falls)}", "less at the end", True
