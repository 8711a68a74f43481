"""Motions in words: the cut, the choice of the sentence, and how sure it is."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from segmo_core.engine import Engine
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.grounding import description
from segmo_core.grounding.described_stretch import DescribedStretch, TextMatch, track_of
from segmo_core.grounding.description import best_path
from segmo_core.models.sampling_settings import GroundingCalibration
from segmo_core.motion.motion import Motion


def test_the_path_is_the_best_of_all() -> None:
    curves = np.random.default_rng(1).normal(size=(3, 7))
    own, cost = np.arange(7), 0.8
    best = max(
        itertools.product(range(3), repeat=7),
        key=lambda path: curves[list(path), own].sum() - cost * sum(a != b for a, b in itertools.pairwise(path)),
    )
    assert tuple(best_path(curves, cost).tolist()) == best
    assert len(set(best_path(curves, 1000.0).tolist())) == 1


class StubGrounder:
    """Only what the choice of a sentence asks for."""

    way = "head"

    def confidence(self, score: float) -> float:
        return GroundingCalibration(slope=8.0, offset=-4.4).confidence(score)


def test_candidates_compete_unless_they_mean_the_same() -> None:
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    stretch = np.array([0.8, 0.6])

    def matches_of(texts: np.ndarray, names: tuple[str, ...]) -> tuple[TextMatch, ...]:
        return description._matches(StubGrounder(), texts @ stretch, texts @ texts.T, names)

    alone = 1 / (1 + math.exp(-(8 * 0.8 - 4.4)))
    matches = matches_of(np.stack([north, east]), ("n", "e"))
    assert [match.text for match in matches] == ["e", "n"]
    assert matches[0].confidence == pytest.approx(alone / (1 + math.exp(20 * (0.6 - 0.8))))
    twins = matches_of(np.stack([north, east, east]), ("n", "e", "e too"))
    assert twins[0].confidence == pytest.approx(matches[0].confidence)
    (only,) = matches_of(east[None], ("e",))
    assert only.confidence == pytest.approx(alone)


def test_an_improbable_sentence_is_not_said() -> None:
    known = DescribedStretch(0, 30, (TextMatch("a person walks", 0.9, 0.93),))
    unknown = DescribedStretch(30, 50, (TextMatch("a person waves", 0.5, 0.4),))
    track = track_of((known, unknown))
    assert track.texts == ("a person walks", "nothing known")
    assert track.ends == (30, 50)


def test_neighbours_of_one_label_are_joined() -> None:
    ranges = np.array([[0, 3], [3, 5], [5, 9], [9, 12]])
    assert description._joined(ranges, np.array([4, 4, 1, 4])).tolist() == [[0, 5], [5, 9], [9, 12]]


def test_the_vocabulary_has_each_sentence_once() -> None:
    sentences = description.vocabulary()
    assert len(set(sentences)) == len(sentences) > 40
    assert all(sentence.endswith(".") for sentence in sentences)


def test_stretches_tile_the_motion(tiny_bundle: Path, walk: Motion) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    stretches = engine.describe_motion(walk)
    assert (stretches[0].start, stretches[-1].end) == (0, 60)
    assert all(a.end == b.start for a, b in itertools.pairwise(stretches))
    assert all(len(stretch.matches) == 5 for stretch in stretches)
    (one,) = engine.describe_motion(walk, ["a person swims"])
    assert (one.start, one.end, one.matches[0].text) == (0, 60, "a person swims")


def test_one_stretch_is_described_as_a_whole(tiny_bundle: Path, walk: Motion) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    stretch = engine.describe_stretch(walk, 10, 41, ["a person walks", "a person sits"])
    assert (stretch.start, stretch.end) == (10, 41)
    assert {match.text for match in stretch.matches} == {"a person walks", "a person sits"}
    with pytest.raises(InvalidRequestError, match="frames 10 to 61: expected a start before an end, within 0 to 60"):
        engine.describe_stretch(walk, 10, 61)
    with pytest.raises(InvalidRequestError, match="candidates: none or an empty one"):
        engine.describe_stretch(walk, 10, 20, [])


def test_a_motion_of_one_frame_a_second_has_no_empty_stretch(tiny_bundle: Path, walk: Motion) -> None:
    slow = Motion(walk.joint_positions[::10], 1.0, walk.skeleton)
    stretches = Engine(tiny_bundle, device="cpu").describe_motion(slow)
    assert all(stretch.end > stretch.start for stretch in stretches)
    assert track_of(stretches).num_frames == 6


def test_candidates_are_read_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "sentences.txt"
    path.write_text("a person walks\n\n  a person sits \r\na person walks\n", encoding="utf-8")
    assert description.read_candidates(path) == ("a person walks", "a person sits")
    path.write_text("\n \n")
    with pytest.raises(FileFormatError, match=r"sentences.txt: empty, expected sentences, one a line"):
        description.read_candidates(path)
