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
from segmo_core.segmentation.grammar.phrases import DEFAULT_SUBJECT, Subject, Verb
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, verb_form
from segmo_core.segmentation.grammar.words import Word, write

# Said for order alone, wherever they stand at the end or before a preposition.
TRAILING = frozenset(["then", "before", "afterwards", "afterward", "first", "finally", "lastly", "next"])


@dataclass(frozen=True)
class Written:
    """A clause in words. head: adverbs and verb; rest: the words after it; fronts: what is moved behind them."""

    subject: str
    head: tuple[str, ...]
    rest: tuple[Word, ...]
    fronts: tuple[str, ...] = ()
    is_plural: bool = False

    @property
    def sentence(self) -> str:
        text = " ".join((self.subject, *self.head))
        rest = write(list(self.rest))
        if rest:
            text += (", " if self.rest[0].spelling == "," else " ") + rest
        return "".join([text, *self.fronts]).rstrip(" ,") + "."


def write_clauses(words: Sequence[Word], clauses: Sequence[Clause], before: Written | None) -> list[Written]:
    """The clauses of one sentence, in order of mention. ``before``: the last clause of the sentence before it.

    A clause without a subject or verb takes those of the clause before it.
    """
    written: list[Written] = []
    for clause in clauses:
        before = _written(words, clause, before)
        written.append(before)
    return written


def _written(words: Sequence[Word], clause: Clause, before: Written | None) -> Written:
    verb = clause.verb
    rest = _without_order_words(
        [
            replace(word, surface=clause.rewritten.get(clause.after_verb + k, word.surface))
            for k, word in enumerate(words[clause.after_verb : clause.end])
        ]
    )
    subject = _subject(clause, before)
    if verb is None:
        return _completed(subject.text, rest, before)
    head = verb.words
    if subject.is_plural:
        head = (*head[:-1], {"is": "are", "has": "have"}.get(head[-1], verb.base))
    fronts = [_moved_behind(words[start:end], verb) for start, end in clause.fronts]
    if subject.activity:
        fronts.append(f" while {subject.activity}")
    return Written(subject.text, head, tuple(rest), tuple(fronts), subject.is_plural)


def _subject(clause: Clause, before: Written | None) -> Subject:
    """The subject of a clause; without one of its own, that of the clause before, if the verb agrees with it."""
    own = clause.action.subject if clause.action is not None else None
    if own is not None and not own.is_pronoun:
        return own
    is_singular = own is not None or (clause.verb is not None and clause.verb.form == "third")
    if before is None or (before.is_plural and is_singular):
        return Subject(0, DEFAULT_SUBJECT)
    return Subject(0, before.subject, is_plural=before.is_plural)


def _without_order_words(rest: list[Word]) -> list[Word]:
    while rest and (rest[-1].spelling in TRAILING or rest[-1].is_mark or rest[-1].spelling in ("and", "but")):
        if len(rest) > 1 and rest[-2].spelling == "than":
            break  # "faster than before"
        rest = rest[:-1]
    return [
        word
        for k, word in enumerate(rest)
        if not (word.spelling == "first" and k + 1 < len(rest) and rest[k + 1].spelling in PREPOSITIONS | DIRECTIONS)
    ]


def _moved_behind(front: Sequence[Word], verb: Verb | None) -> str:
    """A modifier from before the verb, to be written behind the rest."""
    words = list(front)
    while words and (words[0].is_mark or words[0].spelling in ("who", "that") or words[0].spelling in BE | HAVE):
        words = words[1:]
    while words and (words[-1].is_mark or words[-1].spelling in ("and", "then")):
        words = words[:-1]
    if not words:
        return ""
    form = verb_form(words[0].spelling)
    if form is not None and form.form == "ing":
        leaves = form.base in POSTURES and verb is not None and verb.base in CHANGES_POSTURE
        return (" from " if leaves else " while ") + write(words)
    if (
        words[0].spelling in PREPOSITIONS
        or words[0].spelling in ("while", "whilst", "as", "once", "when")
        or is_adverb(words[0].spelling)
    ):
        return (" " if len(words) == 1 or not is_adverb(words[0].spelling) else ", ") + write(words)
    return ", " + write(words)


def _completed(name: str, rest: list[Word], before: Written | None) -> Written:
    """A clause without a verb: "then back", "then the left hand", "followed by a twirl", "two steps forward"."""
    while len(rest) > 1 and rest[0].is_mark:
        rest = rest[1:]
    if before is None:
        return Written(name, (*_light_verb_and_article(rest),), tuple(rest))
    kept = _parallel(before.rest, rest)
    if kept is None and [t.spelling for t in before.rest[:1]] == ["to"] and _is_base_verb(before.rest[1:2]):
        kept = 2  # "begins to walk slowly, then faster"
    opens_noun_phrase = bool(rest) and rest[0].spelling not in POSSESSIVES and is_determiner(rest[0].spelling)
    is_new_action = opens_noun_phrase and names_action(rest, 0)
    needs_own_verb = "takes" in (before.head[-1], _light_verb(rest))
    if is_new_action and (needs_own_verb or not _replaces_object(before.rest, kept, rest[0])):
        return Written(name, (_light_verb(rest),), tuple(rest))
    return Written(name, before.head, (*before.rest[: kept or 0], *rest))


def _is_base_verb(words: Sequence[Word]) -> bool:
    form = verb_form(words[0].spelling) if words else None
    return form is not None and form.form == "base"


def _replaces_object(before: Sequence[Word], kept: int | None, new: Word) -> bool:
    """Whether ``new`` opens an object like the one at ``kept``: "makes a jump, then a turn"."""
    if kept is None or _kind(before[kept].spelling) != _kind(new.spelling):
        return False
    return kept == 0 or before[kept - 1].spelling not in PREPOSITIONS - DIRECTIONS


def _light_verb_and_article(rest: Sequence[Word]) -> tuple[str, ...]:
    """ "golf swing" is "does a golf swing": what ends in an act needs an article."""
    verb = _light_verb(rest)
    last, first = (rest[-1].spelling, rest[0].spelling) if rest else ("", "")
    form = verb_form(last)
    names_one_act = form is not None and form.form == "base" and all(not word.is_mark for word in rest)
    is_noun_phrase = not is_determiner(first) and first not in PREPOSITIONS | DIRECTIONS and not is_adverb(first)
    if verb != "does" or not names_one_act or not is_noun_phrase:
        return (verb,)
    return verb, "an" if first[:1] in "aeiou" else "a"


def _light_verb(rest: Sequence[Word]) -> str:
    spellings = [word.spelling for word in rest[:4]]
    if any(spelling in ("step", "steps", "bow", "seat", "paces", "pace", "break", "nap") for spelling in spellings):
        return "takes"
    if spellings and spellings[0] in PREPOSITIONS:
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


def _parallel(before: Sequence[Word], rest: Sequence[Word]) -> int | None:
    """How many words of ``before`` stay when ``rest`` takes the place of its like: same word, or same kind."""
    if not rest:
        return None
    like, kind = rest[0].spelling, _kind(rest[0].spelling)
    for k, word in enumerate(before):
        if word.spelling == like:
            return k
    matches = [k for k, word in enumerate(before) if kind and _kind(word.spelling) == kind]
    if matches:
        return matches[0] if kind in ("number", "article", "side") else matches[-1]
    noun_like = ("number", "possessive", "article")
    matches = [k for k, word in enumerate(before) if kind in noun_like and _kind(word.spelling) in noun_like]
    return matches[0] if matches else None
