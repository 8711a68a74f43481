"""BABEL's frame labels (Punnakkal et al., CVPR 2021): boundaries by people, as the paper has them, one label a frame.

Labels overlap and leave gaps. A frame here has the label that began last, of several the one that ends first; frames
without one, and those of a transition, go with the action before them, at the beginning with the one after. Neighbours
of the same label are one action, and one shorter than a token goes with the action before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from segmo_core.errors import FileFormatError
from segmo_core.serialization import read_text
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE

TRANSITION = "transition"
_POSES = "_poses"


@dataclass(frozen=True)
class FrameLabel:
    """What happens in seconds [start, end)."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Stretch:
    """Frames [start, stop) of a clip, and where its actions end, counted from ``start``; the last end is its length."""

    start: int
    stop: int
    ends: tuple[int, ...]


def read_babel(path: Path) -> dict[str, tuple[FrameLabel, ...]]:
    """Labels by the name of the motion they are of ("cmu_05_13" of "CMU/CMU/05/05_13_poses.npz").

    BABEL's own JSON (train.json, val.json and their extras: sequences by number, with ``feat_p``, ``frame_ann`` or
    ``frame_anns``), or JSON lines {"clip", "segments": [{"label", "start", "end"}]} in frames at 20 Hz. Where several
    people labelled a motion, the first is taken. FileFormatError for another file.
    """
    text = read_text(path, "BABEL's labels")
    try:
        plain = json.loads(text)
    except ValueError:
        plain = None
    try:
        if isinstance(plain, dict) and "clip" not in plain:
            return dict(_of_sequence(row) for row in plain.values())
        rows = [plain] if plain is not None else [json.loads(line) for line in text.splitlines() if line.strip()]
        return {str(row["clip"]): tuple(_of_frames(row["segments"])) for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FileFormatError(
            f"{path}: not BABEL's labels, expected its JSON of sequences with feat_p and frame_ann, or lines with clip "
            "and segments"
        ) from None


def action_ends(labels: Sequence[FrameLabel], num_frames: int, frame_rate: float = MODEL_FRAME_RATE) -> tuple[int, ...]:
    """Where the actions of a motion end, in frames; the last end is its length. Empty without any label."""
    named: list[str | None] = [None] * num_frames
    for label in sorted(labels, key=lambda label: (label.start, -label.end)):
        first, last = round(label.start * frame_rate), round(label.end * frame_rate)
        for frame in range(max(first, 0), min(last, num_frames)):
            named[frame] = label.text
    known = [name if name != TRANSITION else None for name in named]
    current = next((name for name in known if name is not None), None)
    if current is None:
        return ()
    filled: list[str] = []
    for name in known:
        current = name if name is not None else current
        filled.append(str(current))
    ends = [frame for frame in range(1, num_frames) if filled[frame] != filled[frame - 1]]
    kept: list[int] = []
    for end in [*ends, num_frames]:
        if end - (kept[-1] if kept else 0) >= FRAMES_PER_TOKEN:
            kept.append(end)
        elif kept:
            kept[-1] = end
    return tuple(kept)


def stretches_of(ends: Sequence[int], longest: int = 196, most: int = 5) -> list[Stretch]:
    """Stretches of at least two whole actions, at most ``most``, that are no longer than a model's motion; in order."""
    found: list[Stretch] = []
    starts = (0, *ends[:-1])
    first = 0
    while first < len(ends):
        last = first
        while last + 1 < len(ends) and last + 1 - first < most and ends[last + 1] - starts[first] <= longest:
            last += 1
        if last > first and ends[last] - starts[first] <= longest:
            origin = starts[first]
            found.append(Stretch(origin, ends[last], tuple(end - origin for end in ends[first : last + 1])))
        first = last + 1
    return found


def _of_sequence(row: Mapping[str, Any]) -> tuple[str, tuple[FrameLabel, ...]]:
    """One entry of BABEL's own JSON."""
    several = row.get("frame_anns") or []
    annotation = row.get("frame_ann") or (several[0] if several else None) or {"labels": []}
    labels = tuple(
        FrameLabel(str(label.get("proc_label") or label["raw_label"]), float(label["start_t"]), float(label["end_t"]))
        for label in annotation["labels"]
    )
    path = PurePosixPath(str(row["feat_p"]))
    return f"{path.parts[0].lower()}_{path.stem.removesuffix(_POSES)}", labels


def _of_frames(rows: Iterable[Mapping[str, Any]]) -> Iterable[FrameLabel]:
    for row in rows:
        yield FrameLabel(str(row["label"]), row["start"] / MODEL_FRAME_RATE, row["end"] / MODEL_FRAME_RATE)
