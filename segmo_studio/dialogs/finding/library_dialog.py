"""A library of motions, searched by text: what is found is seen moving, and opened at its frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from segmo_studio.dialogs.status_line import show_status
from segmo_studio.document.findings import percent
from segmo_studio.theme.widgets import label, push_button, shortened, tab_through

if TYPE_CHECKING:
    from segmo_core.library.search import LibraryHit

_SIZE = QSize(820, 470)
_VIEW_WIDTH = 330
_HIT = Qt.ItemDataRole.UserRole
_HOVER_MS = 200


class LibraryDialog(QDialog):
    """Says through signals what is wanted; ``show_hits`` and ``say`` bring the answers."""

    search_requested = Signal(str)
    preview_requested = Signal(object)
    """A LibraryHit under the mouse, or chosen by the arrow keys."""
    open_requested = Signal(object)
    """A LibraryHit."""
    add_requested = Signal()
    """A folder of motions is to be added."""

    def __init__(self, folder: Path, view: QWidget, parent: QWidget | None = None) -> None:
        """folder: of the library's index. view: where a hit is seen; the dialog keeps it."""
        super().__init__(parent)
        self.setWindowTitle("Library of motions")
        self.resize(_SIZE)
        self.query = QLineEdit()
        self.query.setPlaceholderText("What to look for, e.g. “a person waves”")
        self.query.setAccessibleName("Text to find in the library")
        self.query.setClearButtonEnabled(True)
        self.search = push_button("Find", "primary")
        self.add = push_button("Add folder…", tip="Index the motion files of a folder; again after changes")
        self.hits = QListWidget()
        self.hits.setAccessibleName("Stretches that were found")
        self.hits.setMouseTracking(True)
        self.hits.setSpacing(3)
        self.open_hit = push_button("Open", "primary", "Open the motion at these frames  (Enter)")
        self.open_hit.setEnabled(False)
        self._close = push_button("Close")
        self.status = label("", "small", wrap=True)
        self.view = view
        self._hovered: LibraryHit | None = None
        self._timer = QTimer(self, singleShot=True, interval=_HOVER_MS)
        self._fill(folder)
        self._connect()

    def show_hits(self, hits: Sequence[LibraryHit]) -> None:
        """The answer to a search, the best first."""
        self.hits.clear()
        for hit in hits:
            rate = hit.frame_rate
            times = f"{hit.start / rate:.1f} – {hit.end / rate:.1f} s of {hit.num_frames / rate:.1f} s"
            item = QListWidgetItem(f"{shortened(hit.path.name, 44)}\n{times}   {percent(hit.confidence)} sure")
            item.setData(_HIT, hit)
            item.setToolTip(str(hit.path))
            self.hits.addItem(item)
        self.say("" if hits else "Nothing was found: the library holds no motions. Add a folder of them.")
        if hits:
            self.hits.setCurrentRow(0)
            self.hits.setFocus()

    def say(self, sentence: str, is_problem: bool = False) -> None:
        """A sentence below the list."""
        show_status(self.status, sentence, is_problem)

    @property
    def current_hit(self) -> LibraryHit | None:
        """What is chosen in the list."""
        item = self.hits.currentItem()
        hit: LibraryHit | None = None if item is None else item.data(_HIT)
        return hit

    def _fill(self, folder: Path) -> None:
        above = QHBoxLayout()
        for widget, stretch in ((self.query, 1), (self.search, 0), (self.add, 0)):
            above.addWidget(widget, stretch)
        middle = QHBoxLayout()
        self.view.setFixedWidth(_VIEW_WIDTH)
        middle.addWidget(self.hits, 1)
        middle.addWidget(self.view)
        below = QHBoxLayout()
        below.addWidget(self.status, 1)
        below.addWidget(self._close)
        below.addWidget(self.open_hit)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addLayout(above)
        column.addLayout(middle, 1)
        column.addWidget(label(f"Index: {shortened(str(folder))}", "small"))
        column.addLayout(below)
        tab_through([self.query, self.search, self.add, self.hits, self.view, self._close, self.open_hit])

    def _connect(self) -> None:
        for button in (self.search, self.add, self.open_hit, self._close):
            button.setAutoDefault(False)  # Enter means the field or the list that has the focus
        self.query.returnPressed.connect(self._search)
        self.search.clicked.connect(self._search)
        self.add.clicked.connect(self.add_requested)
        self._close.clicked.connect(self.close)
        self.open_hit.clicked.connect(self._open)
        self.hits.itemActivated.connect(lambda _item: self._open())
        self.hits.itemEntered.connect(lambda item: self._look_soon(item.data(_HIT)))
        self.hits.currentItemChanged.connect(lambda *_items: self._choose())
        self._timer.timeout.connect(self._look)

    def _search(self) -> None:
        if self.query.text().strip():
            self.say("Searching…")
            self.search_requested.emit(self.query.text().strip())

    def _choose(self) -> None:
        self.open_hit.setEnabled(self.current_hit is not None)
        if self.current_hit is not None:
            self._look_soon(self.current_hit)

    def _look_soon(self, hit: LibraryHit) -> None:
        self._hovered = hit
        self._timer.start()

    def _look(self) -> None:
        if self._hovered is not None:
            self.preview_requested.emit(self._hovered)

    def _open(self) -> None:
        if self.current_hit is not None:
            self.open_requested.emit(self.current_hit)
