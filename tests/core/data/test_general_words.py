"""Clips are called by what they have in common with others, now and then."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.data.captions.general_words import general_sentence


def said_of(group: str, count: int = 2000) -> list[str]:
    generator = np.random.default_rng(0)
    found = (general_sentence(group, ("someone", "a man"), generator) for _ in range(count))
    return [sentence for sentence in found if sentence is not None]


@pytest.mark.parametrize(
    ("group", "words", "least", "most"),
    [
        ("salsa dance", "danc", 0.27, 0.33),
        ("dance - small jetes, pirouette", "danc", 0.27, 0.33),
        ("wave-left-hand", "wav", 0.06, 0.10),
        ("walk-turn-right", "right", 0.10, 0.14),
        ("Front Kick", "kick", 0.17, 0.23),
    ],
)
def test_some_sentences_are_general(group: str, words: str, least: float, most: float) -> None:
    said = said_of(group)
    assert least < len(said) / 2000 < most
    assert all(words in sentence and sentence.endswith(".") for sentence in said)


def test_a_side_is_never_exchanged_and_most_subjects_are_plain() -> None:
    left = said_of("walk-turn-left")
    assert not any("right" in sentence for sentence in left)
    assert np.mean([sentence.startswith("a person ") for sentence in left]) > 0.5


def test_who_gets_up_from_the_floor_does_not_merely_stand_up() -> None:
    assert not any("stands up" in sentence for sentence in said_of("Get Up From Ground"))


def test_what_is_like_nothing_else_has_no_general_name() -> None:
    assert said_of("walk") == said_of("laugh") == []
