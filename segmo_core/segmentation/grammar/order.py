"""From the order of mention to the order in time."""

from __future__ import annotations

from collections.abc import Sequence

from segmo_core.segmentation.grammar.clause import Clause


def in_time_order(sentences: Sequence[Sequence[Clause]]) -> list[Clause]:
    """Clauses of all sentences as they happen.

    "after", "once" and their like go before the action they are told of, "before that" before everything the
    last action was told with; at the start of a sentence, before the whole sentence in front of it.
    """
    timeline: list[Clause] = []
    group: list[Clause] = []
    for clauses in sentences:
        group = _add_sentence(timeline, clauses, group)
    return timeline


def _add_sentence(timeline: list[Clause], clauses: Sequence[Clause], last_group: list[Clause]) -> list[Clause]:
    """Put the clauses of one sentence into the timeline; returns what "before that" would refer to next."""
    pending: list[Clause] = []  # "before sitting down, ...": waits for what happens first
    main: Clause | None = None
    group = list(last_group)
    previous: Clause | None = None
    for clause in clauses:
        if clause.continues and previous is not None:
            holder = pending if previous in pending else timeline
            holder.insert(holder.index(previous) + 1, clause)
        elif clause.role == "main":
            if main is not None and "then" in clause.tied_by:
                timeline += pending
                pending = []
            timeline.append(clause)
            main, group = clause, []
        elif clause.role == "earlier":
            first = min((timeline.index(c) for c in group), default=len(timeline))
            timeline.insert(first, clause)
        elif clause.role == "before":
            if main is None or clause.is_ahead:
                pending.append(clause)
            else:
                timeline.insert(timeline.index(_told_of(clause, main, previous)) + 1, clause)
        elif main is None or clause.is_ahead or (clause.role == "when" and _goes_on_meanwhile(main)):
            timeline.append(clause)
        else:
            timeline.insert(timeline.index(_told_of(clause, main, previous)), clause)
        group.append(clause)
        previous = clause
    timeline += pending
    return list(clauses)


def _told_of(clause: Clause, main: Clause, previous: Clause | None) -> Clause:
    """The action a time clause in the middle is about: the last one, or, after a comma or "but", the main one."""
    if previous is None or (clause.tied_by and previous.role != clause.role):
        return main
    return previous


def _goes_on_meanwhile(clause: Clause) -> bool:
    """ "is sitting when he raises ...": the state comes first."""
    return clause.verb is not None and (clause.verb.is_progressive or clause.verb.is_state)
