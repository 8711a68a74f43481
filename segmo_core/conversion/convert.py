"""A downloaded MoMask or SegMo folder -> one of our bundles, every tensor checked by name and shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from torch import Tensor, nn

from segmo_core.bundle import BundledEvaluator, save_bundle
from segmo_core.bundle_manifest import MANIFEST_NAME
from segmo_core.checksum import sha256_of
from segmo_core.conversion import upstream
from segmo_core.conversion.upstream_checkpoint import Option, read_checkpoint, read_statistics, read_weights, state_dict
from segmo_core.conversion.upstream_folder import PartChoice, PublishedFolder, find_published
from segmo_core.conversion.upstream_runs import MASKED, RESIDUAL, STORED_AS, TOKENIZER, PublishedPart
from segmo_core.errors import BundleError, FileFormatError, SegmoError, shown
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig, TransformerConfig
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

M = TypeVar("M", bound=nn.Module)
T = TypeVar("T")

TEXT_ENCODER, TEXT_WIDTH = "clip", 512
KIT_FRAME_RATE = 12.5
LICENCE = "research only, by the terms of the published checkpoints and of the motion data they were trained on"
_NAMES = {"t2m": "HumanML3D", "kit": "KIT-ML"}
_DATASETS = {263: "t2m", 251: "kit"}  # by the columns of a feature row
# gen_t2m and eval of MoMask; SegMo the same. Both weigh the text of KIT-ML less.
_SAMPLING = {"t2m": SamplingSettings(), "kit": SamplingSettings(guidance_scale=2.0)}
_HEADS_OPTIONS = ("n_heads", "num_heads", "nhead")

_EVALUATOR_PARTS = ("movement_encoder", "text_encoder", "motion_encoder")

# Options that must agree with the tensors, by the attribute of our config that they are about.
_TOKENIZER_OPTIONS = {
    "num_codes": "nb_code", "code_width": "code_dim", "width": "width", "depth": "depth",
    "downsampling_stages": "down_t", "num_quantizers": "num_quantizers",
}  # fmt: skip
_TRANSFORMER_OPTIONS = {"latent_width": "latent_dim", "feedforward_width": "ff_size", "num_layers": "n_layers"}


@dataclass(frozen=True)
class ConvertedPart:
    """One part of the bundle: the file it came from and how many tensors were checked."""

    name: str
    path: Path
    num_tensors: int


@dataclass(frozen=True)
class ConversionReport:
    """bundle: its folder. source: "MoMask" or "SegMo". dataset: "HumanML3D" or "KIT-ML". notices: sentences."""

    bundle: Path
    source: str
    dataset: str
    parts: tuple[ConvertedPart, ...]
    notices: tuple[str, ...]


def convert_folder(
    folder: Path,
    bundle: Path,
    dataset: str | None = None,
    progress: Progress | None = None,
    choice: PartChoice | None = None,
) -> ConversionReport:
    """Write the bundle of the published model in ``folder``, in full precision.

    dataset: "t2m" or "kit", for folders that hold both. choice: which runs, where several would do. A length
    estimator or evaluator that cannot be read is left out, and told. Raises FileFormatError with the first thing
    wrong: a part, option or tensor missing, unknown, of another shape, a file cut off or with code in it.
    """
    progress = progress or SilentProgress()
    bundle = Path(bundle)
    if bundle.exists() and not _is_replaceable(bundle):
        raise BundleError(f"{bundle}: already there and no bundle, expected a new folder or a bundle to replace")
    published = find_published(folder, dataset, choice)
    conversion = _Conversion(published, dataset)
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("tokenizer", conversion.read_tokenizer),
        ("masked transformer", conversion.read_masked_transformer),
        ("residual transformer", conversion.read_residual_transformer),
        ("length estimator", conversion.read_length_estimator),
        ("evaluator", conversion.read_evaluator),
    )
    for number, (name, read) in enumerate(steps):
        progress.raise_if_cancelled()
        progress.report(number / (len(steps) + 1), f"Checking the {name}")
        read()
    progress.report(len(steps) / (len(steps) + 1), "Writing the bundle")
    conversion.write(bundle)
    progress.report(1.0, "Bundle written")
    return ConversionReport(
        bundle, conversion.source, _NAMES[conversion.dataset], tuple(conversion.parts), tuple(conversion.notices)
    )


def _is_replaceable(bundle: Path) -> bool:
    return bundle.is_dir() and ((bundle / MANIFEST_NAME).is_file() or not any(bundle.iterdir()))


class _Conversion:
    """The parts of one published folder as they are read."""

    def __init__(self, published: PublishedFolder, dataset: str | None) -> None:
        self.published = published
        self._asked = dataset
        self.dataset = ""
        self.parts: list[ConvertedPart] = []
        self.notices: list[str] = list(published.notices)
        self.source = ""
        self.tokenizer: RVQVAE
        self.masked_transformer: MaskedTransformer
        self.residual_transformer: ResidualTransformer
        self.length_estimator: LengthEstimator | None = None
        self.evaluator: BundledEvaluator | None = None
        self.statistics: FeatureStatistics

    def read_tokenizer(self) -> None:
        part = self.published.tokenizer
        _refuse_options(
            part, {"vq_act": ("relu",), "vq_norm": ("None",), "shared_codebook": (False,), "stride_t": (2,)}
        )
        weights = read_weights(part.path, STORED_AS[TOKENIZER])
        sizes = self._sized(part.path, lambda: upstream.rvqvae_sizes(weights))
        config = replace(
            sizes,
            dilation_growth=_whole_number(part, ("dilation_growth_rate",), sizes.dilation_growth),
            block_dropout=upstream.PUBLISHED_BLOCK_DROPOUT if part.is_momask else 0.0,
        )
        _check_options(part, vars(config), _TOKENIZER_OPTIONS)
        width = config.feature_width
        if width not in _DATASETS or self._asked not in (None, _DATASETS[width]):
            expected = "263 (HumanML3D) or 251 (KIT-ML)" if self._asked is None else f"those of {_NAMES[self._asked]}"
            raise FileFormatError(f"{part.path}: features of {width} columns, expected {expected}")
        self.dataset = _DATASETS[width]
        self.tokenizer = self._loaded("tokenizer", part.path, RVQVAE(config), weights)
        self.statistics = read_statistics(self.published.statistics, width)

    def read_masked_transformer(self) -> None:
        part = self.published.masked_transformer
        weights = read_weights(part.path, STORED_AS[MASKED])
        has_segments = upstream.has_segment_alignment(weights) or not part.is_momask
        self.source = "SegMo" if has_segments else "MoMask"
        sizes = self._transformer_sizes(part, weights)
        config = upstream.published_masked_config(MaskedTransformerConfig(**vars(sizes)), has_segments=has_segments)
        self.masked_transformer = self._loaded("masked transformer", part.path, MaskedTransformer(config), weights)

    def read_residual_transformer(self) -> None:
        part = self.published.residual_transformer
        weights = read_weights(part.path, STORED_AS[RESIDUAL])
        sizes = self._transformer_sizes(part, weights)
        num_quantizers = self._sized(part.path, lambda: upstream.residual_num_quantizers(weights))
        if num_quantizers != self.tokenizer.config.num_quantizers:
            raise FileFormatError(
                f"{part.path}: made for {num_quantizers} quantizers, "
                f"expected {self.tokenizer.config.num_quantizers} as in the tokenizer"
            )
        config = upstream.published_residual_config(
            ResidualTransformerConfig(
                **vars(sizes), num_quantizers=num_quantizers, share_weights=upstream.shares_weights(weights)
            ),
            has_segments=self.source == "SegMo",
        )
        model = ResidualTransformer(config)
        self.residual_transformer = self._loaded("residual transformer", part.path, model, weights)

    def read_length_estimator(self) -> None:
        path = self.published.length_estimator
        if path is None:
            self.notices.append("No length estimator was found; lengths come from the text segments.")
            return
        try:
            weights = read_weights(path, ("estimator",))
            config = self._sized(path, lambda: upstream.length_estimator_sizes(weights))
            if config.text_width != TEXT_WIDTH:
                raise FileFormatError(f"{path}: made for texts of width {config.text_width}, expected {TEXT_WIDTH}")
            self.length_estimator = self._loaded("length estimator", path, LengthEstimator(config), weights)
        except FileFormatError as error:
            self.notices.append(f"{error}. The length estimator is left out; lengths come from the text segments.")

    def read_evaluator(self) -> None:
        path = self.published.evaluator
        if path is None:
            self.notices.append("No evaluator was found; the bundle cannot be measured with the published one.")
            return
        try:
            evaluator = read_evaluator(path, self.published.evaluator_statistics)
            found, expected = evaluator.model.config.feature_width, self.tokenizer.config.feature_width
            if found != expected:
                raise FileFormatError(f"{path}: made for {found} feature columns, expected {expected} as the tokenizer")
        except FileFormatError as error:
            self.notices.append(f"{error}. The evaluator is left out; the bundle cannot be measured with it.")
            return
        self.evaluator = evaluator
        num_tensors = len(self.evaluator.model.state_dict())
        self.parts.append(ConvertedPart("evaluator", path, num_tensors))

    def write(self, bundle: Path) -> None:
        data = _NAMES[self.dataset]
        save_bundle(
            bundle,
            name=f"{self.source} {data}",
            description=f"The published {self.source} model for {data}, converted",
            licence=LICENCE,
            text_encoder=TEXT_ENCODER,
            tokenizer=self.tokenizer,
            masked_transformer=self.masked_transformer,
            residual_transformer=self.residual_transformer,
            statistics=self.statistics,
            model_card=_model_card(self),
            sampling=_SAMPLING[self.dataset],
            frame_rate=KIT_FRAME_RATE if self.dataset == "kit" else MODEL_FRAME_RATE,
            length_estimator=self.length_estimator,
            evaluator=self.evaluator,
            half_precision=False,  # rounding weights would change ids
        )

    def _transformer_sizes(self, part: PublishedPart, weights: Mapping[str, Tensor]) -> TransformerConfig:
        num_heads = _whole_number(part, _HEADS_OPTIONS, upstream.PUBLISHED_NUM_HEADS)
        sizes = self._sized(part.path, lambda: upstream.transformer_sizes(weights, num_heads))
        _check_options(part, vars(sizes), _TRANSFORMER_OPTIONS)
        if sizes.text_width != TEXT_WIDTH:
            raise FileFormatError(
                f"{part.path}: made for texts of width {sizes.text_width}, expected {TEXT_WIDTH} (CLIP ViT-B/32)"
            )
        if sizes.num_codes != self.tokenizer.config.num_codes:
            raise FileFormatError(
                f"{part.path}: made for {sizes.num_codes} codes, "
                f"expected {self.tokenizer.config.num_codes} as in the tokenizer"
            )
        return sizes

    def _sized(self, path: Path, sizes: Callable[[], T]) -> T:
        try:
            return sizes()
        except SegmoError as error:
            raise FileFormatError(f"{path}: {error}") from None

    def _loaded(self, name: str, path: Path, model: M, weights: Mapping[str, Tensor]) -> M:
        _load(path, model, weights)
        self.parts.append(ConvertedPart(name, path, len(weights)))
        return model


def read_evaluator(path: Path, statistics: Path) -> BundledEvaluator:
    """The published evaluator of ``text_mot_match/model/finest.tar`` with the folder of its mean.npy and std.npy.

    Raises FileFormatError as ``convert_folder`` does.
    """
    content = read_checkpoint(path)
    weights: dict[str, Tensor] = {}
    for part in _EVALUATOR_PARTS:
        if part not in content:
            raise FileFormatError(f"{path}: part {part!r} is missing, expected {', '.join(_EVALUATOR_PARTS)}")
        tensors = state_dict(content[part], f"{path}, {part!r}")
        weights |= {f"{part}.{name}": tensor for name, tensor in tensors.items()}
    try:
        config = upstream.evaluator_sizes(weights)
    except SegmoError as error:
        raise FileFormatError(f"{path}: {error}") from None
    model = TextMotionEvaluator(config)
    _load(path, model, weights)
    return BundledEvaluator(model.eval(), read_statistics(statistics, config.feature_width))


def _load(path: Path, model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    try:
        upstream.load_published(model, weights)
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None


def _check_options(part: PublishedPart, config: Mapping[str, object], names: Mapping[str, str]) -> None:
    for ours, theirs in names.items():
        if theirs in part.options and part.options[theirs] != config[ours]:
            found, told = config[ours], shown(part.options[theirs])
            raise FileFormatError(f"{part.path}: its tensors show {theirs} {found}, expected {told} as in its options")


def _whole_number(part: PublishedPart, names: tuple[str, ...], default: int) -> int:
    """The first of the options ``names`` that is there."""
    for name in names:
        value = part.options.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise FileFormatError(f"{part.path}: {name} {shown(value)} in its options, expected a whole number above 0")
        return value
    return default


def _refuse_options(part: PublishedPart, allowed: Mapping[str, tuple[Option, ...]]) -> None:
    for name, values in allowed.items():
        if part.options.get(name, values[0]) not in values:
            raise FileFormatError(
                f"{part.path}: trained with {name} {shown(part.options[name])}, expected {values[0]!r} as published"
            )


def _model_card(conversion: _Conversion) -> str:
    data = _NAMES[conversion.dataset]
    files = "\n".join(f"| {part.name} | {part.path.name} | {sha256_of(part.path)} |" for part in conversion.parts)
    timing = (
        "Segments condition the model without their times and without their order, as published: segment boundaries "
        "of a request guide nothing but the text."
        if conversion.source == "SegMo"
        else "The model knows the whole prompt alone, no segments."
    )
    return f"""# {conversion.source} {data}

Converted from the published {conversion.source} checkpoints for {data}; weights in full precision, unchanged.
Text encoder: CLIP ViT-B/32 (not part of this bundle).

**{LICENCE[0].upper()}{LICENCE[1:]}.**

{timing} Unlike the published code, the padding class is never drawn.

| Part | File | SHA-256 |
| --- | --- | --- |
{files}
"""
