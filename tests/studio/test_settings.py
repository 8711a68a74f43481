"""The layout and the theme are remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from window_support import HeldEngine

from segmo_studio.main_window import MainWindow


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
