"""``segmo train evaluator``: the published evaluator's architecture, trained on any data set with captions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from segmo_core.data.composition.sequences import CompositionSettings
from segmo_core.data.folders import DataFolders
from segmo_core.data.text_motion_set import TextMotionSet, open_text_motions
from segmo_core.errors import ConfigError, SegmoError
from segmo_core.evaluation.judges.feature_extractor import EvaluatorRecord, save_features
from segmo_core.evaluation.judges.word_vectors import PieceWords
from segmo_core.models.estimators.configs import EvaluatorConfig
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import from_plain, read_json
from segmo_core.training.loop import train as run_loop
from segmo_core.training.objectives.evaluator import EvaluatorObjective
from segmo_core.training.processes import first_goes_first, is_first, joined_processes
from segmo_core.training.stage_settings import StageSettings

VALIDATION_SEED = 10


@dataclass(frozen=True)
class EvaluatorTrainingConfig:
    """Sizes and settings; the defaults are the published ones, with word pieces (384) in place of GloVe.

    max_words: pieces of a caption that are read. margin: how far apart what does not match shall be (T2M: 10).
    composition, only_shippable: for mocap22, whose clips are joined to sequences.
    """

    name: str = "evaluator"
    evaluator: EvaluatorConfig = field(default_factory=lambda: EvaluatorConfig(word_width=PieceWords.width))
    stage: StageSettings = field(
        default_factory=lambda: StageSettings(
            steps=60000, batch_size=64, learning_rate=1e-4, warmup_steps=500, decay_steps=20000, gradient_clip=1.0
        )
    )
    max_words: int = 64
    margin: float = 10.0
    composition: CompositionSettings = field(default_factory=CompositionSettings)
    validation_sequences: int = 512
    only_shippable: bool = True
    threads: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.evaluator.word_width != PieceWords.width:
            raise ConfigError(
                f"evaluator config: word_width {self.evaluator.word_width}, expected {PieceWords.width} for word pieces"
            )
        if self.max_words < 3 or self.margin <= 0:
            raise ConfigError(
                f"evaluator config: max_words {self.max_words}, margin {self.margin}, expected at least 3 and above 0"
            )


def read_evaluator_config(path: Path) -> EvaluatorTrainingConfig:
    """Parse a config file; ConfigError names the file and the key that is wrong."""
    try:
        return from_plain(EvaluatorTrainingConfig, read_json(path), "config")
    except SegmoError as error:
        message = str(error)
        raise ConfigError(message if message.startswith(str(path)) else f"{path}: {message}") from None


def train_evaluator(
    data: DataFolders, config_path: Path | None, out: Path, *, resume: bool = False, progress: Progress | None = None
) -> Path:
    """Train into ``out``/evaluator and return that folder; ``load_features`` reads it.

    config_path: None takes the published sizes. Of several processes that torchrun started each trains on its share
    of every batch, and the first one writes. Raises ConfigError or DataError.
    """
    config = EvaluatorTrainingConfig() if config_path is None else read_evaluator_config(config_path)
    with joined_processes(config.device) as device:
        progress = progress if progress is not None and is_first() else SilentProgress()
        return _train(replace(config, device=device), data, config_path, out, resume, progress)


def _train(
    config: EvaluatorTrainingConfig,
    data: DataFolders,
    config_path: Path | None,
    out: Path,
    resume: bool,
    progress: Progress,
) -> Path:
    if config.threads:
        torch.set_num_threads(config.threads)
    with first_goes_first():
        training = _open(config, data, "train", out / "cache", progress)
        validation = _open(config, data, "val", out / "cache", progress)
    width = training.layout.dimension
    if config_path is None:
        config = replace(config, evaluator=replace(config.evaluator, feature_width=width))
    if config.evaluator.feature_width != width:
        raise ConfigError(f"{config_path}: evaluator.feature_width {config.evaluator.feature_width}, expected {width}")
    torch.manual_seed(config.stage.seed)
    model = TextMotionEvaluator(config.evaluator)
    objective = EvaluatorObjective(
        model,
        training,
        validation,
        PieceWords(config.max_words),
        batch_size=config.stage.batch_size,
        margin=config.margin,
        statistics=training.statistics,
    )
    folder = out / "evaluator"
    run_loop(objective, config.stage, folder, resume=resume, progress=progress, device=config.device)
    if is_first():
        record = EvaluatorRecord(config.name, training.name, training.frame_rate, config.max_words, config.evaluator)
        save_features(folder, record, model, training.statistics)
    return folder


def _open(
    config: EvaluatorTrainingConfig, data: DataFolders, split: str, cache: Path, progress: Progress
) -> TextMotionSet:
    composition = config.composition
    if split == "val":
        composition = replace(composition, num_sequences=config.validation_sequences, seed=VALIDATION_SEED)
    return open_text_motions(
        data, split, cache, composition=composition, only_shippable=config.only_shippable, progress=progress
    )
