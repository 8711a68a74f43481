"""Toy data for training: sequences in which every token of a segment is the number of its sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmo_core.data.pools.token_pool import SequencePool, TokenPool
from segmo_core.motion.features import HUMANML3D_LAYOUT, FeatureLayout

CODES = 16
SIZES = {"num_codes": CODES, "code_width": 8, "text_width": 12, "latent_width": 16, "feedforward_width": 32}
SIZES |= {"num_layers": 1, "num_heads": 2}
FRAMES = 4  # of a token


def toy_pool(count: int = 40) -> TokenPool:
    """Sequences of two segments of 3 to 7 tokens."""
    generator = np.random.default_rng(0)
    embeddings = generator.standard_normal((CODES + 1, 12)).astype(np.float16)
    sentences = generator.integers(0, CODES, size=(count, 2))
    ids = np.full((count, 10, 3), -1, dtype=np.int16)
    ends = np.zeros((count, 5), dtype=np.int16)
    rows = np.full((count, 1, 5), CODES, dtype=np.int32)
    for i in range(count):
        split, length = int(generator.integers(3, 6)), int(generator.integers(7, 11))
        ids[i, :split], ids[i, split:length] = sentences[i, 0], sentences[i, 1]
        ends[i, :2] = split, length
        rows[i, 0, :2] = sentences[i]
    labels = np.full((count, 5), -1, dtype=np.int16)
    labels[:, :2] = sentences
    return TokenPool(ids, ends.max(axis=1), ends, labels, rows, sentences[:, :1].astype(np.int32), embeddings)


def toy_motion(numbers: np.ndarray) -> np.ndarray:
    """(4 N, 263) features for N sentence numbers: each has a pose of its own, with a little noise."""
    poses = np.random.default_rng(7).standard_normal((CODES, 263))
    noise = 0.3 * np.random.default_rng(8).standard_normal((FRAMES * len(numbers), 263))
    return (np.repeat(poses[numbers], FRAMES, axis=0) + noise).astype(np.float32)


def toy_sequences(pool: TokenPool) -> SequencePool:
    """What ``pool`` would be before tokenising; its words are of no account."""
    lengths = pool.num_tokens.astype(int)
    motions = [toy_motion(pool.token_ids[i, :length, 0]) for i, length in enumerate(lengths)]
    words = [["", ""] for _ in lengths]
    return SequencePool(
        features=np.concatenate(motions),
        offsets=np.concatenate([[0], np.cumsum(lengths * FRAMES)]),
        ends=[[int(end) * FRAMES for end in row if end] for row in pool.ends],
        sentences=[[pair] for pair in words],
        captions=[[""] for _ in lengths],
        actions=words,
    )


@dataclass(frozen=True)
class ToyClip:
    start: int
    stop: int
    mirrored: bool = False
    group: str = ""

    @property
    def num_frames(self) -> int:
        return self.stop - self.start


class ToyClips:
    """Clips of one sentence each, all in the train split."""

    layout: FeatureLayout = HUMANML3D_LAYOUT

    def __init__(self) -> None:
        self.features = np.concatenate([toy_motion(np.full(8, number)) for number in range(CODES)])
        self.selected: list[str] = []

    def select(self, split: str, *, only_shippable: bool) -> list[ToyClip]:
        self.selected.append(split)
        return [ToyClip(32 * number, 32 * (number + 1)) for number in range(CODES)]

    def clip_features(self, clip: ToyClip) -> np.ndarray:
        return self.features[clip.start : clip.stop]
