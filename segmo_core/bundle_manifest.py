"""What a bundle says about itself: bundle.json, readable and checkable without torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segmo_core.checksum import sha256_of as sha256_of
from segmo_core.errors import BundleError, ConfigError, SegmoError, shown
from segmo_core.models.estimators.configs import (
    BoundaryModelConfig,
    DurationModelConfig,
    EvaluatorConfig,
    JointJudgeConfig,
    LengthEstimatorConfig,
)
from segmo_core.models.sampling_settings import GroundingCalibration, SamplingSettings
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.segmentation.vocabulary import Vocabulary
from segmo_core.serialization import from_plain, read_json, write_atomically, write_json
from segmo_core.timeline.token_grid import FASTEST_RATE, MODEL_FRAME_RATE, SLOWEST_RATE, check_token_rate

MANIFEST_NAME = "bundle.json"
MODEL_CARD_NAME = "MODEL_CARD.md"
FIGURES_MARKER = "<!-- figures -->"
FORMAT_NAME = "segmo-bundle"
FORMAT_VERSION = 1
TOKENIZER = "tokenizer"
DURATION_MODEL = "duration_model"
BOUNDARY_MODEL = "boundary_model"
JOINT_JUDGE = "joint_judge"
# What a bundle is made of, and what each part is built from. The manifest holds each part's config under its name; a
# bundle may lack the last five.
PART_CONFIGS: dict[str, type] = {
    TOKENIZER: RVQVAEConfig,
    "masked_transformer": MaskedTransformerConfig,
    "residual_transformer": ResidualTransformerConfig,
    "length_estimator": LengthEstimatorConfig,
    "evaluator": EvaluatorConfig,
    DURATION_MODEL: DurationModelConfig,
    BOUNDARY_MODEL: BoundaryModelConfig,
    JOINT_JUDGE: JointJudgeConfig,
}
PART_NAMES = tuple(PART_CONFIGS)
STATISTICS_FILE = "statistics.safetensors"
VOCABULARY_FILE = "vocabulary.json"
GRAPHS_FILE = "graphs.zip"


def weights_file(part_name: str) -> str:
    """Name of the file with the weights of one of PART_NAMES."""
    return f"{part_name}.safetensors"


@dataclass(frozen=True)
class FileRecord:
    """Size in bytes and SHA-256 of one file of a bundle."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class TokenOrigin:
    """Where token ids come from. bundle: its name, for people. fingerprint: equal for two bundles only when the
    same ids mean the same motion in both. frame_rate: Hz of the frames that four make a token of.
    """

    bundle: str
    fingerprint: str
    frame_rate: float = MODEL_FRAME_RATE

    def __post_init__(self) -> None:
        check_token_rate(self.frame_rate)

    def means_the_same_as(self, other: TokenOrigin) -> bool:
        """Whether ids of both may stand side by side in one motion."""
        return self.fingerprint == other.fingerprint


@dataclass(frozen=True)
class BundleManifest:
    """tokenizer, masked_transformer, residual_transformer: what each is built from.

    sampling: the settings this bundle's motions look best with. figures: measured numbers, by name.
    length_estimator, evaluator, duration_model, boundary_model, joint_judge: configs of parts that a bundle may have;
    None where it does not.
    grounding: what its similarities mean; None where nobody measured it. release: its version among those of its name,
    as CHANGELOG.md tells of the starter's; empty where it has none.
    """

    format: str
    version: int
    name: str
    description: str
    licence: str
    text_encoder: str
    frame_rate: float
    tokenizer: RVQVAEConfig
    masked_transformer: MaskedTransformerConfig
    residual_transformer: ResidualTransformerConfig
    sampling: SamplingSettings
    files: dict[str, FileRecord]
    figures: dict[str, float]
    length_estimator: LengthEstimatorConfig | None = None
    evaluator: EvaluatorConfig | None = None
    duration_model: DurationModelConfig | None = None
    boundary_model: BoundaryModelConfig | None = None
    joint_judge: JointJudgeConfig | None = None
    grounding: GroundingCalibration | None = None
    release: str = ""

    @property
    def weight_files(self) -> tuple[str, ...]:
        """Names of all files that this bundle must have beside its manifest."""
        return (*(weights_file(name) for name in PART_NAMES if getattr(self, name) is not None), STATISTICS_FILE)

    @property
    def token_origin(self) -> TokenOrigin:
        """What its token ids are stamped with: an id is decoded by tokenizer, statistics and frame rate alone."""
        decoding = [
            self.files[name].sha256 for name in (weights_file(TOKENIZER), STATISTICS_FILE) if name in self.files
        ]
        return TokenOrigin(self.name, " ".join([*decoding, f"{self.frame_rate:g}"]), self.frame_rate)

    @property
    def can_ground(self) -> bool:
        """Whether it has a grounding head, to find text in motion by."""
        return self.masked_transformer.grounding_head and self.masked_transformer.max_segments > 0

    @property
    def reads_words(self) -> bool:
        """Whether a transformer reads the words of segments one by one."""
        return max(config.word_questions for config in (self.masked_transformer, self.residual_transformer)) > 0

    @property
    def num_bytes(self) -> int:
        return sum(record.bytes for record in self.files.values())


def read_manifest(folder: Path) -> BundleManifest:
    """The manifest of a bundle folder; BundleError when there is none or it is not one of ours."""
    folder = Path(folder)
    if folder.is_file():
        raise BundleError(f"{folder}: is a file, expected a bundle (a folder with {MANIFEST_NAME})")
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such folder, expected a bundle (a folder with {MANIFEST_NAME})")
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise BundleError(f"{folder}: not a bundle, expected a file {MANIFEST_NAME} in it")
    try:
        plain = read_json(path)
        found = plain.get("format") if isinstance(plain, dict) else None
        if found != FORMAT_NAME:
            raise BundleError(f"{path}: format {shown(found)}, expected {FORMAT_NAME!r}")
        if plain.get("version") != FORMAT_VERSION:
            raise BundleError(f"{path}: version {shown(plain.get('version'))}, expected {FORMAT_VERSION}")
        parts = {name: _config(path, name, plain[name]) for name in PART_NAMES if plain.get(name) is not None}
        manifest = from_plain(BundleManifest, plain | parts, str(path))
    except BundleError:
        raise
    except SegmoError as error:
        raise BundleError(str(error)) from None
    if not SLOWEST_RATE <= manifest.frame_rate <= FASTEST_RATE:
        raise BundleError(f"{path}: frame_rate {manifest.frame_rate:g}, expected {SLOWEST_RATE:g} to {FASTEST_RATE:g}")
    return manifest


def _config(path: Path, part_name: str, plain: object) -> object:
    """The config of one part; an error names the file and the key in the part."""
    try:
        return from_plain(PART_CONFIGS[part_name], plain, part_name)
    except ConfigError as error:
        raise BundleError(f"{path}: {error}") from None


def verify_files(folder: Path, manifest: BundleManifest, names: Collection[str] | None = None) -> None:
    """Raise BundleError for the first file that is missing, of another size, or altered. names: None checks all."""
    for name in manifest.weight_files:
        if name not in manifest.files:
            raise BundleError(f"{folder / MANIFEST_NAME}: file {name} is not listed, expected all of a bundle's files")
    for name, record in manifest.files.items():
        if names is not None and name not in names:
            continue
        path = folder / name
        if Path(name).name != name:
            raise BundleError(f"{folder / MANIFEST_NAME}: file name {name!r}, expected one without folders")
        if not path.is_file():
            raise BundleError(f"{path}: missing, expected {record.bytes} bytes")
        size = path.stat().st_size
        if size != record.bytes:
            raise BundleError(f"{path}: {size} bytes, expected {record.bytes}; the file is truncated or altered")
        if sha256_of(path) != record.sha256:
            raise BundleError(f"{path}: its checksum is not the one in {MANIFEST_NAME}; the file was altered")


def record_of(path: Path) -> FileRecord:
    return FileRecord(bytes=path.stat().st_size, sha256=sha256_of(path))


def record_part(folder: Path, name: str, config: object, figures: Mapping[str, float], section: str) -> None:
    """Enter a part whose weights were put into a bundle: its config, file and figures in the manifest, and
    ``section`` (Markdown) in the model card, before the figures of the whole.
    """
    manifest = read_manifest(folder)
    others = {key: value for key, value in manifest.figures.items() if not key.startswith(_prefix(name))}
    files = manifest.files | {weights_file(name): record_of(folder / weights_file(name))}
    changes: dict[str, Any] = {name: config, "files": files, "figures": others | dict(figures)}
    write_json(folder / MANIFEST_NAME, replace(manifest, **changes))
    card = folder / MODEL_CARD_NAME
    text = card.read_text(encoding="utf-8") if card.is_file() else f"# {manifest.name}\n\n"
    written = with_section(text, name, section)
    write_atomically(card, lambda path: path.write_text(written, encoding="utf-8"))


def add_vocabulary(folder: Path, vocabulary: Vocabulary) -> None:
    """Put the acts that a training named into a bundle that is there, or in the place of those it has."""
    vocabulary.write(folder / VOCABULARY_FILE)
    manifest = read_manifest(folder)
    files = manifest.files | {VOCABULARY_FILE: record_of(folder / VOCABULARY_FILE)}
    write_json(folder / MANIFEST_NAME, replace(manifest, files=files))


def read_vocabulary(folder: Path) -> Vocabulary | None:
    """The acts that the training of a bundle named; None for bundles that do not say. BundleError when altered."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    if VOCABULARY_FILE not in manifest.files:
        return None
    verify_files(folder, manifest, (VOCABULARY_FILE,))
    try:
        return Vocabulary.read(folder / VOCABULARY_FILE)
    except SegmoError as error:
        raise BundleError(str(error)) from None


def with_section(card: str, name: str, section: str) -> str:
    """A model card with ``section`` about the part ``name`` before its figures, in the place of an earlier one."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    head, marker, tail = card.partition(FIGURES_MARKER)
    before, _, rest = head.partition(begin)
    after = rest.partition(end)[2] if end in rest else rest
    return f"{before.rstrip()}\n\n{begin}{section.rstrip()}\n{end}\n{after.lstrip()}{marker}{tail}"


def _prefix(part_name: str) -> str:
    """What the names of a part's own figures begin with."""
    return f"{part_name}_"


def record_figures(
    folder: Path, figures: Mapping[str, float], section: str, grounding: GroundingCalibration | None
) -> None:
    """Store measured figures and what similarities mean in the manifest, ``section`` (Markdown) in the model card."""
    manifest = read_manifest(folder)
    # Those of a part that was measured when it was made, by record_part, are not measured again here.
    kept = (_prefix(DURATION_MODEL), _prefix(JOINT_JUDGE))
    own = {name: value for name, value in manifest.figures.items() if name.startswith(kept)}
    write_json(folder / MANIFEST_NAME, replace(manifest, figures={**figures, **own}, grounding=grounding))
    card = folder / MODEL_CARD_NAME
    text = card.read_text(encoding="utf-8") if card.is_file() else f"# {manifest.name}\n\n"
    head = text.split(FIGURES_MARKER)[0]
    write_atomically(card, lambda path: path.write_text(f"{head}{FIGURES_MARKER}\n{section}", encoding="utf-8"))
