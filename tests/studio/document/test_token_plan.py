"""What timeline, inspector and menu say of an edit is what the engine does with it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_core.errors import InvalidRequestError
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import token_ranges
from segmo_studio.document.track_edits import TrackLimits, absorbed, with_end
from segmo_studio.main_window import MainWindow


def click(window: MainWindow, segment: int) -> None:
    """With the mouse, on the timeline."""
    view, track = window.timeline, window.document.current.track
    middle = (track[segment].start + track[segment].end) / 2 / window.document.current.frame_rate
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(view.scale.x_of(middle)), 60))
    assert window.selection.segment == segment


def offered(window: MainWindow) -> set[int] | None:
    """Segments that the inspector's button generates anew, by its own words; None while it is away."""
    button = window.inspector._update
    if not button.isVisible():
        return None
    words = button.toolTip().split(" anew")[0]
    return {int(number) - 1 for number in re.findall(r"\d+", words.split("(Ctrl")[0])}


def marked(window: MainWindow) -> set[int]:
    return set(window.timeline._content().stale)


def test_a_cancelled_joining_can_be_caught_up_with_and_changes_nothing_else(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    engine.open_gate.clear()
    click(window, 2)
    QTest.keyClick(window.timeline, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: engine.regenerated == [()])
    qtbot.waitUntil(window.job_status.cancel_button.isVisible)
    QTest.mouseClick(window.job_status.cancel_button, Qt.MouseButton.LeftButton)
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    assert len(window.document.current.track) == 2
    assert window.document.current.motion is before.motion

    assert marked(window) == set()
    assert offered(window) == set()
    assert window.inspector._update.text() == window.commands["regenerate"].text() == "Join the segments"
    assert window.commands["regenerate"].isEnabled()
    assert not window.inspector._reroll.isVisible()
    assert not window.commands["reroll"].isEnabled()
    steps = window.document.undo_stack.count()
    QTest.keyClick(window.timeline, Qt.Key.Key_R)
    assert not window.runner.jobs
    assert window.document.undo_stack.count() == steps

    QTest.mouseClick(window.inspector._update, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    after = window.document.current
    end = before.track[1].end // 4
    np.testing.assert_array_equal(after.result.token_ids, before.result.token_ids[:end])
    assert after.result.request.seed == before.result.request.seed
    assert offered(window) is None
    assert window.inspector._reroll.isVisible()


def test_deleting_the_first_segment_marks_nothing_as_new(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    engine.open_gate.clear()
    click(window, 0)
    QTest.keyClick(window.timeline, Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier)
    assert marked(window) == set()
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    first = before.track[0].num_frames // 4
    np.testing.assert_array_equal(window.document.current.result.token_ids, before.result.token_ids[first:])
    assert engine.regenerated == [()]


def test_swapping_two_segments_marks_nothing_as_new(generated: MainWindow, engine: HeldEngine, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    engine.open_gate.clear()
    cards = window.prompt_panel.cards
    chip = cards[1]._handle
    target = chip.mapFromGlobal(cards[0].mapToGlobal(cards[0].rect().center()))
    QTest.mousePress(chip, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    QTest.mouseMove(chip, target)
    QTest.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=target)
    texts = before.track.texts
    assert window.document.current.track.texts == (texts[1], texts[0], texts[2])
    assert marked(window) == set()
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    ids, parts = before.result.token_ids, [slice(*part) for part in token_ranges(before.track)]
    swapped = np.concatenate([ids[parts[1]], ids[parts[0]], ids[parts[2]]])
    np.testing.assert_array_equal(window.document.current.result.token_ids, swapped)


def test_mouse_and_keys_move_an_end_by_the_same_edit(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    start = window.document.current.track
    click(window, 0)
    QTest.keyClick(window.timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    by_key, words = window.document.current.track, window.document.undo_stack.undoText()
    window.document.undo_stack.undo()
    assert window.document.current.track == start
    view = window.timeline
    point = view.boundary_point(0).toPoint()
    pixels = round(4 / 20 * view.scale.pixels_per_second)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=point)
    for step in range(1, 5):
        QTest.mouseMove(view, point + QPoint(pixels * step // 4, 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=point + QPoint(pixels, 0))
    assert window.document.current.track == by_key
    assert window.document.undo_stack.undoText() == words
    wait_until_idle(qtbot, window)


TEXTS = ("a person jumps", "A person walks forward.", "A person turns around.")
EDITS = st.lists(
    st.tuples(
        st.sampled_from(("remove", "absorb", "move", "split", "merge", "text", "roll", "ripple")),
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=4,
)


def edited(track: SegmentTrack, edits: list[tuple[str, int, int]], limits: TrackLimits) -> SegmentTrack:
    for kind, number, other in edits:
        index, to = number % len(track), other % len(track)
        order = [position for position in range(len(track)) if position != index]
        order.insert(to, index)
        end = track[index].end + 4 * (other - 2)
        changes: dict[str, Any] = {
            "remove": lambda t=track, i=index: t.without(i),
            "absorb": lambda t=track, i=index: absorbed(t, i),
            "move": lambda t=track, o=order: t.reordered(o),
            "split": lambda t=track, i=index: t.split(t[i].start + 8),
            "merge": lambda t=track, i=index: t.merge(i),
            "text": lambda t=track, i=index, o=other: t.with_text(i, TEXTS[o % 3]),
            "roll": lambda t=track, i=index, e=end: with_end(t, i, e, limits),
            "ripple": lambda t=track, i=index, e=end: with_end(t, i, e, limits, ripple=True),
        }
        try:
            track = changes[kind]()
        except InvalidRequestError:
            continue  # the only segment cannot go, the last has no next one
    return track


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_marked_offered_and_made_anew_are_the_same_for_any_edit(
    generated: MainWindow, engine: HeldEngine, edits: list[tuple[str, int, int]]
) -> None:
    window = generated
    stack = window.document.undo_stack
    before, step = window.document.current, stack.index()
    track = edited(before.track, edits, window.editor.limits)
    window.document.push_take("Edit", replace(before, track=track))
    take = window.document.current
    anew = set(take.plan.anew)
    assert marked(window) == anew
    assert window.commands["regenerate"].isEnabled() is take.is_outdated
    if take.is_outdated:
        assert offered(window) == anew
        assert not window.inspector._reroll.isVisible()
    else:
        assert anew == set()
        assert offered(window) is None
    if all(segment.num_frames >= 8 for segment in track):
        after = engine._engine.regenerate(take.plan)
        assert set(range(len(track))) - set(after.request.kept_segments) == anew
        old, new = token_ranges(before.result.track), token_ranges(track)
        for index, origin in take.plan.origins.items():
            kept = after.token_ids[slice(*new[index])]
            np.testing.assert_array_equal(kept, before.result.token_ids[slice(*old[origin])])
    stack.setIndex(step)
