"""Ways that take turns, so that what else a machine does meets all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from segmo_core.progress import Progress

RUNS_IN_A_ROW = 3  # a way that has just been used finds its weights in the cache, as it does in use


def seconds_in_turns(
    ways: Mapping[str, Callable[[], float]], rounds: int, progress: Progress
) -> dict[str, list[float]]:
    """What ``ways`` say that they took, by name: RUNS_IN_A_ROW runs of each in every round. CancelledError."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            progress.raise_if_cancelled()
            progress.report(number / rounds, f"round {number + 1} of {rounds}, {name}")
            seconds[name].extend(way() for _ in range(RUNS_IN_A_ROW))
    return seconds
