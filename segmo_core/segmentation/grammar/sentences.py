"""Writing a clause as a standalone sentence: "A person" + verb in the simple present + everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from segmo_core.segmentation.grammar.clause import Clause
from segmo_core.segmentation.grammar.connectives import names_action
from segmo_core.segmentation.grammar.lexicon import (
    ARTICLES,
    BE,
    CHANGES_POSTURE,
    DIRECTIONS,
    HAVE,
    NUMBERS,
    POSSESSIVES,
    POSTURES,
    PREPOSITIONS,
    SIDES,
)
from segmo_core.segmentation.grammar.phrases import DEFAULT_SUBJECT, Verb
from segmo_core.segmentation.grammar.tokens import Token, write
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, verb_form

# Said for order alone, wherever they stand at the end or before a preposition.
TRAILING = frozenset("then afterwards afterward first finally lastly next".split())


@dataclass(frozen=True)
class Written:
    """A clause in words. head: adverbs and verb; rest: the tokens after it."""

    subject: str
    head: tuple[str, ...]
    rest: tuple[Token, ...]
    fronts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        text = " ".join((self.subject, *self.head))
        rest = write(list(self.rest))
        if rest:
            text += (", " if self.rest[0].word == "," else " ") + rest
        return "".join([text, *self.fronts]).rstrip(" ,") + "."


def write_clauses(tokens: Sequence[Token], clauses: Sequence[Clause]) -> list[Written]:
    """The clauses of one sentence, in order of mention; one without a verb borrows it from the one before."""
    written: list[Written] = []
    for clause in clauses:
        written.append(_written(tokens, clause, written[-1] if written else None))
    return written


def _written(tokens: Sequence[Token], clause: Clause, before: Written | None) -> Written:
    subject = clause.action.subject if clause.action is not None else None
    inherited = before.subject if before is not None else DEFAULT_SUBJECT
    name = inherited if subject is None else subject.text or (DEFAULT_SUBJECT if before is None else inherited)
    if subject is not None and subject.end - 1 >= 0 and not subject.text and _names_generic(tokens, subject.end - 1):
        name = DEFAULT_SUBJECT
    verb = clause.verb
    first = verb.end if verb is not None else clause.start
    rest = [
        replace(token, surface=clause.rewritten.get(first + k, token.surface))
        for k, token in enumerate(tokens[first : clause.end])
    ]
    rest = _without_order_words(rest)
    fronts = [_moved_behind(tokens[start:end], clause.verb) for start, end in clause.fronts]
    if subject is not None and subject.activity:
        fronts.append(f" while {subject.activity}")
    if verb is not None:
        words = verb.words
        if subject is not None and subject.is_plural:
            words = (*words[:-1], {"is": "are", "has": "have"}.get(words[-1], verb.base))
        return Written(name, words, tuple(rest), tuple(fronts))
    return _completed(name, rest, before)


def _names_generic(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].word not in ("he", "she", "they", "it", "i", "we", "you", "he/she", "she/he", "s/he")


def _without_order_words(rest: list[Token]) -> list[Token]:
    while rest and (rest[-1].word in TRAILING or rest[-1].is_mark or rest[-1].word in ("and", "but")):
        rest = rest[:-1]
    return [
        token
        for k, token in enumerate(rest)
        if not (token.word == "first" and k + 1 < len(rest) and rest[k + 1].word in PREPOSITIONS | DIRECTIONS)
    ]


def _moved_behind(front: Sequence[Token], verb: Verb | None) -> str:
    """A modifier from before the verb, to be written behind the rest."""
    tokens = list(front)
    while tokens and (tokens[0].is_mark or tokens[0].word in ("who", "that") or tokens[0].word in BE | HAVE):
        tokens = tokens[1:]
    while tokens and (tokens[-1].is_mark or tokens[-1].word in ("and", "then")):
        tokens = tokens[:-1]
    if not tokens:
        return ""
    form = verb_form(tokens[0].word)
    if form is not None and form.form == "ing":
        leaves = form.base in POSTURES and verb is not None and verb.base in CHANGES_POSTURE
        return (" from " if leaves else " while ") + write(tokens)
    if (
        tokens[0].word in PREPOSITIONS
        or tokens[0].word in ("while", "whilst", "as", "once", "when")
        or is_adverb(tokens[0].word)
    ):
        return (" " if len(tokens) == 1 or not is_adverb(tokens[0].word) else ", ") + write(tokens)
    return ", " + write(tokens)


def _completed(name: str, rest: list[Token], before: Written | None) -> Written:
    """A clause without a verb: "then back", "then the left hand", "followed by a twirl", "two steps forward"."""
    while len(rest) > 1 and rest[0].is_mark:
        rest = rest[1:]
    if before is None:
        return Written(name, (_light_verb(rest),), tuple(rest), ())
    kept = _parallel(before.rest, rest)
    opens_noun_phrase = bool(rest) and rest[0].word not in POSSESSIVES and is_determiner(rest[0].word)
    is_new_action = opens_noun_phrase and names_action(rest, 0)
    needs_own_verb = "takes" in (before.head[-1], _light_verb(rest))
    if is_new_action and (needs_own_verb or not _replaces_object(before.rest, kept, rest[0])):
        return Written(name, (_light_verb(rest),), tuple(rest), ())
    return Written(name, before.head, (*before.rest[: kept or 0], *rest), ())


def _replaces_object(before: Sequence[Token], kept: int | None, new: Token) -> bool:
    """Whether ``new`` opens an object like the one at ``kept``: "makes a jump, then a turn"."""
    if kept is None or _kind(before[kept].word) != _kind(new.word):
        return False
    return kept == 0 or before[kept - 1].word not in PREPOSITIONS - DIRECTIONS


def _light_verb(rest: Sequence[Token]) -> str:
    words = [token.word for token in rest[:4]]
    if any(word in ("step", "steps", "bow", "seat", "paces", "pace", "break", "nap") for word in words):
        return "takes"
    if words and words[0] in PREPOSITIONS:
        return "is"
    return "does"


def _kind(word: str) -> str:
    for name, words in (
        ("number", NUMBERS),
        ("possessive", POSSESSIVES),
        ("article", ARTICLES),
        ("side", SIDES),
        ("direction", DIRECTIONS),
        ("preposition", PREPOSITIONS),
    ):
        if word in words or (name == "number" and word[:1].isdigit()):
            return name
    return ""


def _parallel(before: Sequence[Token], rest: Sequence[Token]) -> int | None:
    """How many tokens of ``before`` stay when ``rest`` takes the place of its like: same word, or same kind."""
    if not rest:
        return None
    word, kind = rest[0].word, _kind(rest[0].word)
    for k, token in enumerate(before):
        if token.word == word:
            return k
    matches = [k for k, token in enumerate(before) if kind and _kind(token.word) == kind]
    if matches:
        return matches[0] if kind in ("number", "article", "side") else matches[-1]
    noun_like = ("number", "possessive", "article")
    matches = [k for k, token in enumerate(before) if kind in noun_like and _kind(token.word) in noun_like]
    return matches[0] if matches else None
