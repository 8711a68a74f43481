"""One view of any data set for evaluation and for training an evaluator: a caption, its segments, its motion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.captioned_motion import Caption, CaptionedDataset
from segmo_core.data.captioned_folders.humanml3d import has_layout, load_humanml3d
from segmo_core.data.composition.sequences import CompositionSettings
from segmo_core.data.folders import DataFolders, is_mocap22, the_only
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.data.pools.token_pool import SequencePool, compose_pool
from segmo_core.errors import DataError
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT, FeatureLayout
from segmo_core.progress import Progress, SilentProgress
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

MAX_FRAMES = 196


@dataclass(frozen=True, eq=False)
class TextMotion:
    """One motion (T, D) un-normalised, T a multiple of 4 and at most 196, with a caption and its segments.

    ends: true ends of the segments in frames, where they are known. meaning: equal for motions that show the same.
    """

    features: FloatArray
    caption: Caption
    segments: tuple[str, ...]
    ends: tuple[int, ...] | None
    meaning: str


class TextMotionSet(Protocol):
    """name: for tables. statistics: of the data set. notices: sentences on what was left out or made up."""

    name: str
    frame_rate: float
    layout: FeatureLayout
    statistics: FeatureStatistics

    @property
    def notices(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...
    def draw(self, index: int, generator: np.random.Generator, *, with_segments: bool = True) -> TextMotion:
        """Motion ``index`` with one of its captions and, where the data set is cropped, a random crop."""
        ...

    def draw_again(self, index: int, generator: np.random.Generator) -> FloatArray:
        """Features (T, D) of another draw of motion ``index``, cropped as published even where ``draw`` does not crop:
        what FID says of real motions is what cropping alone does."""
        ...


def open_text_motions(
    data: DataFolders,
    split: str,
    cache: Path,
    *,
    segments_model: str | None = None,
    composition: CompositionSettings,
    only_shippable: bool = True,
    max_segments: int = 5,
    progress: Progress | None = None,
) -> TextMotionSet:
    """A split of HumanML3D, KIT-ML, or of mocap22 with its clips joined to sequences (``composition``).

    Raises DataError for another folder.
    """
    progress = progress or SilentProgress()
    if not is_mocap22(data):
        folder = the_only(data)
        if has_layout(folder):
            return CaptionedSet(load_humanml3d(folder, cache, [split], progress), split, segments_model, max_segments)
        raise DataError(f"{folder}: not a data set, expected HumanML3D, KIT-ML (texts/, test.txt) or mocap22")
    clips = load_mocap22(data, cache / "mocap22", progress)
    pool = compose_pool(clips, split, composition, cache, only_shippable=only_shippable, progress=progress)
    statistics = clips.statistics(clips.select("train", only_shippable=only_shippable))
    return ComposedSet(clips.name, pool, statistics)


class CaptionedSet:
    """Motions of HumanML3D or KIT-ML. A third of the draws is one token shorter, at a random place (published)."""

    def __init__(self, data: CaptionedDataset, split: str, segments_model: str | None, max_segments: int) -> None:
        self.name, self.frame_rate, self.layout = data.name, data.frame_rate, data.layout
        self.statistics = data.statistics
        self._data, self._clips = data, data.select(split)
        self._segments = CaptionSegments(data.folder, data.name, max_segments, segments_model)

    @property
    def notices(self) -> tuple[str, ...]:
        return (*self._data.notices, *([self._segments.notice] if self._segments.notice else []))

    def __len__(self) -> int:
        return len(self._clips)

    def draw(self, index: int, generator: np.random.Generator, *, with_segments: bool = True) -> TextMotion:
        clip = self._clips[index]
        caption = clip.captions[int(generator.integers(len(clip.captions)))]
        tokens = _cropped_tokens(clip.num_frames, generator)
        features = np.asarray(_piece(self._data.clip_features(clip), tokens, generator), dtype=np.float32)
        segments = self._segments.of(clip, caption)[:tokens] if with_segments else ()
        return TextMotion(features, caption, segments, None, caption.text.lower().strip(" ."))

    def draw_again(self, index: int, generator: np.random.Generator) -> FloatArray:
        return self.draw(index, generator, with_segments=False).features


class ComposedSet:
    """Joined clips of ``data`` (a name), whose boundaries are known exactly."""

    frame_rate = MODEL_FRAME_RATE
    layout = HUMANML3D_LAYOUT
    notices: tuple[str, ...] = ()

    def __init__(self, data: str, pool: SequencePool, statistics: FeatureStatistics) -> None:
        self.name = f"{data}, clips joined"
        self._pool, self.statistics = pool, statistics

    def __len__(self) -> int:
        return len(self._pool)

    def draw(self, index: int, generator: np.random.Generator, *, with_segments: bool = True) -> TextMotion:
        pool = self._pool
        wording = int(generator.integers(len(pool.captions[index])))
        features = np.asarray(pool.features[pool.offsets[index] : pool.offsets[index + 1]], dtype=np.float32)
        return TextMotion(
            features,
            Caption(pool.captions[index][wording]),
            tuple(pool.sentences[index][wording]),
            tuple(pool.ends[index]),
            " | ".join(pool.actions[index]),
        )

    def draw_again(self, index: int, generator: np.random.Generator) -> FloatArray:
        features = self.draw(index, generator).features
        (own,) = generator.spawn(1)  # what is drawn from the generator afterwards does not change
        return _piece(features, _cropped_tokens(len(features), own), own)


def _cropped_tokens(num_frames: int, generator: np.random.Generator) -> int:
    """How many tokens of a motion are drawn: all, in a third of the draws one less (published)."""
    return max(1, min(num_frames, MAX_FRAMES) // FRAMES_PER_TOKEN - int(generator.integers(3) == 0))


def _piece(features: FloatArray, tokens: int, generator: np.random.Generator) -> FloatArray:
    """So many tokens of features (T, D) from a random place."""
    length = tokens * FRAMES_PER_TOKEN
    start = int(generator.integers(len(features) - length + 1))
    return features[start : start + length]
