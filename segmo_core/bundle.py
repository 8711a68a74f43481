"""A bundle: one directory with everything generation needs, verified on load."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from segmo_core.bundle_manifest import (
    FORMAT_NAME,
    FORMAT_VERSION,
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
from segmo_core.models.masked_transformer import MaskedTransformer
from segmo_core.models.residual_transformer import ResidualTransformer
from segmo_core.models.rvqvae import RVQVAE, RVQVAEConfig
from segmo_core.models.settings import MODEL_FRAME_RATE, SamplingSettings
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import from_plain, to_plain, write_json

FloatArray = NDArray[np.floating]
M = TypeVar("M", bound=nn.Module)

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

    @property
    def sampling(self) -> SamplingSettings:
        return self.manifest.sampling


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
) -> None:
    """Write a bundle with weights in half precision. The folder appears whole or not at all.

    frame_rate: Hz of the motions it was trained on. Raises BundleError when the folder cannot be written.
    """
    folder = Path(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror})") from None
    try:
        parts = (tokenizer, masked_transformer, residual_transformer)
        for file_name, module in zip(WEIGHT_FILES, parts, strict=False):
            save_file(_half_precision(module), temporary / file_name)
        statistics = {"mean": torch.from_numpy(np.array(mean)), "std": torch.from_numpy(np.array(std))}
        save_file(statistics, temporary / WEIGHT_FILES[-1])
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
            files={file_name: record_of(temporary / file_name) for file_name in WEIGHT_FILES},
            figures=dict(figures or {}),
        )
        write_json(temporary / MANIFEST_NAME, manifest)
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
    try:
        tokenizer = RVQVAE(from_plain(RVQVAEConfig, manifest.tokenizer, "tokenizer"))
        masked = MaskedTransformer(
            from_plain(MaskedTransformerConfig, manifest.masked_transformer, "masked_transformer")
        )
        residual = ResidualTransformer(
            from_plain(ResidualTransformerConfig, manifest.residual_transformer, "residual_transformer")
        )
    except ConfigError as error:
        raise BundleError(f"{folder / MANIFEST_NAME}: {error}") from None
    modules = (tokenizer, masked, residual)
    for file_name, module in zip(WEIGHT_FILES, modules, strict=False):
        progress.raise_if_cancelled()
        _load_weights(module, folder / file_name)
    statistics = _read_tensors(folder / WEIGHT_FILES[-1])
    for key in ("mean", "std"):
        if key not in statistics or statistics[key].shape != (tokenizer.config.feature_width,):
            raise BundleError(f"{folder / WEIGHT_FILES[-1]}: {key!r} is missing or of the wrong size")
    _check_agreement(folder, tokenizer, masked, residual)
    target = torch.device(device)
    for module in modules:
        module.to(target).eval().requires_grad_(False)
    progress.report(1.0, "Models loaded")
    return Bundle(
        folder=folder,
        manifest=manifest,
        tokenizer=tokenizer,
        masked_transformer=masked,
        residual_transformer=residual,
        mean=statistics["mean"].float().numpy(),
        std=statistics["std"].float().numpy(),
        device=target,
    )


def _half_precision(module: nn.Module) -> dict[str, Tensor]:
    """Weights as contiguous float16; what only training needs is left out."""
    return {
        name: (value.half() if value.is_floating_point() else value).contiguous()
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
