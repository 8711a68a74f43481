"""Words of the prompt keep the colour of the segment that stands for them."""

from __future__ import annotations

import pytest

from segmo_studio.document.prompt_colours import present_segments


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ("walk wave turn", (0, 1, 2)),
        ("wave turn", (None, 0, 1)),
        ("wave walk turn", (1, 0, 2)),
        ("walk bow turn", (0, 1, 2)),
        ("walk jump wave turn", (0, 2, 3)),
        ("turn walk wave", (1, 2, 0)),
        ("jump", (None, None, None)),
    ],
)
def test_the_segment_that_took_the_words_over(present: str, expected: tuple[int | None, ...]) -> None:
    assert present_segments(["walk", "wave", "turn"], present.split()) == expected
