"""Annotated motions become clips that finetuning reads: one for each segment that can be learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.motion.motion import Motion
from segmo_core.progress import SilentProgress
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.training.finetuning.own_clips import read_own_clips
from segmo_core.training.finetuning.segment_clips import write_segment_clips


def test_finetuning_reads_what_was_annotated(walk: Motion, tmp_path: Path) -> None:
    track = SegmentTrack.from_durations(["a person walks", "", "a person waves"], [24, 10, 26])
    saved = write_segment_clips(walk, track, tmp_path / "clips", "my walk.bvh")
    assert [path.name for path in saved.written] == ["my-walk.bvh-01.npz", "my-walk.bvh-03.npz"]
    assert (saved.short, saved.unnamed) == ((), (2,))
    first, second = read_own_clips(tmp_path / "clips", SilentProgress())
    assert (first.texts, second.texts) == (("a person walks",), ("a person waves",))
    assert (len(first.joints), len(second.joints)) == (24, 26)
    assert np.abs(second.joints - walk.joint_positions[34:]).max() < 1e-4


def test_what_cannot_be_learned_from_is_told_and_nothing_is_overwritten(walk: Motion, tmp_path: Path) -> None:
    track = SegmentTrack.from_durations(["a person walks", "a person waves"], [50, 10])
    assert write_segment_clips(walk, track, tmp_path, "walk").short == (2,)
    with pytest.raises(FileFormatError, match=r"holds walk-01\.npz already, expected a folder without clips of walk"):
        write_segment_clips(walk, track, tmp_path, "walk")
    with pytest.raises(InvalidRequestError, match=r"segments: none with a text and 1\.2 s or more"):
        write_segment_clips(walk, SegmentTrack.from_durations(["", "x"], [50, 10]), tmp_path, "other")
