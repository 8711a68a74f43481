"""A training configuration so small that all its stages take seconds, and a data set as small."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from segmo_core.motion.motion import Motion
from segmo_core.training.finetuning.clip_folder import write_clip_folder
from segmo_core.training.finetuning.own_clips import OwnClip


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


def write_tiny_data(folder: Path, walk: Motion) -> Path:
    """A data set of mocap22's layout: twelve walks, a quarter of them for validation."""
    joints = np.repeat(walk.joint_positions, 2, axis=0)
    rehearsed = [OwnClip(f"walk-{number}", joints[: 80 + number], ("a person walks",)) for number in range(12)]
    own = [OwnClip("own", joints[:80], ("a person moonwalks",))]
    return write_clip_folder(folder, own, rehearsed, 0.3, "MIT")
