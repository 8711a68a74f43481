"""From folders to the figures of the battery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.folders import DataFolders
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.evaluation.samples.tested_bundle import SamplingChoices, open_tested
from segmo_core.evaluation.words.battery.all_sentences import BATTERY
from segmo_core.evaluation.words.word_suite import WordFigures, WordSettings, measure_words
from segmo_core.progress import Progress, ProgressPart, SilentProgress

_SHORTEST = 8  # frames


def run_words(
    bundle: Path,
    cache: Path,
    settings: WordSettings,
    data: DataFolders | None = None,
    choices: SamplingChoices | None = None,
    device: str = "cpu",
    progress: Progress | None = None,
) -> WordFigures:
    """See ``word_suite.measure_words``.

    data: folders of mocap22's layout, whose clips are judged beside; None leaves that out.
    SegmoError in one sentence for a bundle or data set that is not there.
    """
    progress = progress or SilentProgress()
    tested = open_tested(bundle, device, choices, ProgressPart(progress, 0.0, 0.05))
    recorded = None if data is None else recorded_clips(data, cache, ProgressPart(progress, 0.05, 0.3))
    return measure_words(tested, cache, settings, recorded, ProgressPart(progress, 0.3, 1.0))


def recorded_clips(
    data: DataFolders, cache: Path, progress: Progress | None = None
) -> dict[str, list[NDArray[np.floating]]]:
    """Joints (T, 22, 3) of all clips with a label that a sentence of the battery is about, mirror images aside."""
    labels = {label for sentence in BATTERY for label in sentence.real}
    found: dict[str, list[NDArray[np.floating]]] = {label: [] for label in labels}
    loaded = load_mocap22(data, cache / "mocap22", progress)
    for clip in loaded.clips:
        if clip.group in labels and not clip.mirrored and clip.num_frames >= _SHORTEST:
            found[clip.group].append(loaded.clip_joints(clip))
    return found
