"""Random data of the published widths, to measure speed on: what numbers it holds does not matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.pools.token_pool import TokenPool
from segmo_core.motion.features import HUMANML3D_LAYOUT, FeatureLayout

LONGEST, SHORTEST = 49, 10  # tokens: 196 and 40 frames
SHARE_OF_LONGEST = 0.3  # with the others even between, the mean is HumanML3D's 7.1 seconds
NUM_SEQUENCES = 1024
NUM_SENTENCES = 1000
NUM_ACTIONS = 50


def random_pool(full_length: bool) -> TokenPool:
    """Sequences of one to five segments. full_length: all have 49 tokens."""
    generator = np.random.default_rng(0)
    lengths = generator.integers(SHORTEST, LONGEST + 1, NUM_SEQUENCES)
    lengths[generator.random(NUM_SEQUENCES) < (1.0 if full_length else SHARE_OF_LONGEST)] = LONGEST
    ids = generator.integers(0, 512, (NUM_SEQUENCES, LONGEST, 6)).astype(np.int16)
    ids[np.arange(LONGEST) >= lengths[:, None]] = -1
    ends = np.zeros((NUM_SEQUENCES, 5), dtype=np.int16)
    for row, length in enumerate(lengths):
        count = int(generator.integers(1, 6))
        ends[row, :count] = np.round(np.linspace(0, length, count + 1)[1:])
    sentences = generator.integers(0, NUM_SENTENCES, (NUM_SEQUENCES, 1, 5)).astype(np.int32)
    return TokenPool(
        token_ids=ids,
        num_tokens=lengths.astype(np.int16),
        ends=ends,
        labels=np.where(ends > 0, sentences[:, 0] % NUM_ACTIONS, -1).astype(np.int16),
        sentence_rows=sentences,
        caption_rows=sentences[:, :, 0],
        embeddings=generator.standard_normal((NUM_SENTENCES + 1, 512)).astype(np.float16),
    )


@dataclass(frozen=True)
class RandomClip:
    """See data.feature_clips.FeatureClip."""

    start: int
    stop: int
    mirrored: bool = False
    group: str = ""

    @property
    def num_frames(self) -> int:
        return self.stop - self.start


class RandomClips:
    """A hundred clips of 200 frames; see data.feature_clips.FeatureClips."""

    layout: FeatureLayout = HUMANML3D_LAYOUT

    def __init__(self) -> None:
        shape = (20_000, HUMANML3D_LAYOUT.dimension)
        self.features: NDArray[np.floating] = np.random.default_rng(0).standard_normal(shape).astype(np.float32)

    def select(self, split: str, *, only_shippable: bool) -> list[RandomClip]:
        return [RandomClip(start, start + 200) for start in range(0, len(self.features), 200)]

    def clip_features(self, clip: RandomClip) -> NDArray[np.floating]:
        return self.features[clip.start : clip.stop]
