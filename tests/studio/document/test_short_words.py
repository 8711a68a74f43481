"""Short segments say what is done, not who does it."""

from __future__ import annotations

import pytest

from segmo_studio.document.short_words import without_subject


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("A person walks forward.", "walks forward"),
        ("someone runs", "runs"),
        ("the man is waving", "waving"),
        ("He sits down.", "sits down"),
        ("walk in a circle", "walk in a circle"),
        ("a person", "a person"),
        ("personal training", "personal training"),
        ("", ""),
    ],
)
def test_the_subject_is_left_out(text: str, short: str) -> None:
    assert without_subject(text) == short
