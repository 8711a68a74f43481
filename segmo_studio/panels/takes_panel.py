"""The takes of the project: every generation and every opened motion, a row each."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from segmo_core.project.project import Take
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.document import Document
from segmo_studio.document.take_words import origin_sentence, spoken
from segmo_studio.panels.take_row import TAKE_ROLE, RowPlaces, TakeDelegate
from segmo_studio.services.editing.take_editor import TakeEditor
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import push_button


class TakesPanel(QWidget):
    """Click shows a take, a double click or F2 renames it in its place, Delete deletes it. A segment of a row's strip
    can be dragged somewhere else.
    """

    segment_dragged = Signal(int, int, QPoint)
    """A segment is on its way: number of its take, its index, and where the mouse is on the screen."""
    segment_dropped = Signal(int, int, QPoint)

    def __init__(self, document: Document, editor: TakeEditor, comparison: Comparison, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self._editor = editor
        self._comparison = comparison
        self.list = _TakesList()
        self.variations = push_button("Make variations", "quiet")
        self._delegate = delegate = TakeDelegate(theme, comparison, self.list)
        self.list.setItemDelegate(delegate)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.currentItemChanged.connect(self._switch)
        self.list.delete_requested.connect(lambda take: editor.remove(take.take_id))
        self.list.segment_dragged.connect(self.segment_dragged)
        self.list.segment_dropped.connect(self.segment_dropped)
        delegate.renamed.connect(lambda take_id, name: document.when_settled(lambda: editor.rename(take_id, name)))
        delegate.star_clicked.connect(lambda take: editor.star(take.take_id, not take.starred))
        delegate.compare_clicked.connect(self._mark)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.list, 1)
        column.addWidget(self.variations, 0, Qt.AlignmentFlag.AlignLeft)
        document.takes_changed.connect(self._show)
        document.take_switched.connect(self._show_current)
        comparison.changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(280, 220)

    def drop_place(self, point: QPoint) -> tuple[int, int] | None:
        """What a segment that is let go at ``point`` of the screen would come into: number of the take of that row, and
        before which of its segments; None beside all rows.
        """
        inside = self.list.viewport().mapFromGlobal(point)
        item = self.list.itemAt(inside) if self.list.viewport().rect().contains(inside) else None
        if item is None or not self.isVisible():
            return None
        take = item.data(TAKE_ROLE)
        return take.take_id, RowPlaces.of(self.list.visualItemRect(item)).insertion_at(take, inside.x())

    def show_drop(self, place: tuple[int, int] | None) -> None:
        """Show where a segment would come; None when there is none on its way any more."""
        if place != self._delegate.drop:
            self._delegate.drop = place
            self.list.viewport().update()

    def rename_current(self) -> None:
        """Edit the name of the current take in its place."""
        item = self.list.currentItem()
        if item is not None:
            self.list.setFocus()
            self.list.scrollToItem(item)
            self.list.editItem(item)

    def _show(self) -> None:
        """Rows stay while their takes change, so that a name that is being edited stays too."""
        takes = self._document.project.takes
        self.list.blockSignals(True)
        while self.list.count() > len(takes):
            self.list.takeItem(self.list.count() - 1)
        for row, take in enumerate(takes):
            item = self.list.item(row)
            if item is None:
                item = QListWidgetItem()
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                self.list.addItem(item)
            if item.data(TAKE_ROLE) is not take:
                item.setData(TAKE_ROLE, take)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken(take, take.take_id in self._comparison.marked))
            item.setToolTip(origin_sentence(take))
        self.list.blockSignals(False)
        self.list.viewport().update()
        self._show_current()

    def _show_current(self) -> None:
        takes = self._document.project.takes
        self.list.blockSignals(True)
        self.list.setCurrentRow(takes.index(self._document.current))
        self.list.blockSignals(False)

    def _switch(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._document.select_take(item.data(TAKE_ROLE).take_id)

    def _mark(self, take: Take) -> None:
        self._comparison.mark(take.take_id, take.take_id not in self._comparison.marked)

    def _open_menu(self, point: QPoint) -> None:
        item = self.list.itemAt(point)
        if item is None:
            return
        take = item.data(TAKE_ROLE)
        is_marked = take.take_id in self._comparison.marked
        menu = QMenu(self)
        menu.addAction("Rename", lambda: self.list.editItem(item))
        menu.addAction(
            "Take the star away" if take.starred else "Star", lambda: self._editor.star(take.take_id, not take.starred)
        )
        menu.addAction("Compare no more" if is_marked else "Compare", lambda: self._mark(take))
        menu.addSeparator()
        menu.addAction("Delete", lambda: self._editor.remove(take.take_id))
        menu.exec(self.list.viewport().mapToGlobal(point))


class _TakesList(QListWidget):
    """Delete and F2 mean the take that is selected."""

    delete_requested = Signal(object)
    segment_dragged = Signal(int, int, QPoint)
    segment_dropped = Signal(int, int, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("takes")
        self.setAccessibleName("Takes")
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self._grabbed: tuple[int, int] | None = None
        self._pressed_at = QPoint()
        self._is_dragging = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The take on screen stays in sight when the list gets lower."""
        super().resizeEvent(event)
        if self.currentItem() is not None:
            self.scrollToItem(self.currentItem())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentItem() is not None:
            self.delete_requested.emit(self.currentItem().data(TAKE_ROLE))
        elif event.key() == Qt.Key.Key_Escape and self._is_dragging:
            self._end_drag()
            self.segment_dragged.emit(-1, -1, QPoint())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.globalPosition().toPoint()
        self._grabbed = self._segment_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if self._grabbed is None:
            super().mousePressEvent(event)
        else:
            self.setFocus()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.globalPosition().toPoint()
        if self._grabbed is None:
            over = self._segment_at(event.position())
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.ArrowCursor)
            super().mouseMoveEvent(event)
            return
        reach = QApplication.startDragDistance()
        if self._is_dragging or (point - self._pressed_at).manhattanLength() >= reach:
            self._is_dragging = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self.segment_dragged.emit(*self._grabbed, point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grabbed, was_dragging = self._grabbed, self._is_dragging
        self._end_drag()
        if grabbed is None:
            super().mouseReleaseEvent(event)
        elif was_dragging:
            self.segment_dropped.emit(*grabbed, event.globalPosition().toPoint())
        else:  # a click on the strip is a click on the take
            item = self.itemAt(event.position().toPoint())
            if item is not None:
                self.setCurrentItem(item)

    def viewportEvent(self, event: QHelpEvent) -> bool:  # type: ignore[override]
        if isinstance(event, QHelpEvent) and event.type() == QHelpEvent.Type.ToolTip:
            over, item = self._segment_at(QPointF(event.pos())), self.itemAt(event.pos())
            if over is not None and item is not None:
                take = item.data(TAKE_ROLE)
                hint = "Drag onto the timeline, or onto another take, to use it there"
                words = f"{over[1] + 1}  {take.track[over[1]].text}\n{hint}"
                QToolTip.showText(event.globalPos(), words, self)
                return True
        return super().viewportEvent(event)

    def _segment_at(self, point: QPointF) -> tuple[int, int] | None:
        """The number of the take and the segment of its strip under ``point``; None beside all strips."""
        item = self.itemAt(point.toPoint())
        if item is None:
            return None
        take = item.data(TAKE_ROLE)
        index = RowPlaces.of(self.visualItemRect(item)).segment_at(take, point)
        return (take.take_id, index) if index >= 0 else None

    def _end_drag(self) -> None:
        self._grabbed, self._is_dragging = None, False
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
