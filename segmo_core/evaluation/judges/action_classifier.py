"""A small classifier of everyday actions, trained on real clips: does a generated segment show what was asked?

Its accuracy on real test clips is always reported beside what it says of generated motion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.progress import Progress, SilentProgress

FloatArray = NDArray[np.floating]

# Class -> labels of the data set. What is in no class is "other".
CLASSES: dict[str, tuple[str, ...]] = {
    "walk": ("walk",),
    "run": ("run", "dash"),
    "walk-turn-left": ("walk-turn-left",),
    "walk-turn-right": ("walk-turn-right",),
    "wave-left-hand": ("wave-left-hand",),
    "wave-right-hand": ("wave-right-hand",),
    "wave-both-hands": ("wave-both-hands",),
    "raise-up-left-hand": ("raise-up-left-hand",),
    "raise-up-right-hand": ("raise-up-right-hand",),
    "raise-up-both-hands": ("raise-up-both-hands",),
    "bow": ("bow",),
    "walk-back": ("walk-back", "walk backward"),
    "dance": ("dance", "dance-short", "salsa dance", "indian dance"),
}
CLASS_NAMES = (*CLASSES, "other")
LEFT_RIGHT_PAIRS = (
    ("walk-turn-left", "walk-turn-right"),
    ("wave-left-hand", "wave-right-hand"),
    ("raise-up-left-hand", "raise-up-right-hand"),
)
_CLASS_OF = {label: index for index, labels in enumerate(CLASSES.values()) for label in labels}
# Labels that hold one of the actions among others, or too nearly the same: neither class nor "other".
_AMBIGUOUS = ("bye", "byebye", "call", "guide", "respond", "walk-left", "walk-right", "run, turn", "walk, turn", "jog")

MIN_FRAMES, MAX_FRAMES = 24, 120


def class_of(clip: Clip) -> int | None:
    """Index of the clip's class; None for clips that fit no class cleanly."""
    label = clip.action or clip.description or ""
    if label in _CLASS_OF:
        return _CLASS_OF[label]
    if label.startswith("dance - "):  # ballet, described step by step
        return _CLASS_OF["dance"]
    if label in _AMBIGUOUS or "walk" in label or "run" in label or "wave" in label or clip.action is None:
        return None
    return len(CLASS_NAMES) - 1


class ActionClassifier(nn.Module):
    """Dilated convolutions over the normalised features (rotations left out), mean and max over time."""

    def __init__(self, width: int = 96, dropout: float = 0.3) -> None:
        super().__init__()
        self.input = nn.Conv1d(len(HUMANML3D_LAYOUT.movement), width, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in (1, 2, 4, 8))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * width, len(CLASS_NAMES))

    def forward(self, features: Tensor, is_valid: Tensor) -> Tensor:
        """features (B, T, D) normalised, is_valid (B, T) -> logits (B, classes)."""
        columns = features[..., HUMANML3D_LAYOUT.movement]
        mask = is_valid[:, None, ::2].float()
        x = functional.gelu(self.input((columns * is_valid[..., None]).transpose(1, 2))) * mask
        for block in self.blocks:
            x = (x + functional.gelu(block(self.dropout(x)))) * mask
        mean = x.sum(dim=2) / mask.sum(dim=2)
        peak = x.masked_fill(mask == 0, -1e4).amax(dim=2)
        logits: Tensor = self.output(self.dropout(torch.cat([mean, peak], dim=1)))
        return logits


@dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """A classifier with the normalisation it expects."""

    model: ActionClassifier
    statistics: FeatureStatistics

    @torch.inference_mode()
    def predict(self, joint_positions: Sequence[FloatArray]) -> NDArray[np.integer]:
        """Class index of each motion (T, 22, 3) metres at 20 fps."""
        rows = [features_from_joints(on_floor_facing_forward(joints, HUMANML3D_LAYOUT)) for joints in joint_positions]
        return self.predict_features(rows)

    @torch.inference_mode()
    def predict_features(self, rows: Sequence[FloatArray]) -> NDArray[np.integer]:
        found = []
        for start in range(0, len(rows), 64):
            features, is_valid = _pad([self.statistics.normalised(r) for r in rows[start : start + 64]])
            found.append(self.model(features, is_valid).argmax(dim=1).numpy())
        return np.concatenate(found)


def train_classifier(
    data: Mocap22,
    statistics: FeatureStatistics,
    *,
    steps: int = 1200,
    batch_size: int = 64,
    seed: int = 0,
    progress: Progress | None = None,
) -> TrainedClassifier:
    """Train on random stretches of the train split, classes drawn evenly, mirror images included."""
    progress = progress or SilentProgress()
    by_class: list[list[Clip]] = [[] for _ in CLASS_NAMES]
    for clip in data.select("train", only_shippable=False):
        index = class_of(clip)
        if index is not None and clip.num_frames >= MIN_FRAMES:
            by_class[index].append(clip)
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    model = ActionClassifier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    model.train()
    for step in range(steps):
        progress.raise_if_cancelled()
        if step % 50 == 0:
            progress.report(step / steps, f"classifier, step {step} of {steps}")
        labels = generator.integers(len(CLASS_NAMES), size=batch_size)
        rows = []
        for label in labels:
            clip = by_class[label][int(generator.integers(len(by_class[label])))]
            length = int(generator.integers(MIN_FRAMES, min(clip.num_frames, MAX_FRAMES) + 1))
            start = int(generator.integers(clip.num_frames - length + 1))
            rows.append(statistics.normalised(data.clip_features(clip)[start : start + length]))
        features, is_valid = _pad(rows)
        features = features + 0.05 * torch.randn(features.shape)
        loss = functional.cross_entropy(model(features, is_valid), torch.from_numpy(labels), label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return TrainedClassifier(model.eval(), statistics)


def accuracy_on_clips(classifier: TrainedClassifier, data: Mocap22, clips: Sequence[Clip]) -> Mapping[str, float]:
    """Share of whole clips (their first 120 frames) that are recognised: per class, and "all"."""
    labelled = [
        (clip, index) for clip in clips if (index := class_of(clip)) is not None and clip.num_frames >= MIN_FRAMES
    ]
    found = classifier.predict_features([data.clip_features(clip)[:MAX_FRAMES] for clip, _ in labelled])
    wanted = np.array([index for _, index in labelled])
    shares = {"all": float((found == wanted).mean())}
    for index, name in enumerate(CLASS_NAMES):
        if (wanted == index).any():
            shares[name] = float((found[wanted == index] == index).mean())
    return shares


def _pad(rows: Sequence[FloatArray]) -> tuple[Tensor, Tensor]:
    longest = max(len(row) for row in rows)
    longest += longest % 2
    features = torch.zeros(len(rows), longest, rows[0].shape[1])
    is_valid = torch.zeros(len(rows), longest, dtype=torch.bool)
    for index, row in enumerate(rows):
        features[index, : len(row)] = torch.from_numpy(np.asarray(row, dtype=np.float32)).clamp(-30, 30)
        is_valid[index, : len(row)] = True
    return features, is_valid
