"""Edited clips from a small made-up data set: the same for the same seed, told truly, drawn whole into sequences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from editing_bodies import standing_body, straight_walk

from segmo_core.data.captions.action_words import all_actions
from segmo_core.data.composition.edited_segments import EditedSegments
from segmo_core.data.composition.sequences import Composer, CompositionSettings
from segmo_core.data.editing.edited_clips import EditedClip, edited_clips, kept_edited_clips, told_sentence
from segmo_core.data.editing.families import FAMILIES, Bases, Drawn
from segmo_core.data.editing.labels import disagreement, measured
from segmo_core.data.editing.told import Told
from segmo_core.data.mocap22 import Clip


@dataclass
class TwoClips:
    """One of somebody who stands, one of a straight walk."""

    fingerprint: str = "made up"

    def __post_init__(self) -> None:
        self._joints = {"stand": standing_body(80), "walk": straight_walk(120)}
        self.clips = [
            Clip(name, "made up", "MIT", name, None, None, (), "train", True, 0, len(joints))
            for name, joints in self._joints.items()
        ]

    def clip_joints(self, clip: Clip) -> np.ndarray:
        return self._joints[clip.name]

    def sentence(self, clip: Clip, generator: np.random.Generator) -> str:
        return f"a person does {clip.name}."


@pytest.fixture(scope="module")
def data() -> TwoClips:
    return TwoClips()


@pytest.fixture(scope="module")
def made(data: TwoClips) -> list[EditedClip]:
    return list(edited_clips(data, data.clips, 60, seed=3))  # type: ignore[arg-type]


def test_the_same_seed_makes_the_same_clips(data: TwoClips, made: list[EditedClip]) -> None:
    again = list(edited_clips(data, data.clips, 20, seed=3))  # type: ignore[arg-type]
    for one, other in zip(again, made, strict=False):
        assert one.told == other.told
        assert np.array_equal(one.joints, other.joints)
    assert len(made) > 45
    assert len({clip.told.concept for clip in made}) > 20


def test_what_is_told_is_measured_again(made: list[EditedClip]) -> None:
    assert all(disagreement(np.asarray(clip.joints, dtype=np.float64), clip.told) is None for clip in made)
    speeds = [clip for clip in made if clip.told.speed is not None]
    assert speeds
    for clip in speeds:
        assert measured(np.asarray(clip.joints, dtype=np.float64)).speed == pytest.approx(clip.told.speed, rel=0.1)


def test_a_wrong_amount_is_noticed() -> None:
    walk = straight_walk(60)
    assert disagreement(walk, Told("walk", distance=1.0)) == "distance"
    assert disagreement(walk, Told("walk-turn", turn=90.0, direction="left")) == "turn"
    assert disagreement(walk, Told("walk-circle", direction="clockwise")) == "circle"
    assert disagreement(walk, Told("walk", distance=float(walk[-1, 0, 2] - walk[0, 0, 2]))) is None


def test_every_family_is_told_in_words_of_the_table(data: TwoClips) -> None:
    bases = Bases(data, data.clips)  # type: ignore[arg-type]
    concepts = set()
    for family in FAMILIES:
        if not getattr(bases, family.needs):
            continue
        generator = np.random.default_rng(1)
        told = family.make(Drawn(bases, generator), generator).told
        concepts.add(told.concept)
        sentence = told_sentence(told, generator)
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert concepts <= set(all_actions())


def test_amounts_are_told_in_words() -> None:
    generator = np.random.default_rng(0)
    told = [told_sentence(Told("jump", count=3), generator) for _ in range(30)]
    assert sum("three" in line or "thrice" in line or "3" in line for line in told) > 15
    slow = {told_sentence(Told("walk", speed=0.5), generator) for _ in range(20)}
    plain = {told_sentence(Told("walk", speed=1.2), generator) for _ in range(20)}
    assert not slow & plain


def test_edited_clips_are_kept(data: TwoClips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept_edited_clips(data, data.clips, 6, 0, tmp_path)  # type: ignore[arg-type]
    monkeypatch.setattr("segmo_core.data.editing.edited_clips.edited_clips", lambda *_: pytest.fail("made again"))
    again = kept_edited_clips(data, data.clips, 6, 0, tmp_path)  # type: ignore[arg-type]
    assert [clip.told for clip in again] == [clip.told for clip in first]
    assert all(np.array_equal(one.joints, other.joints) for one, other in zip(first, again, strict=True))


def test_sequences_take_them_whole_and_onto_the_same_posture(data: TwoClips, made: list[EditedClip]) -> None:
    settings = CompositionSettings(edited_share=1.0, sentence_variants=1)
    composer = Composer(data, data.clips, settings, made)  # type: ignore[arg-type]
    concepts = {clip.told.concept for clip in made}
    actions = [action for number in range(30) for action in composer.compose(number).actions]
    assert sum(action in concepts for action in actions) / len(actions) > 0.7
    segments = EditedSegments(made)
    generator = np.random.default_rng(0)
    for _ in range(20):
        low = segments.draw(24, 120, True, generator)
        assert low is None or low.begins_low
    assert segments.draw(24, 4, None, generator) is None


def test_without_bases_nothing_is_made(data: TwoClips) -> None:
    assert list(edited_clips(data, [], 5, seed=0)) == []  # type: ignore[arg-type]
