"""The beginning of a clause: where its verb is, and what is said before it."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.segmentation.grammar.clause import Clause, Role
from segmo_core.segmentation.grammar.connectives import read_connective
from segmo_core.segmentation.grammar.lexicon import ATTACHING, DIRECTIONS, ORDER_WORDS, POSTURES, PREPOSITIONS, STATES
from segmo_core.segmentation.grammar.phrases import (
    Action,
    Subject,
    Verb,
    read_action,
    read_body_subject,
    read_subject,
    read_verb,
    word_at,
)
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, verb_form
from segmo_core.segmentation.grammar.words import Word

# Forms of these are plural nouns as often as verbs; what follows decides.
NOUN_LIKE = frozenset(["step", "hand", "kick", "punch", "turn", "jump", "move", "hop", "circle"])


def open_clause(words: Sequence[Word], role: Role, start: int, tied_by: frozenset[str], continues: bool) -> Clause:
    """The clause that begins at ``start``, with its verb where one stands at its beginning or behind a front."""
    clause = Clause(role, start, len(words), tied_by=tied_by, continues=continues)
    names_only = is_determiner(word_at(words, start)) and read_subject(words, start) is None
    action = None if names_only else read_action(words, start, expected=True)
    subject = read_subject(words, start)
    if subject is not None and (action is None or action.subject is None or action.verb.form == "past"):
        open_after_subject(words, clause, subject, action)
    elif action is not None:
        clause.action = action
        if action.subject is None and action.verb.form == "ing" and role == "main":
            _prefer_later_verb(words, clause, action.verb)
    elif names_only and role == "main" and (part := read_body_subject(words, start)) is not None:
        verb = read_verb(words, part.end, expected=False)
        if verb is not None and verb.form in ("third", "base") and word_at(words, part.end) not in ORDER_WORDS:
            clause.action = Action(verb, part)
    elif word_at(words, start) in PREPOSITIONS or _is_plain_adverb(words, start):
        later = _later_finite(words, start)
        if later is not None and word_at(words, later.start - 1) != "," and not _names_person(words, start, later):
            _put_behind(clause, start, later, None)
    return clause


def _is_plain_adverb(words: Sequence[Word], start: int) -> bool:
    return is_adverb(word_at(words, start)) and word_at(words, start) != "once"


def _prefer_later_verb(words: Sequence[Word], clause: Clause, participle: Verb) -> None:
    """ "holding a ball, walks forward": the participle is what goes on meanwhile."""
    later = _later_finite(words, participle.end)
    if later is not None and participle.base in STATES and word_at(words, later.start - 1) == ",":
        _put_behind(clause, clause.start, later, None)


def _put_behind(clause: Clause, start: int, verb: Verb, subject: Subject | None) -> None:
    clause.fronts.append((start, verb.start))
    clause.action = Action(verb, subject)


def open_after_subject(words: Sequence[Word], clause: Clause, subject: Subject, action: Action | None) -> None:
    """A subject with something between it and its verb: "a man with a ball turns", "a person who is ..."."""
    start = subject.end
    connective = read_connective(words, start)
    if connective is not None and connective.kind in ("after", "before", "when") and clause.role == "main":
        inner = read_action(words, connective.end, expected=True)
        if inner is not None:  # "the man, after turning, sits"
            clause.role, clause.start = connective.kind, connective.end
            clause.action = Action(inner.verb, inner.subject or subject)
            return
    relative = start + (word_at(words, start) == ",")
    if word_at(words, relative) in ("who", "that"):
        start = relative + 1
        said = read_verb(words, start, expected=True)
        later = _later_finite(words, said.end) if said is not None else None
        if later is not None:
            _put_behind(clause, start, later, subject)
            return
    participle = read_verb(words, start, expected=False)
    later = _later_finite(words, participle.end if participle is not None else start)
    if later is not None and (participle is None or participle.form in ("ing", "past")):
        after_comma = word_at(words, later.start - 1) == ","
        if not after_comma or participle is None or participle.base in STATES:
            _put_behind(clause, start, later, subject)
            return
    if participle is not None:
        clause.action = Action(participle, subject)
    else:
        clause.action = action or Action(Verb(start, start, ("is",), "be", "third", is_state=True), subject)


def front_until(words: Sequence[Word], clause: Clause, i: int, action: Action) -> None:
    """What stood in the clause before ``action`` at i ("with arms out, a person ...") belongs to its verb."""
    clause.fronts.append((clause.start, i))
    clause.action = action
    if action.subject is not None and action.verb.form == "past":
        open_after_subject(words, clause, action.subject, action)


def can_be_front(words: Sequence[Word], clause: Clause, is_first: bool) -> bool:
    """Whether a clause without a verb so far may be such a front ("slowly, ...", "in a circle, ...")."""
    word = word_at(words, clause.start)
    return is_first or word in PREPOSITIONS or word in ATTACHING or is_adverb(word)


def _later_finite(words: Sequence[Word], start: int) -> Verb | None:
    """The first verb in the third person after ``start`` that no order word separates from it."""
    for k in range(start, len(words)):
        connective = read_connective(words, k)
        if connective is not None and connective.kind != "attach" and word_at(words, k) != ",":
            if connective.kind != "plain":
                return None
            continue
        before = word_at(words, k - 1)
        is_modifier = is_determiner(before) and before not in ("both", "each", "that")
        if before in ("and", "or") or before in PREPOSITIONS - DIRECTIONS or is_modifier:
            continue
        if word_at(words, k) == "still" and (held := verb_form(before)) is not None and held.base in POSTURES:
            continue  # "a person standing still lifts": still standing, not still lifting
        verb = read_verb(words, k, expected=False)
        if verb is not None and any(word_at(words, j) == "then" for j in range(k, verb.end)):
            return None
        if verb is not None and verb.form == "third" and can_be_verb(words, verb):
            return verb
    return None


def _names_person(words: Sequence[Word], start: int, verb: Verb) -> bool:
    return any(read_subject(words, k) is not None for k in range(start, verb.start))


def can_be_verb(words: Sequence[Word], verb: Verb) -> bool:
    """Whether what follows a form that may also be a plural noun lets it be a verb."""
    after = word_at(words, verb.end)
    return (
        verb.base not in NOUN_LIKE
        or after in ("", ",", "and", "it", "them", "something", "at", "as", "while")
        or after in PREPOSITIONS | DIRECTIONS
        or is_determiner(after)
        or is_adverb(after)
    )
