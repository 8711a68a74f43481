"""Sizes of the smaller models of a bundle; torch-free, since bundles tell them."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.errors import ConfigError

NUM_CONTACT_COLUMNS = 4

QUANTILES = (0.1, 0.5, 0.9)
"""Of how long a segment takes, which a duration model gives."""

ONCE, SHORTEST, TYPICAL, LONGEST = range(4)
"""The columns of what a duration model gives: the act once, and QUANTILES, in their order."""


@dataclass(frozen=True)
class BoundaryModelConfig:
    """Sizes. text_width: of the text encoder's vectors. width: of the convolutions, num_layers of them with dilations
    1, 2, 4 and so on, so that a frame knows 2 ** num_layers frames before and after it. space_width: of the space in
    which frames and texts are compared.
    """

    text_width: int = 384
    width: int = 96
    num_layers: int = 5
    space_width: int = 64
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for name in ("text_width", "width", "num_layers", "space_width"):
            if getattr(self, name) < 1:
                raise ConfigError(f"BoundaryModelConfig.{name}: found {getattr(self, name)}, expected at least 1")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"BoundaryModelConfig.dropout: {self.dropout}, expected 0 to below 1")


@dataclass(frozen=True)
class DurationModelConfig:
    """Sizes. text_width: of the text encoder's vectors. hidden_width: of the one hidden layer.

    mean_seconds: what the outputs start from (the middle of the training data).
    """

    text_width: int = 384
    hidden_width: int = 64
    dropout: float = 0.3
    mean_seconds: float = 3.0

    def __post_init__(self) -> None:
        if min(self.text_width, self.hidden_width) < 1:
            raise ConfigError("DurationModelConfig: every width must be at least 1")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"DurationModelConfig.dropout: {self.dropout}, expected 0 to below 1")
        if self.mean_seconds <= 0:
            raise ConfigError(f"DurationModelConfig.mean_seconds: {self.mean_seconds}, expected above 0")


@dataclass(frozen=True)
class LengthEstimatorConfig:
    """Sizes; the defaults are the published ones. num_classes: lengths of 0 to num_classes - 1 tokens."""

    text_width: int = 512
    hidden_widths: tuple[int, ...] = (512, 256, 128)
    num_classes: int = 50
    dropout: float = 0.2

    def __post_init__(self) -> None:
        if not self.hidden_widths or min(self.text_width, self.num_classes - 1, *self.hidden_widths) < 1:
            raise ConfigError("LengthEstimatorConfig: every width must be at least 1, and num_classes at least 2")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"LengthEstimatorConfig.dropout: {self.dropout}, expected 0 to below 1")


@dataclass(frozen=True)
class EvaluatorConfig:
    """Sizes; the defaults are the published ones for HumanML3D (KIT-ML: feature_width 251).

    feature_width: D of a motion feature row, foot contacts included (the evaluator does not read these).
    movement_*: the convolutional encoder. word_width: GloVe vectors. num_word_classes: one-hot part-of-speech
    tags. *_state_width: each direction of a GRU. embedding_width: of both results.
    """

    feature_width: int = 263
    movement_hidden_width: int = 512
    movement_width: int = 512
    word_width: int = 300
    num_word_classes: int = 15
    text_state_width: int = 512
    motion_state_width: int = 1024
    embedding_width: int = 512
    dropout: float = 0.2

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name != "dropout" and value < 1:
                raise ConfigError(f"EvaluatorConfig.{name}: {value}, expected at least 1")
        if self.feature_width <= NUM_CONTACT_COLUMNS:
            raise ConfigError(f"EvaluatorConfig.feature_width: {self.feature_width}, expected motion features")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"EvaluatorConfig.dropout: {self.dropout}, expected 0 to below 1")


@dataclass(frozen=True)
class JointJudgeConfig:
    """width: of the convolutions. text_width: of sentence vectors. output: of the shared space. level, spread: of the
    calibration, the cosine of even odds and the deviation that makes them e to 1."""

    width: int = 128
    text_width: int = 384
    output: int = 128
    dropout: float = 0.15
    level: float = 0.5
    spread: float = 0.1

    def __post_init__(self) -> None:
        if min(self.width, self.text_width, self.output) < 1 or self.spread <= 0:
            raise ConfigError("joint judge: sizes and spread must be above 0")
