"""One segment in the list of the prompt panel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.timeline.segment_track import MotionSegment
from segmo_studio.panels.number_chip import NumberChip
from segmo_studio.theme.elided_label import ElidedLabel
from segmo_studio.theme.kept_line_edit import KeptLineEdit
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import IconButton, pad_text, set_role

_STEP_SECONDS = 0.2


class CardHandle(NumberChip):
    """The number of a card, to drag the card by."""

    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag to reorder")
        self._pressed_at: QPoint | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.globalPosition().toPoint()
        if self._pressed_at is not None and (point - self._pressed_at).manhattanLength() > 4:
            self.dragged.emit(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed_at, self._pressed_at = self._pressed_at, None
        point = event.globalPosition().toPoint()
        if pressed_at is not None and (point - pressed_at).manhattanLength() > 4:
            self.dropped.emit(point)
        else:
            event.ignore()


class DurationField(QDoubleSpinBox):
    """Seconds; the wheel changes it only while it has the focus, so that scrolling the list is safe."""

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(2)
        self.setSingleStep(_STEP_SECONDS)
        self.setSuffix(" s")
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedWidth(82)
        pad_text(self)

    @property
    def is_being_typed(self) -> bool:
        """Whether there are digits that are no value yet."""
        return self.hasFocus() and self.lineEdit().isModified()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class SegmentCard(QFrame):
    """Number, text, duration, and a menu. Says what the user wants through signals; changes nothing itself."""

    text_edited = Signal(int, str)
    duration_edited = Signal(int, float)
    selected = Signal(int)
    split_requested = Signal(int)
    merge_requested = Signal(int)
    delete_requested = Signal(int)
    move_requested = Signal(int, int)
    typical_requested = Signal(int)
    dragged = Signal(int, QPoint)
    dropped = Signal(int, QPoint)

    def __init__(self, theme: Theme, index: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self._index = index
        self._count = 0
        self._refusal = ""
        self._usual: SegmentDuration | None = None
        self._is_compact = False
        self._upper, self._lower = QHBoxLayout(), QHBoxLayout()
        self._handle = CardHandle(index)
        self.text = KeptLineEdit()
        self.text.setProperty("frameless", True)
        self.text.setPlaceholderText("What does the person do?")
        self.text.setAccessibleName(f"Text of segment {index + 1}")
        self.duration = DurationField()
        self.duration.setAccessibleName(f"Duration of segment {index + 1}")
        self._times = ElidedLabel("small")  # or what is wrong with them: a line of its own would move all below
        self._shown_times = ""
        self._more = IconButton(theme, "more", f"More for segment {index + 1}")
        self._delete = IconButton(theme, "trash", f"Delete segment {index + 1}")
        self._fill()
        self._connect()

    @property
    def keyboard_order(self) -> tuple[QWidget, ...]:
        """What Tab goes through."""
        return (self.text, self.duration, self._more, self._delete)

    def show_segment(self, segment: MotionSegment, frame_rate: float, limits: tuple[int, int], count: int) -> None:
        """Show the values of a segment; limits: its shortest and longest allowed duration in frames."""
        shortest, longest = limits
        self._count = count
        self._handle.show_number(self._index, bool(segment.text))
        if not self.text.has_unkept_words:
            self.text.show_text(segment.text)
        self.text.setToolTip(segment.text)
        self.duration.blockSignals(True)
        self.duration.setRange(1.0 / frame_rate, max(longest, segment.num_frames) / frame_rate)
        if not self.duration.is_being_typed:
            self.duration.setValue(segment.num_frames / frame_rate)
        self.duration.blockSignals(False)
        self._shown_times = f"{segment.start / frame_rate:.2f} – {segment.end / frame_rate:.2f} s"
        self._refusal = f"Too short: at least {shortest / frame_rate:.1f} s." if segment.num_frames < shortest else ""
        self._delete.setEnabled(count > 1)

    def show_usual(self, usual: SegmentDuration | None, is_too_short: bool) -> None:
        """Say what its text usually takes, and warn when its time is too short for that."""
        self._usual = usual
        advice = f"Too short: {usual.asked_for}." if usual is not None and is_too_short else ""
        warning = self._refusal or advice
        set_role(self._times, "warning" if warning else "small")
        self._times.setText(warning or self._shown_times)
        self.duration.setProperty("short", bool(warning))
        self.duration.style().polish(self.duration)
        self.duration.setToolTip(warning or ("" if usual is None else f"Usually {usual.range_text}"))

    def set_selected(self, selected: bool) -> None:
        if bool(self.property("selected")) != selected:
            self.setProperty("selected", selected)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.selected.emit(self._index)
        super().mousePressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:  # keys now mean this segment
            self.selected.emit(self._index)
        return super().eventFilter(watched, event)

    def set_compact(self, compact: bool) -> None:
        """One line instead of two, where there is little room: times and the dustbin go, the menu has what they do."""
        if compact == self._is_compact:
            return
        self._is_compact = compact
        target, source = (self._upper, self._lower) if compact else (self._lower, self._upper)
        source.removeWidget(self.duration)
        source.removeWidget(self._more)
        target.insertWidget(2 if compact else 1, self.duration)
        target.insertWidget(3, self._more)
        self._times.setVisible(not compact)
        self._delete.setVisible(not compact)

    def _fill(self) -> None:
        self._upper.setSpacing(6)
        self._upper.addWidget(self._handle)
        self._upper.addWidget(self.text, 1)
        self._lower.setSpacing(6)
        self._lower.addSpacing(30)
        self._lower.addWidget(self.duration)
        self._lower.addWidget(self._times, 1)
        self._lower.addWidget(self._more)
        self._lower.addWidget(self._delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 6, 5)
        column.setSpacing(2)
        column.addLayout(self._upper)
        column.addLayout(self._lower)

    def _connect(self) -> None:
        index = self._index
        self.text.kept.connect(lambda text: self.text_edited.emit(index, text))
        self.text.dropped.connect(self.text.clearFocus)
        for widget in self.keyboard_order:
            widget.installEventFilter(self)
        self.duration.valueChanged.connect(lambda seconds: self.duration_edited.emit(index, seconds))
        self._delete.clicked.connect(lambda: self.delete_requested.emit(index))
        self._more.clicked.connect(self._open_menu)
        self._handle.dragged.connect(lambda point: self.dragged.emit(index, point))
        self._handle.dropped.connect(lambda point: self.dropped.emit(index, point))

    def _open_menu(self) -> None:
        menu = QMenu(self)
        index = self._index
        menu.addAction("Move up", lambda: self.move_requested.emit(index, index - 1)).setEnabled(index > 0)
        down = menu.addAction("Move down", lambda: self.move_requested.emit(index, index + 1))
        down.setEnabled(index < self._count - 1)
        menu.addSeparator()
        if self._usual is not None:
            name = f"Typical length ({self._usual.typical:.1f} s)"
            menu.addAction(name, lambda: self.typical_requested.emit(index))
        menu.addAction("Split in the middle", lambda: self.split_requested.emit(index))
        merge = menu.addAction("Merge with next", lambda: self.merge_requested.emit(index))
        merge.setEnabled(index < self._count - 1)
        menu.addSeparator()
        menu.addAction("Delete", lambda: self.delete_requested.emit(index)).setEnabled(self._count > 1)
        menu.exec(self._more.mapToGlobal(QPoint(0, self._more.height())))


def card_under(cards: list[SegmentCard], point: QPoint) -> int:
    """Index of the card whose middle is nearest to a global point."""

    def distance(card: QWidget) -> int:
        return abs(card.mapToGlobal(card.rect().center()).y() - point.y())

    return min(range(len(cards)), key=lambda index: distance(cards[index]))
