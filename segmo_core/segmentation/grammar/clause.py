"""A clause: one action, or simultaneous ones, with everything said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from segmo_core.segmentation.grammar.phrases import Action, Verb

Role = Literal["main", "after", "before", "earlier", "when"]


@dataclass
class Clause:
    """Words [start, end) of a sentence and how they stand in time to the clauses before them.

    fronts: word ranges said before the verb and written behind it. rewritten: word -> the verb form to write.
    tied_by: which of "," "and" "but" "then" stand before it. is_ahead: told of the action after it ("..., and after
    yawning, walks away"). continues: carries on the clause before it in its role ("after turning and waving").
    """

    role: Role
    start: int
    end: int
    action: Action | None = None
    fronts: list[tuple[int, int]] = field(default_factory=list)
    rewritten: dict[int, str] = field(default_factory=dict)
    tied_by: frozenset[str] = frozenset()
    is_ahead: bool = False
    continues: bool = False

    @property
    def verb(self) -> Verb | None:
        return self.action.verb if self.action is not None else None

    @property
    def after_verb(self) -> int:
        """The first word after the verb, or of the clause where it has none."""
        return self.verb.end if self.verb is not None else self.start
