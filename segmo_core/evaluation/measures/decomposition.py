"""How near a decomposition of a caption is to one that people wrote: what was said, how it was cut, in which order.

Words are compared by what they are forms of ("jumps" is "jump"), without those that say nothing of a body. Segments of
both are paired so that they share most words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from segmo_core.segmentation.grammar.verbs import verb_form

_SAYS_NOTHING = frozenset(
    """
    a an the this that these those person man woman someone somebody human figure individual he she they it his her
    their its him them and then while as is are was were be been being to of with in on at by for into from after before
    once also so who which
    """.split()
)
_NUMBERS = {"two": "2", "twice": "2", "three": "3", "four": "4", "five": "5", "one": "1"}
_PAIRED = 0.3  # share of words from which on two segments are about the same
_SAME = 0.8


@dataclass(frozen=True)
class DecompositionScore:
    """Of one caption, against the decomposition nearest to it of those that people find right.

    similarity: mean share of words (F1) of paired segments, those without a partner counting 0. dropped, invented:
    words of the caption in no segment, and of segments not in the caption.
    """

    count_is_right: bool
    order_is_right: bool
    is_exact: bool
    similarity: float
    dropped: int
    invented: int
    num_words: int


def score_decomposition(caption: str, found: Sequence[str], right: Sequence[Sequence[str]]) -> DecompositionScore:
    """``found`` segments of ``caption`` against every decomposition in ``right``; at least one."""
    return max((_against(caption, found, one) for one in right), key=lambda score: (score.is_exact, score.similarity))


def words_of(text: str) -> Counter[str]:
    """The words of a text that say something, in their ground form, and how often."""
    found: Counter[str] = Counter()
    for word in re.findall(r"[a-z0-9]+", text.lower().replace("'s", "")):
        if word in _SAYS_NOTHING:
            continue
        form = verb_form(word)
        found[_NUMBERS.get(word) or (form.base if form is not None else _singular(word))] += 1
    return found


def _against(caption: str, found: Sequence[str], right: Sequence[str]) -> DecompositionScore:
    shares = np.array([[_share(words_of(a), words_of(b)) for b in found] for a in right]).reshape(
        len(right), len(found)
    )
    rows, columns = linear_sum_assignment(-shares)
    pairs = [(int(a), int(b)) for a, b in zip(rows, columns, strict=True) if shares[a, b] >= _PAIRED]
    in_order = [b for _, b in sorted(pairs)]
    same_count = len(found) == len(right)
    said, told = words_of(caption), sum((words_of(text) for text in found), Counter[str]())
    return DecompositionScore(
        count_is_right=same_count,
        order_is_right=len(pairs) == len(right) and in_order == sorted(in_order),
        is_exact=same_count and all(shares[number, number] >= _SAME for number in range(len(right))),
        similarity=float(sum(shares[a, b] for a, b in pairs)) / max(len(found), len(right)),
        dropped=len(set(said) - set(told)),
        invented=len(set(told) - set(said)),
        num_words=len(said),
    )


def _share(one: Counter[str], other: Counter[str]) -> float:
    total = sum(one.values()) + sum(other.values())
    return 2 * sum((one & other).values()) / total if total else 1.0


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
