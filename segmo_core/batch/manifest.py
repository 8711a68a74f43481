"""``batch.json``: what a batch has made so far, so that it can go on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segmo_core.workers.manifest import Manifest

MANIFEST_NAME = "batch.json"


@dataclass(frozen=True)
class BatchEntry:
    """What became of one item. request: a digest of all that its motion depends on. files: names in the folder.
    problem: one sentence where it failed, else "".
    """

    prompt: str
    seed: int
    request: str
    files: tuple[str, ...] = ()
    problem: str = ""


def batch_manifest(folder: Path) -> Manifest[BatchEntry]:
    """Of the batch in ``folder``; an empty one where there is none. Raises FileFormatError for a damaged one."""
    return Manifest(folder, MANIFEST_NAME, BatchEntry)
