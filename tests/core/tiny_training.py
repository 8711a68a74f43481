"""A training configuration so small that all its stages take seconds."""

from __future__ import annotations

import json
from pathlib import Path


def write_tiny_config(path: Path, stage: dict[str, object], **more: object) -> Path:
    """stage: the settings of the three stages. more: further keys of the configuration."""
    transformer = {
        "num_codes": 8, "code_width": 8, "text_width": 384, "latent_width": 16, "feedforward_width": 32,
        "num_layers": 1, "num_heads": 2, "dropout": 0.0,
    }  # fmt: skip
    config = {
        "name": "tiny", "masked": transformer, "residual": transformer | {"num_quantizers": 2}, "threads": 1,
        "tokenizer": {"num_codes": 8, "code_width": 8, "num_quantizers": 2, "width": 16, "depth": 1},
        "stages": dict.fromkeys(("tokenizer", "masked", "residual"), stage),
    }  # fmt: skip
    path.write_text(json.dumps(config | more))
    return path
