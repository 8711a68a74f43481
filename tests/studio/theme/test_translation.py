"""Other languages: looked up as they are and as sentences, everything that is seen goes through the catalogue."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from segmo_core.errors import FileFormatError
from segmo_studio.app import _speak
from segmo_studio.dialogs.batch_dialog import BatchDialog
from segmo_studio.dialogs.picture_dialog import PictureDialog
from segmo_studio.dialogs.settings_dialog import ChosenSettings, SettingsDialog
from segmo_studio.main_window import MainWindow
from segmo_studio.theme.translation import Catalogue, Translator, read_catalogue, tr

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from extract_strings import extracted  # noqa: E402

sys.path.pop(0)
BRACES = re.compile(r"[{}](?<!\{\}).")
TEXTS = extracted()
MARK = "»"
# What is nobody's to translate: words of the user, numbers and units, keys, names of programs, formats and takes.
OWN = re.compile(
    r"^(\W|\d|\b(fps|s|ms|m|cm|mm|x|of|at|frame|frames|BVH|FBX|glTF|USD|HD|Full|K|Ctrl|Shift|Alt|Del|Home|End|F\d+)\b)*$"
)


def test_texts_and_sentences_are_looked_up() -> None:
    catalogue = Catalogue({"Save": "Sichern", "Saved {}.": "{} ist gesichert.", "{} of {}": "{1}: {0}", "Open": ""})
    assert catalogue.of("Save") == "Sichern"
    assert catalogue.of("Saved walk.bvh.") == "walk.bvh ist gesichert."
    assert catalogue.of("3 of 7") == "7: 3"
    assert catalogue.of("Open") == "Open"
    assert catalogue.of("anything else") == "anything else"
    assert tr("Save") == "Save"
    assert Catalogue({"{}{} of {}.": "{2}{1}{0}"}).of("ab of c.") == "cba"
    assert catalogue.of("Saved .") == "Saved ."
    greedy = Catalogue({", ".join(["{}"] * 12) + "!": "{0}" * 12})
    started = time.perf_counter()
    assert greedy.of("a, " * 3000) == "a, " * 3000
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize(
    ("content", "told"),
    [("[1]", "holds no catalogue"), ('{"a": 1}', "holds no catalogue"), ("{", "not valid JSON"),
     ('{"Saved {}.": "{} {}"}', "has 1 things in it"), ('{"Saved {}.": "{name}"}', "has 1 things in it")],
)  # fmt: skip
def test_what_is_no_catalogue_is_refused(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "xx.json").write_text(content)
    with pytest.raises(FileFormatError, match=told):
        read_catalogue(tmp_path / "xx.json")


def test_every_text_is_extracted_once_and_can_be_filled_in(tmp_path: Path) -> None:
    texts = TEXTS
    assert {"Generate", "Saved {}.", "Export motion", "Theme", "{}: no such file, expected a project"} & set(texts)
    (tmp_path / "all.json").write_text(json.dumps({text: text for text in texts if not BRACES.search(text)}))
    catalogue = read_catalogue(tmp_path / "all.json")
    assert catalogue.of("Generate") == "Generate"


@pytest.fixture
def translator(qapp: QApplication) -> Iterator[Translator]:
    """A language in which every text ends in a mark."""
    translator = Translator(qapp, Catalogue({text: f"{text}{MARK}" for text in TEXTS}))
    yield translator
    translator.stop()
    translator.deleteLater()


def seen(top: QWidget) -> Iterator[str]:
    for widget in (top, *top.findChildren(QWidget)):
        if not widget.isVisible():
            continue
        if isinstance(widget, (QLabel, QAbstractButton)):
            yield widget.text()
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(row) for row in range(widget.count()))
        if isinstance(widget, (QLineEdit, QPlainTextEdit)):
            yield widget.placeholderText()
        yield widget.toolTip()
        yield widget.accessibleName()


def untranslated(top: QWidget, own: set[str]) -> set[str]:
    """What is seen, has words, and did not come out of the catalogue."""
    return {
        text
        for text in seen(top)
        if text and MARK not in text and text not in own and not OWN.match(text) and re.search(r"[^\W\d_]{2}", text)
    }


def test_everything_in_the_window_can_be_said_otherwise(
    translator: Translator, generated: MainWindow, qtbot: QtBot
) -> None:
    window = generated
    window.repaint()
    qtbot.wait(300)
    take = window.document.current
    own = {segment.text for segment in take.track or ()} | {take.prompt, take.name}
    own |= {text.removesuffix(".") for text in own} | {f"tiny\n{window._service.bundle.folder}"}
    left = untranslated(window, own)
    assert "; ".join(sorted(left)) == ""
    menu = next(child for child in window.menuBar().findChildren(QMenu) if child.title().startswith("Motion"))
    menu.popup(window.pos())
    qtbot.waitUntil(menu.isVisible)
    assert all(MARK in action.text() for action in menu.actions() if not action.isSeparator())
    menu.close()


def test_dialogs_too(translator: Translator, generated: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    made: list[QDialog] = [
        SettingsDialog(ChosenSettings("dark", "rules", None, tmp_path), generated),
        BatchDialog(tmp_path, "bvh", 1, generated),
        PictureDialog(tmp_path / "x.png", (800, 600), 20.0, True, generated),
    ]
    for dialog in made:
        dialog.show()
        qtbot.waitUntil(dialog.isVisible)
        qtbot.wait(100)
        assert MARK in dialog.windowTitle()
        assert (
            sorted(
                untranslated(
                    dialog,
                    {"Ollama", "BVH  (.bvh)", "FBX  (.fbx)", "USD  (.usd)", "HD  (1280 x 720)", "4K  (3840 x 2160)"},
                )
            )
            == []
        )
        dialog.close()
        dialog.deleteLater()


def test_a_language_that_cannot_be_read_leaves_english(window: MainWindow, qapp: QApplication) -> None:
    settings = window._settings
    assert _speak(qapp, settings) == ""
    settings.language = "xx"
    assert "xx.json: no such file" in _speak(qapp, settings)
