"""A bundle: one directory with everything generation needs, verified on load."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from segmo_core.bundle_manifest import (
    EVALUATOR_FILE,
    FORMAT_NAME,
    FORMAT_VERSION,
    LENGTH_ESTIMATOR_FILE,
    MANIFEST_NAME,
    MODEL_CARD_NAME,
    WEIGHT_FILES,
    BundleManifest,
    read_manifest,
    record_of,
    verify_files,
)
from segmo_core.errors import BundleError, ConfigError
from segmo_core.models.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.models.length_estimator import LengthEstimator, LengthEstimatorConfig
from segmo_core.models.masked_transformer import MaskedTransformer
from segmo_core.models.packed_linear import pack_linears
from segmo_core.models.residual_transformer import ResidualTransformer
from segmo_core.models.rvqvae import RVQVAE, RVQVAEConfig
from segmo_core.models.settings import MODEL_FRAME_RATE, SamplingSettings
from segmo_core.models.text_motion_evaluator import EvaluatorConfig, TextMotionEvaluator
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import from_plain, to_plain, write_json

FloatArray = NDArray[np.floating]
M = TypeVar("M", bound=nn.Module)
C = TypeVar("C")

_STATISTICS_FILE = WEIGHT_FILES[-1]
_TRAINING_ONLY = ("code_sum", "code_count", "is_initialized")


@dataclass(frozen=True, eq=False)
class Bundle:
    """Models in evaluation mode on one device. mean, std: (D,) float32, of the features."""

    folder: Path
    manifest: BundleManifest
    tokenizer: RVQVAE
    masked_transformer: MaskedTransformer
    residual_transformer: ResidualTransformer
    mean: FloatArray
    std: FloatArray
    device: torch.device
    length_estimator: LengthEstimator | None = None

    @property
    def sampling(self) -> SamplingSettings:
        return self.manifest.sampling


@dataclass(frozen=True, eq=False)
class BundledEvaluator:
    """An evaluator with the statistics (D,) that its features are normalised with."""

    model: TextMotionEvaluator
    mean: FloatArray
    std: FloatArray


def save_bundle(
    folder: Path,
    *,
    name: str,
    description: str,
    licence: str,
    text_encoder: str,
    tokenizer: RVQVAE,
    masked_transformer: MaskedTransformer,
    residual_transformer: ResidualTransformer,
    mean: FloatArray,
    std: FloatArray,
    model_card: str,
    sampling: SamplingSettings | None = None,
    figures: Mapping[str, float] | None = None,
    frame_rate: float = MODEL_FRAME_RATE,
    length_estimator: LengthEstimator | None = None,
    evaluator: BundledEvaluator | None = None,
    half_precision: bool = True,
) -> None:
    """Write a bundle. The folder appears whole or not at all.

    frame_rate: of the motions it was trained on, in Hz. half_precision: store weights as float16, half the size;
    ids may then differ from those of the given models. Raises BundleError when the folder cannot be written.
    """
    folder = Path(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror})") from None
    try:
        parts: dict[str, nn.Module] = dict(
            zip(WEIGHT_FILES, (tokenizer, masked_transformer, residual_transformer), strict=False)
        )
        statistics = {"mean": mean, "std": std}
        if length_estimator is not None:
            parts[LENGTH_ESTIMATOR_FILE] = length_estimator
        if evaluator is not None:
            parts[EVALUATOR_FILE] = evaluator.model
            statistics |= {"evaluator_mean": evaluator.mean, "evaluator_std": evaluator.std}
        for file_name, module in parts.items():
            save_file(_weights(module, half_precision), temporary / file_name)
        save_file({key: torch.from_numpy(np.array(v)) for key, v in statistics.items()}, temporary / _STATISTICS_FILE)
        (temporary / MODEL_CARD_NAME).write_text(model_card, encoding="utf-8")
        manifest = BundleManifest(
            format=FORMAT_NAME,
            version=FORMAT_VERSION,
            name=name,
            description=description,
            licence=licence,
            text_encoder=text_encoder,
            frame_rate=frame_rate,
            tokenizer=to_plain(tokenizer.config),
            masked_transformer=to_plain(masked_transformer.config),
            residual_transformer=to_plain(residual_transformer.config),
            sampling=sampling or SamplingSettings(),
            files={file_name: record_of(temporary / file_name) for file_name in (*parts, _STATISTICS_FILE)},
            figures=dict(figures or {}),
            length_estimator=None if length_estimator is None else to_plain(length_estimator.config),
            evaluator=None if evaluator is None else to_plain(evaluator.model.config),
        )
        write_json(temporary / MANIFEST_NAME, manifest)
        for path in temporary.iterdir():
            path.chmod(0o644)  # safetensors keeps what it writes to its user alone
        os.chmod(temporary, 0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def load_bundle(folder: Path, device: str = "cpu", progress: Progress | None = None) -> Bundle:
    """Read and verify a bundle; BundleError says in one sentence what is wrong with it."""
    progress = progress or SilentProgress()
    folder = Path(folder)
    manifest = read_manifest(folder)
    progress.report(0.1, "Checking the bundle")
    verify_files(folder, manifest)
    progress.raise_if_cancelled()
    progress.report(0.3, "Loading the models")
    tokenizer = RVQVAE(_config(folder, RVQVAEConfig, manifest.tokenizer, "tokenizer"))
    masked = MaskedTransformer(
        _config(folder, MaskedTransformerConfig, manifest.masked_transformer, "masked_transformer")
    )
    residual = ResidualTransformer(
        _config(folder, ResidualTransformerConfig, manifest.residual_transformer, "residual_transformer")
    )
    modules: dict[str, nn.Module] = dict(zip(WEIGHT_FILES, (tokenizer, masked, residual), strict=False))
    estimator = None
    if manifest.length_estimator is not None:
        plain = manifest.length_estimator
        estimator = LengthEstimator(_config(folder, LengthEstimatorConfig, plain, "length_estimator"))
        modules[LENGTH_ESTIMATOR_FILE] = estimator
    for file_name, module in modules.items():
        progress.raise_if_cancelled()
        _load_weights(module, folder / file_name)
    mean, std = _read_statistics(folder, ("mean", "std"), tokenizer.config.feature_width)
    _check_agreement(folder, tokenizer, masked, residual)
    target = torch.device(device)
    for module in modules.values():
        module.to(target).eval().requires_grad_(False)
    if target.type == "cpu":
        for module in (masked, residual):
            pack_linears(module)
    progress.report(1.0, "Models loaded")
    return Bundle(
        folder=folder,
        manifest=manifest,
        tokenizer=tokenizer,
        masked_transformer=masked,
        residual_transformer=residual,
        mean=mean,
        std=std,
        device=target,
        length_estimator=estimator,
    )


def load_evaluator(folder: Path, device: str = "cpu") -> BundledEvaluator | None:
    """The evaluator of a bundle, in evaluation mode; None when it has none. Generation does without it."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    if manifest.evaluator is None:
        return None
    verify_files(folder, manifest)
    model = TextMotionEvaluator(_config(folder, EvaluatorConfig, manifest.evaluator, "evaluator"))
    _load_weights(model, folder / EVALUATOR_FILE)
    mean, std = _read_statistics(folder, ("evaluator_mean", "evaluator_std"), model.config.feature_width)
    model.to(torch.device(device)).eval().requires_grad_(False)
    return BundledEvaluator(model, mean, std)


def _config(folder: Path, kind: type[C], plain: Mapping[str, Any], where: str) -> C:
    try:
        return from_plain(kind, plain, where)
    except ConfigError as error:
        raise BundleError(f"{folder / MANIFEST_NAME}: {error}") from None


def _read_statistics(folder: Path, keys: tuple[str, str], width: int) -> tuple[FloatArray, FloatArray]:
    path = folder / _STATISTICS_FILE
    statistics = _read_tensors(path)
    for key in keys:
        if key not in statistics or statistics[key].shape != (width,):
            raise BundleError(f"{path}: {key!r} is missing or of the wrong size")
    return statistics[keys[0]].float().numpy(), statistics[keys[1]].float().numpy()


def _weights(module: nn.Module, half_precision: bool) -> dict[str, Tensor]:
    """Weights, contiguous; what only training needs is left out."""
    return {
        name: (value.half() if half_precision and value.is_floating_point() else value).contiguous()
        for name, value in module.state_dict().items()
        if name.rpartition(".")[2] not in _TRAINING_ONLY
    }


def _load_weights(module: nn.Module, path: Path) -> None:
    found = _read_tensors(path)
    expected = {
        name: value for name, value in module.state_dict().items() if name.rpartition(".")[2] not in _TRAINING_ONLY
    }
    for name, value in expected.items():
        if name not in found:
            raise BundleError(f"{path}: tensor {name!r} is missing")
        if found[name].shape != value.shape:
            raise BundleError(
                f"{path}: tensor {name!r} has shape {tuple(found[name].shape)}, expected {tuple(value.shape)}"
            )
    unknown = sorted(set(found) - set(expected))
    if unknown:
        raise BundleError(f"{path}: unknown tensor {unknown[0]!r}")
    module.load_state_dict({name: value.float() for name, value in found.items()}, strict=False)


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise BundleError(f"{path}: not readable as safetensors ({error})") from None


def _check_agreement(folder: Path, tokenizer: RVQVAE, masked: MaskedTransformer, residual: ResidualTransformer) -> None:
    codes = {tokenizer.config.num_codes, masked.config.num_codes, residual.config.num_codes}
    if len(codes) != 1 or tokenizer.config.num_quantizers != residual.config.num_quantizers:
        raise BundleError(f"{folder / MANIFEST_NAME}: the three models differ in their number of codes or layers")
    if masked.config.text_width != residual.config.text_width:
        raise BundleError(f"{folder / MANIFEST_NAME}: the two transformers expect different text widths")
