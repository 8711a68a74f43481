"""What a judge sees in the segments of prompts, held against what was asked: pure counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from segmo_core.evaluation.judges.action_classifier import CLASS_NAMES, LEFT_RIGHT_PAIRS
from segmo_core.evaluation.measures.intervals import Share

MIRROR = {a: b for pair in LEFT_RIGHT_PAIRS for a, b in (pair, pair[::-1])}


@dataclass(frozen=True)
class Sighting:
    """One prompt: the different actions it asks for, in order, and the class the judge sees in each segment."""

    asked: tuple[str, ...]
    seen: tuple[str, ...]

    @property
    def recognised(self) -> tuple[bool, ...]:
        return tuple(a == s for a, s in zip(self.asked, self.seen, strict=True))

    @property
    def order_errors(self) -> tuple[bool, ...]:
        """Segments that show an action which the same prompt asks for in another segment."""
        return tuple(a != s and s in self.asked for a, s in zip(self.asked, self.seen, strict=True))

    @property
    def swapped(self) -> tuple[bool, ...]:
        """Of the order errors, those of two segments that show each other's action."""
        place = {action: index for index, action in enumerate(self.asked)}
        return tuple(
            is_error and self.seen[place[seen]] == asked
            for is_error, asked, seen in zip(self.order_errors, self.asked, self.seen, strict=True)
        )

    @property
    def missing(self) -> tuple[bool, ...]:
        """Asked actions that no segment shows."""
        return tuple(action not in self.seen for action in self.asked)


@dataclass(frozen=True)
class Recognition:
    """Shares of segments; see Sighting. sides: of segments of an action with a left and a right, those that show the
    other side (whether or not the prompt asks for that elsewhere); None where no such action was asked for.
    all_recognised: share of prompts of which every segment is recognised.
    """

    recognised: Share
    order_errors: Share
    swapped: Share
    missing: Share
    all_recognised: Share
    wrong_side: Share | None


@dataclass(frozen=True)
class ActionRecognition:
    """Segments that ask for one action. seen_as: what else the judge saw, most frequent first."""

    recognised: Share
    wrong_side: Share | None
    seen_as: dict[str, int]


@dataclass(frozen=True)
class RecognitionFigures:
    """By number of segments of the prompt, over all, and by asked action over all."""

    by_count: dict[int, Recognition]
    overall: Recognition
    by_action: dict[str, ActionRecognition]


def recognition_figures(sightings: Mapping[int, Sequence[Sighting]]) -> RecognitionFigures:
    """sightings: by number of segments, at least one."""
    everything = [sighting for found in sightings.values() for sighting in found]
    return RecognitionFigures(
        {count: _recognition(found) for count, found in sorted(sightings.items()) if found},
        _recognition(everything),
        {name: row for name in CLASS_NAMES if (row := _of_action(name, everything)) is not None},
    )


def _recognition(sightings: Sequence[Sighting]) -> Recognition:
    sided = [(a, s) for one in sightings for a, s in zip(one.asked, one.seen, strict=True) if a in MIRROR]
    return Recognition(
        recognised=_share(flag for one in sightings for flag in one.recognised),
        order_errors=_share(flag for one in sightings for flag in one.order_errors),
        swapped=_share(flag for one in sightings for flag in one.swapped),
        missing=_share(flag for one in sightings for flag in one.missing),
        all_recognised=_share(all(one.recognised) for one in sightings),
        wrong_side=Share.of([seen == MIRROR[asked] for asked, seen in sided]),
    )


def _of_action(name: str, sightings: Sequence[Sighting]) -> ActionRecognition | None:
    seen = [s for one in sightings for a, s in zip(one.asked, one.seen, strict=True) if a == name]
    if not seen:
        return None
    others = Counter(found for found in seen if found != name)
    return ActionRecognition(
        _share(found == name for found in seen),
        Share.of([found == MIRROR[name] for found in seen]) if name in MIRROR else None,
        dict(others.most_common()),
    )


def _share(flags: Iterable[bool]) -> Share:
    hits = list(flags)
    return Share.counted(sum(hits), len(hits))
