"""Words and marks of a caption with their character ranges; sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from segmo_core.segmentation.grammar.lexicon import (
    BODY_PARTS,
    DESCRIPTIVE_PERSONS,
    DIRECTIONS,
    GENERIC_PERSONS,
    PREPOSITIONS,
    PRONOUNS,
    RESPELLED,
)
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, verb_form

# A word may hold an apostrophe, hyphen or slash ("his/her", "U-turn", "person's"), a number a decimal point.
WORD_OR_MARK = re.compile(r"\d+(?:\.\d+)?(?:[^\W_]|[°%])*|[^\W_]+(?:['’/-]+[^\W_]+)*(?:['’](?=\s|$))?|[.,;:!?\n]|[^\s]")
LONGEST_SENTENCE = 200
"""Words and marks."""
SENTENCE_ENDS = frozenset(".;!?\n")
_COMMON = GENERIC_PERSONS | DESCRIPTIVE_PERSONS | PRONOUNS | PREPOSITIONS | DIRECTIONS | BODY_PARTS
QUOTES = frozenset("\"“”„«»'‘’`")


@dataclass(frozen=True)
class Word:
    """A word or mark at characters [start, end) of the caption.

    spelling: lower case, corrected, for the grammar. surface: what a segment shows.
    """

    spelling: str
    surface: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        return not any(letter.isalnum() for letter in self.spelling)


def into_words(caption: str) -> list[Word]:
    """The words of a caption without quotation marks; capitals that only open a sentence are lowered."""
    words: list[Word] = []
    shouts = caption.isupper()
    for match in WORD_OR_MARK.finditer(caption):
        if match.group() in QUOTES:
            continue
        raw = match.group().replace("’", "'")
        word = RESPELLED.get(raw.lower(), raw.lower())
        opens = not words or words[-1].spelling in SENTENCE_ENDS
        if word.lower() != raw.lower():
            surface = word
        elif opens or shouts or _is_common(word):
            surface = raw.lower()
        else:
            surface = raw
        words.append(Word("," if word == ":" else word, surface, match.start(), match.end()))
    return words


def _is_common(word: str) -> bool:
    return word in _COMMON or is_determiner(word) or is_adverb(word) or verb_form(word) is not None


def sentences(words: list[Word]) -> list[list[Word]]:
    """Words cut at full stops and semicolons; a stop right after a word that must go on is ignored.

    What goes on for longer than any sentence is cut all the same: the grammar looks ahead to the end of a sentence, and
    so its time grows with the length of the text and not with the square of it.
    """
    unfinished = {"before", "after", "while", "and", "then", "but", "the", "a", "to", "with"}
    result: list[list[Word]] = [[]]
    for word in words:
        if word.spelling not in SENTENCE_ENDS:
            if len(result[-1]) == LONGEST_SENTENCE:
                result[-1], rest = _cut_at_comma(result[-1])
                result.append(rest)
            result[-1].append(word)
        elif result[-1] and result[-1][-1].spelling not in unfinished:
            result.append([])
    return [sentence for sentence in result if any(not word.is_mark for word in sentence)]


def _cut_at_comma(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """An endless sentence up to a comma in its second half, and the rest; nothing rests where there is none."""
    commas = (k for k in range(len(words) - 1, len(words) // 2, -1) if words[k].spelling == ",")
    end = next(commas, len(words) - 1) + 1
    return words[:end], words[end:]


def write(words: list[Word]) -> str:
    """Words as text: one space between words, none before a comma, no mark at either end."""
    text = ""
    for word in words:
        if word.spelling == ",":
            text = text.rstrip(",") + ","
        elif word.spelling in ("(", "[", "{") or not text:
            text += (" " if text else "") + word.surface
        elif word.spelling in (")", "]", "}"):
            text += word.surface
        else:
            text += ("" if text[-1] in "([{" else " ") + word.surface
    return text.strip(" ,")
