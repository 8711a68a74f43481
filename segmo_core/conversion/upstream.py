"""Weights of the published code (MoMask, SegMo) under our names. Every foreign name lives here.

A ``convert_*`` function takes a state dict as it is stored (a ``clip_model.`` part already stripped, as in the
released files) and gives one that our module loads strictly. An unknown name is a FileFormatError that says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from segmo_core.errors import FileFormatError
from segmo_core.models.configs import MaskedTransformerConfig, ResidualTransformerConfig, TransformerConfig

Weights = dict[str, Tensor]

_POSITION_BUFFER = "position_enc.pe"

_TRUNK_NAMES = {
    "input_process.poseEmbedding": "trunk.input_projection",
    "cond_emb": "trunk.condition_projection",
    "output_process.dense": "head.dense",
    "output_process.LayerNorm": "head.norm",
    "output_process.poseFinal": "head.output",
}
_MASKED_NAMES = {
    "token_emb": "token_embedding",
    "segment_align_block.gather_ln": "alignment_aggregator.combine",
}
_RESIDUAL_NAMES = {"quant_emb": "layer_projection"}
_RESIDUAL_TENSORS = {
    "token_embed_weight_": "first_embedding",
    "embed_proj_shared_weight": "shared_weights",
    "output_proj_weight_": "last_projection",
    "token_embed_weight": "embeddings",
    "output_proj_weight": "projections",
    "output_proj_bias": "projection_bias",
}
_LAYER = re.compile(r"seqTransEncoder\.layers\.(\d+)\.(.+)")
_LAYER_NAMES = {
    "self_attn.in_proj_weight": "query_key_value.weight",
    "self_attn.in_proj_bias": "query_key_value.bias",
    "self_attn.out_proj.weight": "attention_output.weight",
    "self_attn.out_proj.bias": "attention_output.bias",
    "linear1.weight": "feedforward_in.weight",
    "linear1.bias": "feedforward_in.bias",
    "linear2.weight": "feedforward_out.weight",
    "linear2.bias": "feedforward_out.bias",
    "norm1.weight": "attention_norm.weight",
    "norm1.bias": "attention_norm.bias",
    "norm2.weight": "feedforward_norm.weight",
    "norm2.bias": "feedforward_norm.bias",
}

_CONVOLUTION_NAMES = {"conv1": "dilated", "conv2": "pointwise"}
_ENCODER_BLOCK = re.compile(r"encoder\.model\.(\d+)\.1\.model\.(\d+)\.(conv[12])\.(\w+)")
_ENCODER_DOWN = re.compile(r"encoder\.model\.(\d+)\.0\.(\w+)")
_DECODER_BLOCK = re.compile(r"decoder\.model\.(\d+)\.0\.model\.(\d+)\.(conv[12])\.(\w+)")
_DECODER_UP = re.compile(r"decoder\.model\.(\d+)\.2\.(\w+)")
_PLAIN = re.compile(r"(encoder|decoder)\.model\.(\d+)\.(\w+)")
_CODEBOOK = re.compile(r"quantizer\.layers\.(\d+)\.codebook")
_FIRST_STAGE = 2  # modules 0 and 1 of both published stacks are a convolution and a ReLU


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


def convert_masked_transformer(weights: Mapping[str, Tensor]) -> Weights:
    """Names of a ``t2m_transformer`` / ``t2m_trans`` state dict."""
    return _convert_transformer(weights, _TRUNK_NAMES | _MASKED_NAMES, {}, "masked transformer")


def convert_residual_transformer(weights: Mapping[str, Tensor]) -> Weights:
    """Names of a ``res_transformer`` / ``res_trans`` state dict, with shared weights or without.

    The last row of an output bias is dropped: the published network never reads it.
    """
    converted = _convert_transformer(weights, _TRUNK_NAMES | _RESIDUAL_NAMES, _RESIDUAL_TENSORS, "residual transformer")
    if "projection_bias" in converted:
        converted["projection_bias"] = converted["projection_bias"][:-1].clone()
    return converted


def convert_rvqvae(weights: Mapping[str, Tensor]) -> Weights:
    """Names of a ``vq_model`` / ``net`` state dict.

    The published files hold no moving averages, so these start afresh from the codebooks.
    """
    num_stages = len({name for name in weights if re.fullmatch(r"encoder\.model\.\d+\.0\.weight", name)})
    converted: Weights = {}
    for name, tensor in weights.items():
        if match := _CODEBOOK.fullmatch(name):
            layer = f"quantizer.layers.{match[1]}"
            converted[f"{layer}.codebook"] = tensor
            converted[f"{layer}.code_sum"] = tensor.clone()
            converted[f"{layer}.code_count"] = torch.ones(len(tensor), dtype=tensor.dtype)
            converted[f"{layer}.is_initialized"] = torch.tensor(True)
        else:
            converted[_rvqvae_name(name, num_stages)] = tensor
    return converted


def load_converted(module: nn.Module, weights: Weights) -> None:
    """Load strictly; FileFormatError names the first tensor that is missing, too much or of another shape."""
    expected = module.state_dict()
    for name in expected:
        if name not in weights:
            raise FileFormatError(f"published weights: {name} is missing after renaming")
    for name, tensor in weights.items():
        if name not in expected:
            raise FileFormatError(f"published weights: {name} has no place in this model")
        if tensor.shape != expected[name].shape:
            raise FileFormatError(
                f"published weights: {name} has shape {tuple(tensor.shape)}, expected {tuple(expected[name].shape)}"
            )
    module.load_state_dict(weights)


def transformer_sizes(weights: Mapping[str, Tensor], num_heads: int = 6) -> TransformerConfig:
    """The sizes that a published transformer's tensors show; the number of heads they do not (published: 6)."""
    layers = {match[1] for name in weights if (match := _LAYER.fullmatch(name))}
    needed = ("input_process.poseEmbedding.weight", "cond_emb.weight", "seqTransEncoder.layers.0.linear1.weight")
    for name in needed:
        if name not in weights:
            raise FileFormatError(f"published transformer: {name} is missing")
    latent_width, code_width = weights[needed[0]].shape
    return TransformerConfig(
        num_codes=weights["token_emb.weight"].shape[0] - 2 if "token_emb.weight" in weights else _rows(weights) - 1,
        code_width=code_width,
        latent_width=latent_width,
        feedforward_width=weights[needed[2]].shape[0],
        num_layers=len(layers),
        num_heads=num_heads,
        text_width=weights[needed[1]].shape[1],
    )


def _rows(weights: Mapping[str, Tensor]) -> int:
    for name in ("token_embed_weight_", "token_embed_weight"):
        if name in weights:
            return weights[name].shape[1]
    raise FileFormatError("published transformer: no token embedding, expected token_emb or token_embed_weight")


def _convert_transformer(
    weights: Mapping[str, Tensor], modules: dict[str, str], tensors: dict[str, str], kind: str
) -> Weights:
    converted: Weights = {}
    for name, tensor in weights.items():
        module, _, leaf = name.rpartition(".")
        match = _LAYER.fullmatch(name)
        if name == _POSITION_BUFFER:
            continue  # a plain sinusoid, computed by our own module
        if match and match[2] in _LAYER_NAMES:
            converted[f"trunk.layers.{match[1]}.{_LAYER_NAMES[match[2]]}"] = tensor
        elif name in tensors:
            converted[tensors[name]] = tensor
        elif module in modules:
            converted[f"{modules[module]}.{leaf}"] = tensor
        else:
            raise FileFormatError(f"published {kind}: tensor {name!r} is unknown")
    return converted


def _rvqvae_name(name: str, num_stages: int) -> str:
    if match := _ENCODER_BLOCK.fullmatch(name):
        stage, block, convolution, leaf = match.groups()
        return f"encoder.stages.{int(stage) - _FIRST_STAGE}.1.{block}.{_CONVOLUTION_NAMES[convolution]}.{leaf}"
    if match := _DECODER_BLOCK.fullmatch(name):
        stage, block, convolution, leaf = match.groups()
        return f"decoder.stages.{int(stage) - _FIRST_STAGE}.0.{block}.{_CONVOLUTION_NAMES[convolution]}.{leaf}"
    if match := _ENCODER_DOWN.fullmatch(name):
        return f"encoder.stages.{int(match[1]) - _FIRST_STAGE}.0.{match[2]}"
    if match := _DECODER_UP.fullmatch(name):
        return f"decoder.stages.{int(match[1]) - _FIRST_STAGE}.2.{match[2]}"
    after = _FIRST_STAGE + num_stages
    plain = {
        ("encoder", 0): "encoder.input",
        ("encoder", after): "encoder.output",
        ("decoder", 0): "decoder.input",
        ("decoder", after): "decoder.hidden",
        ("decoder", after + 2): "decoder.output",
    }
    match = _PLAIN.fullmatch(name)
    if match and (match[1], int(match[2])) in plain:
        return f"{plain[match[1], int(match[2])]}.{match[3]}"
    raise FileFormatError(f"published RVQ-VAE: tensor {name!r} is unknown")
