"""How a take looks in the list: a small picture, its name and facts, the check's score, its segments as a strip."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from segmo_core.project.project import Take
from segmo_core.rendering.colours import segment_colour
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.found.found_stretches import found_track
from segmo_studio.document.take_words import description, score
from segmo_studio.panels.take_thumbnail import thumbnail
from segmo_studio.theme.icons import icon_pixmap
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.translation import tr

TAKE_ROLE = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 62
_PICTURE = QSize(72, 46)
_ICON = 16
_STRIP_REACH = 4.0  # pixels above and below the strip that still mean it

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class RowPlaces:
    """Where the parts of a row are, in the list's pixels."""

    whole: QRectF
    picture: QRectF
    name: QRectF
    facts: QRectF
    star: QRectF
    compare: QRectF
    strip: QRectF

    @classmethod
    def of(cls, row: QRect) -> RowPlaces:
        whole = QRectF(row).adjusted(0, 1, 0, -3)
        inside = whole.adjusted(8, 6, -10, -6)
        picture = QRectF(inside.topLeft(), _PICTURE.toSizeF())
        left = picture.right() + 10
        icons = [QRectF(inside.right() - place * (_ICON + 6) - _ICON, inside.top(), _ICON, _ICON) for place in (0, 1)]
        return cls(
            whole=whole,
            picture=picture,
            name=QRectF(left, inside.top() - 2, icons[1].left() - 6 - left, 20),
            facts=QRectF(left, inside.top() + 17, inside.right() - left, 18),
            star=icons[0],
            compare=icons[1],
            strip=QRectF(left, inside.bottom() - 8, inside.right() - left, 7),
        )

    def segment_at(self, take: Take, point: QPointF) -> int:
        """The segment of the strip under ``point``; -1 for none."""
        if take.track is None or not self.strip.adjusted(0, -_STRIP_REACH, 0, _STRIP_REACH).contains(point):
            return -1
        share = (point.x() - self.strip.left()) / self.strip.width()
        return take.track.index_at(int(share * take.track.num_frames))

    def insertion_at(self, take: Take, x: float) -> int:
        """Before which segment of the strip ``x`` is, the nearest boundary counting; the number of segments for the
        end.
        """
        if take.track is None:
            return 0
        frame = (x - self.strip.left()) / self.strip.width() * take.track.num_frames
        boundaries = [0, *take.track.ends]
        return min(range(len(boundaries)), key=lambda place: abs(boundaries[place] - frame))

    def boundary_x(self, take: Take, index: int) -> float:
        """Where the boundary before segment ``index`` is on the strip."""
        if take.track is None:
            return self.strip.left()
        frame = take.track.ends[index - 1] if index else 0
        return self.strip.left() + frame / take.track.num_frames * self.strip.width()


class TakeDelegate(QStyledItemDelegate):
    """Paints rows; a click on the star or on the sign for comparing says so; names are edited in their place."""

    star_clicked = Signal(object)
    compare_clicked = Signal(object)
    renamed = Signal(int, str)

    def __init__(self, theme: Theme, comparison: Comparison, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._comparison = comparison
        self.drop: tuple[int, int] | None = None
        """Number of the take that a segment would be dropped into, and before which of its segments."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, _ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName("Name of the take")
        field.setProperty("takeId", index.data(TAKE_ROLE).take_id)
        return field

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(index.data(TAKE_ROLE).name)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        if isinstance(editor, QLineEdit):
            self.renamed.emit(editor.property("takeId"), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        name = RowPlaces.of(option.rect).name
        editor.setGeometry(name.adjusted(-6, -4, 0, 6).toRect())

    def displayText(self, value: object, locale: QLocale | QLocale.Language) -> str:
        return ""

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick)
        if isinstance(event, QMouseEvent) and event.type() in kinds and event.button() == Qt.MouseButton.LeftButton:
            places, take = RowPlaces.of(option.rect), index.data(TAKE_ROLE)
            for place, signal in ((places.star, self.star_clicked), (places.compare, self.compare_clicked)):
                if place.adjusted(-3, -3, 3, 3).contains(event.position()):
                    if event.type() == QEvent.Type.MouseButtonRelease:
                        signal.emit(take)
                    return True
        return super().editorEvent(event, model, option, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        take, colours, places = index.data(TAKE_ROLE), self._theme.colours, RowPlaces.of(option.rect)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_selected or is_hovered:
            painter.setBrush(colours.colour("accent_soft" if is_selected else "hover"))
            painter.drawRoundedRect(places.whole, 8, 8)
        self._paint_picture(painter, take, places.picture)
        self._paint_words(painter, take, places)
        is_marked = take.take_id in self._comparison.marked
        if take.starred or is_hovered or is_selected:
            role = "warning" if take.starred else "text_faint"
            self._paint_icon(painter, places.star, "starred" if take.starred else "star", role)
        if is_marked or is_hovered or is_selected:
            self._paint_icon(painter, places.compare, "ghosts", "accent" if is_marked else "text_faint")
        self._paint_strip(painter, take, places.strip)
        if self.drop is not None and self.drop[0] == take.take_id:
            self._paint_drop(painter, places, places.boundary_x(take, self.drop[1]))
        painter.restore()

    def _paint_drop(self, painter: QPainter, places: RowPlaces, x: float) -> None:
        """A line where the segment would come, and a frame around the row that takes it."""
        colour = self._theme.colours.colour("accent")
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(x - 2, places.strip.top() - 5, 3, places.strip.height() + 10), 1.5, 1.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 1.5))
        painter.drawRoundedRect(places.whole.adjusted(1, 1, -1, -1), 8, 8)

    def _paint_icon(self, painter: QPainter, place: QRectF, name: str, role: str) -> None:
        ratio = painter.device().devicePixelRatioF()
        colour = getattr(self._theme.colours, role)
        painter.drawPixmap(place.topLeft(), icon_pixmap(name, colour, _ICON, ratio))

    def _paint_picture(self, painter: QPainter, take: Take, place: QRectF) -> None:
        colours = self._theme.colours
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("window"))
        painter.drawRoundedRect(place, 6, 6)
        if take.motion is None:
            return
        ratio, plain = painter.device().devicePixelRatioF(), colours.colour("text_muted")
        painter.drawPixmap(place.topLeft(), thumbnail(take.motion, take.shown_track, _PICTURE, ratio, plain))

    def _paint_words(self, painter: QPainter, take: Take, places: RowPlaces) -> None:
        colours, left = self._theme.colours, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        font = QFont(painter.font())
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colours.colour("text"))
        name = QFontMetricsF(font).elidedText(take.name, Qt.TextElideMode.ElideMiddle, places.name.width())
        painter.drawText(places.name, left, name)
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        metrics, found, room = QFontMetricsF(font), score(take), QRectF(places.facts)
        if found is not None:
            words = f"{found[0]}/{found[1]}"
            painter.setPen(colours.colour("success" if found[0] == found[1] else "warning"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, right, words)
            width = metrics.horizontalAdvance(words) + _ICON + 4
            sign = QRectF(room.right() - width, room.top() + 1, _ICON, _ICON)
            self._paint_icon(painter, sign, *(("check", "success") if found[0] == found[1] else ("warning", "warning")))
            room.setRight(sign.left() - 6)
        painter.setPen(colours.colour("text_muted"))
        painter.drawText(
            room, left, metrics.elidedText(tr(description(take)), Qt.TextElideMode.ElideRight, room.width())
        )

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
