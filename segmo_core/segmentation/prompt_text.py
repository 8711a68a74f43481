"""What every text from outside must be before anything is made of it: of a bounded length, in real letters."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.errors import InvalidRequestError

MAX_LETTERS = 10_000
"""Of one prompt, segment or query. MAX_SEGMENTS actions of ten words each are a fifth of it."""


def check_text(text: str, what: str, example: str = "a person walks forward") -> None:
    """InvalidRequestError for a text without a word, of more than MAX_LETTERS, or with bytes that were no UTF-8.

    what: as it is called in the sentence, such as "prompt".
    """
    check_length(len(text), what)
    if not text.strip():
        raise InvalidRequestError(f"{what}: empty, expected a sentence such as '{example}'")
    for place, letter in enumerate(text, start=1):
        if "\ud800" <= letter <= "\udfff":  # what Python makes of a byte that is no UTF-8, and of half a character
            raise InvalidRequestError(f"{what}: letter {place} is no character in UTF-8, expected text")


def one_caption(texts: Sequence[str]) -> str:
    """One sentence of several, in their order, as the captions of joined clips are written."""
    return ", then ".join(text.rstrip(". ") for text in texts)


def check_length(num_letters: int, what: str) -> None:
    """InvalidRequestError for more than MAX_LETTERS, before anything is made of them."""
    if num_letters > MAX_LETTERS:
        raise InvalidRequestError(f"{what}: {num_letters:,} letters, expected at most {MAX_LETTERS:,}")
