"""The middle of the window: the 3D view, others beside it, its buttons, and what to do first while it is empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from segmo_core.formats.registry import FORMATS
from segmo_core.project.project import Take
from segmo_studio.theme.widgets import IconButton, label

_MARGIN = 12
_NAMED_FORMATS = 5
_HINT_SHARE = 0.38
_LEAST_HINT = 180
_LEAST_LABEL = 210  # pixels beside the buttons, below which the name of a segment stands under them


class ViewArea(QWidget):
    """Lays a tool bar and a hint over the 3D view ``view``."""

    def __init__(
        self, view: QWidget, button_groups: list[list[IconButton]], set_label_area: Callable[[QRectF], None]
    ) -> None:
        """set_label_area: is told which part of the view the buttons leave free for the name of a segment."""
        super().__init__()
        self._set_label_area = set_label_area
        self.setObjectName("central")
        self.view = view
        self._row = QHBoxLayout(self)  # people stand upright: beside each other they are largest
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._cells = [_Cell(view)]
        self._row.addWidget(self._cells[0], 1)
        self._tools = QFrame(self)
        self._tools.setObjectName("viewToolbar")
        row = QHBoxLayout(self._tools)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(2)
        for number, group in enumerate(button_groups):
            if number:
                row.addSpacing(8)
            for button in group:
                row.addWidget(button)
        self._hint = QFrame(self)
        self._hint.setObjectName("emptyState")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hint = QVBoxLayout(self._hint)
        hint.setContentsMargins(0, 0, 0, 0)
        hint.setSpacing(6)
        self._hint_lines = [label("", role, wrap=True) for role in ("title", "muted", "muted")]
        for line in self._hint_lines:
            hint.addWidget(line)
        self._badge = label("Rough preview while generating…", "badge")
        self._badge.setParent(self)
        self._badge.hide()

    def show_hint(self, texts: tuple[str, ...] | None) -> None:
        """A title and two lines that say what to do next; None when there is something to see."""
        self._hint.setVisible(texts is not None)
        for line, text in zip(self._hint_lines, texts or ("", "", ""), strict=True):
            line.setText(text)
        self._place()

    def show_beside(self, views: Sequence[QWidget], names: Sequence[str]) -> None:
        """Other views beside the first, all of one size. names: of what each shows, the first view's first; shown only
        where there are several.
        """
        for cell in self._cells[1:]:
            self._row.removeWidget(cell)
            cell.let_go()
            cell.deleteLater()
        self._cells = [self._cells[0], *(_Cell(view) for view in views)]
        for cell in self._cells[1:]:
            self._row.addWidget(cell, 1)
        for cell, name in zip(self._cells, names, strict=True):
            cell.caption.setText(name)
            cell.caption.setVisible(len(self._cells) > 1)
            cell.place()
        self._place()

    def show_badge(self, visible: bool) -> None:
        """Say that the body is still a rough preview."""
        self._badge.setVisible(visible)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        tools = self._tools.sizeHint()
        self._tools.setGeometry(self.width() - tools.width() - _MARGIN, _MARGIN, tools.width(), tools.height())
        self._tools.raise_()
        below = self._tools.geometry().bottom() + _MARGIN
        free = self._tools.geometry().left()
        first = self._cells[0].width()
        top = 0 if min(free, first) >= _LEAST_LABEL else below - _MARGIN
        self._set_label_area(QRectF(0, top, min(free, first) if top == 0 else first, self.height() - top))
        # The body stands in the middle: what is said stays beside it.
        width = min(self._hint.sizeHint().width(), max(round(self.width() * _HINT_SHARE), _LEAST_HINT))
        size = QSize(width, max(self._hint.heightForWidth(width), self._hint.sizeHint().height()))
        hint = QRect(QPoint(2 * _MARGIN, 2 * _MARGIN), size)
        if hint.right() + _MARGIN > self._tools.geometry().left():
            hint.moveTop(below)
        self._hint.setGeometry(hint)
        self._hint.raise_()
        badge = self._badge.sizeHint()
        place = QRect((self.width() - badge.width()) // 2, _MARGIN, badge.width(), badge.height())
        if place.right() + _MARGIN > self._tools.geometry().left():
            place.moveTop(below)
        self._badge.setGeometry(place)
        self._badge.raise_()


class _Cell(QWidget):
    """A view and the name of what it shows, below in the middle."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self._view = view
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(view)
        view.show()  # one that was let go was hidden with it
        self.caption = label("", "badge")
        self.caption.setParent(self)
        self.caption.hide()

    def let_go(self) -> None:
        """The view goes elsewhere."""
        self._view.setParent(None)

    def place(self) -> None:
        size = self.caption.sizeHint()
        width = min(size.width(), self.width() - 2 * _MARGIN)
        self.caption.setGeometry((self.width() - width) // 2, self.height() - size.height() - _MARGIN, width,
                                 size.height())  # fmt: skip
        self.caption.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()


def hint_for(take: Take) -> tuple[str, str, str]:
    """What to do next with a take that has no motion yet: a title, and two lines."""
    if take.track is None:
        rows = [row for row in FORMATS.values() if row.reader and row.writer]
        some = ", ".join(list(dict.fromkeys(row.extensions[0] for row in rows))[:_NAMED_FORMATS])
        return "Describe a motion", "Type it on the left, press Ctrl+Enter,", f"or drop a motion file here: {some} …"
    return "Ready to generate", "Edit the segments on the left or below,", "then press Generate."
