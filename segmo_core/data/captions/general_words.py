"""What people say when they do not care which: "dances" for a salsa, "kicks" for a side kick, "waves" for a left hand.

The caption tables describe clips as exactly as they can, so that without these nobody ever just dances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class _Kind:
    """groups: clip groups, or their beginnings, that may be called by ``predicates``. share: how often they are."""

    groups: tuple[str, ...]
    predicates: tuple[str, ...]
    share: float = 0.2

    def holds(self, group: str) -> bool:
        return group.startswith(self.groups)


_KINDS = (
    _Kind(
        ("dance", "salsa dance", "indian dance"),
        ("dances", "is dancing", "dances around", "performs a dance", "dances for a while", "does a dance"),
        0.3,
    ),
    _Kind(
        ("wave-left-hand", "wave-right-hand", "wave-both-hands"),
        ("waves", "is waving", "waves hello", "waves at someone", "waves a greeting"),
        0.08,
    ),
    _Kind(
        ("raise-up-left-hand", "raise-up-right-hand"),
        ("raises a hand", "raises an arm", "lifts one arm", "puts a hand up", "raises one hand"),
        0.08,
    ),
    _Kind(("walk-turn-left",), ("turns left", "turns to the left", "makes a left turn"), 0.12),
    _Kind(("walk-turn-right",), ("turns right", "turns to the right", "makes a right turn"), 0.12),
    _Kind(
        ("kick", "Front Kick", "Yokogeri", "Mawashigeri", "jump kick", "jump and spin kick", "soccer - kick"),
        ("kicks", "does a kick", "kicks with one leg"),
    ),
    _Kind(("punch", "box", "Oiduki"), ("punches", "throws a punch", "punches the air")),
    _Kind(
        ("martial arts", "Heiansyodan", "Empi", "Gedanbarai", "Syutouuke", "Yokogeri", "Mawashigeri", "Oiduki"),
        ("does karate", "does martial arts", "practises martial arts"),
    ),
    _Kind(
        ("jump", "forward jump", "JumpTwist", "playground - forward jumps"),
        ("jumps", "is jumping", "makes a jump", "jumps around"),
    ),
    _Kind(("backflip", "sideflip", "KickFlip", "crouch and flip"), ("does a flip", "flips over", "does a somersault")),
    _Kind(("Get Up", "get up"), ("gets up", "gets up from the floor", "rises to the feet")),
    _Kind(("climb", "playground - climb"), ("climbs", "is climbing")),
    _Kind(("basketball - ",), ("plays basketball", "plays with a ball")),
)


def general_sentence(group: str, subjects: Sequence[str], generator: np.random.Generator) -> str | None:
    """Now and then a sentence for what clips of ``group`` have in common with others; mostly None."""
    kinds = [kind for kind in _KINDS if kind.holds(group)]
    if not kinds:
        return None
    kind = kinds[int(generator.integers(len(kinds)))]
    if generator.random() >= kind.share:
        return None
    subject = "a person" if generator.random() < 0.6 else str(generator.choice(list(subjects)))
    return f"{subject} {generator.choice(list(kind.predicates))}."
