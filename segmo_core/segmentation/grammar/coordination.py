"""Which verbs after "and", "but" or a comma are actions of their own, and which belong to the one before."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.segmentation.grammar.clause import Clause
from segmo_core.segmentation.grammar.connectives import Connective
from segmo_core.segmentation.grammar.lexicon import (
    ATTACHING,
    DIRECTIONS,
    DONE_MEANWHILE,
    GOING_DOWN,
    GOING_UP,
    LIGHT_VERBS,
    POSTURES,
    PREPOSITIONS,
    RESULTS,
    TRANSITIVE,
    WAYS_OF_GOING,
)
from segmo_core.segmentation.grammar.phrases import Verb, word_at
from segmo_core.segmentation.grammar.verbs import is_determiner, third_person, verb_form
from segmo_core.segmentation.grammar.words import Word


def fits(words: Sequence[Word], clause: Clause, connective: Connective, verb: Verb) -> bool:
    """Whether ``verb`` can be coordinated with the verb of ``clause``: "walks and waves", not "walks and waving"."""
    own = clause.verb
    if own is None:
        return True
    end = connective.start
    match verb.form:
        case "third":
            return not _is_plural_noun(words, own, connective, verb)
        case "ing":
            if inside_attached(words, clause, end) or _inside_participle(words, clause, end, own.form != "ing"):
                return False
            if "and" in connective.joined_by:
                return own.form == "ing" or own.is_progressive
            return verb.base in RESULTS or (own.form == "ing" and _list_goes_on(words, verb.end))
        case "base":
            return own.form == "base" or (own.form != "ing" and not _inside_infinitive(words, clause, end))
        case "past":
            return own.form == "past"


def is_held_meanwhile(words: Sequence[Word], clause: Clause, connective: Connective, verb: Verb) -> bool:
    """Whether ``clause`` is a posture held during ``verb``: "is standing and waving", "is crouched and walks"."""
    own = clause.verb
    if own is None or clause.role != "main" or "and" not in connective.joined_by:
        return False
    moves = {"down", "up", "back"} & {word_at(words, own.end), word_at(words, own.end + 1)}
    held = own.is_progressive and own.base in POSTURES and verb.form == "ing" and not moves
    bent = own.is_state and own.base in POSTURES | {"bend", "hunch", "stoop"} and verb.form in ("ing", "third")
    going = own.is_progressive and verb.form == "ing" and own.base in WAYS_OF_GOING and verb.base in DONE_MEANWHILE
    return held or bent or going


def inside_attached(words: Sequence[Word], clause: Clause, end: int) -> bool:
    """Whether an attaching word ("while", "as if") stands between the verb of the clause and ``end``."""
    return any(word_at(words, k) in ATTACHING for k in range(clause.after_verb, end))


def _is_plural_noun(words: Sequence[Word], own: Verb, connective: Connective, verb: Verb) -> bool:
    """ "performs kicks and punches": the second is a noun like the first."""
    before = verb_form(word_at(words, connective.start - 1))
    is_listed = before is not None and before.form == "third" and connective.start != own.end
    is_last = word_at(words, verb.end) in ("", ",", "and", "with", "in")
    return own.base in LIGHT_VERBS and is_listed and is_last


def _inside_participle(words: Sequence[Word], clause: Clause, end: int, bare: bool) -> bool:
    """Whether a participle ("by lifting", ", swinging ...") stands between the verb and ``end``.

    bare: count those without a preposition or comma before them too.
    """
    for k in range(clause.after_verb, end):
        form = verb_form(word_at(words, k))
        before = word_at(words, k - 1)
        introduced = bare or before == "," or before in PREPOSITIONS - DIRECTIONS
        if form is not None and form.form == "ing" and introduced and not is_determiner(before):
            return True
    return False


def _inside_infinitive(words: Sequence[Word], clause: Clause, end: int) -> bool:
    return any(
        word_at(words, k) == "to" and (form := verb_form(word_at(words, k + 1))) is not None and form.form == "base"
        for k in range(clause.after_verb, end)
    )


def _list_goes_on(words: Sequence[Word], i: int) -> bool:
    """Whether the list of participles ends in "and" + participle: "walking, turning and waving"."""
    for k in range(i, len(words) - 1):
        if word_at(words, k) == "and":
            form = verb_form(word_at(words, k + 1))
            return form is not None and form.form == "ing"
    return False


def join_inseparable(words: Sequence[Word], clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses with those joined to the one before that share its count or its object.

    "sits down and stands up three times": the count is of the whole cycle. "lifts and lowers the arm": the object
    is said once.
    """
    result: list[Clause] = []
    for clause in clauses:
        before = result[-1] if result else None
        if before is not None and (_is_cycle(words, before, clause) or _shares_object(before, clause)):
            before.rewritten |= clause.rewritten
            if clause.verb is not None:
                before.rewritten[clause.verb.end - 1] = third_person(clause.verb.base)
            before.end = clause.end
        else:
            result.append(clause)
    return result


def _has_own_subject(clause: Clause) -> bool:
    return clause.action is not None and clause.action.subject is not None


def _shares_object(first: Clause, second: Clause) -> bool:
    if first.verb is None or second.verb is None or second.tied_by != {"and"} or second.role != "main":
        return False
    return first.verb.base in TRANSITIVE and first.end == first.verb.end and not _has_own_subject(second)


def _is_cycle(words: Sequence[Word], first: Clause, second: Clause) -> bool:
    if first.verb is None or second.verb is None or second.role != "main" or _has_own_subject(second):
        return False
    if "and" not in second.tied_by or "then" in second.tied_by:
        return False
    pair = {first.verb.base, second.verb.base}
    opposite = bool(pair & GOING_DOWN) and bool(pair & GOING_UP)
    said = [word.spelling for word in words[second.start : second.end]]
    counted = bool({"times", "twice", "thrice", "repeatedly"} & set(said)) or "over and over" in " ".join(said)
    return opposite and (counted or "repeatedly" in [t.spelling for t in words[first.start : first.end]])
