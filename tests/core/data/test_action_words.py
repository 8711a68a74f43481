"""The table of acts: every row can be told, sides and numbers are the given ones, clips get words for their label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from segmo_core.data.captions.action_words import actions_of_label, all_actions, caption, predicate, predicates
from segmo_core.data.captions.amounts import count_phrase, distance_phrase, speed_phrase, steps_phrase, turn_phrase
from segmo_core.data.captions.clip_sentences import CaptionTables
from segmo_core.data.captions.label_sentences import label_sentence
from segmo_core.data.captions.telling import freely_said, in_form, with_a_slip
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.words.paraphrases import PARAPHRASES

TABLES = CaptionTables(("a person",), {}, {"sad": ((" sadly",), ("a sad person",)), "normal": (("",), ())}, {}, {})
EVERYTHING = {
    "side": "left", "count": 3, "steps": 4, "distance": 2.0, "turn": 90.0, "direction": "left", "speed": 0.5,
}  # fmt: skip


def said(action: str, number: int = 200, **told: Any) -> set[str]:
    generator = np.random.default_rng(0)
    return {caption(action, generator, **told) for _ in range(number)}


@pytest.mark.parametrize("action", sorted(all_actions()))
def test_every_row_makes_sentences_without_an_open_slot(action: str) -> None:
    for sentence in said(action, 20, **EVERYTHING):
        assert sentence.endswith(".")
        assert not set("{}") & set(sentence)
        assert "  " not in sentence


def test_the_acts_have_several_words_each() -> None:
    assert len(all_actions()) > 120
    assert all(len(set(action.predicates)) >= 2 for action in all_actions().values())
    assert sum(len(action.predicates) for action in all_actions().values()) > 800


def test_a_side_is_said_mostly_and_never_exchanged() -> None:
    assert not any("right" in sentence for sentence in said("wave", 400, side="left"))
    generator = np.random.default_rng(1)
    told = [predicate("wave", generator, side="left") or "" for _ in range(400)]
    assert 0.7 < np.mean(["left" in line for line in told]) < 0.9
    assert not any("left" in sentence for sentence in said("wave", 100))


def test_what_needs_a_side_cannot_be_told_without() -> None:
    assert predicate("sidestep", np.random.default_rng(0)) is None
    with pytest.raises(InvalidRequestError, match="'sidestep' needs a side"):
        caption("sidestep", np.random.default_rng(0))
    with pytest.raises(InvalidRequestError, match=r"'fly-away' is not in actions\.json"):
        predicates("fly-away")


def test_circles_go_the_way_that_is_said() -> None:
    told = " ".join(said("walk-circle", 200, direction="clockwise"))
    assert "clockwise" in told
    assert "right" in told
    assert "counterclockwise" not in told
    assert "left" not in told


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (lambda g: count_phrase(2, g), {" twice", " two times", " 2 times"}),
        (lambda g: count_phrase(1, g), {" once", " one time"}),
        (lambda g: steps_phrase(1, g), {" one step", " 1 step"}),
        (lambda g: distance_phrase(2.0, g), {" two metres", " for two meters", " 2 m"}),
        (lambda g: turn_phrase(180, "left", g), {" halfway around to the left", " 180 degrees left"}),
        (lambda g: turn_phrase(88, "right", g), {" 90 degrees to the right", " a quarter turn to the right"}),
        (lambda g: speed_phrase("walk", 0.5, g), {" very slowly"}),
        (lambda g: speed_phrase("walk", 1.2, g), {""}),
        (lambda g: speed_phrase("run", 5.0, g), {" at full speed"}),
    ],
)
def test_amounts_are_told_as_people_do(words: Callable[[np.random.Generator], str], expected: set[str]) -> None:
    generator = np.random.default_rng(0)
    assert expected <= {words(generator) for _ in range(400)}


def test_a_count_is_told_once() -> None:
    for sentence in said("jump-repeated", 100, count=3):
        assert sum(word in sentence for word in ("three", "3", "thrice")) == 1


def test_clips_are_told_by_their_label_now_and_then() -> None:
    generator = np.random.default_rng(0)
    found = [label_sentence("wave-left-hand", None, TABLES, generator) for _ in range(1000)]
    told = [sentence for sentence in found if sentence]
    assert 0.25 < len(told) / 1000 < 0.35
    assert not any("right" in sentence for sentence in told)
    assert label_sentence("none of ours", None, TABLES, generator) is None
    sad = [sentence for _ in range(300) if (sentence := label_sentence("walk", "sad", TABLES, generator))]
    assert all(sentence.endswith("sadly.") or sentence.startswith("a sad person") for sentence in sad)


def test_who_walks_diagonally_never_sidesteps() -> None:
    """Bandai's walk-left travels 20 to 37 degrees to the left of its front, which no caption of the data says."""
    generator = np.random.default_rng(0)
    for _ in range(50):
        sentence = label_sentence("walk-left", None, TABLES, generator)
        assert sentence is not None
        assert "left" in sentence
        assert "side" not in sentence


def test_who_gets_up_from_the_floor_does_not_merely_stand_up() -> None:
    (action,) = actions_of_label("Get Up From Ground")
    assert "stands up" not in action.predicates


def test_tenses_orders_and_slips() -> None:
    generator = np.random.default_rng(0)
    told = {freely_said("a person walks forward.", generator) for _ in range(1500)}
    assert {"a person walked forward.", "make the character walk forward.", "walking forward."} <= told
    assert in_form("takes a seat and puts it down", "past") == "took a seat and put it down"
    assert in_form("lies down", "past") == "lay down"
    slips = {with_a_slip("a person walks forward.", generator) for _ in range(200)}
    assert "a person walks foward." in slips
    assert "a person walks forward." not in slips


def test_no_row_holds_what_is_held_out_for_measuring() -> None:
    held_out = {text.strip(" .") for one in PARAPHRASES for text in one.held_out}
    lines = [line for action in all_actions().values() for line in action.predicates]
    assert not [text for text in held_out for line in lines if text.endswith(" " + line)]
