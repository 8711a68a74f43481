"""What proposing segments anew would do to those a person has edited, row by row, and the track of what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import Enum

from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack
from segmo_studio.document.short_words import without_subject

_LEAST_ALIKE = 0.4


class ChangeKind(Enum):
    KEPT = "kept"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True)
class SegmentChange:
    """A row of two tracks side by side. mine: None where the proposal adds a segment. proposed: None where it has none.

    other_row: of a segment that moved, the row where the other side has it; choosing a side holds for both rows.
    """

    kind: ChangeKind
    mine: MotionSegment | None
    proposed: MotionSegment | None
    other_row: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return self.kind is not ChangeKind.KEPT


def changes_between(mine: SegmentTrack, proposed: SegmentTrack) -> tuple[SegmentChange, ...]:
    """All segments of both, in an order that keeps that of each; those that mean the same share a row."""
    rows = [_row(one, other) for one, other in _aligned(list(mine), list(proposed))]
    for place, row in enumerate(rows):
        if row.kind is not ChangeKind.REMOVED or row.mine is None:
            continue
        there = next(
            (
                number
                for number, other in enumerate(rows)
                if other.kind is ChangeKind.ADDED
                and other.proposed is not None
                and _words(other.proposed) == _words(row.mine)
            ),
            None,
        )
        if there is not None:
            rows[place] = replace(row, kind=ChangeKind.MOVED, other_row=there)
            rows[there] = replace(rows[there], kind=ChangeKind.MOVED, other_row=place)
    return tuple(rows)


def chosen_track(changes: Sequence[SegmentChange], takes_proposed: Sequence[bool]) -> SegmentTrack | None:
    """The segments of the chosen side of every row; None where no segment is left."""
    sides = (
        change.proposed if is_proposed else change.mine
        for change, is_proposed in zip(changes, takes_proposed, strict=True)
    )
    left = [segment for segment in sides if segment is not None]
    if not left:
        return None
    return SegmentTrack.from_durations([part.text for part in left], [part.num_frames for part in left])


def _row(mine: MotionSegment | None, proposed: MotionSegment | None) -> SegmentChange:
    if mine is None:
        return SegmentChange(ChangeKind.ADDED, None, proposed)
    if proposed is None:
        return SegmentChange(ChangeKind.REMOVED, mine, None)
    is_same = mine.text == proposed.text and mine.num_frames == proposed.num_frames
    return SegmentChange(ChangeKind.KEPT if is_same else ChangeKind.CHANGED, mine, proposed)


def _aligned(
    mine: Sequence[MotionSegment], proposed: Sequence[MotionSegment]
) -> list[tuple[MotionSegment | None, MotionSegment | None]]:
    """Pairs in order, of which the likeness is the largest that there is; None beside what has no partner."""
    best = [[0.0] * (len(proposed) + 1) for _ in range(len(mine) + 1)]
    for one in reversed(range(len(mine))):
        for other in reversed(range(len(proposed))):
            alike = _likeness(mine[one], proposed[other])
            paired = alike + best[one + 1][other + 1] if alike >= _LEAST_ALIKE else 0.0
            best[one][other] = max(paired, best[one + 1][other], best[one][other + 1])
    pairs: list[tuple[MotionSegment | None, MotionSegment | None]] = []
    one = other = 0
    while one < len(mine) or other < len(proposed):
        if one < len(mine) and best[one][other] == best[one + 1][other]:
            pairs.append((mine[one], None))
            one += 1
        elif other < len(proposed) and best[one][other] == best[one][other + 1]:
            pairs.append((None, proposed[other]))
            other += 1
        else:
            pairs.append((mine[one], proposed[other]))
            one, other = one + 1, other + 1
    return pairs


def _likeness(mine: MotionSegment, proposed: MotionSegment) -> float:
    """1 for the same words; half of it for the same verb, half for the share of words in common."""
    one, other = _words(mine), _words(proposed)
    if not one or not other:
        return float(one == other)
    shared = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return 0.5 * shared + 0.5 * (one[0] == other[0])


def _words(segment: MotionSegment) -> list[str]:
    return without_subject(segment.text).lower().rstrip(".").split()
