"""Sentences tell a clip's style nearly always, so that unstyled words mean the ordinary way."""

from __future__ import annotations

import numpy as np

from segmo_core.data.captions.clip_sentences import CaptionTables

TABLES = CaptionTables(
    subjects=("someone", "a man"),
    templates={"walk": ("{subject} walks{style}.",)},
    styles={
        "normal": ((" normally",), ("an ordinary person",)),
        "elderly": ((" like an elderly person", " slowly with age"), ("an old man",)),
    },
    index_captions={},
    index_segments={},
)


def told(style: str) -> list[str]:
    generator = np.random.default_rng(0)
    return [TABLES.sentence("walk", style, None, (), generator) for _ in range(2000)]


def test_other_styles_are_named_nine_times_in_ten() -> None:
    named = [any(word in text for word in ("elderly", "age", "old man")) for text in told("elderly")]
    assert 0.87 < np.mean(named) < 0.93


def test_the_ordinary_style_is_mostly_left_out() -> None:
    named = [any(word in text for word in ("normally", "ordinary")) for text in told("normal")]
    assert 0.45 < np.mean(named) < 0.55


def test_own_captions_and_index_lines_come_first() -> None:
    generator = np.random.default_rng(0)
    assert TABLES.sentence("walk", "elderly", None, ("he limps.",), generator) == "he limps."
