"""Words that tie actions together and what they say about their order in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from segmo_core.segmentation.grammar.lexicon import (
    ARTICLES,
    ATTACHING,
    BODY_PARTS,
    COMPARATIVES,
    DIRECTIONS,
    DURATIONS,
    HAVE,
    TAKES_DIRECTION,
)
from segmo_core.segmentation.grammar.phrases import read_action, read_subject, word_at
from segmo_core.segmentation.grammar.verbs import is_determiner, verb_form
from segmo_core.segmentation.grammar.words import Word

Kind = Literal["plain", "start", "then", "after", "before", "earlier", "when", "attach"]

# What follows a connective lies, in time, ...
_AFTERWARDS = """then|than|after that|after this|after which|after doing so|after doing that|after doing this|afterwards
|afterward|next|followed by|finally|lastly|eventually|subsequently|later|later on|at last|in the end|at the end
|at which point|whereupon|only then|from there|secondly|thirdly|second|third|last|following that|following this
|once done|before finally|to finish|upon which|thereafter|now"""
_EARLIER = """before that|before this|before which|before doing so|before doing that|before doing this|prior to that
|prior to this|prior to which|beforehand|previously|earlier|first of all first|but first|preceded by that"""
_LATER_OF_TWO = "before|prior to|ahead of|by the time"
_EARLIER_OF_TWO = "after|as soon as|once|upon|preceded by|following|having|not before|not until|only after"
_FIRST = "first|firstly|at first|initially|to begin with|to start with|to begin|first of all|to start"


def _table() -> dict[tuple[str, ...], Kind]:
    table: dict[tuple[str, ...], Kind] = {}
    groups: tuple[tuple[str, Kind], ...] = (
        (_AFTERWARDS, "then"),
        (_EARLIER, "earlier"),
        (_LATER_OF_TWO, "before"),
        (_EARLIER_OF_TWO, "after"),
        (_FIRST, "start"),
        ("when|whenever", "when"),
    )
    for phrases, kind in groups:
        for phrase in phrases.replace("\n", "").split("|"):
            table[tuple(phrase.split())] = kind
    return table


CONNECTIVES = _table()
HEDGES = frozenset(["immediately", "shortly", "directly", "just", "soon", "only"])


@dataclass(frozen=True)
class Connective:
    """Words [start, end). joined_by: which of "," "and" "but" "then" are among them."""

    kind: Kind
    start: int
    end: int
    joined_by: frozenset[str]


def read_connective(words: Sequence[Word], i: int) -> Connective | None:
    """The connective at i, the longest reading ("," + "and" + "then"); None where there is none."""
    joined, at = set(), i
    while word_at(words, at) in (",", "and", "&", "+", "but"):
        joined.add(word_at(words, at).replace("&", "and").replace("+", "and"))
        at += 1
    if word_at(words, at) in ATTACHING and not _as_soon_as(words, at):
        return Connective("attach", i, at + 1, frozenset(joined))
    kind: Kind = "plain"
    while (found := _core(words, at, bool(joined) or at == 0)) is not None:
        own, length = found
        if kind in ("plain", "start", "then") and not (kind != "plain" and own == "start"):
            kind = "earlier" if own == "start" and "but" in joined else own
        elif own != "then":
            break
        if own == "then":
            joined.add("then")
        at += length
        while kind in ("then", "earlier", "start") and word_at(words, at) == ",":
            at += 1
    return Connective(kind, i, at, frozenset(joined)) if at > i else None


def _as_soon_as(words: Sequence[Word], at: int) -> bool:
    return [word_at(words, at + k) for k in range(3)] == ["as", "soon", "as"]


def _core(words: Sequence[Word], at: int, joined: bool) -> tuple[Kind, int] | None:
    hedged = at
    while word_at(words, hedged) in HEDGES or _is_right_hedge(words, hedged):
        hedged += 1
    for start in dict.fromkeys((at, hedged)):
        for length in (4, 3, 2, 1):
            phrase = tuple(word_at(words, start + k) for k in range(length))
            kind = CONNECTIVES.get(phrase)
            if kind is not None:
                checked = _checked(kind, phrase, words, start, start + length, joined)
                if checked is not None:
                    return checked, start + length - at
    return None


def _is_right_hedge(words: Sequence[Word], at: int) -> bool:
    """ "claps right after bowing", not "turns right after bowing" nor "looks left and right before bowing"."""
    if word_at(words, at) not in ("right", "straight"):
        return False
    word, before = word_at(words, at), word_at(words, at - 1)
    if before == "and":
        before = word_at(words, at - 2)
    elif word == "right" and before in DIRECTIONS:
        return True  # "turns left right after bowing"
    form = verb_form(before)
    goes_somewhere = form is not None and form.form != "base" and form.base in TAKES_DIRECTION
    return before not in DIRECTIONS and not is_determiner(before) and not goes_somewhere


def _checked(
    kind: Kind, phrase: tuple[str, ...], words: Sequence[Word], start: int, end: int, joined: bool
) -> Kind | None:
    """The kind in this place; None where the words do not tie actions ("next to", "once more", "wider than")."""
    after = word_at(words, end)
    opens_action = read_action(words, end, expected=True) is not None
    match phrase[0]:
        case "than":
            near = [word_at(words, start - k) for k in range(1, 5)]
            compares = any(word in COMPARATIVES or (word.endswith("er") and len(word) > 4) for word in near)
            return None if compares and near[0] not in ("over", "under", "corner") else kind
        case "next":
            return None if after == "to" else kind
        case "second" | "third" | "last" | "first" | "now" if len(phrase) == 1:
            with_subject = read_subject(words, end) is not None
            return kind if with_subject or (opens_action and joined) or start == 0 else None
        case "later" | "finally" | "eventually" | "previously" | "earlier" | "initially":
            return kind if joined or start == 0 or opens_action else None
        case "having":
            form = verb_form(after) or verb_form(word_at(words, end + 1))
            return kind if form is not None and form.form == "past" else None
        case "once" | "when" | "whenever" if len(phrase) == 1:
            return kind if _opens_clause(words, end) else None
        case "after" | "before" | "prior" | "following" | "upon" | "only" | "not" | "ahead" | "by" if kind in (
            "after",
            "before",
        ):
            return _kind_of_time_clause(kind, words, start, end, joined)
    return kind


def _opens_clause(words: Sequence[Word], at: int) -> bool:
    """once he ..., once seated, once standing; not "once more", "jumps once and ..."."""
    action = read_action(words, at, expected=False)
    return action is not None and (action.subject is not None or action.verb.form in ("past", "ing"))


def _kind_of_time_clause(kind: Kind, words: Sequence[Word], start: int, end: int, joined: bool) -> Kind | None:
    """after / before + clause, gerund or the name of an action; None for a time or place."""
    word = word_at(words, end)
    if word in ("", ","):
        return "then" if kind == "after" and joined and word == "," else None
    action = read_action(words, end, expected=False)
    if action is not None and (action.subject is not None or action.verb.form in ("ing", "past")):
        return kind
    if action is not None and action.verb.form == "third":
        return "then" if kind == "after" else kind  # "immediately after throws", "before lands"
    if word in HAVE:
        return kind
    return kind if word in ARTICLES and names_action(words, end) else None


def names_action(words: Sequence[Word], at: int) -> bool:
    """Whether a noun phrase at ``at`` names an action ("a quick turn"); times and distances do not."""
    for k in range(at + 1, min(at + 5, len(words))):
        word = words[k].spelling
        if word in DURATIONS or word in BODY_PARTS:
            return False
        form = verb_form(word) or verb_form(word.removesuffix("s"))
        if form is not None and form.form in ("base", "third"):
            return True
        if words[k].is_mark:
            return False
    return False
