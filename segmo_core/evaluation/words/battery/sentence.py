"""One sentence of the battery: what is typed, and how its result is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segmo_core.grounding.geometry.verdict import Check

Kind = Literal[
    "walk", "amount", "turn", "posture", "jump", "arms", "fight and sport", "both at once", "sequence", "style"
]
KINDS: tuple[Kind, ...] = (
    "walk", "amount", "turn", "posture", "jump", "arms", "fight and sport", "both at once", "sequence", "style",
)  # fmt: skip


@dataclass(frozen=True)
class Sentence:
    """kind: its row of the table. check: whether a motion does it. real: labels of recorded clips (``Clip.group``)
    that do it too, and on which the check is held against. leaves_floor: whether it may be off the floor for long.
    """

    kind: Kind
    text: str
    check: Check
    real: tuple[str, ...] = ()
    leaves_floor: bool = False
