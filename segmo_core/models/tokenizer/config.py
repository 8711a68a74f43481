"""Sizes and switches of the tokenizer; torch-free, since bundles tell them."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.errors import ConfigError


@dataclass(frozen=True)
class RVQVAEConfig:
    """Sizes and loss weights; the defaults are the published ones (MoMask and SegMo, spec of both code bases).

    latent_dropout applies inside residual blocks (MoMask 0.2, SegMo 0). position_weight weighs the extra loss on
    the local joint positions, in the columns [position_start, position_stop). soft_limit: normalised features beyond so
    many standard deviations enter and leave the network logarithmically (``soft_limit.soft_limited``); 0 takes all as
    they are, as published.
    """

    feature_width: int = 263
    num_codes: int = 512
    code_width: int = 512
    num_quantizers: int = 6
    width: int = 512
    depth: int = 3
    dilation_growth: int = 3
    downsampling_stages: int = 2
    block_dropout: float = 0.0
    quantizer_dropout: float = 0.2
    quantizer_decay: float = 0.99
    quantizer_temperature: float = 0.5
    commitment_weight: float = 0.02
    position_weight: float = 0.5
    position_start: int = 4
    position_stop: int = 67
    soft_limit: float = 0.0

    def __post_init__(self) -> None:
        for name in ("feature_width", "num_codes", "code_width", "num_quantizers", "width", "depth"):
            if getattr(self, name) < 1:
                raise ConfigError(f"RVQVAEConfig.{name}: found {getattr(self, name)}, expected at least 1")
        if self.soft_limit < 0:
            raise ConfigError(f"RVQVAEConfig.soft_limit: found {self.soft_limit}, expected 0 or more")

    @property
    def frames_per_token(self) -> int:
        return int(2**self.downsampling_stages)
