"""Captions by number of segments: counted, drawn, and told where a model is not told all of them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from captioned_folders import walk_features, write_folder

from segmo_core.cli import main
from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.humanml3d import load_humanml3d

SIX = "a person walks, then waves, then claps, then jumps, then sits down, then stands up#x/X#0.0#0.0\n"
ONE, TWO = "someone waves#x/X#0.0#0.0\n", "a person walks, then waves#x/X#0.0#0.0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    motions = {f"{number:06d}": walk_features(64) for number in range(3)}
    texts = {"000000": SIX + ONE + TWO, "000001": ONE + ONE, "000002": TWO}
    return write_folder(tmp_path / "set", motions, texts, {"train": ["000000"], "val": ["000001"], "test": ["000002"]})


def test_the_command_counts_and_draws(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["evaluate", "segment-counts", "--data", str(folder), "--cache", str(tmp_path / "cache")]
    assert main([*command, "-o", str(tmp_path / "counts.svg"), "--json"]) == 0
    splits = {row["split"]: row["captions"] for row in json.loads(capsys.readouterr().out)["splits"]}
    assert splits == {"train": {"1": 1, "2": 1, "6": 1}, "val": {"1": 2}, "test": {"2": 1}}
    picture = ElementTree.parse(tmp_path / "counts.svg").getroot()
    bars = [bar for bar in picture.iter("{http://www.w3.org/2000/svg}rect") if bar.get("height") not in ("100%", "10")]
    assert len(bars) == 18
    heights = [float(bar.get("height", "0")) for bar in bars]
    assert max(heights) == heights[1] == heights[5] == 272.0  # all captions of val have one, of test two segments
    assert main([*command, "--markdown"]) == 0
    printed = capsys.readouterr().out
    assert "| train | 3 | 33.3 % | 33.3 % | 0.0 % | 0.0 % | 0.0 % | 33.3 % | 3.00 |" in printed
    assert "1 captions have more than 5 segments; a model is told the first 5." in printed


def test_what_a_model_is_not_told_is_said_or_joined(folder: Path, tmp_path: Path) -> None:
    data = load_humanml3d(folder, tmp_path / "cache", ["train"])
    (clip,) = data.clips
    published, joined = (CaptionSegments(folder, data.name, 5, join_rest=rest) for rest in (False, True))
    assert len(published.of(clip, clip.captions[0])) == 5
    assert "1 captions have more than 5 segments, the first 5 are told" in published.notice
    told = joined.of(clip, clip.captions[0])
    assert len(told) == 5
    assert told[4] == "A person sits down, then A person stands up"
    assert "the rest is told as one" in joined.notice


def test_another_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "segment-counts", "--data", str(tmp_path)]) == 2
    assert "no folder texts in it" in capsys.readouterr().err
