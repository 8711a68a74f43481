"""Outputs of the published code (see the README beside them), and how tests compare with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from segmo_core.models.conditioning import TextCondition

PARITY_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "parity"
MODEL_PREFIX = "model."
RELATIVE_TOLERANCE = 1e-4

needs_parity_fixtures = pytest.mark.skipif(
    not PARITY_FOLDER.is_dir(), reason=f"outputs of the published code are not at {PARITY_FOLDER}"
)


class Fixture:
    """One NAME.safetensors with its NAME.json: tensors by name, ``weights`` of the model, ``facts``."""

    def __init__(self, name: str) -> None:
        self.facts: dict[str, Any] = json.loads((PARITY_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        self._tensors = load_file(PARITY_FOLDER / f"{name}.safetensors")

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def weights(self, prefix: str = MODEL_PREFIX) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): tensor.clone()
            for name, tensor in self._tensors.items()
            if name.startswith(prefix)
        }

    def token_is_valid(self, num_tokens: int) -> Tensor:
        return torch.arange(num_tokens) < self["lens"][:, None]


@cache
def read_fixture(name: str) -> Fixture:
    return Fixture(name)


def assert_close(found: Tensor, expected: Tensor, relative: float = RELATIVE_TOLERANCE) -> None:
    """Largest difference relative to the largest expected value."""
    assert found.shape == expected.shape
    difference = (found.double() - expected.double()).abs().max().item()
    scale = max(expected.double().abs().max().item(), 1e-12)
    assert difference <= relative * scale, f"differs by {difference:.3g} at a scale of {scale:.3g}"


def published_condition(fixture: Fixture) -> TextCondition:
    """MoMask conditions on ``text`` (B, W) alone, SegMo on ``cond`` (B, 1 + S, W), some segments absent."""
    batch, num_tokens = len(fixture["lens"]), int(fixture["lens"].max())
    untold = torch.full((batch, num_tokens), -1)
    if "cond" in fixture:
        cond = fixture["cond"]
        return TextCondition.from_embeddings(cond[:, 0], cond[:, 1:], fixture["action_mask"], untold)
    text = fixture["text"]
    none = torch.zeros(batch, 0, dtype=torch.bool)
    return TextCondition.from_embeddings(text, torch.zeros(batch, 0, text.shape[1]), none, untold)


def dropped(condition: TextCondition) -> TextCondition:
    return replace(condition, is_dropped=torch.ones_like(condition.is_dropped))


def stored_uniforms(stored: Tensor) -> Callable[[tuple[int, ...]], Tensor]:
    """A source of randomness that hands out the stored numbers call by call."""
    remaining = iter(stored)

    def take(shape: tuple[int, ...]) -> Tensor:
        uniforms = next(remaining)
        assert tuple(uniforms.shape) == tuple(shape)
        return uniforms

    return take


def assert_gradient_norms(
    module: nn.Module, convert: Any, foreign_weights: Mapping[str, Tensor], expected: Mapping[str, float]
) -> None:
    """Gradient norms by foreign name; ``convert`` is the same renaming that loads the weights."""
    by_shape_name = {
        name: torch.full_like(tensor, index) for index, (name, tensor) in enumerate(foreign_weights.items())
    }
    names = list(foreign_weights)
    renamed = {ours: names[int(marker.flatten()[0])] for ours, marker in convert(by_shape_name).items()}
    found = {
        renamed[name]: 0.0 if parameter.grad is None else parameter.grad.norm().item()
        for name, parameter in module.named_parameters()
    }
    assert set(found) == set(expected)
    for name, norm in expected.items():
        assert found[name] == pytest.approx(norm, rel=1e-3, abs=1e-5), name
