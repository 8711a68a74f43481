"""Which words of a prompt no segment kept: a check against actions lost on the way."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Words that carry no action: a segment may drop or replace them freely.
_EMPTY_WORDS = frozenset(
    """a an the this that these those and or but then next after afterwards before finally first firstly second
    secondly lastly while as once again also now later until when meanwhile person man woman human figure someone
    somebody individual guy he she they it his her hers their its him them himself herself themselves is are be was
    were being been has have had do does did to of in on at by for from with into onto off up out over around
    begins begin starts start starting beginning continues continue who which there their so very just some
    own same time""".split()
)


def _stem(word: str) -> str:
    word = word.lower()
    for ending in ("ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 2:
        word = word.rstrip("eiy") or word
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def uncovered_words(prompt: str, texts: Sequence[str]) -> list[tuple[int, int]]:
    """Half-open character ranges of the words of ``prompt`` that are in none of ``texts``.

    Words are compared without endings ("waving" is covered by "waves"); articles, pronouns and connecting words
    never count.
    """
    covered = {_stem(match.group()) for text in texts for match in _WORD.finditer(text)}
    missing = []
    for match in _WORD.finditer(prompt):
        if match.group().lower() not in _EMPTY_WORDS and _stem(match.group()) not in covered:
            missing.append(match.span())
    return missing
