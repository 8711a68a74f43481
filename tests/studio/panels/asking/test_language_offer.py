"""A prompt of another language: told in a sentence, translated by a real server's model when asked, undoable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from ollama_server import OllamaServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.segmentation.grammar.language import NOT_ENGLISH
from segmo_studio.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
GERMAN, ENGLISH = "eine Person geht langsam und winkt", "a person walks slowly and waves"


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    pytest.importorskip("ollama", reason="the package ollama is not installed")
    running = OllamaServer(("llama3:8b",), lambda _model, said: {"english": ENGLISH if said == GERMAN else said})
    yield running
    running.close()


@pytest.fixture
def foreign(window: MainWindow, server: OllamaServer, qtbot: QtBot) -> MainWindow:
    """A German prompt, typed; Ollama is at the server, and the rules cut prompts."""
    window.document.push_settings(replace(window.document.settings, ollama_url=server.address))
    window.prompt_panel.prompt.setFocus()
    QTest.keyClicks(window.prompt_panel.prompt, GERMAN)
    qtbot.waitUntil(window.prompt_panel.language.isVisible)
    return window


def test_a_translation_is_shown_used_and_taken_back(foreign: MainWindow, server: OllamaServer, qtbot: QtBot) -> None:
    window, offer, field = foreign, foreign.prompt_panel.language, foreign.prompt_panel.prompt
    assert offer.sentence.text() == NOT_ENGLISH
    assert server.said == []
    QTest.mouseClick(offer.translate, LEFT)
    qtbot.waitUntil(offer.use.isVisible)
    assert offer.sentence.text() == f"In English: “{ENGLISH}”"
    assert (field.toPlainText(), server.said, server.asked) == (GERMAN, [GERMAN], ["llama3:8b"])
    QTest.mouseClick(offer.use, LEFT)
    assert field.toPlainText() == window.document.current.prompt == ENGLISH
    qtbot.waitUntil(lambda: not offer.isVisible())
    assert window.document.undo_stack.undoText() == "Translate prompt"
    window.commands["undo"].trigger()
    assert field.toPlainText() == window.document.current.prompt == GERMAN
    window.commands["redo"].trigger()
    assert field.toPlainText() == ENGLISH


def test_ctrl_z_in_the_field_takes_it_back_too(foreign: MainWindow, qtbot: QtBot) -> None:
    offer, field = foreign.prompt_panel.language, foreign.prompt_panel.prompt
    QTest.mouseClick(offer.translate, LEFT)
    qtbot.waitUntil(offer.use.isVisible)
    QTest.mouseClick(offer.use, LEFT)
    assert field.hasFocus()
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.toPlainText() == GERMAN


def test_no_leaves_the_prompt_and_typing_on_drops_the_answer(foreign: MainWindow, qtbot: QtBot) -> None:
    offer, field = foreign.prompt_panel.language, foreign.prompt_panel.prompt
    QTest.mouseClick(offer.translate, LEFT)
    qtbot.waitUntil(offer.use.isVisible)
    QTest.mouseClick(offer.leave, LEFT)
    assert (offer.sentence.text(), field.toPlainText()) == (NOT_ENGLISH, GERMAN)
    QTest.mouseClick(offer.translate, LEFT)
    QTest.keyClicks(field, " dann")
    wait_until_idle(qtbot, foreign)
    qtbot.waitUntil(lambda: offer.sentence.text() == NOT_ENGLISH)
    assert not offer.use.isVisible()


def test_without_ollama_the_sentence_stands_in_the_panel(foreign: MainWindow, qtbot: QtBot) -> None:
    offer = foreign.prompt_panel.language
    foreign.document.push_settings(replace(foreign.document.settings, ollama_url="http://127.0.0.1:9"))
    QTest.mouseClick(offer.translate, LEFT)
    qtbot.waitUntil(lambda: offer.sentence.text().startswith("Ollama is not running at http://127.0.0.1:9"))
    assert offer.translate.isVisible()


def test_an_answer_that_is_no_english_is_refused(foreign: MainWindow, qtbot: QtBot) -> None:
    offer, field = foreign.prompt_panel.language, foreign.prompt_panel.prompt
    QTest.keyClicks(field, " und springt dann")
    QTest.mouseClick(offer.translate, LEFT)
    told = "llama3:8b answered with something that does not read as English."
    qtbot.waitUntil(lambda: offer.sentence.text() == told)


def test_the_sentence_is_told_once(foreign: MainWindow, qtbot: QtBot) -> None:
    QTest.mouseClick(foreign.prompt_panel.propose, LEFT)
    wait_until_idle(qtbot, foreign)
    assert foreign.prompt_panel.language.isVisible()
    assert not foreign.prompt_panel._notice.isVisible()
