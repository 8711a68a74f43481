"""Error of the motion segmenters against boundaries that people annotated (paper, supplementary table 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segmo_core import catalog
from segmo_core.data.babel import action_ends, read_babel, stretches_of
from segmo_core.data.boundary_sources import open_segmenter
from segmo_core.data.folders import DataFolders, folders_of
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.data.raw_clips import joints_and_features
from segmo_core.errors import DataError
from segmo_core.evaluation.suites.segmentation_report import FloatArray, SegmenterFigures, segmenter_figures
from segmo_core.progress import Progress, ProgressPart
from segmo_core.segmentation.motion_segmenter import token_rows
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN


@dataclass(frozen=True)
class PeopleFigures:
    """clips: motions with labels that were found in the data; stretches: of those, with two to five actions each."""

    clips: int
    stretches: int
    rows: tuple[SegmenterFigures, ...]


def measure_against_people(data: DataFolders, labels: Path, cache: Path, progress: Progress) -> PeopleFigures:
    """Cut every labelled stretch of motion into as many segments as people did.

    Features are normalised with the statistics of the train split, whose clips also make the primitives. Raises
    FileFormatError for a file of another kind, DataError where no labelled motion is in the data.
    """
    known = read_babel(labels)
    loaded = load_mocap22(data, cache / "mocap22", ProgressPart(progress, 0.0, 0.6))
    statistics = loaded.statistics(loaded.select("train", only_shippable=False))
    rows, true, clips = [], [], 0
    for name, joints in _labelled(folders_of(data), set(known)):
        progress.raise_if_cancelled()
        _, features = joints_and_features(joints)
        stretches = stretches_of(action_ends(known[name], len(features)))
        clips += bool(stretches)
        for stretch in stretches:
            tokens = token_rows(features[stretch.start : stretch.stop], statistics, loaded.layout, FRAMES_PER_TOKEN)
            ends = tuple(round(end / FRAMES_PER_TOKEN) for end in stretch.ends[:-1])
            if len(set(ends)) == len(ends) and ends[0] > 0 and ends[-1] < len(tokens):
                rows.append(tokens)
                true.append((*ends, len(tokens)))
    if not rows:
        raise DataError(f"{labels}: none of its {len(known)} motions with two actions is in the data")
    figures = []
    for number, name in enumerate(catalog.MOTION_SEGMENTERS):
        part = ProgressPart(progress, 0.7 + 0.1 * number, 0.8 + 0.1 * number)
        segmenter = open_segmenter(name, loaded, statistics, cache, progress=part)
        found = [segmenter.segment(motion, len(ends)) for motion, ends in zip(rows, true, strict=True)]
        figures.append(segmenter_figures(name, found, true))
    return PeopleFigures(clips, len(rows), tuple(figures))


def _labelled(folders: Sequence[Path], names: set[str]) -> Iterator[tuple[str, FloatArray]]:
    """Joints (T, 22, 3) of the named clips as they were recorded, whole, also those that lie there in parts."""
    for folder in folders:
        lines = (folder / "clips.jsonl").read_text(encoding="utf-8").splitlines()
        ids = [str(json.loads(line)["id"]) for line in lines if line]
        with np.load(folder / "motions.npz", allow_pickle=False) as archive:
            root, local, offsets = archive["root"], archive["local"], archive["offsets"]
        for number, name in enumerate(ids):
            if name in names:
                span = slice(int(offsets[number]), int(offsets[number + 1]))
                yield name, local[span].astype(np.float64) + root[span, None].astype(np.float64)
