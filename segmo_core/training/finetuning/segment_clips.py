"""The segments of an annotated motion as clips to learn from: a motion file and its sentence for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from segmo_core import motion_files
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE
from segmo_core.training.finetuning.own_clips import LEAST_FRAMES

LEAST_SECONDS = LEAST_FRAMES / MODEL_FRAME_RATE


@dataclass(frozen=True)
class SavedClips:
    """written: the motion files. short: numbers, from 1, of segments that are too short to learn from; unnamed: of
    those without a text."""

    written: tuple[Path, ...]
    short: tuple[int, ...]
    unnamed: tuple[int, ...]


def write_segment_clips(
    motion: Motion, track: SegmentTrack, folder: Path, name: str, progress: Progress | None = None
) -> SavedClips:
    """Write every segment of ``motion`` as ``name-NN.npz`` with ``name-NN.txt``, as ``segmo finetune`` reads them.

    Nothing is overwritten. Raises InvalidRequestError where no segment can be learned from, FileFormatError where the
    folder cannot be written or holds clips of that name.
    """
    progress, folder = progress or SilentProgress(), Path(folder)
    unnamed = tuple(number for number, segment in enumerate(track, 1) if not segment.text.strip())
    short = tuple(
        number
        for number, segment in enumerate(track, 1)
        if number not in unnamed and segment.num_frames / motion.frame_rate < LEAST_SECONDS
    )
    wanted = [(n, segment) for n, segment in enumerate(track, 1) if n not in (*unnamed, *short)]
    if not wanted:
        raise InvalidRequestError(
            f"segments: none with a text and {LEAST_SECONDS:g} s or more, expected one to make a clip of"
        )
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.") or "clip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise FileFormatError(f"{folder}: cannot be written ({error.strerror}), expected a folder for clips") from None
    taken = [each for each in names if re.fullmatch(rf"{re.escape(stem)}-\d+\.\w+", each)]
    if taken:
        raise FileFormatError(f"{folder}: holds {taken[0]} already, expected a folder without clips of {stem}")
    written = []
    for place, (number, segment) in enumerate(wanted):
        progress.raise_if_cancelled()
        progress.report(place / len(wanted), f"segment {number}")
        path = folder / f"{stem}-{number:02d}.npz"
        _write_text(path.with_suffix(".txt"), segment.text)
        motion_files.write(motion.frames(segment.start, segment.end), path)
        written.append(path)
    return SavedClips(tuple(written), short, unnamed)


def _write_text(path: Path, text: str) -> None:
    write_atomically(path, lambda temporary: temporary.write_text(text.strip() + "\n", encoding="utf-8"))
