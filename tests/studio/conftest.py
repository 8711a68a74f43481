"""A real window with a real engine on the tiny bundle, settings in a folder of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PySide6", reason="the Studio's packages are not installed (extra: studio)")

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from viewport_support import HEIGHT, WIDTH
from window_support import PROMPT, HeldEngine, wait_until_idle

from segmo_core.engine import Engine
from segmo_studio.app import has_display, make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import EngineService
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme
from segmo_studio.viewport.motion_view import MotionView

if not has_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return make_application()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


@pytest.fixture(scope="session")
def loaded_engine(tiny_bundle: Path) -> Engine:
    engine = Engine(tiny_bundle, device="cpu")
    engine.load()
    return engine


@pytest.fixture
def engine(loaded_engine: Engine) -> HeldEngine:
    return HeldEngine(loaded_engine)


@pytest.fixture
def make_window(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Iterator[Callable[[Any], MainWindow]]:
    windows = []

    def make(engine: Any) -> MainWindow:
        settings = Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat), tmp_path / "data")

        def engine_of(folder: Path | None) -> Any:
            return engine if folder is None else Engine(folder, device="cpu")

        window = MainWindow(theme, settings, lambda runner: EngineService(runner, engine_of))
        windows.append(window)
        window.resize(1400, 900)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield make
    for window in windows:
        window.projects.give_up()  # so that nobody is asked
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window: Callable[[Any], MainWindow], engine: HeldEngine) -> MainWindow:
    return make_window(engine)


@pytest.fixture
def generated(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with a generated motion of three segments, found in the motion."""
    window.prompt_panel.prompt.setPlainText(PROMPT)
    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    assert window.playback.is_playing
    window.playback.pause()
    window.playback.set_frame(0)
    assert len(window.document.current.track) == 3
    assert len(window.document.current.groundings) == 3
    return window


@pytest.fixture
def view(qtbot: QtBot) -> MotionView:
    view = MotionView()
    qtbot.addWidget(view)
    view.resize(WIDTH, HEIGHT)
    view.show()
    qtbot.waitUntil(lambda: view._scene is not None, timeout=20000)
    return view
