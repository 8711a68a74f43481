"""What the motion does not show is marked on the timeline, said in a sentence, and can be generated anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from checked_engine import CheckedEngine
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from window_support import PROMPT, wait_until_idle

from segmo_core.engine import Engine
from segmo_core.rendering.colours import segment_colour
from segmo_core.timeline.token_grid import token_ranges
from segmo_studio.document.findings import check_summary, finding_sentence, sighting_words
from segmo_studio.main_window import MainWindow
from segmo_studio.timeline.context_menu import context_menu
from segmo_studio.timeline.paint.marks import badge_place, mark_place


@pytest.fixture
def engine(loaded_engine: Engine) -> CheckedEngine:
    engine = CheckedEngine(loaded_engine)
    engine.findings = {1: ("missing", None)}
    return engine


def segment_block(window: MainWindow, index: int) -> QRectF:
    places, segment = window.timeline._places, window.document.current.track[index]
    block = places.rows.track
    return block.adjusted(places.x_of(segment.start) + 1, 0, places.x_of(segment.end) - 1 - block.right(), 0)


def test_a_generated_take_carries_its_check_without_an_undo_step_of_its_own(generated: MainWindow) -> None:
    window, stack = generated, generated.document.undo_stack
    assert window.document.current.alignment.flagged == (1,)
    assert stack.count() == 1
    stack.undo()
    stack.redo()
    assert window.document.current.alignment.flagged == (1,)
    assert len(window.document.current.groundings) == 3


def test_a_flagged_segment_has_a_mark_and_the_others_have_none(generated: MainWindow) -> None:
    window = generated
    assert window.timeline._content().flagged == {1}
    picture = window.timeline.grab().toImage()
    ratio = picture.devicePixelRatio()
    differing = []
    for index in range(3):
        place = mark_place(segment_block(window, index))
        colour = picture.pixelColor((QPointF(place.center().x(), place.bottom() - 2) * ratio).toPoint()).name()
        if colour.lower() != segment_colour(index).lower():
            differing.append(index)
    assert differing == [1]


@pytest.mark.parametrize(
    ("finding", "other", "sentence", "summary"),
    [
        ("missing", None, "Segment 2, “{}”, was not recognised in the motion (38 % sure that it is there).", "missing"),
        ("swapped", 2, "Segment 2, “{}”, seems to have changed places with segment 3.", "swapped with 3"),
        ("too short", None, "Segment 2, “{}”, is seen for only 0.4 s of the {:.1f} s asked for.", "too short"),
    ],
)
def test_every_finding_is_one_sentence(
    generated: MainWindow, finding: str, other: int | None, sentence: str, summary: str
) -> None:
    take = generated.document.current
    checks = list(take.alignment.segments)
    checks[1] = replace(checks[1], finding=finding, other=other, start=40, end=48)
    take = replace(take, alignment=replace(take.alignment, segments=tuple(checks)), groundings=())
    asked = take.track[1]
    assert finding_sentence(take, 1) == sentence.format(asked.text.rstrip("."), asked.num_frames / 20)
    assert check_summary(take, 1) == summary
    assert finding_sentence(take, 0) == ""
    assert check_summary(take, 0) == "as asked"


def test_the_sentence_is_under_the_mouse_and_in_the_inspector(generated: MainWindow, qtbot: QtBot) -> None:
    window, view = generated, generated.timeline
    point = segment_block(window, 1).center().toPoint()
    QApplication.sendEvent(view, QHelpEvent(QHelpEvent.Type.ToolTip, point, view.mapToGlobal(point)))
    take = window.document.current
    bar = next(found for found in take.groundings if found.query == take.track[1].text)
    sure = f"({int(bar.confidence * 100)} % sure that it is there)"
    assert f"was not recognised in the motion {sure}." in QToolTip.text()
    QToolTip.hideText()
    window.selection.select_segment(1)
    assert window.inspector._facts["Check"].text() == "missing"
    window.selection.select_segment(0)
    assert window.inspector._facts["Check"].text() == "as asked"


def test_repair_redoes_the_flagged_segment_alone_as_one_undo_step(generated: MainWindow, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    steps = window.document.undo_stack.count()
    assert window.commands["repair"].isEnabled()
    window.commands["repair"].trigger()
    wait_until_idle(qtbot, window)
    after = window.document.current
    start, end = token_ranges(before.track)[1]
    changed = (after.result.token_ids != before.result.token_ids).any(axis=1)
    assert changed[start:end].any()
    assert not changed[:start].any()
    assert not changed[end:].any()
    assert after.take_id == before.take_id
    assert window.document.undo_stack.count() == steps + 1
    assert after.alignment.flagged == ()
    assert window.timeline._content().flagged == frozenset()
    assert not window.commands["repair"].isEnabled()
    assert window.toast.sentence.text() == "Repaired segment 2."
    window.document.undo_stack.undo()
    assert np.array_equal(window.document.current.result.token_ids, before.result.token_ids)
    assert window.timeline._content().flagged == {1}


def test_cancelling_a_repair_leaves_the_take_as_it_was(
    generated: MainWindow, engine: CheckedEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    engine.open_gate.clear()
    window.commands["repair"].trigger()
    qtbot.waitUntil(lambda: window.job_status.isVisible())
    assert window.job_status.text.text().startswith("Repairing segment 2")
    window.commands["cancel"].trigger()
    wait_until_idle(qtbot, window)
    assert window.document.current is before


def test_a_repair_that_finds_nothing_better_says_so(generated: MainWindow, engine: CheckedEngine, qtbot: QtBot) -> None:
    window, before = generated, generated.document.current
    engine.can_repair = False
    window.commands["repair"].trigger()
    wait_until_idle(qtbot, window)
    assert window.document.current is before
    assert window.toast.sentence.text().startswith("No better motion was found for segment 2;")


def test_the_real_engine_checks_and_repairs(window: MainWindow, loaded_engine: Engine, qtbot: QtBot) -> None:
    """Random weights show hardly anything that was asked, before and after."""
    engine = window._service._make_engine(None)
    engine.check, engine.repair = loaded_engine.check, loaded_engine.repair
    window.jobs.compose(PROMPT)
    wait_until_idle(qtbot, window)
    before = window.document.current
    assert before.alignment.flagged
    window.commands["repair"].trigger()
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert len(after.alignment.flagged) <= len(before.alignment.flagged)
    is_repaired = after.result is not before.result
    assert window.toast.sentence.text().startswith("Repaired" if is_repaired else "No better motion was found")


def test_the_menu_of_a_segment_offers_repair_while_something_is_flagged(
    generated: MainWindow, engine: CheckedEngine, qtbot: QtBot
) -> None:
    window, view = generated, generated.timeline

    def offer() -> bool:
        point = segment_block(window, 0).center()
        menu = context_menu(
            point,
            view._places,
            window.editor,
            window.segments,
            window.take_editor,
            window.selection,
            view.edit_text,
            view,
        )
        return next(a for a in menu.actions() if a.text() == "Repair flagged segments").isEnabled()

    assert offer()
    engine.findings = {}
    window.jobs.regenerate(reroll=1)
    wait_until_idle(qtbot, window)
    assert not offer()


def test_the_motion_is_shown_before_the_check_is_over(window: MainWindow, engine: CheckedEngine, qtbot: QtBot) -> None:
    engine.open_check.clear()
    window.jobs.compose(PROMPT)
    qtbot.waitUntil(lambda: engine.num_checks == 1, timeout=20000)
    take = window.document.current
    assert take.motion is not None
    assert take.alignment is None
    assert window.playback.num_frames == take.motion.num_frames
    assert not window.commands["repair"].isEnabled()
    # The next generation does not wait for it either.
    window.editor.set_duration(0, take.track[0].num_frames - 8)
    qtbot.waitUntil(lambda: engine.regenerated == [(0,)], timeout=20000)
    engine.open_check.set()
    wait_until_idle(qtbot, window)
    assert window.document.current.motion.num_frames == take.motion.num_frames - 8
    assert window.document.current.alignment.flagged == (1,)


def test_a_check_that_gave_way_to_a_cancelled_generation_is_made_up_for(
    window: MainWindow, engine: CheckedEngine, qtbot: QtBot
) -> None:
    engine.open_check.clear()
    window.jobs.compose(PROMPT)
    qtbot.waitUntil(lambda: engine.num_checks == 1, timeout=20000)
    engine.open_gate.clear()
    job = window.jobs.regenerate(reroll=0)
    qtbot.waitUntil(lambda: engine.regenerated == [(0,)], timeout=20000)
    job.cancel()
    engine.open_check.set()
    wait_until_idle(qtbot, window)
    assert window.document.current.alignment.flagged == (1,)


def test_the_mark_goes_when_the_segment_is_edited(generated: MainWindow, engine: CheckedEngine, qtbot: QtBot) -> None:
    window = generated
    engine.open_gate.clear()
    window.editor.set_text(1, "a person bows")
    assert window.timeline._content().flagged == frozenset()
    assert window.timeline._content().stale == {1}
    assert not window.commands["repair"].isEnabled()
    window.runner.jobs[0].cancel()
    wait_until_idle(qtbot, window)


def test_a_split_take_is_checked_again(generated: MainWindow, engine: CheckedEngine, qtbot: QtBot) -> None:
    window, track = generated, generated.document.current.track
    engine.findings = {3: ("missing", None)}
    window.editor.split(track[0].start + 20)
    wait_until_idle(qtbot, window)
    assert len(window.document.current.track) == 4
    assert window.timeline._content().flagged == {3}


def test_without_a_grounding_head_nothing_is_checked(window: MainWindow, engine: CheckedEngine, qtbot: QtBot) -> None:
    engine.can_ground = False
    window.jobs.compose(PROMPT)
    wait_until_idle(qtbot, window)
    assert window.document.current.motion is not None
    assert window.document.current.alignment is None
    assert engine.num_checks == 0
    assert not window.commands["repair"].isEnabled()
    assert not window.toast.isVisible()


def test_a_mark_fits_into_a_narrow_segment(generated: MainWindow) -> None:
    block = segment_block(generated, 0)
    for width in (20.0, 30.0, 200.0):
        block.setWidth(width)
        assert block.contains(mark_place(block))
    assert mark_place(block).center().x() > block.center().x()


def test_a_click_on_the_badge_mends_that_segment_and_no_other(
    generated: MainWindow, engine: CheckedEngine, qtbot: QtBot
) -> None:
    window, view = generated, generated.timeline
    engine.findings = {0: ("missing", None), 1: ("swapped", 2)}
    window.jobs.vary(1)
    wait_until_idle(qtbot, window)
    before = window.document.current
    assert view.badges[1] == "⇄ 3"
    assert view.badges[0].endswith(" %")
    assert view.badges[0] in sighting_words(before, 0)  # one figure for one thing
    place = badge_place(segment_block(window, 1))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    wait_until_idle(qtbot, window)
    after = window.document.current
    assert after.result.segment_seeds == (before.result.segment_seeds[0], 3, before.result.segment_seeds[2])
    assert window.toast.sentence.text().startswith("Repaired")
    window.take_editor.lock(0, True)
    window.segments.mend(0)
    assert window.document.current.result is after.result
