"""A bundle of KIT-ML's layout in the window: its takes are checked and found, and edits keep their tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from window_support import PROMPT, wait_until_idle

from segmo_core.engine import Engine
from segmo_core.errors import InvalidRequestError
from segmo_core.timeline.token_grid import token_ranges
from segmo_studio.main_window import MainWindow


@pytest.fixture(scope="session")
def kit_bundle(make_tiny_bundle: Callable[..., Path]) -> Path:
    return make_tiny_bundle("kit", kit=True)


@pytest.fixture
def kit_window(kit_bundle: Path, make_window: Callable[[Engine], MainWindow], qtbot: QtBot) -> MainWindow:
    window = make_window(Engine(kit_bundle, device="cpu"))
    window.prompt_panel.prompt.setPlainText(PROMPT)
    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    window.playback.pause()
    return window


def test_a_take_is_found_and_checked(kit_window: MainWindow) -> None:
    take = kit_window.document.current
    assert [found.query for found in take.groundings] == list(take.track.texts)
    assert len(take.alignment.segments) == len(take.track) == 3


def test_redoing_a_segment_keeps_the_others(kit_window: MainWindow, qtbot: QtBot) -> None:
    before = kit_window.document.current
    kit_window.selection.select_segment(1)
    kit_window.commands["reroll"].trigger()
    wait_until_idle(qtbot, kit_window)
    after = kit_window.document.current
    assert after.result is not before.result
    for index in (0, 2):
        kept = slice(*token_ranges(before.track, 12.5)[index])
        np.testing.assert_array_equal(after.result.token_ids[kept], before.result.token_ids[kept])


def test_a_check_that_fails_says_so_once(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, loaded_engine: Engine
) -> None:
    calls = []

    def refuse(*_: object) -> None:
        calls.append(1)
        raise InvalidRequestError("motion: of no data set")

    monkeypatch.setattr(loaded_engine, "ground_all", refuse)
    window.prompt_panel.prompt.setPlainText(PROMPT)
    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    assert "of no data set" in window.toast.sentence.text()
    window.document.take_switched.emit(window.document.current)
    wait_until_idle(qtbot, window)
    assert len(calls) == 1
