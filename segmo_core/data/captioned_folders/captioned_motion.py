"""Motions with captions, whatever data set they come from: what training on sentences and evaluation read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import FeatureLayout

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class Caption:
    """One sentence. tags: its words as "walk/VERB" where the data set gives them. line: its line in the text file."""

    text: str
    tags: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class CaptionedClip:
    """A motion, or the stretch of one that its captions are about.

    name: unique. source: the file it comes from. start, stop: rows of the data set's features.
    mirrored: the mirror image of another clip of the data set.
    """

    name: str
    source: str
    split: str
    start: int
    stop: int
    captions: tuple[Caption, ...]
    mirrored: bool = False

    @property
    def num_frames(self) -> int:
        return self.stop - self.start

    @property
    def group(self) -> str:
        """Clips are not grouped by action: frames of all of them are drawn alike."""
        return ""


@dataclass(frozen=True)
class SkippedMotion:
    """What was left out of a data set, and why."""

    split: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True, eq=False)
class CaptionedDataset:
    """Clips and their feature rows. features: (rows, D) float32, un-normalised. statistics: from the data set's
    own files. frame_rate: Hz. name: as in the published folder names ("HumanML3D", "KIT-ML"). skipped_path: a text
    file that lists what was skipped.
    """

    folder: Path
    name: str
    layout: FeatureLayout
    frame_rate: float
    clips: Sequence[CaptionedClip]
    features: FloatArray
    statistics: FeatureStatistics
    skipped: tuple[SkippedMotion, ...] = ()
    skipped_path: Path | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know: empty when everything could be used."""
        if not self.skipped:
            return ()
        where = "" if self.skipped_path is None else f", all in {self.skipped_path}"
        return (f"{self.name}: {len(self.skipped)} motions or captions left out, first {self.skipped[0]}{where}",)

    def select(self, split: str, *, only_shippable: bool = False) -> list[CaptionedClip]:
        """Clips of one split. only_shippable has no effect: the licence is the same for all of the data set."""
        return [clip for clip in self.clips if clip.split == split]

    def clip_features(self, clip: CaptionedClip) -> FloatArray:
        """(T, D) un-normalised."""
        return self.features[clip.start : clip.stop]
