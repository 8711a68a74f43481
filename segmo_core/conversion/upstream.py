"""Weights of the published code (MoMask, SegMo, T2M) in our modules: sizes, switches, strict loading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from segmo_core.conversion.upstream_names import (
    CODEBOOK,
    POSITION_TABLE,
    PROJECTION_BIAS,
    published_names,
    published_shapes,
    shape_text,
)
from segmo_core.errors import FileFormatError
from segmo_core.models.estimators.configs import NUM_CONTACT_COLUMNS, EvaluatorConfig, LengthEstimatorConfig
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig, TransformerConfig

Weights = Mapping[str, Tensor]
PUBLISHED_NUM_HEADS = 6
PUBLISHED_BLOCK_DROPOUT = 0.2  # in MoMask's residual convolutions; SegMo's have none

_COORDINATES_BEFORE_POSITIONS = 4


def published_masked_config(config: MaskedTransformerConfig, *, has_segments: bool) -> MaskedTransformerConfig:
    """``config`` (its sizes) with the switches of a published masked transformer.

    It is SegMo's with segments (condition dropout 0.2) and MoMask's without (0.1).
    """
    return replace(
        config,
        max_segments=config.max_segments if has_segments else 0,
        norm_first=False,
        segment_order_embedding=False,
        timed_conditioning=False,
        condition_dropout=0.2 if has_segments else 0.1,
        unconditional_sees_segment_count=True,
        alignment_weight=config.alignment_weight if has_segments else 0.0,
        alignment_include_padding=True,
        grounding_head=False,
    )


def published_residual_config(config: ResidualTransformerConfig, *, has_segments: bool) -> ResidualTransformerConfig:
    """``config`` (its sizes and weight sharing) with the switches of a published residual transformer."""
    return replace(
        config,
        max_segments=config.max_segments if has_segments else 0,
        norm_first=False,
        segment_order_embedding=False,
        timed_conditioning=False,
        unconditional_sees_segment_count=True,
        doubled_projection=not config.share_weights,
    )


def has_segment_alignment(weights: Weights) -> bool:
    """Whether a published masked transformer is SegMo's (it alone has the alignment block)."""
    return any(name.startswith("segment_align_block.") for name in weights)


def shares_weights(weights: Weights) -> bool:
    """Whether a published residual transformer shares embeddings and output projections."""
    return "embed_proj_shared_weight" in weights


def transformer_sizes(weights: Weights, num_heads: int = PUBLISHED_NUM_HEADS) -> TransformerConfig:
    """The sizes that a published transformer's tensors show; the number of heads they do not (published: 6)."""
    latent_width, code_width = _shape(weights, "input_process.poseEmbedding.weight", 2)
    if _is_residual(weights):
        name = "token_embed_weight_" if shares_weights(weights) else "token_embed_weight"
        num_codes = _shape(weights, name, 3)[1] - 1
    else:
        num_codes = _shape(weights, "token_emb.weight", 2)[0] - 2
    return TransformerConfig(
        num_codes=num_codes,
        code_width=code_width,
        latent_width=latent_width,
        feedforward_width=_shape(weights, "seqTransEncoder.layers.0.linear1.weight", 2)[0],
        num_layers=_count(weights, r"seqTransEncoder\.layers\.(\d+)\..+"),
        num_heads=num_heads,
        text_width=_shape(weights, "cond_emb.weight", 2)[1],
    )


def residual_num_quantizers(weights: Weights) -> int:
    """Q of a published residual transformer."""
    return _shape(weights, "quant_emb.weight", 2)[1]


def rvqvae_sizes(weights: Weights) -> RVQVAEConfig:
    """The sizes that a published RVQ-VAE's tensors show, with the position columns of its features."""
    width, feature_width, _ = _shape(weights, "encoder.model.0.weight", 3)
    num_codes, code_width = _shape(weights, f"quantizer.layers.0.{CODEBOOK}", 2)
    num_joints = (feature_width + 1) // 12  # D = 12 J - 1
    return RVQVAEConfig(
        feature_width=feature_width,
        num_codes=num_codes,
        code_width=code_width,
        num_quantizers=_count(weights, rf"quantizer\.layers\.(\d+)\.{CODEBOOK}"),
        width=width,
        depth=_count(weights, r"encoder\.model\.2\.1\.model\.(\d+)\..+"),
        downsampling_stages=_count(weights, r"encoder\.model\.(\d+)\.0\.weight"),
        position_start=_COORDINATES_BEFORE_POSITIONS,
        position_stop=_COORDINATES_BEFORE_POSITIONS + 3 * (num_joints - 1),
    )


def evaluator_sizes(weights: Weights) -> EvaluatorConfig:
    """The sizes that a published evaluator's tensors show."""
    movement_hidden_width, columns, _ = _shape(weights, "movement_encoder.main.0.weight", 3)
    word_width, num_word_classes = _shape(weights, "text_encoder.pos_emb.weight", 2)
    return EvaluatorConfig(
        feature_width=columns + NUM_CONTACT_COLUMNS,
        movement_hidden_width=movement_hidden_width,
        movement_width=_shape(weights, "movement_encoder.main.3.weight", 3)[0],
        word_width=word_width,
        num_word_classes=num_word_classes,
        text_state_width=_shape(weights, "text_encoder.input_emb.weight", 2)[0],
        motion_state_width=_shape(weights, "motion_encoder.input_emb.weight", 2)[0],
        embedding_width=_shape(weights, "motion_encoder.output_net.3.weight", 2)[0],
    )


def length_estimator_sizes(weights: Weights) -> LengthEstimatorConfig:
    """The sizes that a published length estimator's tensors show."""
    names = sorted(
        (name for name in weights if re.fullmatch(r"output\.\d+\.weight", name) and weights[name].dim() == 2),
        key=lambda name: int(name.split(".")[1]),
    )
    if len(names) < 2:
        raise FileFormatError("tensor 'output.0.weight' is missing, expected the layers of a length estimator")
    return LengthEstimatorConfig(
        text_width=_shape(weights, names[0], 2)[1],
        hidden_widths=tuple(weights[name].shape[0] for name in names[:-1]),
        num_classes=weights[names[-1]].shape[0],
    )


def load_published(module: nn.Module, weights: Weights) -> None:
    """Load a published state dict into ``module``, strictly.

    FileFormatError names the first tensor that is missing, unknown, of another shape or not of finite numbers.
    Published files hold no moving averages of codebooks, so these start afresh from the codes; a table of
    positions is not read, since it is a plain sinusoid.
    """
    check_tensors(weights, published_shapes(module), optional=(POSITION_TABLE,))
    loaded = module.state_dict()
    for ours, theirs in published_names(module).items():
        tensor = weights[theirs].to(loaded[ours].dtype)
        loaded[ours] = tensor[:-1].clone() if theirs == PROJECTION_BIAS else tensor
        if ours.endswith(f".{CODEBOOK}"):
            layer = ours.removesuffix(CODEBOOK)
            loaded[f"{layer}code_sum"] = tensor.clone()
            loaded[f"{layer}code_count"] = torch.ones(len(tensor))
            loaded[f"{layer}is_initialized"] = torch.tensor(True)
    module.load_state_dict(loaded)


def check_tensors(weights: Weights, shapes: Mapping[str, tuple[int, ...]], optional: tuple[str, ...] = ()) -> None:
    """Compare names and shapes with the list ``shapes``; FileFormatError names the first difference."""
    for name, shape in shapes.items():
        if name not in weights:
            if name in optional:
                continue
            raise FileFormatError(f"tensor {name!r} is missing, expected one of {shape_text(shape)}")
        if tuple(weights[name].shape) != shape:
            raise FileFormatError(f"tensor {name!r} is {shape_text(weights[name].shape)}, expected {shape_text(shape)}")
        if not weights[name].is_floating_point() or not bool(torch.isfinite(weights[name]).all()):
            raise FileFormatError(f"tensor {name!r} holds values that are not finite numbers")
    for name in weights:
        if name not in shapes:
            raise FileFormatError(f"tensor {name!r} is unknown, expected only the {len(shapes)} of the published model")


def _is_residual(weights: Weights) -> bool:
    return any(name.startswith(("quant_emb.", "token_embed_weight", "embed_proj_shared_weight")) for name in weights)


def _shape(weights: Weights, name: str, dimensions: int) -> tuple[int, ...]:
    if name not in weights:
        raise FileFormatError(f"tensor {name!r} is missing")
    if weights[name].dim() != dimensions:
        raise FileFormatError(f"tensor {name!r} is {shape_text(weights[name].shape)}, expected {dimensions} dimensions")
    return tuple(weights[name].shape)


def _count(weights: Weights, pattern: str) -> int:
    """How many different numbers the names that match ``pattern`` have."""
    return len({match[1] for name in weights if (match := re.fullmatch(pattern, name))})
