"""Segments of captions decomposed beforehand, in the published files.

``<root>/LLM_processed/<data set>/<model>/<name>.txt`` has one line for every line of ``texts/<name>.txt``, in the same
order: the segments of that caption, joined by "#". An empty line has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segmo_core.serialization import read_text, real_path, write_atomically

ROOT_NAME = "LLM_processed"
SEPARATOR = "#"
PUBLISHED_MODEL = "qwen3-8b"


def model_folder(root: Path, dataset_name: str, model: str) -> Path:
    """Folder of the files of one model: "qwen3:8b" is written qwen3-8b."""
    return root / ROOT_NAME / dataset_name / model.replace(":", "-").replace("/", "-")


def find_model_folder(dataset_folder: Path, dataset_name: str, model: str | None = None) -> Path | None:
    """The files that belong to a data set: inside it or, as published, beside it; None when there are none.

    model: whose files; None takes the published model's, else the first in alphabetical order.
    """
    for root in (dataset_folder, real_path(dataset_folder).parent):
        if model is not None:
            wanted = model_folder(root, dataset_name, model)
            if wanted.is_dir():
                return wanted
            continue
        parent = root / ROOT_NAME / dataset_name
        found = sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []
        if found:
            return next((path for path in found if path.name == PUBLISHED_MODEL), found[0])
    return None


def read_segment_lines(path: Path) -> list[tuple[str, ...]]:
    """The segments of every line; FileFormatError when there is no such file or it is not text."""
    text = read_text(path, f"the segments of captions, joined by {SEPARATOR!r}")
    lines = text.removesuffix("\n").split("\n") if text else []
    return [tuple(part.strip() for part in line.split(SEPARATOR) if part.strip()) for line in lines]


def write_segment_lines(path: Path, lines: Sequence[Sequence[str]]) -> None:
    """Write one line per caption, atomically. Line breaks and "#" inside a segment become spaces."""
    text = "".join(SEPARATOR.join(_one_line(segment) for segment in line) + "\n" for line in lines)
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def _one_line(segment: str) -> str:
    return " ".join(segment.replace(SEPARATOR, " ").split())
