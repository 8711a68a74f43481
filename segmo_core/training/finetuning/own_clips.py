"""One's own clips: a folder of motion files, each with a text file of the same name that says what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core import motion_files
from segmo_core.errors import DataError, SegmoError
from segmo_core.formats.registry import READABLE_EXTENSIONS
from segmo_core.motion.resampling import resample_positions
from segmo_core.progress import Progress
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.serialization import read_text
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

FloatArray = NDArray[np.floating]

LEAST_FRAMES = 24  # of a segment that sequences are joined of
_TEXT = ".txt"


@dataclass(frozen=True, eq=False)
class OwnClip:
    """joints: (T, 22, 3) metres at MODEL_FRAME_RATE on the model's skeleton. texts: what it shows, in one sentence or
    in several ways. action: what clips are drawn by, equal for clips of the same texts."""

    name: str
    joints: FloatArray
    texts: tuple[str, ...]

    @property
    def action(self) -> str:
        return self.texts[0].strip(" .").lower()


def read_own_clips(folder: Path, progress: Progress) -> list[OwnClip]:
    """The clips of a folder, in the order of their names.

    Raises DataError for a folder without motion files, one without its text, or one too short to learn from, and
    FileFormatError for a file that cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder, expected motion files, each with a {_TEXT} of the same name")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in READABLE_EXTENSIONS)
    if not paths:
        raise DataError(f"{folder}: no motion file in it, expected some of {', '.join(sorted(READABLE_EXTENSIONS))}")
    clips = []
    for number, path in enumerate(paths):
        progress.raise_if_cancelled()
        progress.report(number / len(paths), f"reading {path.name}")
        clips.append(_clip(path))
    return clips


def _clip(path: Path) -> OwnClip:
    text_path = path.with_suffix(_TEXT)
    if not text_path.is_file():
        raise DataError(f"{path}: no {text_path.name} beside it, expected a sentence that says what the motion shows")
    lines = (line.strip() for line in read_text(text_path, "a sentence that says what the motion shows").splitlines())
    texts = tuple(dict.fromkeys(line for line in lines if line))
    try:
        check_text(" ".join(texts), "text", "a person moonwalks")
    except SegmoError as error:
        raise DataError(f"{text_path}: {error}") from None
    motion = motion_files.open_motion(path)
    joints = resample_positions(motion.joint_positions, motion.frame_rate, MODEL_FRAME_RATE)
    if len(joints) < LEAST_FRAMES:
        raise DataError(
            f"{path}: {len(joints) / MODEL_FRAME_RATE:.1f} s, expected at least {LEAST_FRAMES / MODEL_FRAME_RATE:g} s"
        )
    return OwnClip(path.stem, joints, texts)
