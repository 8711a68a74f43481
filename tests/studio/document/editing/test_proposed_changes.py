"""Two tracks side by side: what is kept, changed, new, gone, moved, and what a choice makes of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.editing.proposed_changes import changes_between, chosen_track

MINE = SegmentTrack.from_durations(
    ["A person walks forward.", "A person waves with the left hand.", "A person sits down."], [60, 40, 50]
)
PROPOSED = SegmentTrack.from_durations(
    ["A person sits down.", "A person walks forward.", "A person jumps.", "A person waves with both hands."],
    [48, 60, 20, 40],
)


def test_rows_by_hand() -> None:
    rows = changes_between(MINE, PROPOSED)
    told = [(row.kind.value, row.mine and row.mine.text, row.proposed and row.proposed.text) for row in rows]
    assert told == [
        ("moved", None, "A person sits down."),
        ("kept", "A person walks forward.", "A person walks forward."),
        ("added", None, "A person jumps."),
        ("changed", "A person waves with the left hand.", "A person waves with both hands."),
        ("moved", "A person sits down.", None),
    ]
    assert [row.other_row for row in rows] == [4, None, None, None, 0]
    mixed = chosen_track(rows, [False, True, True, False, False])
    assert mixed == SegmentTrack.from_durations(
        ["A person walks forward.", "A person jumps.", "A person waves with the left hand.", "A person sits down."],
        [60, 20, 40, 50],
    )


def test_another_duration_is_a_change_and_nothing_left_is_none() -> None:
    longer = SegmentTrack.from_durations(["A person walks."], [80])
    (row,) = changes_between(longer, SegmentTrack.from_durations(["A person walks."], [60]))
    assert (row.kind.value, row.is_open) == ("changed", True)
    gone, new = changes_between(longer, SegmentTrack.from_durations(["A person bows."], [60]))
    assert {gone.kind.value, new.kind.value} == {"removed", "added"}
    assert chosen_track([gone, new], [gone.kind.value == "removed", new.kind.value == "removed"]) is None


TEXTS = st.sampled_from(["", "A person walks.", "A person waves.", "walks back", "A person sits."])
TRACKS = st.lists(st.tuples(TEXTS, st.integers(1, 90)), min_size=1, max_size=7).map(
    lambda parts: SegmentTrack.from_durations([text for text, _ in parts], [frames for _, frames in parts])
)


@given(TRACKS, TRACKS)
def test_all_of_one_side_is_that_side(mine: SegmentTrack, proposed: SegmentTrack) -> None:
    rows = changes_between(mine, proposed)
    assert chosen_track(rows, [False] * len(rows)) == mine
    assert chosen_track(rows, [True] * len(rows)) == proposed
    for place, row in enumerate(rows):
        assert row.other_row is None or rows[row.other_row].other_row == place
