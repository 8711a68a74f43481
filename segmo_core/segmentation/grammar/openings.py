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
from segmo_core.segmentation.grammar.tokens import Token
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, verb_form

# Forms of these are plural nouns as often as verbs; what follows decides.
NOUN_LIKE = frozenset(["step", "hand", "kick", "punch", "turn", "jump", "move", "hop", "circle"])


def open_clause(tokens: Sequence[Token], role: Role, start: int, tied_by: frozenset[str], continues: bool) -> Clause:
    """The clause that begins at ``start``, with its verb where one stands at its beginning or behind a front."""
    clause = Clause(role, start, len(tokens), tied_by=tied_by, continues=continues)
    names_only = is_determiner(word_at(tokens, start)) and read_subject(tokens, start) is None
    action = None if names_only else read_action(tokens, start, expected=True)
    subject = read_subject(tokens, start)
    if subject is not None and (action is None or action.subject is None or action.verb.form == "past"):
        open_after_subject(tokens, clause, subject, action)
    elif action is not None:
        clause.action = action
        if action.subject is None and action.verb.form == "ing" and role == "main":
            _prefer_later_verb(tokens, clause, action.verb)
    elif names_only and role == "main" and (part := read_body_subject(tokens, start)) is not None:
        verb = read_verb(tokens, part.end, expected=False)
        if verb is not None and verb.form in ("third", "base") and word_at(tokens, part.end) not in ORDER_WORDS:
            clause.action = Action(verb, part)
    elif word_at(tokens, start) in PREPOSITIONS or _is_plain_adverb(tokens, start):
        later = _later_finite(tokens, start)
        if later is not None and word_at(tokens, later.start - 1) != "," and not _names_person(tokens, start, later):
            _put_behind(clause, start, later, None)
    return clause


def _is_plain_adverb(tokens: Sequence[Token], start: int) -> bool:
    return is_adverb(word_at(tokens, start)) and word_at(tokens, start) != "once"


def _prefer_later_verb(tokens: Sequence[Token], clause: Clause, participle: Verb) -> None:
    """ "holding a ball, walks forward": the participle is what goes on meanwhile."""
    later = _later_finite(tokens, participle.end)
    if later is not None and participle.base in STATES and word_at(tokens, later.start - 1) == ",":
        _put_behind(clause, clause.start, later, None)


def _put_behind(clause: Clause, start: int, verb: Verb, subject: Subject | None) -> None:
    clause.fronts.append((start, verb.start))
    clause.action = Action(verb, subject)


def open_after_subject(tokens: Sequence[Token], clause: Clause, subject: Subject, action: Action | None) -> None:
    """A subject with something between it and its verb: "a man with a ball turns", "a person who is ..."."""
    start = subject.end
    connective = read_connective(tokens, start)
    if connective is not None and connective.kind in ("after", "before", "when") and clause.role == "main":
        inner = read_action(tokens, connective.end, expected=True)
        if inner is not None:  # "the man, after turning, sits"
            clause.role, clause.start = connective.kind, connective.end
            clause.action = Action(inner.verb, inner.subject or subject)
            return
    relative = start + (word_at(tokens, start) == ",")
    if word_at(tokens, relative) in ("who", "that"):
        start = relative + 1
        said = read_verb(tokens, start, expected=True)
        later = _later_finite(tokens, said.end) if said is not None else None
        if later is not None:
            _put_behind(clause, start, later, subject)
            return
    participle = read_verb(tokens, start, expected=False)
    later = _later_finite(tokens, participle.end if participle is not None else start)
    if later is not None and (participle is None or participle.form in ("ing", "past")):
        after_comma = word_at(tokens, later.start - 1) == ","
        if not after_comma or participle is None or participle.base in STATES:
            _put_behind(clause, start, later, subject)
            return
    if participle is not None:
        clause.action = Action(participle, subject)
    else:
        clause.action = action or Action(Verb(start, start, ("is",), "be", "third", is_state=True), subject)


def front_until(tokens: Sequence[Token], clause: Clause, i: int, action: Action) -> None:
    """What stood in the clause before ``action`` at i ("with arms out, a person ...") belongs to its verb."""
    clause.fronts.append((clause.start, i))
    clause.action = action
    if action.subject is not None and action.verb.form == "past":
        open_after_subject(tokens, clause, action.subject, action)


def can_be_front(tokens: Sequence[Token], clause: Clause, is_first: bool) -> bool:
    """Whether a clause without a verb so far may be such a front ("slowly, ...", "in a circle, ...")."""
    word = word_at(tokens, clause.start)
    return is_first or word in PREPOSITIONS or word in ATTACHING or is_adverb(word)


def _later_finite(tokens: Sequence[Token], start: int) -> Verb | None:
    """The first verb in the third person after ``start`` that no order word separates from it."""
    for k in range(start, len(tokens)):
        connective = read_connective(tokens, k)
        if connective is not None and connective.kind != "attach" and word_at(tokens, k) != ",":
            if connective.kind != "plain":
                return None
            continue
        before = word_at(tokens, k - 1)
        is_modifier = is_determiner(before) and before not in ("both", "each", "that")
        if before in ("and", "or") or before in PREPOSITIONS - DIRECTIONS or is_modifier:
            continue
        if word_at(tokens, k) == "still" and (held := verb_form(before)) is not None and held.base in POSTURES:
            continue  # "a person standing still lifts": still standing, not still lifting
        verb = read_verb(tokens, k, expected=False)
        if verb is not None and any(word_at(tokens, j) == "then" for j in range(k, verb.end)):
            return None
        if verb is not None and verb.form == "third" and can_be_verb(tokens, verb):
            return verb
    return None


def _names_person(tokens: Sequence[Token], start: int, verb: Verb) -> bool:
    return any(read_subject(tokens, k) is not None for k in range(start, verb.start))


def can_be_verb(tokens: Sequence[Token], verb: Verb) -> bool:
    """Whether what follows a form that may also be a plural noun lets it be a verb."""
    after = word_at(tokens, verb.end)
    return (
        verb.base not in NOUN_LIKE
        or after in ("", ",", "and", "it", "them", "something", "at", "as", "while")
        or after in PREPOSITIONS | DIRECTIONS
        or is_determiner(after)
        or is_adverb(after)
    )
