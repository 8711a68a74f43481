"""A parity fixture (outputs of the published code), and the comparisons made with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from segmo_core.conversion.upstream_names import published_names
from segmo_core.errors import FileFormatError
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.serialization import read_json

RELATIVE_TOLERANCE = 1e-4
MODEL_PREFIX = "model."
SMALLEST_SCALE = 1e-12


class Fixture:
    """NAME.safetensors with its NAME.json: tensors by name, ``weights`` of the model, ``facts``."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._json = Path(folder) / f"{name}.json"
        self._tensors_path = Path(folder) / f"{name}.safetensors"
        self.facts: dict[str, Any] = read_json(self._json)
        if not isinstance(self.facts, dict):
            raise FileFormatError(f"{self._json}: found a {type(self.facts).__name__}, expected an object")

    def fact(self, *path: str) -> Any:
        """The value at ``path`` in the JSON file; FileFormatError names the key that is missing."""
        value: Any = self.facts
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise FileFormatError(f"{self._json}: key {'.'.join(path)!r} is missing")
            value = value[key]
        return value

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._tensors:
            raise FileFormatError(f"{self._tensors_path}: tensor {name!r} is missing")
        return self._tensors[name]

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def array(self, name: str) -> NDArray[np.float64]:
        return self[name].double().numpy()

    def names(self, pattern: str) -> dict[str, re.Match[str]]:
        """Tensor names that match all of ``pattern``, with the match."""
        return {name: match for name in sorted(self._tensors) if (match := re.fullmatch(pattern, name))}

    def weights(self, prefix: str = MODEL_PREFIX) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): tensor for name, tensor in self._tensors.items() if name.startswith(prefix)}

    def token_is_valid(self, num_tokens: int) -> Tensor:
        """(B, N) bool of the lengths of the fixture's samples."""
        return torch.arange(num_tokens) < self["lens"][:, None]

    @property
    def has_segments(self) -> bool:
        """SegMo conditions on the caption and its segments, MoMask on the caption alone."""
        return "cond" in self

    def condition(self, num_tokens: int) -> TextCondition:
        """The text condition of the fixture's samples, of which some segments are absent."""
        untold = torch.full((len(self["lens"]), num_tokens), -1)
        if self.has_segments:
            cond = self["cond"]
            return TextCondition.from_embeddings(cond[:, 0], cond[:, 1:], self["action_mask"], untold)
        text = self["text"]
        nothing = torch.zeros(len(text), 0, dtype=torch.bool)
        return TextCondition.from_embeddings(text, torch.zeros(len(text), 0, text.shape[1]), nothing, untold)

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        try:
            return load_file(self._tensors_path)
        except (SafetensorError, OSError) as error:
            raise FileFormatError(f"{self._tensors_path}: not readable as safetensors ({error})") from None


def dropped(condition: TextCondition) -> TextCondition:
    """The same batch without its text."""
    return replace(condition, is_dropped=torch.ones_like(condition.is_dropped))


def stored_uniforms(stored: Tensor) -> Callable[[tuple[int, ...]], Tensor]:
    """A source of randomness that hands out the stored numbers call by call."""
    remaining = iter(stored)

    def take(shape: tuple[int, ...]) -> Tensor:
        uniforms: Tensor | None = next(remaining, None)
        if uniforms is None or tuple(uniforms.shape) != tuple(shape):
            found = "no more" if uniforms is None else str(tuple(uniforms.shape))
            raise FileFormatError(f"stored random numbers: {found}, expected {tuple(shape)}")
        return uniforms

    return take


@dataclass(frozen=True)
class Check:
    """One comparison. error: the largest difference relative to the largest stored value (None for ids).

    is_identical: whether ids are equal (None for floats). problem: why it could not be compared.
    """

    name: str
    passes: bool
    error: float | None = None
    is_identical: bool | None = None
    problem: str = ""


class Comparisons:
    """Collects the checks of one fixture."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def floats(
        self, name: str, found: ArrayLike | Tensor, expected: ArrayLike | Tensor, scale: float | None = None
    ) -> None:
        """Numbers or arrays that must agree to 1e-4 of the largest stored value, or of ``scale``."""
        ours, theirs = _as_array(found), _as_array(expected)
        if ours.shape != theirs.shape:
            self.problem(name, f"shape {ours.shape}, expected {theirs.shape}")
            return
        if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
            self.problem(name, "not all values are finite numbers")
            return
        largest = float(np.abs(theirs).max(initial=0.0)) if scale is None else scale
        error = float(np.abs(ours - theirs).max(initial=0.0)) / max(largest, SMALLEST_SCALE)
        self.checks.append(Check(name, passes=error <= RELATIVE_TOLERANCE, error=error))

    def ids(self, name: str, found: Tensor, expected: Tensor) -> None:
        """Integers or booleans that must be equal."""
        is_identical = bool(torch.equal(found.long(), expected.long()))
        self.checks.append(Check(name, passes=is_identical, is_identical=is_identical))

    def equal(self, name: str) -> None:
        """Names or other facts that were found to be equal."""
        self.checks.append(Check(name, passes=True, is_identical=True))

    def gradient_norms(self, name: str, module: nn.Module, expected: Mapping[str, float]) -> None:
        """Norms by published name; each is compared with itself, tiny ones with the largest.

        A gradient that is nothing but what rounding left of a sum (a hundred-thousandth of the largest) has no digits.
        """
        gradients = {key: parameter.grad for key, parameter in module.named_parameters()}
        found = {}
        for ours, theirs in published_names(module).items():
            gradient = gradients.get(ours)
            if gradient is not None or (ours in gradients and theirs in expected):
                found[theirs] = 0.0 if gradient is None else float(gradient.double().norm())
        if set(found) != set(expected):
            differing = sorted(set(found) ^ set(expected))
            self.problem(name, f"gradient of {differing[0]!r} is on one side only")
            return
        floor = max(map(abs, expected.values()), default=0.0) * 1e-5
        scales = {key: max(abs(norm), floor, SMALLEST_SCALE) for key, norm in expected.items()}
        keys = list(expected)
        self.floats(
            name, [found[key] / scales[key] for key in keys], [expected[key] / scales[key] for key in keys], 1.0
        )

    def problem(self, name: str, sentence: str) -> None:
        self.checks.append(Check(name, passes=False, problem=sentence))


def _as_array(value: ArrayLike | Tensor) -> NDArray[np.float64]:
    if isinstance(value, Tensor):
        value = value.detach().double().numpy()
    array = np.asarray(value, dtype=np.float64)
    return array.reshape(1) if array.ndim == 0 else array
