"""Our modules at the published sizes against the lists of every published tensor name and shape."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from segmo_core.conversion.parity_fixture import Comparisons
from segmo_core.conversion.upstream import published_masked_config, published_residual_config
from segmo_core.conversion.upstream_names import published_shapes, shape_text
from segmo_core.errors import FileFormatError
from segmo_core.models.estimators.configs import EvaluatorConfig, LengthEstimatorConfig
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.serialization import read_json

HUMANML3D_WIDTH, KIT_WIDTH = 263, 251
_EVALUATOR_PARTS = ("movement_encoder", "text_encoder", "motion_encoder")

Shapes = dict[str, tuple[int, ...]]


def published_model(name: str) -> nn.Module:
    """Our module for one model of the published lists, at the published sizes."""
    has_segments = name.startswith("segmo")
    width = KIT_WIDTH if "kit" in name else HUMANML3D_WIDTH
    if "evaluator" in name:
        return TextMotionEvaluator(EvaluatorConfig(feature_width=width))
    if "length_estimator" in name:
        return LengthEstimator(LengthEstimatorConfig())
    if "rvq" in name or "vq_model" in name:
        return RVQVAE(RVQVAEConfig(feature_width=width))
    if "res_trans" in name:
        sizes = ResidualTransformerConfig(share_weights="noshare" not in name)
        return ResidualTransformer(published_residual_config(sizes, has_segments=has_segments))
    if "t2m_trans" in name:
        return MaskedTransformer(published_masked_config(MaskedTransformerConfig(), has_segments=has_segments))
    raise FileFormatError(f"{name!r} is no model that we know")


def check_names(path: Path, compare: Comparisons) -> None:
    """Every model of a list NAME.json: {model: {tensor: [type, shape]}}; an evaluator has its parts in between."""
    lists = read_json(path)
    if not isinstance(lists, dict):
        raise FileFormatError(f"{path}: found a {type(lists).__name__}, expected an object")
    for model, tensors in lists.items():
        try:
            expected, part = _shapes(path, model, tensors)
            ours = published_shapes(published_model(model))
        except FileFormatError as error:
            compare.problem(model, str(error))
            continue
        found = {name.removeprefix(part): shape for name, shape in ours.items() if name.startswith(part)}
        difference = _first_difference(found, expected)
        if difference:
            compare.problem(model, difference)
        else:
            compare.equal(model)


def _shapes(path: Path, model: str, tensors: object) -> tuple[Shapes, str]:
    """Shapes of a model by name, and the part of our module that the list is about (empty for all of it)."""
    if not isinstance(tensors, dict):
        raise FileFormatError(f"{path}: {model} is no object of tensors")
    if any(part in tensors for part in _EVALUATOR_PARTS):
        nested = {f"{part}.{name}": entry for part, inner in tensors.items() for name, entry in inner.items()}
        return {name: tuple(shape) for name, (_, shape) in nested.items()}, ""
    part = next((f"{part}." for part in _EVALUATOR_PARTS if model.endswith(part.removesuffix("_encoder"))), "")
    return {name: tuple(shape) for name, (_, shape) in tensors.items()}, part


def _first_difference(found: Shapes, expected: Shapes) -> str:
    for name in sorted(set(found) | set(expected)):
        if name not in expected:
            return f"{name!r} is not in the list"
        if name not in found:
            return f"{name!r} has no place in our module"
        if found[name] != expected[name]:
            return f"{name!r} is {shape_text(found[name])}, expected {shape_text(expected[name])}"
    return ""
