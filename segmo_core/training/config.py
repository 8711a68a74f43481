"""The file given to ``segmo train --config``: sizes, stages and data of one bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from segmo_core.data.boundary_sources import BOUNDARY_SOURCES, EXACT
from segmo_core.data.composition.sequences import CompositionSettings
from segmo_core.data.pools.fitted_statistics import FEATURE_BIAS
from segmo_core.errors import ConfigError, SegmoError
from segmo_core.models.estimators.configs import BoundaryModelConfig
from segmo_core.models.sampling_settings import SamplingSettings
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig
from segmo_core.serialization import from_plain, read_json
from segmo_core.training.stage_settings import StageSettings

STARTED_PARTS = ("tokenizer", "masked", "residual")


@dataclass(frozen=True)
class Stage:
    """Training settings of the stages. decoder: training the tokenizer's decoder on, which changes no token; None
    leaves it out. boundaries: the boundary model, for data whose boundaries are known; None leaves it out.
    """

    tokenizer: StageSettings
    masked: StageSettings
    residual: StageSettings
    decoder: StageSettings | None = None
    boundaries: StageSettings | None = None


@dataclass(frozen=True)
class TrainingConfig:
    """only_shippable: train on clips whose licence lets the weights be given away, and on no others. leave_out: sources
    ("bandai-namco-1") or words of licences ("NC") to train without: what is left may be used under what they allow.
    sampling: what the bundle generates with unless a request says otherwise. threads: 0 leaves it to torch.
    segments_model: whose precomputed segments to take, for data sets with captions; None takes what there is.
    join_rest: of captions with more segments than the model is told, the last tells all that is left, or that is lost.
    boundaries: where motion segments begin, "exact" (known, since sequences are composed; data sets without true
    boundaries are cut evenly), "uniform", "change-point" or "clustering". start_from: a bundle or another training's
    folder whose weights training begins with, for models of the same sizes; None begins with random ones.
    start_parts: which of "tokenizer", "masked" and "residual" begin so; the others begin with random weights, of any
    sizes. keep_tokenizer: its tokenizer and statistics are taken as they are, so token ids keep their meaning. history:
    how those were trained, in sentences for the model card. rare_actions: above 0, sequences of rare actions are drawn
    more often (``TokenObjective``). sequence_share: of the windows that tokenizer and decoder are trained on, the part
    cut from sequences as the transformers see them; the rest is cut from clips. for_gestures: the tokenizer is trained
    with ``BodyLoss`` instead of the published loss. rare_poses: above 0, it is trained on windows of rare poses more
    often (``TrainingWindows``). balanced_statistics: features are normalised so that rare poses are near the middle
    (``balanced_statistics``), not as published. feature_bias: what the deviations of root and contacts are divided by
    (MoMask's feat_bias; 1 takes a data set's own Std.npy as it is). crops: of data sets with captions, how many random
    crops of every motion are tokenised, to be drawn from (published: another at every draw); 0 takes whole motions.
    draw_motions: motions are drawn alike, each with one of its captions, as published; else captions are.
    mask_over_padding: how many tokens are hidden is counted over the padded length, as published, not over its own.
    sources: where published numbers stand, for people; nothing reads them.
    """

    name: str
    tokenizer: RVQVAEConfig
    masked: MaskedTransformerConfig
    residual: ResidualTransformerConfig
    stages: Stage
    composition: CompositionSettings = field(default_factory=CompositionSettings)
    validation_sequences: int = 400
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    text_encoder: str = "minilm"
    only_shippable: bool = True
    leave_out: tuple[str, ...] = ()
    threads: int = 0
    device: str = "cpu"
    segments_model: str | None = None
    join_rest: bool = False
    boundaries: str = EXACT
    start_from: str | None = None
    start_parts: tuple[str, ...] = STARTED_PARTS
    keep_tokenizer: bool = False
    history: str = ""
    rare_actions: float = 0.0
    boundary_model: BoundaryModelConfig = field(default_factory=BoundaryModelConfig)
    sequence_share: float = 0.0
    for_gestures: bool = False
    rare_poses: float = 0.0
    balanced_statistics: bool = False
    feature_bias: float = FEATURE_BIAS
    crops: int = 0
    draw_motions: bool = False
    mask_over_padding: bool = False
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def reads_words(self) -> bool:
        """Whether a transformer reads the words of segments one by one."""
        return max(self.masked.word_questions, self.residual.word_questions) > 0

    def __post_init__(self) -> None:
        if self.boundaries not in BOUNDARY_SOURCES:
            raise ConfigError(
                f"training config: boundaries {self.boundaries!r} are unknown, "
                f"expected one of {', '.join(BOUNDARY_SOURCES)}"
            )
        if not 0 <= self.sequence_share <= 1:
            raise ConfigError(f"training config: sequence_share {self.sequence_share}, expected 0 to 1")
        if self.keep_tokenizer and self.start_from is None:
            raise ConfigError("training config: keep_tokenizer without start_from, expected whose tokenizer to keep")
        unknown = [part for part in self.start_parts if part not in STARTED_PARTS]
        if unknown or (self.keep_tokenizer and "tokenizer" not in self.start_parts):
            raise ConfigError(
                f"training config: start_parts {list(self.start_parts)}, expected some of {', '.join(STARTED_PARTS)}"
                + (" with the tokenizer that is kept" if self.keep_tokenizer else "")
            )
        if self.crops < 0:
            raise ConfigError(f"training config: crops {self.crops}, expected 0 or more")
        if self.feature_bias <= 0:
            raise ConfigError(f"training config: feature_bias {self.feature_bias:g}, expected above 0")
        codes = {self.tokenizer.num_codes, self.masked.num_codes, self.residual.num_codes}
        if len(codes) != 1:
            raise ConfigError(f"training config: num_codes differ ({sorted(codes)}), expected one value in all models")
        if self.tokenizer.num_quantizers != self.residual.num_quantizers:
            raise ConfigError(
                f"training config: the residual transformer has {self.residual.num_quantizers} quantizers, "
                f"expected the tokenizer's {self.tokenizer.num_quantizers}"
            )


def read_config(path: Path) -> TrainingConfig:
    """Parse a config file; ConfigError names the file and the key that is wrong."""
    try:
        return from_plain(TrainingConfig, read_json(path), "config")
    except SegmoError as error:
        message = str(error)
        raise ConfigError(message if message.startswith(str(path)) else f"{path}: {message}") from None
