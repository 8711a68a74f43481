"""Texts and motions in one space, for the metrics: the published evaluator, or one trained here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from segmo_core.bundle import load_evaluator
from segmo_core.bundle_manifest import MANIFEST_NAME
from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.errors import ConfigError, DataError, FileFormatError
from segmo_core.evaluation.judges.word_vectors import GloveWords, PieceWords, WordVectors
from segmo_core.models.estimators.configs import EvaluatorConfig
from segmo_core.models.estimators.text_motion_evaluator import FRAMES_PER_MOVEMENT, TextMotionEvaluator
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.serialization import from_plain, read_json, write_atomically, write_json

FloatArray = NDArray[np.floating]

RECORD_NAME, WEIGHTS_NAME = "evaluator.json", "evaluator.safetensors"
FORMAT_NAME, FORMAT_VERSION = "segmo-evaluator", 1
SHIPPED_EVALUATOR = "evaluators/mocap22"  # among the assets
MAX_FRAMES = 196
BATCH_SIZE = 64


@dataclass(frozen=True)
class EvaluatorRecord:
    """What a trained evaluator says about itself. max_words: how much of a caption it reads."""

    name: str
    trained_on: str
    frame_rate: float
    max_words: int
    config: EvaluatorConfig
    format: str = FORMAT_NAME
    version: int = FORMAT_VERSION


class TextMotionFeatures:
    """Embeds captions and motions with an evaluator in evaluation mode.

    name: for the table of results. statistics: what the evaluator's motions are normalised with.
    """

    def __init__(
        self, name: str, model: TextMotionEvaluator, words: WordVectors, statistics: FeatureStatistics
    ) -> None:
        if words.width != model.config.word_width:
            raise ConfigError(
                f"evaluator: words of {model.config.word_width} numbers, the given ones have {words.width}"
            )
        self.name = name
        self.feature_width = model.config.feature_width
        self._model, self._words, self._statistics = model.eval(), words, statistics

    @torch.inference_mode()
    def embed_texts(self, captions: Sequence[Caption]) -> FloatArray:
        """(M, E) float32."""
        blocks = []
        for start in range(0, len(captions), BATCH_SIZE):
            batch = self._words.encode(captions[start : start + BATCH_SIZE])
            blocks.append(self._model.embed_text(batch.vectors, batch.classes, batch.lengths).numpy())
        return np.concatenate(blocks)

    @torch.inference_mode()
    def embed_motions(self, motions: Sequence[FloatArray]) -> FloatArray:
        """(M, E) float32 of un-normalised features (T, D) each, 4 to 196 frames."""
        blocks = []
        for start in range(0, len(motions), BATCH_SIZE):
            padded, lengths = self.padded(motions[start : start + BATCH_SIZE])
            blocks.append(self._model.embed_motion(padded, lengths).numpy())
        return np.concatenate(blocks)

    def padded(self, motions: Sequence[FloatArray]) -> tuple[torch.Tensor, torch.Tensor]:
        """Normalised features (B, 196, D), zero past the end as published, and their lengths (B,)."""
        return pad_motions(motions, self._statistics)


def pad_motions(motions: Sequence[FloatArray], statistics: FeatureStatistics) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalised features (B, 196, D), zero past the end, and lengths (B,) in frames.

    Always 196 frames: the convolutions see up to three frames past the end of a motion, and must see the same there
    whatever it is batched with.
    """
    padded = torch.zeros(len(motions), MAX_FRAMES, motions[0].shape[1])
    lengths = []
    for number, features in enumerate(motions):
        if not FRAMES_PER_MOVEMENT <= len(features) <= MAX_FRAMES:
            raise DataError(f"evaluator: a motion of {len(features)} frames, expected 4 to {MAX_FRAMES}")
        rows = statistics.normalised(np.asarray(features, dtype=np.float32))
        padded[number, : len(rows)] = torch.from_numpy(rows.astype(np.float32))
        lengths.append(len(rows))
    return padded, torch.tensor(lengths)


def load_features(folder: Path, glove: Path | None = None) -> TextMotionFeatures:
    """The evaluator in ``folder``: one that ``segmo train evaluator`` wrote, or a converted bundle that has one.

    glove: folder of the published word vectors, which the published evaluator needs. Raises SegmoError in one
    sentence for anything else.
    """
    if (folder / RECORD_NAME).is_file():
        return _load_trained(folder)
    if not (folder / MANIFEST_NAME).is_file():
        raise FileFormatError(
            f"{folder}: no {RECORD_NAME} in it, expected an evaluator (see segmo train evaluator) or a converted bundle"
        )
    bundled = load_evaluator(folder)
    if bundled is None:
        raise FileFormatError(f"{folder}: this bundle has no evaluator, give one with --evaluator")
    if glove is None:
        raise ConfigError(f"{folder}: its evaluator needs the published word vectors, give their folder with --glove")
    return TextMotionFeatures("T2M evaluator", bundled.model, GloveWords(glove), bundled.statistics)


def save_features(
    folder: Path, record: EvaluatorRecord, model: TextMotionEvaluator, statistics: FeatureStatistics
) -> None:
    """Write a trained evaluator so that ``load_features`` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.detach().cpu().half().contiguous() for name, value in model.state_dict().items()}
    tensors |= {"mean": torch.from_numpy(np.array(statistics.mean)), "std": torch.from_numpy(np.array(statistics.std))}
    write_atomically(folder / WEIGHTS_NAME, lambda path: save_file(tensors, path))
    write_json(folder / RECORD_NAME, record)


def read_record(folder: Path) -> EvaluatorRecord:
    """What the trained evaluator in ``folder`` says about itself; FileFormatError when it is none of ours."""
    path = folder / RECORD_NAME
    plain: Any = read_json(path)
    found = plain.get("format") if isinstance(plain, dict) else None
    if found != FORMAT_NAME or plain.get("version") != FORMAT_VERSION:
        raise FileFormatError(f"{path}: format {found!r}, expected {FORMAT_NAME!r} of version {FORMAT_VERSION}")
    try:
        return from_plain(EvaluatorRecord, plain, str(path))
    except ConfigError as error:
        raise FileFormatError(str(error)) from None


def _load_trained(folder: Path) -> TextMotionFeatures:
    record = read_record(folder)
    model = TextMotionEvaluator(record.config)
    path = folder / WEIGHTS_NAME
    try:
        tensors = {name: value.float() for name, value in load_file(path).items()}
        statistics = FeatureStatistics(tensors.pop("mean").numpy(), tensors.pop("std").numpy())
        model.load_state_dict(tensors)
    except (SafetensorError, OSError, KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise FileFormatError(f"{path}: does not hold the evaluator of {RECORD_NAME} ({reason})") from None
    words = PieceWords(record.max_words)
    name = f"{record.name}, trained on {record.trained_on} ({words.name})"
    return TextMotionFeatures(name, model, words, statistics)
