"""A person who does anything at all: real mouse and key events in a real window, drawn at random by hypothesis."""

from __future__ import annotations

import contextlib
import difflib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.project.project import FOUND_OUT, Project, Take
from segmo_core.project.project_file import ProjectFile, read_project, write_project
from segmo_studio.main_window import MainWindow
from segmo_studio.panels.take_row import RowPlaces

LEFT = Qt.MouseButton.LeftButton
PLAIN, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
PROMPTS = ("a person walks", "a person waves, then sits down", "walk forward, turn around, then jump twice", "", "x")
TEXTS = ("a person jumps", "A person waves.", "", "zzz", "walks backwards slowly")
TIMELINE_KEYS = (
    ("S", PLAIN), ("M", PLAIN), ("R", PLAIN), ("Y", PLAIN), ("U", PLAIN), ("R", SHIFT), ("Delete", PLAIN),
    ("Delete", SHIFT), ("Left", CTRL), ("Right", CTRL), ("Left", CTRL | SHIFT), ("Right", CTRL | SHIFT), ("D", CTRL),
    ("C", CTRL), ("X", CTRL), ("V", CTRL), ("A", CTRL), ("L", CTRL), ("M", CTRL), ("R", CTRL), ("Up", PLAIN),
    ("Down", PLAIN), ("Down", SHIFT), ("Home", PLAIN), ("End", PLAIN), ("Right", SHIFT), ("Space", PLAIN), ("J", PLAIN),
    ("K", PLAIN), ("L", SHIFT), ("Comma", PLAIN), ("Period", PLAIN), ("Backslash", PLAIN), ("F", PLAIN), ("F", SHIFT),
    ("G", SHIFT), ("V", PLAIN), ("V", SHIFT), ("D", PLAIN), ("G", PLAIN), ("S", SHIFT), ("N", CTRL), ("Escape", PLAIN),
    ("PageUp", CTRL), ("PageDown", CTRL), ("Period", CTRL), ("C", PLAIN), ("B", PLAIN), ("X", PLAIN), ("1", PLAIN),
)  # fmt: skip
share = st.floats(0.0, 1.0)


class RandomActions(RuleBasedStateMachine):
    """make_window: a fresh window; end: called with it when a run is over. folder: for projects on disk."""

    def __init__(self, make_window: Callable[[], MainWindow], qtbot: QtBot, folder: Path, report: list[int]) -> None:
        super().__init__()
        self._qtbot = qtbot
        self._folder = folder
        self._report = report
        self._stack = contextlib.ExitStack()
        self._exceptions: list[Any] = self._stack.enter_context(qtbot.captureExceptions())
        self.window = make_window()
        self._first = self._bytes("first")

    @initialize()
    def begin_with_a_motion(self) -> None:
        self.ask_for(PROMPTS[1])
        self.wait()

    @rule(prompt=st.sampled_from(PROMPTS))
    def ask_for(self, prompt: str) -> None:
        field = self.window.prompt_panel.prompt
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, prompt) if prompt else QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClick(field, Qt.Key.Key_Return, CTRL)
        self._report[0] += 1

    @rule(prompt=st.sampled_from(PROMPTS))
    def propose(self, prompt: str) -> None:
        field = self.window.prompt_panel.prompt
        field.setFocus()
        field.setPlainText(prompt)
        QTest.keyClick(field, Qt.Key.Key_Return, CTRL | SHIFT)
        self._report[0] += 1

    @rule()
    def wait(self) -> None:
        wait_until_idle(self._qtbot, self.window)
        self.window.playback.pause()

    @rule(keys=st.lists(st.sampled_from(TIMELINE_KEYS), min_size=1, max_size=4))
    def press(self, keys: list[tuple[str, Qt.KeyboardModifier]]) -> None:
        for name, modifiers in keys:
            self.window.timeline.setFocus()
            QTest.keyClick(self._focused(), getattr(Qt.Key, f"Key_{name}"), modifiers)
            self._report[0] += 1

    @rule(keys=st.sampled_from(["undo", "redo", "undo", "redo", "new_take", "variations", "delete_take", "cancel"]))
    def command(self, keys: str) -> None:
        if keys == "variations" and len(self.window.document.project.takes) > 8:
            return
        self.window.commands[keys].trigger()
        self._report[0] += 1

    @rule(x=share, modifiers=st.sampled_from([PLAIN, SHIFT, CTRL]))
    def click_segment(self, x: float, modifiers: Qt.KeyboardModifier) -> None:
        QTest.mouseClick(self.window.timeline, LEFT, modifiers, pos=self._on_track(x))
        self._report[0] += 1

    @rule(start=share, end=share, modifiers=st.sampled_from([PLAIN, CTRL, ALT]), gives_up=st.booleans())
    def drag_body(self, start: float, end: float, modifiers: Qt.KeyboardModifier, gives_up: bool) -> None:
        self._drag(self._on_track(start), self._on_track(end), modifiers, gives_up)

    @rule(
        number=share,
        pixels=st.integers(-300, 300),
        modifiers=st.sampled_from([PLAIN, SHIFT, ALT]),
        gives_up=st.booleans(),
    )
    def drag_boundary(self, number: float, pixels: int, modifiers: Qt.KeyboardModifier, gives_up: bool) -> None:
        track = self._take.track
        if track is None:
            return
        start = self.window.timeline.boundary_point(min(int(number * len(track)), len(track) - 1)).toPoint()
        self._drag(start, start + QPoint(pixels, 0), modifiers, gives_up)

    @rule(start=share, end=share, with_shift=st.booleans(), gives_up=st.booleans())
    def drag_on_the_ruler(self, start: float, end: float, with_shift: bool, gives_up: bool) -> None:
        y = round(self.window.timeline._places.rows.ruler.bottom()) - 3
        points = [QPoint(self._on_track(x).x(), y) for x in (start, end)]
        self._drag(points[0], points[1], SHIFT if with_shift else PLAIN, gives_up)

    @rule(x=share, text=st.sampled_from(TEXTS), end=st.sampled_from(["Return", "Escape", "elsewhere"]))
    def edit_text(self, x: float, text: str, end: str) -> None:
        QTest.mouseDClick(self.window.timeline, LEFT, pos=self._on_track(x))
        self._type(text, end)

    @rule(text=st.sampled_from(TEXTS), end=st.sampled_from(["Return", "Escape", "elsewhere"]))
    def insert(self, text: str, end: str) -> None:
        self.window.timeline.setFocus()
        QTest.keyClick(self.window.timeline, Qt.Key.Key_A, SHIFT)
        self._type(text, end)

    @rule(number=share, text=st.sampled_from(TEXTS))
    def edit_card(self, number: float, text: str) -> None:
        cards = self.window.prompt_panel.cards
        if cards:
            field = cards[min(int(number * len(cards)), len(cards) - 1)].text
            field.setFocus()
            field.selectAll()
            QTest.keyClicks(field, text)
            QTest.keyClick(field, Qt.Key.Key_Return)
            self._report[0] += 1

    @rule(number=share, seconds=st.floats(0.1, 12.0))
    def change_duration(self, number: float, seconds: float) -> None:
        cards = self.window.prompt_panel.cards
        if cards:
            cards[min(int(number * len(cards)), len(cards) - 1)].duration.setValue(seconds)
            self._report[0] += 1

    @rule(row=share, part=st.sampled_from(["name", "star", "compare"]))
    def click_take(self, row: float, part: str) -> None:
        place = getattr(self._row(row), part).center().toPoint()
        QTest.mouseClick(self.window.takes.list.viewport(), LEFT, pos=place)
        self._report[0] += 1

    @rule(row=share, name=st.sampled_from(["Best", "", "Take 1"]))
    def rename_take(self, row: float, name: str) -> None:
        self.click_take(row, "name")
        rows = self.window.takes.list
        rows.setFocus()
        QTest.keyClick(rows, Qt.Key.Key_F2)
        self._type(name, "Return")

    @rule(row=share)
    def delete_take(self, row: float) -> None:
        self.click_take(row, "name")
        self.window.takes.list.setFocus()
        QTest.keyClick(self.window.takes.list, Qt.Key.Key_Delete)
        self._report[0] += 1

    @rule(row=share, segment=share, x=share)
    def drop_segment_of_a_take(self, row: float, segment: float, x: float) -> None:
        viewport, strip = self.window.takes.list.viewport(), self._row(row).strip
        start = QPointF(strip.left() + segment * (strip.width() - 1), strip.center().y()).toPoint()
        end = viewport.mapFromGlobal(self.window.timeline.mapToGlobal(self._on_track(x)))
        QTest.mousePress(viewport, LEFT, pos=start)
        QTest.mouseMove(viewport, start - QPoint(20, 0))
        QTest.mouseMove(viewport, end)
        QTest.mouseRelease(viewport, LEFT, pos=end)
        self._report[0] += 1

    @rule(text=st.sampled_from(["waves", "a person sits down", ""]))
    def find(self, text: str) -> None:
        field = self.window.timeline_panel.bar.query
        if field.isEnabled():
            field.setFocus()
            field.setText(text)
            QTest.keyClick(field, Qt.Key.Key_Return)
            self._report[0] += 1

    @rule(seed=st.integers(0, 5), steps=st.integers(0, 3))
    def change_settings(self, seed: int, steps: int) -> None:
        self.window.inspector.seed.setValue(seed)
        self.window.inspector.steps.setValue(steps)
        self._report[0] += 1

    @rule(x=share, notches=st.integers(-4, 4), with_shift=st.booleans())
    def turn_the_wheel(self, x: float, notches: int, with_shift: bool) -> None:
        view, point = self.window.timeline, QPointF(self._on_track(x))
        event = QWheelEvent(
            point, QPointF(view.mapToGlobal(point.toPoint())), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, SHIFT if with_shift else PLAIN, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)
        self._report[0] += 1

    @rule(milliseconds=st.integers(0, 40))
    def look_on(self, milliseconds: int) -> None:
        self._qtbot.wait(milliseconds)

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert self._exceptions == [], self._exceptions
        window, take = self.window, self._take
        assert window.takes.list.count() == len(window.document.project.takes)
        number = len(take.track) if take.track is not None else 0
        assert all(0 <= index < number for index in (*take.locked, *window.selection.segments))
        assert window.selection.segment < max(number, 1)
        assert QApplication.activeModalWidget() is None

    def teardown(self) -> None:
        """No stuck job; undone to the end it is the first state, done again the last one, and a file keeps it."""
        try:
            self._go_back_and_forth()
        finally:
            self._stack.close()
            self.window.projects.give_up()
            self.window.close()

    def _go_back_and_forth(self) -> None:
        self._settle()
        stack = self.window.document.undo_stack
        last, count = self._bytes("last"), stack.index()
        while stack.canUndo():
            stack.undo()
        self._settle()
        assert self._bytes("undone") == self._first, self._difference("first", "undone")
        for _ in range(count):
            stack.redo()
        self._settle()
        assert self._bytes("redone") == last, self._difference("last", "redone")
        read = read_project(self._folder / "last.segmo")
        write_project(read, self._folder / "again.segmo")
        assert (self._folder / "again.segmo").read_bytes() == last
        assert self._exceptions == [], self._exceptions

    def _settle(self) -> None:
        """Until no job waits or runs, nor is about to: the next one may start when the one before has ended."""
        wait_until_idle(self._qtbot, self.window)
        self._qtbot.wait(30)
        wait_until_idle(self._qtbot, self.window)

    def _bytes(self, name: str) -> bytes:
        """Of the project, without which take is looked at and what was found out about motions: neither is an edit."""
        project, path = self.window.document.project, self._folder / f"{name}.segmo"
        plain = Project(tuple(_unlearned(take) for take in project.takes), project.takes[0].take_id, project.settings)
        write_project(ProjectFile(plain), path)
        return path.read_bytes()

    def _difference(self, one: str, other: str) -> list[str]:
        """The lines in which two files of ``_bytes`` differ."""
        files = [zipfile.ZipFile(self._folder / f"{name}.segmo") for name in (one, other)]
        documents = [file.read("project.json").decode() for file in files]
        return list(difflib.unified_diff(*(text.splitlines() for text in documents), lineterm="", n=1))[:40]

    @property
    def _take(self) -> Take:
        return self.window.document.current

    def _focused(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    def _on_track(self, x: float) -> QPoint:
        view = self.window.timeline
        row = view._places.rows.track
        return QPoint(round(95 + x * (view.width() - 120)), round(row.center().y()))

    def _row(self, share_of: float) -> RowPlaces:
        rows = self.window.takes.list
        item = rows.item(min(int(share_of * rows.count()), rows.count() - 1))
        rows.scrollToItem(item)
        return RowPlaces.of(rows.visualItemRect(item))

    def _drag(self, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier, gives_up: bool) -> None:
        view = self.window.timeline
        QTest.mousePress(view, LEFT, modifiers if modifiers == SHIFT else PLAIN, pos=start)
        for step in range(1, 5):
            QTest.mouseMove(view, start + (end - start) * step / 4)
        view._mouse.change_modifiers(modifiers)
        if gives_up:
            QTest.keyClick(view, Qt.Key.Key_Escape)
        QTest.mouseRelease(view, LEFT, modifiers, pos=end)
        self._report[0] += 1

    def _type(self, text: str, end: str) -> None:
        field = self._focused()
        if isinstance(field, QLineEdit):
            field.selectAll()
            QTest.keyClicks(field, text) if text else QTest.keyClick(field, Qt.Key.Key_Delete)
            if end == "elsewhere":
                self.window.takes.list.setFocus()
            else:
                QTest.keyClick(field, getattr(Qt.Key, f"Key_{end}"))
        self._report[0] += 1


def _unlearned(take: Take) -> Take:
    """``take`` without what was found out about it."""
    blank = Take(take.take_id, take.name)
    return replace(take, **{name: getattr(blank, name) for name in FOUND_OUT})
