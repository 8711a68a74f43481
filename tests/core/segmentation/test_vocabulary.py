"""Which acts sentences name, and which of them a training did not know."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.grounding.known_words import KnownWords
from segmo_core.segmentation.vocabulary import Vocabulary, acts_in

KNOWN = Vocabulary.of(
    ["a person walks.", "a person jumps.", "a man kicks with the left leg.", "a person does a cartwheel."]
    + ["a person does a cartwheel."] * 3
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A person swims.", ["swim"]),
        ("a person walks while waving", ["walk", "wave"]),
        ("A person does a tennis serve.", ["serve"]),
        ("a person does a high kick with the left leg", ["kick"]),
        ("A person does three squats.", ["squat"]),
        ("a person plays the guitar", ["guitar"]),
        ("a person starts jogging", ["jog"]),
        ("a person takes a seat", []),
        ("a person is there", []),
        ("", []),
    ],
)
def test_what_a_text_names(text: str, words: list[str]) -> None:
    assert [act.word for act in acts_in(text)] == words


def test_what_no_sentence_named_is_unknown() -> None:
    assert [act.said for act in KNOWN.unknown_in("a person swims, then walks")] == ["swims"]
    assert KNOWN.unknown_in("he kicked and walked away") == ()
    assert KNOWN.unknown_in("a person does cartwheels") == ()


def test_slips_of_the_fingers_are_no_acts() -> None:
    assert "zorble" not in Vocabulary.of(["a person zorbles."]).words
    assert Vocabulary.of(["a person zorbles."] * 4).words == {"zorble": 4}


def test_it_is_written_and_read_again(tmp_path: Path) -> None:
    KNOWN.write(tmp_path / "vocabulary.json")
    assert Vocabulary.read(tmp_path / "vocabulary.json") == KNOWN
    (tmp_path / "other.json").write_text("[1]")
    with pytest.raises(FileFormatError, match=r"other\.json: no vocabulary"):
        Vocabulary.read(tmp_path / "other.json")


class ByHand:
    """A text encoder of two dimensions: jumping and leaping are alike, swimming is like nothing."""

    name = "by hand"
    width = 3

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += 1
        rows = {"jumps": (1, 0, 0), "leaps": (0.9, 0.1, 0), "walks": (0, 1, 0), "swims": (0.5, 0, 1)}
        found = [next((row for word, row in rows.items() if word in text), (0, 0, -1)) for text in texts]
        return np.array(found, dtype=np.float32)


def test_the_nearest_is_named_and_synonyms_are_known() -> None:
    encoder = ByHand()
    known = KnownWords(KNOWN, lambda: encoder)
    (word,) = known.unknown_in(["A person walks.", "A person swims."])
    assert (word.segment, word.word, word.nearest) == (1, "swims", "jumps")
    assert word.sentence == "“swims” is in no training motion; the nearest is “jumps”."
    assert known.unknown_in(["A person leaps."]) == ()


def test_the_encoder_is_not_asked_about_known_words() -> None:
    encoder = ByHand()
    assert KnownWords(KNOWN, lambda: encoder).unknown_in(["a person walks.", "she jumped"]) == ()
    assert encoder.asked == 0
