"""The takes of the project: every generation and every opened motion, one line each."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QInputDialog,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from segmo_core.project.project import Take
from segmo_core.rendering.colours import segment_colour
from segmo_studio.document.document import Document
from segmo_studio.document.found_stretches import found_track
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.theme.theme import Theme

_TAKE = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 58
_GAP = 10


class TakesPanel(QWidget):
    """Click shows a take; the menu of a take renames or deletes it."""

    def __init__(self, document: Document, editor: TrackEditor, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self._editor = editor
        self.list = _TakesList()
        self.list.setObjectName("takes")
        self.list.setAccessibleName("Takes")
        self.list.setItemDelegate(_TakeDelegate(theme, self.list))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.currentItemChanged.connect(self._switch)
        self.list.itemDoubleClicked.connect(lambda item: self._rename(item.data(_TAKE)))
        self.list.rename_requested.connect(self._rename)
        self.list.delete_requested.connect(lambda take: self._editor.remove_take(take.take_id))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.addWidget(self.list)
        document.takes_changed.connect(self._show)
        document.take_switched.connect(self._show_current)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(280, 220)

    def _show(self) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        for take in self._document.project.takes:
            item = QListWidgetItem()
            item.setData(_TAKE, take)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{take.name}: {description(take)}")
            item.setToolTip(take.prompt or _origin(take))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._show_current()

    def _show_current(self) -> None:
        takes = self._document.project.takes
        self.list.blockSignals(True)
        self.list.setCurrentRow(takes.index(self._document.current))
        self.list.blockSignals(False)

    def _switch(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._document.select_take(item.data(_TAKE).take_id)

    def _open_menu(self, point: QPoint) -> None:
        item = self.list.itemAt(point)
        if item is None:
            return
        take = item.data(_TAKE)
        menu = QMenu(self)
        menu.addAction("Rename…", lambda: self._rename(take))
        menu.addAction("Delete", lambda: self._editor.remove_take(take.take_id))
        menu.exec(self.list.viewport().mapToGlobal(point))

    def _rename(self, take: Take) -> None:
        name, is_accepted = QInputDialog.getText(self, "Rename take", "Name", text=take.name)
        if is_accepted:
            self._editor.rename_take(take.take_id, name)


class _TakesList(QListWidget):
    """Delete and F2 mean the take that is selected."""

    delete_requested = Signal(object)
    rename_requested = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        signal = {Qt.Key.Key_Delete: self.delete_requested, Qt.Key.Key_F2: self.rename_requested}.get(
            Qt.Key(event.key())
        )
        if signal is not None and self.currentItem() is not None:
            signal.emit(self.currentItem().data(_TAKE))
        else:
            super().keyPressEvent(event)


def description(take: Take) -> str:
    """The second line of a take: where it came from and how long it is."""
    motion = take.motion
    if motion is None:
        return "not generated yet" if take.track is not None else "empty"
    origin = (
        seed_words(take.result.segment_seeds) if take.result is not None else f"{motion.frame_rate:g} fps, from a file"
    )
    return f"{motion.seconds:.1f} s   ·   {origin}"


def seed_words(seeds: tuple[int, ...]) -> str:
    """The seeds of a take's segments: "seed 1", "seeds 1, 4, 1", "seeds 1 to 9" where there are too many to list."""
    if len(set(seeds)) == 1:
        return f"seed {seeds[0]}"
    listed = ", ".join(str(seed) for seed in seeds)
    return f"seeds {listed}" if len(seeds) <= 4 else f"seeds {min(seeds)} to {max(seeds)}"


def _origin(take: Take) -> str:
    """Where the motion of a take comes from, and how its file was read."""
    parts = [str(take.source) if take.source else "", take.read_as.summary if take.read_as else ""]
    return "\n".join(part for part in parts if part)


class _TakeDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, _ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        take, colours = index.data(_TAKE), self._theme.colours
        place = QRectF(option.rect).adjusted(0, 1, 0, -3)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(colours.colour("accent_soft" if is_selected else "hover"))
            painter.drawRoundedRect(place, 8, 8)
        inside = place.adjusted(10, 7, -10, -7)
        font = QFont(painter.font())
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold)
        facts_font = QFont(painter.font())
        facts_font.setPixelSize(12)
        facts, facts_width = description(take), QFontMetricsF(facts_font).horizontalAdvance(description(take))
        room = inside.width() - facts_width - _GAP
        painter.setFont(font)
        painter.setPen(colours.colour("text"))
        name = QFontMetricsF(font).elidedText(take.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inside.adjusted(0, 0, 0, -22), Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(facts_font)
        painter.setPen(colours.colour("text_muted"))
        painter.drawText(inside.adjusted(0, 1, 0, -21), Qt.AlignmentFlag.AlignRight, facts)
        self._paint_strip(painter, take, QRectF(inside.left(), inside.bottom() - 15, inside.width(), 6))
        painter.restore()

    def _paint_strip(self, painter: QPainter, take: Take, strip: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        track = take.track or found_track(take)
        if track is None:
            painter.setBrush(self._theme.colours.colour("border_strong"))
            painter.drawRoundedRect(strip, 3, 3)
            return
        total = track.num_frames
        for index, segment in enumerate(track):
            left = strip.left() + segment.start / total * strip.width()
            width = segment.num_frames / total * strip.width() - 2
            colour = QColor(segment_colour(index)) if segment.text else self._theme.colours.colour("border_strong")
            colour.setAlpha(255 if take.motion is not None else 110)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(left, strip.top(), max(width, 2), strip.height()), 3, 3)
