"""What an edited clip shows, in values that words are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Told:
    """concept: what is done, as the tables of words name it. The rest is true of the motion, None where nothing is to
    be told: side "left" or "right"; count, times; distance, metres; turn, degrees above 0; direction "left", "right",
    "clockwise" or "counterclockwise"; speed, metres a second; steps, feet put down; style.
    """

    concept: str
    side: str | None = None
    count: int | None = None
    distance: float | None = None
    turn: float | None = None
    direction: str | None = None
    speed: float | None = None
    steps: int | None = None
    style: str | None = None

    def plain(self) -> dict[str, Any]:
        """What is told, without what is not."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Told:
        """The inverse of ``plain``."""
        return cls(**plain)


SIDES = ("left", "right")
