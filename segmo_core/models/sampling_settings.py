"""Torch-free facts about generation that requests, bundles and models share."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from segmo_core.errors import InvalidRequestError


@dataclass(frozen=True)
class SamplingSettings:
    """How tokens are drawn. guidance_scale 1 means no guidance; top_k_share is the share of classes kept."""

    steps: int = 10
    guidance_scale: float = 4.0
    residual_guidance_scale: float = 5.0
    temperature: float = 1.0
    top_k_share: float = 0.1

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 100:
            raise InvalidRequestError(f"steps: {self.steps}, expected 1 to 100")
        for name in ("guidance_scale", "residual_guidance_scale"):
            if not 0 <= getattr(self, name) <= 30:
                raise InvalidRequestError(f"{name}: {getattr(self, name)}, expected 0 to 30")
        if not 0 < self.temperature <= 10:
            raise InvalidRequestError(f"temperature: {self.temperature}, expected above 0 and at most 10")
        if not 0 < self.top_k_share <= 1:
            raise InvalidRequestError(f"top_k_share: {self.top_k_share}, expected above 0 and at most 1")


@dataclass(frozen=True)
class SamplingOverrides:
    """Single settings a user changed; None leaves a bundle's own value."""

    steps: int | None = None
    guidance_scale: float | None = None

    def applied_to(self, own: SamplingSettings) -> SamplingSettings:
        """``own`` with the changed values. Raises InvalidRequestError where one is out of range.

        Example:
            >>> SamplingOverrides(guidance_scale=2.0).applied_to(SamplingSettings()).guidance_scale
            2.0
        """
        return replace(own, **{name: value for name, value in vars(self).items() if value is not None})


@dataclass(frozen=True)
class GroundingCalibration:
    """How sure a similarity makes us: a logistic curve, fitted on joined validation clips (Platt 1999).

    The defaults are those of a head that nobody calibrated.
    """

    slope: float = 8.0
    offset: float = -4.4

    def confidence(self, score: float) -> float:
        """Probability that a stretch of this similarity shows what the text says."""
        return 1.0 / (1.0 + math.exp(-(self.slope * score + self.offset)))
