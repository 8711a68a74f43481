"""An opened motion is described at once and coloured by what is found; nothing of it is an edit until it is used."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_at, wait_until_idle

from segmo_core import motion_files
from segmo_core.engine import Engine
from segmo_core.grounding.described_stretch import DescribedStretch, TextMatch
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.motion.motion import Motion
from segmo_core.rendering.colours import segment_colour
from segmo_studio.commands.command_state import possible_commands
from segmo_studio.document.found.found_stretches import found_stretches, query_colours
from segmo_studio.main_window import MainWindow

PARTS = ((0, 20, "A person walks.", 0.97), (20, 36, "A person waves.", 0.3), (36, 60, "A person sits.", 0.91))
NAMES = ("A person walks.", "nothing known", "A person sits.")


def stretches(parts: tuple[tuple[int, int, str, float], ...] = PARTS) -> tuple[DescribedStretch, ...]:
    return tuple(DescribedStretch(start, end, (TextMatch(text, 0.8, sure),)) for start, end, text, sure in parts)


class DescribingEngine(HeldEngine):
    """The real engine, except that a test says what happens in a motion, and when that is known."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.can_ground = True
        self.open_description = threading.Event()
        self.open_description.set()
        self.num_descriptions = 0

    def describe_motion(
        self, motion: Motion, candidates: Any = None, progress: Any = None, asked: Any = ()
    ) -> tuple[DescribedStretch, ...]:
        self.num_descriptions += 1
        wait_at(self.open_description, progress, "Reading the motion")
        return stretches() if not asked else ()


@pytest.fixture
def engine(loaded_engine: Engine) -> DescribingEngine:
    return DescribingEngine(loaded_engine)


@pytest.fixture
def recording(walk: Motion, tmp_path: Path) -> Path:
    motion_files.write(walk, tmp_path / "walk.bvh")
    return tmp_path / "walk.bvh"


@pytest.fixture
def opened(window: MainWindow, recording: Path, qtbot: QtBot) -> MainWindow:
    window.files.open(recording)
    wait_until_idle(qtbot, window)
    return window


def pixel(window: MainWindow, frame: float, y: float) -> QColor:
    view = window.timeline
    picture = view.grab().toImage()
    return picture.pixelColor((QPointF(view._places.x_of(frame), y) * picture.devicePixelRatio()).toPoint())


def is_tinted(colour: QColor, index: int) -> bool:
    """Whether the hue is that of a segment's colour."""
    return abs(colour.hslHue() - QColor(segment_colour(index)).hslHue()) < 12 and colour.hslSaturation() > 40


def test_row_list_takes_body_and_path_have_the_colours_of_what_is_found(opened: MainWindow) -> None:
    window, take = opened, opened.document.current
    assert take.described == stretches()
    assert take.track is None
    rows = window.timeline._places.rows
    for y in (rows.track.bottom() - 8, rows.found.top() + 4):
        assert is_tinted(pixel(window, 17, y), 0)
        assert is_tinted(pixel(window, 57, y), 2)
        assert pixel(window, 34, y).hslSaturation() < 40, "nothing known has no colour"
    assert window.view._poses.track.texts == ("A person walks.", "", "A person sits.")
    assert [window.view._poses.segment_at(frame) for frame in (0, 25, 59)] == [0, None, 2]
    names = [row.accessibleName() for row in window.prompt_panel.found.rows]
    assert names[0] == "Found stretch 1: A person walks., 0.00 – 1.00 s   97 % sure"
    assert names[1] == "Found stretch 2: nothing known, 1.00 – 1.80 s"
    assert window.prompt_panel.found.isVisible()


def test_it_is_no_edit_and_survives_undo(opened: MainWindow) -> None:
    stack = opened.document.undo_stack
    assert stack.count() == 1
    stack.undo()
    stack.redo()
    assert opened.document.current.described == stretches()


def test_use_all_as_segments_is_one_undo_step(opened: MainWindow, qtbot: QtBot) -> None:
    window, stack = opened, opened.document.undo_stack
    qtbot.mouseClick(window.prompt_panel.found.use_all, Qt.MouseButton.LeftButton)
    take = window.document.current
    assert take.track.texts == ("A person walks.", "", "A person sits.")
    assert take.track.ends == (20, 36, 60)
    assert stack.count() == 2
    assert stack.undoText() == "Use all as segments"
    assert not window.prompt_panel.found.isVisible()
    assert window.inspector._facts["Found"].text() == "0.00 – 1.00 s, 97 % sure"
    QTest.keyClick(window.timeline, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.current.track is None
    window.timeline.setFocus()
    QTest.keyClick(window.timeline, Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    assert window.document.current.track.ends == (20, 36, 60)


def test_a_line_of_the_list_goes_to_its_frames(opened: MainWindow, qtbot: QtBot) -> None:
    row = opened.prompt_panel.found.rows[2]
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert opened.playback.frame == 36
    opened.prompt_panel.found.rows[0].setFocus()
    QTest.keyClick(opened.prompt_panel.found.rows[0], Qt.Key.Key_Space)
    assert opened.playback.frame == 0
    assert not opened.playback.is_playing


def test_a_double_click_on_a_bar_uses_that_stretch_alone(opened: MainWindow) -> None:
    view = opened.timeline
    place = view._places.stretch_place(found_stretches(opened.document.current)[2]).center().toPoint()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert opened.document.current.track.texts == ("", "A person sits.")
    assert opened.document.current.track.ends == (36, 60)


def test_progress_is_shown_and_cancel_is_for_good(
    window: MainWindow, engine: DescribingEngine, recording: Path, qtbot: QtBot
) -> None:
    engine.open_description.clear()
    window.files.open(recording)
    qtbot.waitUntil(lambda: window.job_status.text.text().startswith("Describing walk"), timeout=20000)
    assert window.document.current.motion is not None
    qtbot.mouseClick(window.job_status.cancel_button, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    window.commands["new_take"].trigger()
    window.document.select_take(1)
    wait_until_idle(qtbot, window)
    assert engine.num_descriptions == 1
    assert window.document.current.described == ()
    engine.open_description.set()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window.timeline, Qt.Key.Key_F, keys)
    wait_until_idle(qtbot, window)
    assert window.document.current.described == stretches()


def test_it_gives_way_to_what_is_asked_for_and_goes_on_after_it(
    window: MainWindow, engine: DescribingEngine, recording: Path, qtbot: QtBot
) -> None:
    engine.open_description.clear()
    window.files.open(recording)
    qtbot.waitUntil(lambda: engine.num_descriptions == 1, timeout=20000)
    window.timeline_panel.bar.query.setText("a person waves")
    QTest.keyClick(window.timeline_panel.bar.query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.document.current.groundings) == 1, timeout=20000)
    engine.open_description.set()
    wait_until_idle(qtbot, window)
    assert engine.num_descriptions == 2
    assert window.document.current.described == stretches()


def test_a_bundle_that_finds_nothing_leaves_the_motion_grey(
    window: MainWindow, engine: DescribingEngine, recording: Path, qtbot: QtBot
) -> None:
    engine.can_ground = False
    window.files.open(recording)
    wait_until_idle(qtbot, window)
    assert window.document.current.motion is not None
    assert window.document.current.described == ()
    assert window.view._poses.track is None
    assert not possible_commands(window.document.current, window.selection, False, False)["use_all_found"]


def test_every_query_has_a_colour_of_its_own(opened: MainWindow) -> None:
    take = opened.document.current
    curve = take.motion.joint_positions[:, 0, 0] * 0
    queries = [GroundingResult(text, 0, 20, 0.5, 0.9, curve) for text in ("run", "A person sits.", "jump")]
    assert query_colours(replace(take, groundings=tuple(queries))) == {"A person sits.": 2, "run": 3, "jump": 4}


def test_a_generated_motion_tells_what_it_shows_instead(generated: MainWindow) -> None:
    """Bars of asked texts stay; beside them there is only what nobody asked for, where nothing asked for is."""
    take = generated.document.current
    num_frames, asked = take.num_frames, take.track.texts[0]
    there = replace(take.groundings[0], start=0, end=20, confidence=0.9)
    parts = ((0, 18, "A person sits.", 0.9), (18, 30, asked, 0.9), (30, num_frames, "A person jumps.", 0.8))
    take = replace(take, groundings=(there,), described=stretches(parts))
    (only,) = found_stretches(take)
    assert (only.text, only.start, only.colour) == ("A person jumps.", 30, 3)
    generated.document.push_take("x", take)
    rows = generated.timeline._places.rows
    assert rows.num_lanes == 2
    assert is_tinted(pixel(generated, num_frames - 3, rows.lane_top(0) + 4), 3)
    assert is_tinted(pixel(generated, 3, rows.lane_top(1) + 4), 0)
