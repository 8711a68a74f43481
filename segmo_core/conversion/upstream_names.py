"""What the published code (MoMask, SegMo, T2M) calls the tensors of our modules: their names live here."""

from __future__ import annotations

import re
from collections.abc import Callable

from torch import Size, nn

from segmo_core.errors import ConfigError
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.conditioned_transformer import MAX_TOKENS

POSITION_TABLE = "position_enc.pe"  # a plain sinusoid, which our modules compute and published files may lack
PROJECTION_BIAS = "output_proj_bias"  # published with one row more than there are layers; that row is never read
CODEBOOK = "codebook"

Rename = tuple[str, str | Callable[[re.Match[str]], str]]

_TRUNK: tuple[Rename, ...] = (
    (r"trunk\.input_projection\.(\w+)", r"input_process.poseEmbedding.\1"),
    (r"trunk\.condition_projection\.(\w+)", r"cond_emb.\1"),
    (r"trunk\.layers\.(\d+)\.query_key_value\.(\w+)", r"seqTransEncoder.layers.\1.self_attn.in_proj_\2"),
    (r"trunk\.layers\.(\d+)\.attention_output\.(\w+)", r"seqTransEncoder.layers.\1.self_attn.out_proj.\2"),
    (r"trunk\.layers\.(\d+)\.feedforward_in\.(\w+)", r"seqTransEncoder.layers.\1.linear1.\2"),
    (r"trunk\.layers\.(\d+)\.feedforward_out\.(\w+)", r"seqTransEncoder.layers.\1.linear2.\2"),
    (r"trunk\.layers\.(\d+)\.attention_norm\.(\w+)", r"seqTransEncoder.layers.\1.norm1.\2"),
    (r"trunk\.layers\.(\d+)\.feedforward_norm\.(\w+)", r"seqTransEncoder.layers.\1.norm2.\2"),
    (r"head\.dense\.(\w+)", r"output_process.dense.\1"),
    (r"head\.norm\.(\w+)", r"output_process.LayerNorm.\1"),
    (r"head\.output\.(\w+)", r"output_process.poseFinal.\1"),
)
_MASKED: tuple[Rename, ...] = (
    (r"token_embedding\.weight", "token_emb.weight"),
    (r"alignment_aggregator\.combine\.(\w+)", r"segment_align_block.gather_ln.\1"),
)
_RESIDUAL: tuple[Rename, ...] = (
    (r"layer_projection\.(\w+)", r"quant_emb.\1"),
    (r"first_embedding", "token_embed_weight_"),
    (r"shared_weights", "embed_proj_shared_weight"),
    (r"last_projection", "output_proj_weight_"),
    (r"embeddings", "token_embed_weight"),
    (r"projections", "output_proj_weight"),
    (r"projection_bias", PROJECTION_BIAS),
)
_EVALUATOR: tuple[Rename, ...] = (
    (r"movement\.first\.(\w+)", r"movement_encoder.main.0.\1"),
    (r"movement\.second\.(\w+)", r"movement_encoder.main.3.\1"),
    (r"movement\.output\.(\w+)", r"movement_encoder.out_net.\1"),
    (r"word_class\.(\w+)", r"text_encoder.pos_emb.\1"),
    (r"(text|motion)\.initial_state", r"\1_encoder.hidden"),
    (r"(text|motion)\.input\.(\w+)", r"\1_encoder.input_emb.\2"),
    (r"(text|motion)\.recurrent\.(\w+)", r"\1_encoder.gru.\2"),
    (r"(text|motion)\.hidden\.(\w+)", r"\1_encoder.output_net.0.\2"),
    (r"(text|motion)\.norm\.(\w+)", r"\1_encoder.output_net.1.\2"),
    (r"(text|motion)\.output\.(\w+)", r"\1_encoder.output_net.3.\2"),
)
_FIRST_STAGE = 2  # modules 0 and 1 of both published stacks are a convolution and a ReLU
_CONVOLUTIONS = {"dilated": "conv1", "pointwise": "conv2"}


def published_names(module: nn.Module) -> dict[str, str]:
    """Our tensor name -> the published one, for every tensor of ``module`` that published files hold."""
    renames = [(re.compile(pattern), target) for pattern, target in _renames(module)]
    names = {}
    for name in module.state_dict():
        for pattern, target in renames:
            if match := pattern.fullmatch(name):
                names[name] = target(match) if callable(target) else match.expand(target)
    return names


def published_shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    """Published tensor name -> shape: the list that a file for ``module`` must match."""
    tensors = module.state_dict()
    shapes = {theirs: tuple(tensors[ours].shape) for ours, theirs in published_names(module).items()}
    if PROJECTION_BIAS in shapes:
        layers, classes = shapes[PROJECTION_BIAS]
        shapes[PROJECTION_BIAS] = (layers + 1, classes)
    if isinstance(module, (MaskedTransformer, ResidualTransformer)):
        shapes[POSITION_TABLE] = (MAX_TOKENS, 1, module.config.latent_width)
    return shapes


def _renames(module: nn.Module) -> tuple[Rename, ...]:
    if isinstance(module, MaskedTransformer):
        return _TRUNK + _MASKED
    if isinstance(module, ResidualTransformer):
        return _TRUNK + _RESIDUAL
    if isinstance(module, TextMotionEvaluator):
        return _EVALUATOR
    if isinstance(module, RVQVAE):
        return _rvqvae_renames(module.config.downsampling_stages)
    if isinstance(module, LengthEstimator):
        return _length_estimator_renames(len(module.config.hidden_widths))
    raise ConfigError(f"published names: {type(module).__name__} has no published counterpart")


def _rvqvae_renames(num_stages: int) -> tuple[Rename, ...]:
    def stage(match: re.Match[str]) -> str:
        part, number = match[1], int(match[2]) + _FIRST_STAGE
        return f"{part}.model.{number}.{match[3]}.{match[4]}"

    def block(match: re.Match[str]) -> str:
        part, number = match[1], int(match[2]) + _FIRST_STAGE
        return f"{part}.model.{number}.{match[3]}.model.{match[4]}.{_CONVOLUTIONS[match[5]]}.{match[6]}"

    after = _FIRST_STAGE + num_stages
    return (
        (r"(encoder|decoder)\.input\.(\w+)", r"\1.model.0.\2"),
        (r"encoder\.output\.(\w+)", rf"encoder.model.{after}.\1"),
        (r"decoder\.hidden\.(\w+)", rf"decoder.model.{after}.\1"),
        (r"decoder\.output\.(\w+)", rf"decoder.model.{after + 2}.\1"),
        (r"(encoder|decoder)\.stages\.(\d+)\.(\d)\.(\w+)", stage),
        (r"(encoder|decoder)\.stages\.(\d+)\.(\d)\.(\d+)\.(dilated|pointwise)\.(\w+)", block),
        (rf"quantizer\.layers\.(\d+)\.{CODEBOOK}", rf"quantizer.layers.\1.{CODEBOOK}"),
    )


def _length_estimator_renames(num_layers: int) -> tuple[Rename, ...]:
    # Each hidden layer is four published modules: linear, norm, activation, dropout; the last has no dropout.
    return (
        (r"layers\.(\d+)\.(\w+)", lambda match: f"output.{4 * int(match[1])}.{match[2]}"),
        (r"norms\.(\d+)\.(\w+)", lambda match: f"output.{4 * int(match[1]) + 1}.{match[2]}"),
        (r"output\.(\w+)", rf"output.{4 * num_layers - 1}.\1"),
    )


def shape_text(shape: Size | tuple[int, ...]) -> str:
    """A shape as people read it: 514 x 512."""
    return " x ".join(str(size) for size in shape) or "a single number"
