"""What the words of a segment count or measure, as tests on joints: times, metres, degrees, sides, postures, speeds.

Rules read the text; each that matches asks for one fact. A text that none of them understands asks for nothing, and
nothing is then known of it by geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.control.stated_amounts import spoken
from segmo_core.grounding.facts.rules import RULES
from segmo_core.grounding.geometry.body import Body
from segmo_core.grounding.geometry.verdict import Check, Verdict, every


@dataclass(frozen=True)
class WordFacts:
    """The tests that a text asks for, and the groups of rules that asked for them."""

    checks: tuple[Check, ...]
    groups: tuple[str, ...]

    def judge(self, body: Body) -> Verdict | None:
        """Whether all hold; None where the text asks for none."""
        return every(*self.checks)(body) if self.checks else None


def word_facts(text: str) -> WordFacts:
    """What ``text``, one segment, asks of the joints."""
    said = spoken(text)
    found: dict[str, Check] = {}
    seen: set[str] = set()
    for rule in RULES:
        if rule.group not in seen and rule.applies(said):
            seen.add(rule.group)
            check = rule.make(said)
            if check is not None:
                found[rule.group] = check
    return WordFacts(tuple(found.values()), tuple(found))
