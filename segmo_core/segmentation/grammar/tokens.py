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
TOKEN = re.compile(r"\d+(?:\.\d+)?(?:[^\W_]|[°%])*|[^\W_]+(?:['’/-]+[^\W_]+)*(?:['’](?=\s|$))?|[.,;:!?\n]|[^\s]")
LONGEST_SENTENCE = 200
"""Words and marks."""
SENTENCE_ENDS = frozenset(".;!?\n")
QUOTES = frozenset("\"“”„«»'‘’`")


@dataclass(frozen=True)
class Token:
    """A word or mark at characters [start, end) of the caption.

    word: lower case, spelling corrected, for the grammar. surface: what a segment shows.
    """

    word: str
    surface: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        return not any(letter.isalnum() for letter in self.word)


def tokenise(caption: str) -> list[Token]:
    """The tokens of a caption without quotation marks; capitals that only open a sentence are lowered."""
    tokens: list[Token] = []
    shouts = caption.isupper()
    for match in TOKEN.finditer(caption):
        if match.group() in QUOTES:
            continue
        raw = match.group().replace("’", "'")
        word = RESPELLED.get(raw.lower(), raw.lower())
        opens = not tokens or tokens[-1].word in SENTENCE_ENDS
        if word.lower() != raw.lower():
            surface = word
        elif opens or shouts or _is_common(word):
            surface = raw.lower()
        else:
            surface = raw
        tokens.append(Token("," if word == ":" else word, surface, match.start(), match.end()))
    return tokens


def _is_common(word: str) -> bool:
    return (
        word in GENERIC_PERSONS | DESCRIPTIVE_PERSONS | PRONOUNS | PREPOSITIONS | DIRECTIONS | BODY_PARTS
        or is_determiner(word)
        or is_adverb(word)
        or verb_form(word) is not None
    )


def sentences(tokens: list[Token]) -> list[list[Token]]:
    """Tokens cut at full stops and semicolons; a stop right after a word that must go on is ignored.

    What goes on for longer than any sentence is cut all the same: the grammar looks ahead to the end of a sentence, and
    so its time grows with the length of the text and not with the square of it.
    """
    unfinished = {"before", "after", "while", "and", "then", "but", "the", "a", "to", "with"}
    result: list[list[Token]] = [[]]
    for token in tokens:
        if token.word not in SENTENCE_ENDS:
            if len(result[-1]) == LONGEST_SENTENCE:
                result[-1], rest = _cut_at_comma(result[-1])
                result.append(rest)
            result[-1].append(token)
        elif result[-1] and result[-1][-1].word not in unfinished:
            result.append([])
    return [sentence for sentence in result if any(not token.is_mark for token in sentence)]


def _cut_at_comma(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """An endless sentence up to a comma in its second half, and the rest; nothing rests where there is none."""
    commas = (k for k in range(len(tokens) - 1, len(tokens) // 2, -1) if tokens[k].word == ",")
    end = next(commas, len(tokens) - 1) + 1
    return tokens[:end], tokens[end:]


def write(tokens: list[Token]) -> str:
    """Tokens as text: one space between words, none before a comma, no mark at either end."""
    text = ""
    for token in tokens:
        if token.word == ",":
            text = text.rstrip(",") + ","
        elif token.word in ("(", "[", "{") or not text:
            text += (" " if text else "") + token.surface
        elif token.word in (")", "]", "}"):
            text += token.surface
        else:
            text += ("" if text[-1] in "([{" else " ") + token.surface
    return text.strip(" ,")
