"""Shared fixtures: a tiny seeded bundle (random weights, real format) and a synthetic walk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON


@pytest.fixture(scope="session")
def tiny_bundle(make_tiny_bundle: Callable[..., Path]) -> Path:
    """A bundle folder with small random models: everything works, motions are noise."""
    return make_tiny_bundle("tiny")


@pytest.fixture(scope="session")
def make_tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes bundles like ``tiny_bundle``; see save_tiny_bundle for what may differ."""
    return lambda name, **options: save_tiny_bundle(tmp_path_factory.mktemp("bundles") / name, **options)


def save_tiny_bundle(
    folder: Path, seed: int = 7, transformer_seed: int | None = None, max_segments: int = 5, kit: bool = False
) -> Path:
    """Write a bundle named like its folder. seed: of all weights. transformer_seed: another one for all but the
    tokenizer. kit: of KIT-ML's layout, 251 features at 12.5 frames a second.
    """
    import torch

    from segmo_core.bundle import save_bundle
    from segmo_core.models.sampling_settings import SamplingSettings
    from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
    from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
    from segmo_core.models.tokenizer.config import RVQVAEConfig
    from segmo_core.models.tokenizer.rvqvae import RVQVAE
    from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
    from segmo_core.motion.features import KIT_LAYOUT, features_from_joints
    from segmo_core.motion.skeleton import KIT_SKELETON
    from segmo_core.retargeting.to_kit_skeleton import to_kit_skeleton

    torch.manual_seed(seed)
    sizes = {"num_codes": 32, "code_width": 16, "text_width": 384, "latent_width": 32, "feedforward_width": 64}
    sizes |= {"num_layers": 2, "num_heads": 2, "max_segments": max_segments}
    if max_segments == 0:
        sizes |= {"segment_order_embedding": False, "timed_conditioning": False}
    motions = {"feature_width": 251, "position_stop": 64} if kit else {}
    tokenizer = RVQVAE(RVQVAEConfig(num_codes=32, code_width=16, num_quantizers=3, width=16, depth=1, **motions))
    for layer in tokenizer.quantizer.layers:
        torch.nn.init.normal_(layer.codebook)
    joints = synthetic_walk_positions(120)
    if kit:
        walk = features_from_joints(to_kit_skeleton(joints, 1000 * KIT_SKELETON.bone_lengths), KIT_LAYOUT)
    else:
        walk = features_from_joints(joints)
    if transformer_seed is not None:
        torch.manual_seed(transformer_seed)
    save_bundle(
        folder,
        name=folder.name,
        description="random weights for tests",
        licence="MIT",
        text_encoder="minilm",
        tokenizer=tokenizer,
        masked_transformer=MaskedTransformer(MaskedTransformerConfig(**sizes)),
        residual_transformer=ResidualTransformer(ResidualTransformerConfig(num_quantizers=3, **sizes)),
        statistics=FeatureStatistics(walk.mean(axis=0), np.maximum(walk.std(axis=0), 0.02)),
        model_card=f"# {folder.name}\nRandom weights for tests.\n",
        sampling=SamplingSettings(steps=4),
        frame_rate=12.5 if kit else 20.0,
    )
    return folder


def synthetic_walk_positions(num_frames: int, speed: float = 1.2) -> np.ndarray:
    """(T, 22, 3) metres at 20 fps: a body that walks along +Z, legs and arms swinging in opposite phase."""
    from segmo_core.motion.kinematics import forward_kinematics
    from segmo_core.motion.rotations import from_axis_angle

    time = np.arange(num_frames) / 20.0
    swing = 0.5 * np.sin(2 * np.pi * 0.9 * time)
    local = np.zeros((num_frames, 22, 4))
    local[..., 0] = 1.0
    x_axis, z_axis = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    names = MODEL_SKELETON.joint_names
    for side, sign in (("left", 1.0), ("right", -1.0)):
        local[:, names.index(f"{side}_hip")] = from_axis_angle(x_axis, sign * swing)
        local[:, names.index(f"{side}_knee")] = from_axis_angle(x_axis, np.maximum(0.0, sign * swing))
        local[:, names.index(f"{side}_shoulder")] = from_axis_angle(z_axis, np.full(num_frames, -sign * 1.3))
    root = np.zeros((num_frames, 3))
    root[:, 1] = 0.93
    root[:, 2] = speed * time
    return forward_kinematics(MODEL_SKELETON, local, root)


@pytest.fixture(scope="session")
def walk() -> Motion:
    """Three seconds of a synthetic walk on the model's skeleton."""
    return rigid_motion(MODEL_SKELETON, synthetic_walk_positions(60), 20.0)
