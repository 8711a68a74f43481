"""The classifier that judges every bundle: trained once on the train split, kept in the cache folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import FileFormatError
from segmo_core.evaluation.judges.action_classifier import (
    CLASSES,
    ActionClassifier,
    TrainedClassifier,
    train_classifier,
)
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.progress import Progress
from segmo_core.serialization import write_atomically

JUDGE_STEPS = 1200
_VERSION = 3  # of the classifier and of how it is trained


def trained_judge(
    data: Mocap22, cache: Path, *, steps: int = JUDGE_STEPS, seed: int = 0, progress: Progress | None = None
) -> TrainedClassifier:
    """The judge for a data set, from ``cache`` where it was trained before; one CPU core takes two minutes.

    It normalises with statistics of the data, not of a bundle, so that all bundles have the same judge.
    """
    path = cache / f"judge-{_key(data, steps, seed)}.safetensors"
    if path.is_file():
        return _load(path)
    statistics = data.statistics(data.select("train", only_shippable=False))
    classifier = train_classifier(data, statistics, steps=steps, seed=seed, progress=progress)
    tensors = {name: value.contiguous() for name, value in classifier.model.state_dict().items()}
    tensors |= {"mean": torch.from_numpy(statistics.mean), "std": torch.from_numpy(statistics.std)}
    cache.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda target: save_file(tensors, target))
    return classifier


def _key(data: Mocap22, steps: int, seed: int) -> str:
    """Changes with the data, with the classes and with how the judge is trained."""
    text = json.dumps([_VERSION, steps, seed, CLASSES, data.fingerprint])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _load(path: Path) -> TrainedClassifier:
    model = ActionClassifier()
    try:
        tensors = load_file(path)
        statistics = FeatureStatistics(tensors.pop("mean").numpy(), tensors.pop("std").numpy())
        model.load_state_dict(tensors)
    except (SafetensorError, OSError, KeyError, RuntimeError) as error:
        raise FileFormatError(f"{path}: no judge in it ({str(error).splitlines()[0]}), delete it") from None
    return TrainedClassifier(model.eval(), statistics)
