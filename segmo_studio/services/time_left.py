"""How long a job still takes: an estimate that only ever goes down."""

from __future__ import annotations

_SURE_FRACTION = 0.08  # of the work, before anything is said
_SURE_SECONDS = 1.0
_MEMORY = 4.0  # seconds over which the speed is looked at: phases of a job have different ones


class TimeLeft:
    """Told of the progress from time to time; says the seconds left, or None while too little is known.

    People take a number that grows for a job that goes backwards. So what was said is an upper bound: where the work
    turns out to be slower the number stands still.
    """

    def __init__(self) -> None:
        self._marks: list[tuple[float, float]] = []
        self._said: float | None = None

    def note(self, now: float, fraction: float) -> float | None:
        """now: seconds on any clock; fraction: of the work that is done."""
        if not self._marks or fraction > self._marks[-1][1]:
            self._marks.append((now, fraction))
        while len(self._marks) > 2 and now - self._marks[1][0] > _MEMORY:
            self._marks.pop(0)
        start, before = self._marks[0]
        if fraction < _SURE_FRACTION or now - start < _SURE_SECONDS or fraction <= before:
            return self._said
        estimate = (1.0 - fraction) * (now - start) / (fraction - before)
        self._said = estimate if self._said is None else min(self._said, estimate)
        return self._said
