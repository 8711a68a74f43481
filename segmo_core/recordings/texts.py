"""What a new stretch is to show, and what the recording does around it."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.segmentation.prompt_text import check_text

UNKNOWN = "A person moves."
"""What a stretch of a recording is called of which nobody knows what it shows."""


@dataclass(frozen=True)
class StretchTexts:
    """texts: of the new segments, in order. seconds: of each. before, after: what the recording does around, for the
    model; empty where nobody knows.
    """

    texts: tuple[str, ...]
    seconds: tuple[float, ...]
    before: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        for text in self.texts:
            check_text(text, "text", "a person waves")
