"""Figures 3, 5 and 9 as a page: every picture there and of the size it should have, whatever a bundle can do."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmo_core.cli import main
from segmo_core.evaluation.samples.figure_page import COMPARED, FAILURES
from segmo_core.evaluation.samples.grounding_drawing import draw_grounding, overlap
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.timeline.segment_track import SegmentTrack

SVG = "{http://www.w3.org/2000/svg}"


def test_the_page_shows_every_bundle(make_tiny_bundle: Callable[..., Path], tmp_path: Path) -> None:
    with_segments, caption_alone = make_tiny_bundle("one"), make_tiny_bundle("momask", max_segments=0)
    command = ["evaluate", "figures", str(with_segments), "--beside", str(caption_alone), "-o", str(tmp_path / "page")]
    assert main(command) == 0
    page = (tmp_path / "page" / "index.html").read_text("utf-8")
    names = re.findall(r'src="([^"]+)"', page)
    assert sorted(path.name for path in (tmp_path / "page").iterdir()) == sorted({*names, "index.html"})
    strips = [name for name in names if name.endswith(".jpg")]
    assert len(strips) == 2 * (len(COMPARED) + len(FAILURES)) + 1
    assert {Image.open(tmp_path / "page" / name).size for name in strips} == {(2000, 230)}
    assert [name for name in names if name.endswith(".svg")] == ["figure-5-1-aligned.svg", "figure-5-1-head.svg"]
    assert "momask: was trained without alignment, it cannot find text in motion." in page
    assert "momask: 3.2 s" in page  # four segments of 0.8 s, in less time than they need


def test_a_bundle_of_kit_is_drawn_too(make_tiny_bundle: Callable[..., Path], tmp_path: Path) -> None:
    assert main(["evaluate", "figures", str(make_tiny_bundle("kit", kit=True)), "-o", str(tmp_path)]) == 0
    assert len(list(tmp_path.glob("*.jpg"))) == len(COMPARED) + len(FAILURES) + 1


def test_a_drawing_shows_curve_found_and_asked() -> None:
    track = SegmentTrack.from_durations(["A person walks.", "A person <waves>."], [60, 40])
    curve = np.linspace(-0.5, 1.0, 100)
    found = [GroundingResult(text, 50, 100, 1.0, 0.5, curve) for text in track.texts]
    root = ElementTree.fromstring(draw_grounding("a & b", track, found))
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert texts[0] == "a & b"
    assert "overlap 0.10 · similarity -0.50 to 1.00" in texts[1]
    assert texts[2].startswith("A person <waves>. · overlap 0.80")
    first, last = (line.get("points", "").split() for line in root.iter(f"{SVG}polyline"))
    assert len(first) == len(last) == 100
    heights = [float(point.split(",")[1]) for point in first]
    assert heights == sorted(heights, reverse=True)  # it rises
    bars = [bar for bar in root.iter(f"{SVG}rect") if bar.get("height") == "8"]
    assert [float(bar.get("width", "0")) for bar in bars] == [584.0, 584.0]  # half of 1168 points


@pytest.mark.parametrize(("stretch", "expected"), [((0, 10), 0.0), ((10, 30), 1.0), ((20, 40), 1 / 3), ((0, 40), 0.5)])
def test_overlap(stretch: tuple[int, int], expected: float) -> None:
    one = GroundingResult("", *stretch, 0.0, 0.5, np.zeros(40))
    assert overlap(one, 10, 30) == pytest.approx(expected)
