"""A bundle: one directory with everything generation needs, verified on load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn
from torch.nn import init
from torch.overrides import TorchFunctionMode

from segmo_core.bundle_folder import changed_folder, new_folder
from segmo_core.bundle_manifest import (
    BOUNDARY_MODEL,
    DURATION_MODEL,
    FORMAT_NAME,
    FORMAT_VERSION,
    JOINT_JUDGE,
    MANIFEST_NAME,
    MODEL_CARD_NAME,
    STATISTICS_FILE,
    BundleManifest,
    read_manifest,
    record_of,
    record_part,
    verify_files,
    weights_file,
)
from segmo_core.bundle_weights import check_shapes, check_sizes, load_weights, read_tensors, weights_of
from segmo_core.errors import BundleError
from segmo_core.models.devices import usable_device
from segmo_core.models.estimators.boundary_model import BoundaryModel
from segmo_core.models.estimators.duration_model import DurationModel
from segmo_core.models.estimators.joint_judge import JointJudge
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.packed_linear import pack_linears
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_json
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]
M = TypeVar("M", bound=nn.Module)


class _NothingDrawn(TorchFunctionMode):
    """Modules are made without first weights, which a bundle's file replaces. Drawing them for tensors without memory
    would make torch import its compiler, which takes longer than everything else that loading does.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        if getattr(func, "__module__", None) == init.__name__:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


@dataclass(frozen=True)
class _Part(Generic[M]):
    """How a part of a bundle is built: from its config, under ``name`` in the manifest, and its file of weights."""

    name: str
    module: Callable[[Any], M]

    def load(self, folder: Path, manifest: BundleManifest) -> M:
        """The module with its weights, as it is built."""
        path, config = folder / weights_file(self.name), getattr(manifest, self.name)
        check_sizes(config, path)
        with torch.device("meta"), _NothingDrawn():  # shapes are compared before memory is spent on them
            check_shapes(self.module(config), path)
        with _NothingDrawn():
            module = self.module(config)
        load_weights(module, path)
        return module

    def load_if_any(self, folder: Path, manifest: BundleManifest) -> M | None:
        return None if getattr(manifest, self.name) is None else self.load(folder, manifest)


_TOKENIZER = _Part("tokenizer", RVQVAE)
_MASKED_TRANSFORMER = _Part("masked_transformer", MaskedTransformer)
_RESIDUAL_TRANSFORMER = _Part("residual_transformer", ResidualTransformer)
_LENGTH_ESTIMATOR = _Part("length_estimator", LengthEstimator)
_EVALUATOR = _Part("evaluator", TextMotionEvaluator)
_DURATION_MODEL = _Part(DURATION_MODEL, DurationModel)
_BOUNDARY_MODEL = _Part(BOUNDARY_MODEL, BoundaryModel)
_JOINT_JUDGE = _Part(JOINT_JUDGE, JointJudge)


@dataclass(frozen=True, eq=False)
class Bundle:
    """Models in evaluation mode on one device. statistics: of the features that the tokenizer reads."""

    folder: Path
    manifest: BundleManifest
    tokenizer: RVQVAE
    masked_transformer: MaskedTransformer
    residual_transformer: ResidualTransformer
    statistics: FeatureStatistics
    device: torch.device
    length_estimator: LengthEstimator | None = None
    boundary_model: BoundaryModel | None = None

    @property
    def sampling(self) -> SamplingSettings:
        return self.manifest.sampling


@dataclass(frozen=True, eq=False)
class BundledEvaluator:
    """An evaluator with the statistics that its features are normalised with."""

    model: TextMotionEvaluator
    statistics: FeatureStatistics


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
    statistics: FeatureStatistics,
    model_card: str,
    sampling: SamplingSettings | None = None,
    figures: Mapping[str, float] | None = None,
    frame_rate: float = MODEL_FRAME_RATE,
    length_estimator: LengthEstimator | None = None,
    evaluator: BundledEvaluator | None = None,
    duration_model: DurationModel | None = None,
    boundary_model: BoundaryModel | None = None,
    half_precision: bool = True,
) -> None:
    """Write a bundle. The folder appears whole or not at all.

    frame_rate: of the motions it was trained on, in Hz. half_precision: store weights as float16, half the size;
    ids may then differ from those of the given models. Raises BundleError when the folder cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise BundleError(f"{folder}: is a file, expected a folder or nothing there")
    given: dict[_Part[Any], nn.Module | None] = {
        _TOKENIZER: tokenizer,
        _MASKED_TRANSFORMER: masked_transformer,
        _RESIDUAL_TRANSFORMER: residual_transformer,
        _LENGTH_ESTIMATOR: length_estimator,
        _EVALUATOR: None if evaluator is None else evaluator.model,
        _DURATION_MODEL: duration_model,
        _BOUNDARY_MODEL: boundary_model,
    }
    modules: dict[str, nn.Module] = {part.name: module for part, module in given.items() if module is not None}
    vectors = {"mean": statistics.mean, "std": statistics.std}
    if evaluator is not None:
        vectors |= {"evaluator_mean": evaluator.statistics.mean, "evaluator_std": evaluator.statistics.std}
    with new_folder(folder) as temporary:
        for part_name, module in modules.items():
            save_file(weights_of(module, half_precision), temporary / weights_file(part_name))
        save_file({key: torch.from_numpy(np.array(v)) for key, v in vectors.items()}, temporary / STATISTICS_FILE)
        (temporary / MODEL_CARD_NAME).write_text(model_card, encoding="utf-8")
        files = (*(weights_file(part_name) for part_name in modules), STATISTICS_FILE)
        configs: dict[str, Any] = {part_name: module.config for part_name, module in modules.items()}
        manifest = BundleManifest(
            format=FORMAT_NAME,
            version=FORMAT_VERSION,
            name=name,
            description=description,
            licence=licence,
            text_encoder=text_encoder,
            frame_rate=frame_rate,
            sampling=sampling or SamplingSettings(),
            files={file_name: record_of(temporary / file_name) for file_name in files},
            figures=dict(figures or {}),
            **configs,
        )
        write_json(temporary / MANIFEST_NAME, manifest)


def load_bundle(folder: Path, device: str = "cpu", progress: Progress | None = None, *, packed: bool = True) -> Bundle:
    """Read and verify a bundle; BundleError says in one sentence what is wrong with it.

    packed: lay out the weights of linear layers for a processor, which is faster and cannot be exported.
    """
    progress = progress or SilentProgress()
    folder, target = Path(folder), usable_device(device)
    manifest = read_manifest(folder)
    progress.report(0.1, "Checking the bundle")
    verify_files(folder, manifest)
    progress.raise_if_cancelled()
    progress.report(0.3, "Loading the models")
    tokenizer = _TOKENIZER.load(folder, manifest)
    progress.raise_if_cancelled()
    masked = _MASKED_TRANSFORMER.load(folder, manifest)
    progress.raise_if_cancelled()
    residual = _RESIDUAL_TRANSFORMER.load(folder, manifest)
    progress.raise_if_cancelled()
    estimator = _LENGTH_ESTIMATOR.load_if_any(folder, manifest)
    boundaries = _BOUNDARY_MODEL.load_if_any(folder, manifest)
    statistics = _read_statistics(folder, ("mean", "std"), tokenizer.config.feature_width)
    _check_agreement(folder, tokenizer, masked, residual, boundaries)
    for module in (tokenizer, masked, residual, estimator, boundaries):
        if module is not None:
            module.to(target).eval().requires_grad_(False)
    if packed and target.type == "cpu":
        for module in (masked, residual):
            pack_linears(module)
    progress.report(1.0, "Models loaded")
    return Bundle(
        folder=folder,
        manifest=manifest,
        tokenizer=tokenizer,
        masked_transformer=masked,
        residual_transformer=residual,
        statistics=statistics,
        device=target,
        length_estimator=estimator,
        boundary_model=boundaries,
    )


def load_evaluator(folder: Path, device: str = "cpu") -> BundledEvaluator | None:
    """The evaluator of a bundle, in evaluation mode; None when it has none. Generation does without it."""
    folder, target = Path(folder), usable_device(device)
    manifest = read_manifest(folder)
    if manifest.evaluator is None:
        return None
    verify_files(folder, manifest)
    model = _EVALUATOR.load(folder, manifest)
    statistics = _read_statistics(folder, ("evaluator_mean", "evaluator_std"), model.config.feature_width)
    model.to(target).eval().requires_grad_(False)
    return BundledEvaluator(model, statistics)


def load_duration_model(folder: Path) -> DurationModel | None:
    """The duration model of a bundle, in evaluation mode on the CPU; None when it has none. Reads no other weights."""
    return _alone(folder, _DURATION_MODEL)


def load_joint_judge(folder: Path) -> JointJudge | None:
    """The judge on joints of a bundle, in evaluation mode on the CPU; None when it has none. Reads no other weights."""
    return _alone(folder, _JOINT_JUDGE)


def _alone(folder: Path, part: _Part[M]) -> M | None:
    folder = Path(folder)
    manifest = read_manifest(folder)
    if getattr(manifest, part.name) is None:
        return None
    verify_files(folder, manifest, (weights_file(part.name),))
    return part.load(folder, manifest).eval().requires_grad_(False)


def add_duration_model(folder: Path, model: DurationModel, figures: Mapping[str, float], section: str) -> None:
    """Put a duration model into a bundle that is there, or in the place of the one it has; other files stay.

    figures: its measured numbers for the manifest. section: Markdown about it for the model card.
    Raises BundleError when the folder is no bundle, or cannot be written.
    """
    _add(folder, DURATION_MODEL, model, model.config, figures, section)


def add_joint_judge(folder: Path, model: JointJudge, figures: Mapping[str, float], section: str) -> None:
    """As ``add_duration_model``, a judge on joints."""
    _add(folder, JOINT_JUDGE, model, model.config, figures, section)


def _add(folder: Path, name: str, model: nn.Module, config: Any, figures: Mapping[str, float], section: str) -> None:
    with changed_folder(folder) as temporary:
        save_file(weights_of(model, half_precision=True), temporary / weights_file(name))
        record_part(temporary, name, config, figures, section)


def _read_statistics(folder: Path, keys: tuple[str, str], width: int) -> FeatureStatistics:
    path = folder / STATISTICS_FILE
    tensors = read_tensors(path)
    for key in keys:
        if key not in tensors or tensors[key].shape != (width,):
            raise BundleError(f"{path}: {key!r} is missing or of the wrong size")
    if not bool((tensors[keys[1]] > 0).all()):
        raise BundleError(f"{path}: {keys[1]!r} is not above 0 everywhere, expected standard deviations")
    return FeatureStatistics(tensors[keys[0]].float().numpy(), tensors[keys[1]].float().numpy())


def _check_agreement(
    folder: Path,
    tokenizer: RVQVAE,
    masked: MaskedTransformer,
    residual: ResidualTransformer,
    boundaries: BoundaryModel | None,
) -> None:
    codes = {tokenizer.config.num_codes, masked.config.num_codes, residual.config.num_codes}
    if len(codes) != 1 or tokenizer.config.num_quantizers != residual.config.num_quantizers:
        raise BundleError(f"{folder / MANIFEST_NAME}: the three models differ in their number of codes or layers")
    frames = tokenizer.config.frames_per_token
    if frames != FRAMES_PER_TOKEN:
        raise BundleError(f"{folder / MANIFEST_NAME}: {frames} frames a token, expected {FRAMES_PER_TOKEN}")
    if masked.config.text_width != residual.config.text_width:
        raise BundleError(f"{folder / MANIFEST_NAME}: the two transformers expect different text widths")
    if boundaries is not None and boundaries.config.text_width != masked.config.text_width:
        raise BundleError(f"{folder / MANIFEST_NAME}: the boundary model expects another text width than the others")
