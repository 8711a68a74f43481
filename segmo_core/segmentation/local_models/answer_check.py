"""Whether segments that a language model gave are a decomposition of the caption at all."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.errors import SegmenterError
from segmo_core.segmentation.grammar.lexicon import (
    ARTICLES,
    BE,
    DESCRIPTIVE_PERSONS,
    GENERIC_PERSONS,
    HAVE,
    ORDER_WORDS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
)
from segmo_core.segmentation.grammar.verbs import verb_form
from segmo_core.segmentation.grammar.words import into_words
from segmo_core.timeline.segment_track import TextSegment

MAX_SEGMENT_LETTERS = 300
# A good answer adds next to nothing and loses next to nothing; these shares leave room for "twice" told as "two times".
MAX_INVENTED = 0.34
MAX_LOST = 0.4
_SAYS_NOTHING = (
    ARTICLES | POSSESSIVES | PREPOSITIONS | PRONOUNS | GENERIC_PERSONS | DESCRIPTIVE_PERSONS | ORDER_WORDS | BE | HAVE
) | frozenset(
    ["and", "or", "but", "while", "as", "before", "after", "once", "when", "who", "does", "do", "takes", "makes"]
)


def checked_segments(caption: str, texts: Sequence[str]) -> tuple[TextSegment, ...]:
    """The texts as segments, each with a capital and a full stop; SegmenterError when they do not fit the caption."""
    segments = []
    for text in texts:
        text = " ".join(text.split()).rstrip(".")
        if not any(letter.isalpha() for letter in text) or len(text) > MAX_SEGMENT_LETTERS:
            raise SegmenterError("Ollama's answer has a segment without an action.")
        segments.append(TextSegment(text[0].upper() + text[1:] + "."))
    said, given = _content(caption), [word for text in texts for word in _content(text)]
    invented = sum(word not in said for word in given)
    lost = sum(word not in given for word in said)
    if given and invented > MAX_INVENTED * len(given):
        raise SegmenterError("Ollama's answer tells of other actions than the prompt.")
    if said and lost > MAX_LOST * len(said):
        raise SegmenterError("Ollama's answer leaves out much of the prompt.")
    return tuple(segments)


def _content(text: str) -> list[str]:
    """The words that say something, without their endings: verbs in base form, nouns without plural s."""
    words = []
    for word in into_words(text):
        if word.is_mark or word.spelling in _SAYS_NOTHING:
            continue
        form = verb_form(word.spelling)
        base = form.base if form is not None else word.spelling.removesuffix("s")
        words.append(base.removesuffix("ward"))
    return words
