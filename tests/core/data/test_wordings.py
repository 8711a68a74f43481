"""Captions of several actions say them in the order of time, whatever the order of the words."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.data.captions.telling import freely_said, in_form
from segmo_core.data.captions.wordings import at_the_same_time, compose_caption, continued
from segmo_core.segmentation.text_rules import RulesSegmenter

LINES = ("a person walks forward.", "a man waves the right hand.", "a person sits down.", "a woman jumps.")


@pytest.mark.parametrize(
    ("predicate", "form", "expected"),
    [
        ("walks forward", "ing", "walking forward"),
        ("raises the left hand and waves it", "ing", "raising the left hand and waving it"),
        ("runs, turns left and stops", "base", "run, turn left and stop"),
        ("walking backward", "third", "walks backward"),
        ("takes some steps and turns", "ing", "taking some steps and turning"),
        ("sits down on a chair", "ing", "sitting down on a chair"),
    ],
)
def test_predicates_are_put_into_other_forms(predicate: str, form: str, expected: str) -> None:
    assert in_form(predicate, form) == expected


def test_unknown_verbs_are_left_to_the_caller() -> None:
    assert in_form("zorbles along", "ing") is None


def test_captions_are_told_in_many_ways_and_the_rules_find_the_order_again() -> None:
    """Reversed captions ("before ..., after ...") as well: our own segmenter reads what we write."""
    segmenter = RulesSegmenter()
    generator = np.random.default_rng(3)
    captions, right = set(), 0
    for _ in range(200):
        lines = [LINES[i] for i in generator.permutation(4)[: int(generator.integers(2, 4))]]
        caption = compose_caption(lines, generator)
        captions.add(caption)
        found = [segment.text.lower() for segment in segmenter.segment(caption).segments]
        heads = [next(word for word in ("walk", "wav", "sit", "jump") if word in line) for line in lines]
        right += len(found) == len(lines) and all(head in text for head, text in zip(heads, found, strict=True))
    assert len(captions) > 150
    assert right >= 185
    assert any(caption.startswith(("before ", "after ")) for caption in captions)


def test_one_sentence_stays_itself() -> None:
    assert compose_caption(["a person walks."], np.random.default_rng(0)) == "a person walks."


def test_people_leave_out_the_subject_and_the_ending() -> None:
    generator = np.random.default_rng(0)
    said = {freely_said("a person walks forward.", generator) for _ in range(300)}
    assert {"walk forward.", "walking forward.", "walks forward.", "a person is walking forward."} <= said


def test_the_same_action_again_is_said_to_go_on() -> None:
    generator = np.random.default_rng(1)
    said = {continued("a person walks forward.", generator) for _ in range(50)}
    assert {"a person keeps walking forward.", "a person continues walking forward."} <= said


def test_at_the_same_time_names_both() -> None:
    generator = np.random.default_rng(2)
    for _ in range(30):
        said = at_the_same_time("a person walks forward.", "a man waves the left hand.", generator)
        assert said is not None
        assert "walk" in said
        assert "wav" in said
        assert "left hand" in said
