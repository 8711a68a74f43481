"""Cutting a sentence into clauses, one per action or group of simultaneous actions."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.segmentation.grammar.clause import Clause, Role
from segmo_core.segmentation.grammar.connectives import Connective, names_action, read_connective
from segmo_core.segmentation.grammar.coordination import fits, inside_attached, is_held_meanwhile, join_inseparable
from segmo_core.segmentation.grammar.lexicon import ARTICLES, ATTACHING, DIRECTIONS, LIGHT_VERBS, NUMBERS, PREPOSITIONS
from segmo_core.segmentation.grammar.openings import can_be_front, can_be_verb, front_until, open_clause
from segmo_core.segmentation.grammar.phrases import Action, Verb, read_action, read_subject, read_verb, word_at
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, third_person, verb_form
from segmo_core.segmentation.grammar.words import Word


def split_clauses(words: Sequence[Word]) -> list[Clause]:
    """The clauses of one sentence, in order of mention."""
    return _ClauseSplitter(words).split()


class _ClauseSplitter:
    """Walks once over the words; every method that opens a clause returns the word to go on from."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.clauses: list[Clause] = []
        self.is_nominal = False  # no verb at all: "two steps forward, a hop, followed by a twirl"

    def split(self) -> list[Clause]:
        opening = read_connective(self.words, 0)
        role: Role = "main"
        i = 0
        if opening is not None and opening.kind != "attach":
            i = opening.end
            if opening.kind in ("after", "before", "earlier", "when"):
                role = opening.kind
        i = self._open(role, i)
        self.is_nominal = self.current.action is None and not self._has_action_from(i)
        while i < len(self.words):
            i = self._step(i)
        clauses = [c for c in self.clauses if any(not t.is_mark for t in self.words[c.start : c.end])]
        _mark_ahead(clauses)
        return join_inseparable(self.words, clauses)

    @property
    def current(self) -> Clause:
        return self.clauses[-1]

    def _word(self, i: int) -> str:
        return word_at(self.words, i)

    def _has_action_from(self, i: int) -> bool:
        for k in range(i, len(self.words)):
            subject = read_subject(self.words, k)
            is_tied = self._word(k - 1) in (",", "and", "then") and self._word(k) != "followed"
            if subject is None and (not is_tied or is_determiner(self._word(k))):
                continue
            if read_verb(self.words, k if subject is None else subject.end, expected=False) is not None:
                return True
        return False

    def _open(self, role: Role, start: int, tied_by: frozenset[str] = frozenset(), continues: bool = False) -> int:
        clause = open_clause(self.words, role, start, tied_by, continues)
        self.clauses.append(clause)
        return max(start, clause.after_verb)

    def _close_and_open(self, role: Role, connective: Connective, continues: bool = False) -> int:
        self.current.end = connective.start
        return self._open(role, connective.end, connective.joined_by, continues)

    def _step(self, i: int) -> int:
        connective = read_connective(self.words, i)
        if connective is not None:
            return self._at_connective(connective)
        action = self._new_subject(i)
        if action is not None and self.current.action is None and self.current.role == "main":
            return self._front_until(i, action)
        if action is not None or self._follows_without_connective(i) or self._ends_time_clause(i):
            self.current.end = i
            return self._open("main", i)
        return i + 1

    def _front_until(self, i: int, action: Action) -> int:
        front_until(self.words, self.current, i, action)
        return max(i + 1, self.current.after_verb)

    def _new_subject(self, i: int) -> Action | None:
        """A subject with a finite verb at i that no word ties to what stands before it."""
        word, before = self._word(i), self._word(i - 1)
        is_inverted = word in ("do", "does", "did") and self.current.role != "main"  # "not until he bows does he leave"
        subject = read_subject(self.words, i + is_inverted)
        if i <= self.current.start or subject is None or before in ATTACHING | {"that", "to", "but", "or"}:
            return None
        is_object = word == "it" and (self.current.verb is None or self.current.verb.end == i or before in PREPOSITIONS)
        if is_adverb(word) or (is_object and before not in (",", "and")):
            return None
        if before in PREPOSITIONS - DIRECTIONS and word not in ("he", "she", "they"):
            return None
        action = read_action(self.words, i, expected=False)
        may_be_base = is_inverted or word in ("they", "i", "you", "we")
        if action is None or (action.verb.form == "base" and not may_be_base):
            return None
        return action

    def _follows_without_connective(self, i: int) -> bool:
        """ "turns around hops back", "turns to the left jumps forward": a verb right after a direction."""
        clause = self.current
        if clause.verb is None or i <= clause.verb.end or inside_attached(self.words, clause, i):
            return False
        form = verb_form(self._word(i))
        before, two_before, after = self._word(i - 1), self._word(i - 2), self._word(i + 1)
        if form is None or form.form != "third" or before not in DIRECTIONS - {"on", "off", "over", "in", "out"}:
            return False
        if before in ("left", "right") and not (two_before == "the" and self._word(i - 3) == "to"):
            return False
        return two_before not in ARTICLES - {"the"} and (after in DIRECTIONS or after in PREPOSITIONS)

    def _ends_time_clause(self, i: int) -> bool:
        """ "..., but before turning nods": a finite verb after a gerund that "before" or "after" opened."""
        clause = self.current
        if clause.role == "main" or clause.verb is None or clause.verb.form != "ing" or i <= clause.verb.end:
            return False
        verb = read_verb(self.words, i, expected=False)
        before = self._word(i - 1)
        follows_noun_phrase = is_determiner(before) or before in PREPOSITIONS - DIRECTIONS
        return verb is not None and verb.form == "third" and not follows_noun_phrase and can_be_verb(self.words, verb)

    def _at_connective(self, connective: Connective) -> int:
        if connective.end >= len(self.words):
            self.current.end = connective.start
            return len(self.words)
        match connective.kind:
            case "attach" | "start":
                return connective.end
            case "then":
                continues = self._continues_after_then(connective.end)
                return self._close_and_open(self.current.role if continues else "main", connective, continues)
            case "earlier":
                return self._close_and_open("earlier", connective)
            case "when" if self._is_gerund(connective.end):
                return connective.end  # "stumbles when landing"
            case "after" | "before" | "when":
                return self._close_and_open(connective.kind, connective)
            case "plain":
                return self._at_plain(connective)

    def _is_gerund(self, i: int) -> bool:
        verb = read_verb(self.words, i, expected=False)
        return verb is not None and verb.form == "ing"

    def _continues_after_then(self, i: int) -> bool:
        """Whether an action after "then" belongs to the time clause before it: "after turning, then waving"."""
        clause = self.current
        if clause.role == "earlier":
            return True
        is_gerund_clause = clause.role != "main" and clause.verb is not None and clause.verb.form == "ing"
        return is_gerund_clause and self._is_gerund(i)

    def _at_plain(self, connective: Connective) -> int:
        """ "and", "but" or a comma: a new clause only where an action of a fitting form follows."""
        after, clause = connective.end, self.current
        action = self._action_after_plain(after)
        if action is None:
            if self._names_action(after) and (self.is_nominal or self._lists_actions(connective)):
                return self._close_and_open("main", connective)
            return after
        is_first = len(self.clauses) == 1
        is_open = clause.action is None and clause.role == "main" and not self.is_nominal
        is_completed = "and" in connective.joined_by and not is_first  # "then to the left, and stops"
        if is_open and not is_completed and can_be_front(self.words, clause, is_first):
            is_finite = action.subject is not None or action.verb.form != "ing"
            return self._front_until(after, action) if is_finite else after
        if action.verb.is_negated:
            present = {"did": "does", "didn't": "doesn't", "was": "is", "were": "is", "wasn't": "isn't"}
            at = action.verb.end - (2 if self._word(action.verb.end - 1) in ("not", "never") else 1)
            clause.rewritten[at] = present.get(self._word(at), self.words[at].surface)
            return after
        if "but" in connective.joined_by and not _is_event(action):
            return after
        if action.subject is not None:
            return self._close_and_open("main", connective)
        if is_held_meanwhile(self.words, clause, connective, action.verb):
            clause.rewritten[action.verb.end - 1] = third_person(action.verb.base)
            return after
        if not fits(self.words, clause, connective, action.verb):
            return after
        continues = clause.role != "main" and self._continues(connective, action.verb)
        return self._close_and_open(clause.role if continues else "main", connective, continues)

    def _action_after_plain(self, i: int) -> Action | None:
        action = read_action(self.words, i, expected=False)
        subject = read_subject(self.words, i)
        if action is None and subject is not None and subject.is_pronoun and self._word(i) != "it":
            action = read_action(self.words, i, expected=True)
        is_noun = action is not None and action.subject is None and is_determiner(self._word(i))
        return None if is_noun else action

    def _names_action(self, i: int) -> bool:
        word = self._word(i)
        opens_noun_phrase = word in ARTICLES or word in NUMBERS or word[:1].isdigit()
        return opens_noun_phrase and (names_action(self.words, i) or "step" in self._word(i + 1))

    def _lists_actions(self, connective: Connective) -> bool:
        """ "makes a left turn, a right turn and stops": actions named one after the other."""
        clause = self.current
        if (
            clause.verb is None
            or clause.verb.base not in LIGHT_VERBS | {"take"}
            or not self._names_action(clause.verb.end)
        ):
            return False
        return all(
            self._word(k) not in ATTACHING and self._word(k) not in ("with", "and")
            for k in range(clause.verb.end, connective.start)
        )

    def _continues(self, connective: Connective, verb: Verb) -> bool:
        """Whether ``verb`` carries on the time clause before it, rather than the action that clause is about."""
        clause = self.current
        if clause.role == "earlier":
            return True
        if clause.verb is None or clause.verb.form != verb.form:
            return False
        is_first = all(c.role != "main" for c in self.clauses)
        return verb.form == "ing" or is_first or "," not in connective.joined_by


def _is_event(action: Action) -> bool:
    """ "but stumbles" is an action; "but has to reset", "but he is limping" say how the one before is done."""
    verb = action.verb
    return action.subject is None and verb.form == "third" and verb.base not in ("be", "have", "seem", "appear")


def _mark_ahead(clauses: Sequence[Clause]) -> None:
    """Find the time clauses in the middle of a sentence that belong to the action after them, not before."""
    for k, clause in enumerate(clauses):
        following = next((c for c in clauses[k + 1 :] if not c.continues), None)
        if k == 0 or clause.role in ("main", "earlier") or following is None:
            continue
        if following.role != "main" or "then" in following.tied_by:
            continue
        own_subject = following.action is not None and following.action.subject is not None
        after_and = bool(clause.tied_by & {"and", "then"}) and "but" not in clause.tied_by
        is_bare = not following.tied_by
        clause.is_ahead = after_and or is_bare or (own_subject and "and" not in following.tied_by)
