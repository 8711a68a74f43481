"""The window's words in another language.

The code says everything in English. A catalogue is a JSON object: English text -> translation; ``{}`` stands for what
changes in a sentence ("Saved {}."), and ``{0}``, ``{1}`` in a translation for the same things in another order. Nothing
in the code marks a text as one to be translated: whatever a widget is about to show is looked up, just before it is
painted. ``scripts/extract_strings.py`` lists all texts there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QWidget,
)

from segmo_core.errors import FileFormatError, shown
from segmo_core.serialization import read_json

_HOLE = "{}"
_ELLIPSIS = re.compile(r"\{\d*\}")


class Catalogue:
    """texts: as in the file. Looks up a text as it is, then as a sentence with things in it."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {text: said for text, said in texts.items() if said}
        # The one that says most comes first: "{} of {}" would take anything.
        templates = sorted((text for text in self._texts if _HOLE in text), key=lambda text: -len(text))
        self._templates = [(text.split(_HOLE), _numbered(self._texts[text])) for text in templates]
        self.of = lru_cache(maxsize=4096)(self._of)

    def _of(self, text: str) -> str:
        """The translation of what a widget shows; the text itself where there is none."""
        if text in self._texts:
            return self._texts[text]
        for parts, said in self._templates:
            things = _things(parts, text)
            if things is not None:
                return said.format(*things)
        head, bracket, tail = text.rpartition("  (")  # a tool tip with its key, a format with its extension
        return f"{self.of(head)}{bracket}{tail}" if bracket else text


def read_catalogue(path: Path) -> Catalogue:
    """Raises FileFormatError for a file that holds no catalogue, or a translation with other things in it."""
    texts = read_json(path)
    if not isinstance(texts, dict) or not all(isinstance(said, str) for said in texts.values()):
        raise FileFormatError(f"{path}: holds no catalogue, expected an object of English texts and translations")
    for text, said in texts.items():
        try:
            _numbered(said).format(*([""] * text.count(_HOLE)))
        except (IndexError, KeyError, ValueError):
            raise FileFormatError(
                f"{path}: {shown(text)} has {text.count(_HOLE)} things in it, expected as many in {shown(said)}"
            ) from None
    return Catalogue(texts)


class Translator(QObject):
    """Puts a catalogue's words in the place of English ones, for every widget of the application."""

    def __init__(self, application: QApplication, catalogue: Catalogue) -> None:
        super().__init__(application)
        self._catalogue = catalogue
        application.installEventFilter(self)
        _in_use[:] = [catalogue]

    def stop(self) -> None:
        """English again, for what is shown from now on."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        _in_use.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(watched, QWidget):
            if kind == QEvent.Type.Polish:
                self._name(watched)
            if kind in (QEvent.Type.Paint, QEvent.Type.Show):
                self._say(watched)
        return super().eventFilter(watched, event)

    def _name(self, widget: QWidget) -> None:
        """What never changes of a widget."""
        of = self._catalogue.of
        for get, put in (
            (widget.windowTitle, widget.setWindowTitle),
            (widget.accessibleName, widget.setAccessibleName),
            (widget.accessibleDescription, widget.setAccessibleDescription),
        ):
            if get():
                put(of(get()))
        if isinstance(widget, (QLineEdit, QPlainTextEdit)) and widget.placeholderText():
            widget.setPlaceholderText(of(widget.placeholderText()))
        if isinstance(widget, QDockWidget):
            widget.toggleViewAction().setText(of(widget.toggleViewAction().text()))

    def _say(self, widget: QWidget) -> None:
        """What is about to be seen."""
        of = self._catalogue.of
        if isinstance(widget, (QLabel, QAbstractButton)) and of(widget.text()) != widget.text():
            widget.setText(of(widget.text()))
        if widget.toolTip() and of(widget.toolTip()) != widget.toolTip():
            widget.setToolTip(of(widget.toolTip()))
        if isinstance(widget, QComboBox):
            for row in range(widget.count()):
                if of(widget.itemText(row)) != widget.itemText(row):
                    widget.setItemText(row, of(widget.itemText(row)))
        if isinstance(widget, QListWidget):
            for row in range(widget.count()):
                item = widget.item(row)
                if of(item.text()) != item.text():
                    item.setText(of(item.text()))
        if isinstance(widget, (QMenu, QMenuBar)):
            for action in widget.actions():
                self._say_action(action)

    def _say_action(self, action: QAction) -> None:
        text = action.text()
        said = self._catalogue.of(text)
        if said != text:
            action.setText(said)
            action.setToolTip(self._catalogue.of(action.toolTip()))


_in_use: list[Catalogue] = []


def tr(text: str) -> str:
    """For what is painted and belongs to no widget: the text in the language in use."""
    return _in_use[0].of(text) if _in_use else text


def _things(parts: Sequence[str], text: str) -> list[str] | None:
    """What stands between ``parts`` in ``text``, each as short as it can be; None where they are not all there, in
    this order. Goes through the text once, so that no text takes long.
    """
    first, *between, last = parts
    if not text.startswith(first) or not text.endswith(last):
        return None
    things, place, end = [], len(first), len(text) - len(last)
    for part in between:
        found = text.find(part, place + 1, end)
        if found < 0:
            return None
        things.append(text[place:found])
        place = found + len(part)
    return [*things, text[place:end]] if place < end else None


def _numbered(said: str) -> str:
    """``{}`` as ``{0}``, ``{1}``, ..., so that both ways of writing can be filled in."""
    if not _ELLIPSIS.search(said) or _HOLE not in said:
        return said
    number = iter(range(said.count(_HOLE)))
    return re.sub(r"\{\}", lambda _match: f"{{{next(number)}}}", said)
