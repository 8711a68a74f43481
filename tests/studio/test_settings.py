"""The layout and the theme are remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from window_support import HeldEngine

from segmo_studio.main_window import MainWindow
from segmo_studio.settings import Settings


def test_layout_and_theme_are_remembered(make_window: Callable[[Any], MainWindow], engine: HeldEngine) -> None:
    first = make_window(engine)
    first.docks["takes"].hide()
    first.commands["theme_light"].trigger()
    first.close()
    second = make_window(engine)
    assert second.docks["takes"].isHidden()
    assert not second.docks["prompt"].isHidden()
    assert second._settings.theme == "light"
    second.commands["reset_layout"].trigger()
    assert not second.docks["takes"].isHidden()
    second.commands["theme_dark"].trigger()


def test_the_segmenter_is_remembered(make_window: Callable[[Any], MainWindow], engine: HeldEngine) -> None:
    first = make_window(engine)
    first.inspector.segmenter.setCurrentIndex(first.inspector.segmenter.findData("ollama"))
    first.inspector.segmenter.activated.emit(1)
    second = make_window(engine)
    assert second.document.settings.segmenter == "ollama"
    assert second.inspector.segmenter.currentData() == "ollama"
    assert not second.document.is_modified


def test_what_is_not_valid_any_more_is_as_if_nothing_had_been_kept(tmp_path: Path) -> None:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    store.setValue("segmenter", "nope")
    store.setValue("theme", "purple")
    settings = Settings(store)
    assert (settings.segmenter, settings.theme) == ("rules", "system")
