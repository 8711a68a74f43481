"""What of a bundle becomes a graph: each a module with the tensors that go in and come out by name.

A module holds a part of the bundle under the part's name, so that every weight of its graph is called as in the
bundle's own files. What is drawn, searched or measured between the graphs is no part of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from segmo_core.bundle import Bundle
from segmo_core.models.estimators.boundary_model import BoundaryModel
from segmo_core.models.estimators.duration_model import DurationModel
from segmo_core.models.estimators.joint_judge import JointJudge
from segmo_core.models.estimators.joint_rows import JOINT_WIDTH
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import TransformerConfig

# Sizes that the exporter is shown, of what may be of any size; all different, so that none is taken for another.
_BATCH, _TOKENS, _SEGMENTS, _WORDS, _TEXTS = 2, 24, 3, 7, 5
BATCH, TOKENS, SEGMENTS, WORDS, TEXTS, FRAMES = "batch", "tokens", "segments", "words", "texts", "frames"


@dataclass(frozen=True)
class GraphPart:
    """module: called with ``inputs`` in their order. inputs, outputs: name -> the sizes that may be any, by axis.

    is_quantized: whether there is a form with products in int8 as well.
    """

    name: str
    module: nn.Module
    inputs: dict[str, tuple[Tensor, dict[int, str]]]
    outputs: dict[str, dict[int, str]]
    is_quantized: bool = False


class _Graph(nn.Module):
    """One call of a part of a bundle, which is kept under its name there."""

    def __init__(self, name: str, part: nn.Module, call: Callable[..., Tensor | tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.add_module(name, part)
        self._call = call

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        return self._call(*inputs)


def graph_parts(
    bundle: Bundle, duration_model: DurationModel | None, joint_judge: JointJudge | None
) -> list[GraphPart]:
    """Everything that a bundle can be asked without torch."""
    parts = [_masked(bundle.masked_transformer), _residual(bundle.residual_transformer), *_tokenizer(bundle.tokenizer)]
    if bundle.masked_transformer.grounding is not None:
        parts += _grounding(bundle.masked_transformer)
    if bundle.boundary_model is not None:
        parts += _boundaries(bundle.boundary_model, bundle.tokenizer.config.feature_width)
    if bundle.length_estimator is not None:
        estimator = bundle.length_estimator
        width = estimator.config.text_width
        parts.append(_of_texts("length_estimator", "length_estimator", estimator, estimator.forward, width, "logits"))
    if duration_model is not None:
        width = duration_model.config.text_width
        parts.append(
            _of_texts("duration_model", "duration_model", duration_model, duration_model.forward, width, "logarithms")
        )
    if joint_judge is not None:
        parts += _judge(joint_judge)
    return parts


def _condition_inputs(config: TransformerConfig) -> dict[str, tuple[Tensor, dict[int, str]]]:
    width = config.text_width
    inputs: dict[str, tuple[Tensor, dict[int, str]]] = {
        "caption": (torch.randn(_BATCH, width), {0: BATCH}),
        "segments": (torch.randn(_BATCH, _SEGMENTS, width), {0: BATCH, 1: SEGMENTS}),
        "segment_is_valid": (torch.ones(_BATCH, _SEGMENTS, dtype=torch.bool), {0: BATCH, 1: SEGMENTS}),
        "token_segments": (torch.zeros(_BATCH, _TOKENS, dtype=torch.int64), {0: BATCH, 1: TOKENS}),
        "is_dropped": (torch.tensor([False, True]), {0: BATCH}),
    }
    if config.word_questions:
        words = torch.randn(_BATCH, _SEGMENTS, _WORDS, width)
        inputs["words"] = (words, {0: BATCH, 1: SEGMENTS, 2: WORDS})
        inputs["word_counts"] = (torch.full((_BATCH, _SEGMENTS), _WORDS), {0: BATCH, 1: SEGMENTS})
    return inputs


def _condition(given: tuple[Tensor, ...]) -> TextCondition:
    condition = TextCondition(*given[:5])
    return condition if len(given) == 5 else condition.with_words(given[5], given[6])


def _masked(model: MaskedTransformer) -> GraphPart:
    def call(ids: Tensor, is_valid: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        embedded = model.token_embedding(torch.where(is_valid, ids, model.pad_id))
        hidden = model.trunk(embedded, is_valid, _condition(given), fixed_shapes=True).motion
        return model.head(hidden), hidden

    each = {0: BATCH, 1: TOKENS}
    return GraphPart(
        "masked_transformer",
        _Graph("masked_transformer", model, call),
        {
            "ids": (torch.zeros(_BATCH, _TOKENS, dtype=torch.int64), each),
            "is_valid": (torch.ones(_BATCH, _TOKENS, dtype=torch.bool), each),
            **_condition_inputs(model.config),
        },
        {"logits": each, "hidden": each},
        is_quantized=True,
    )


def _residual(model: ResidualTransformer) -> GraphPart:
    def call(history: Tensor, layers: Tensor, is_valid: Tensor, *given: Tensor) -> Tensor:
        return model.hidden(history, layers, is_valid, _condition(given), fixed_shapes=True)

    each = {0: BATCH, 1: TOKENS}
    return GraphPart(
        "residual_transformer",
        _Graph("residual_transformer", model, call),
        {
            "history": (torch.randn(_BATCH, _TOKENS, model.config.code_width), each),
            "layers": (torch.ones(_BATCH, dtype=torch.int64), {0: BATCH}),
            "is_valid": (torch.ones(_BATCH, _TOKENS, dtype=torch.bool), each),
            **_condition_inputs(model.config),
        },
        {"hidden": each},
        is_quantized=True,
    )


def _tokenizer(model: RVQVAE) -> list[GraphPart]:
    latents = torch.randn(1, _TOKENS, model.config.code_width)
    frames = torch.randn(1, _TOKENS * model.config.frames_per_token, model.config.feature_width)
    return [
        GraphPart(
            "decoder",
            _Graph("tokenizer", model, model.decode_latents),
            {"latents": (latents, {0: BATCH, 1: TOKENS})},
            {"features": {0: BATCH, 1: FRAMES}},
        ),
        GraphPart(
            "encoder",
            _Graph("tokenizer", model, model.latents),
            {"features": (frames, {0: BATCH, 1: FRAMES})},
            {"latents": {0: BATCH, 1: TOKENS}},
        ),
    ]


def _grounding(model: MaskedTransformer) -> list[GraphPart]:
    head, config = model.grounding, model.config
    assert head is not None
    pooled = torch.randn(_TEXTS, 2 * config.latent_width)
    return [
        _of_texts("grounding_texts", "masked_transformer", model, head.embed_text, config.text_width),
        GraphPart(
            "grounding_windows",
            _Graph("masked_transformer", model, head.embed_pooled),
            {"pooled": (pooled, {0: TEXTS})},
            {"vectors": {0: TEXTS}},
        ),
    ]


def _boundaries(model: BoundaryModel, feature_width: int) -> list[GraphPart]:
    each = {0: BATCH, 1: FRAMES}
    frames = torch.randn(1, 4 * _TOKENS, feature_width)

    def call(features: Tensor) -> tuple[Tensor, ...]:
        return model(features, torch.ones_like(features[..., 0], dtype=torch.bool))  # type: ignore[no-any-return]

    return [
        GraphPart(
            "boundary_frames",
            _Graph("boundary_model", model, call),
            {"features": (frames, each)},
            {"vectors": each, "begins": each},
        ),
        _of_texts("boundary_texts", "boundary_model", model, model.embed_texts, model.config.text_width),
    ]


def _judge(model: JointJudge) -> list[GraphPart]:
    rows, is_valid = torch.randn(_BATCH, 4 * _TOKENS, JOINT_WIDTH), torch.ones(_BATCH, 4 * _TOKENS, dtype=torch.bool)
    each = {0: BATCH, 1: FRAMES}
    return [
        GraphPart(
            "judge_motions",
            _Graph("joint_judge", model, model.embed_motions),
            {"rows": (rows, each), "is_valid": (is_valid, each)},
            {"vectors": {0: BATCH}},
        ),
        _of_texts("judge_texts", "joint_judge", model, model.embed_texts, model.config.text_width),
    ]


def _of_texts(
    name: str, part_name: str, part: nn.Module, call: Callable[[Tensor], Tensor], width: int, output: str = "vectors"
) -> GraphPart:
    texts = torch.randn(_TEXTS, width)
    return GraphPart(name, _Graph(part_name, part, call), {"texts": (texts, {0: TEXTS})}, {output: {0: TEXTS}})
