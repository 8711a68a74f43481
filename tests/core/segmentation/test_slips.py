"""Captions that were cut wrongly once, and captions in other languages."""

from __future__ import annotations

import pytest

from segmo_core.segmentation.grammar.language import NOT_ENGLISH
from segmo_core.segmentation.text_rules import RulesSegmenter


def texts(caption: str) -> list[str]:
    return [segment.text for segment in RulesSegmenter().segment(caption).segments]


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a drunk person staggers", ["A drunk person staggers."]),
        ("drunk man walks", ["A drunk man walks."]),
        ("the drunk staggers", ["A drunk staggers."]),
        ("a robot dancer spins", ["A robot dancer spins."]),
        ("an injured soldier limps", ["An injured soldier limps."]),
        ("a senior citizen walks", ["A senior citizen walks."]),
        ("tennis serve", ["A person does a tennis serve."]),
        ("golf swing", ["A person does a golf swing."]),
        ("overhead serve", ["A person does an overhead serve."]),
        ("push-ups", ["A person does push-ups."]),
        ("cartwheel", ["A person cartwheels."]),
        ("jogs in place, they then back up", ["A person jogs in place.", "A person backs up."]),
        ("a person jogs in place, they then back up", ["A person jogs in place.", "A person backs up."]),
        ("they then back up", ["A person backs up."]),
    ],
)
def test_what_was_cut_wrongly_once(caption: str, expected: list[str]) -> None:
    assert texts(caption) == expected


@pytest.mark.parametrize(
    "caption",
    [
        "ein Mann läuft vorwärts", "une personne marche", "un hombre camina", "una persona salta e poi corre",
        "uma pessoa anda para frente", "een man loopt vooruit", "en man går framåt", "jemand springt",
        "bir adam yürüyor", "男人走路", "человек идет", "人が歩く",
    ],
)  # fmt: skip
def test_other_languages_are_named(caption: str) -> None:
    assert RulesSegmenter().segment(caption).notice == NOT_ENGLISH


@pytest.mark.parametrize(
    "caption",
    [
        "a person walks", "tennis serve", "kung fu", "the man does a plié", "she does a pirouette en pointe",
        "la la land dance", "a man walks with élan", "capoeira", "persn wlaks foward", "he does a tai chi move",
    ],
)  # fmt: skip
def test_english_with_borrowed_words_is_english(caption: str) -> None:
    assert RulesSegmenter().segment(caption).notice == ""
