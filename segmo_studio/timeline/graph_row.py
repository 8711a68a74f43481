"""Curves of the motion over time, below the timeline and on the same scale: speed, height of the pelvis, similarity.

Drawn by pyqtgraph, which is imported when the row is first switched on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from segmo_studio.document.document import Document
from segmo_studio.document.motion_curves import curves_of
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.theme.theme import Theme
from segmo_studio.timeline.rows import GUTTER, RIGHT_MARGIN
from segmo_studio.timeline.time_scale import TimeScale
from segmo_studio.timeline.timeline_view import TimelineView

_HEIGHT = 112
_CURVES = (("speed", "#56B4E9", "m/s"), ("height", "#E69F00", "m"), ("similarity", "#CC79A7", ""))


class GraphRow(QWidget):
    """Hidden until it is wanted. A click or a drag in it moves the playhead; the names tell the values there."""

    def __init__(
        self, document: Document, selection: Selection, playback: Playback, timeline: TimelineView, theme: Theme
    ) -> None:
        super().__init__()
        self._document = document
        self._selection = selection
        self._playback = playback
        self._timeline = timeline
        self._theme = theme
        self._plot: Any = None
        self._lines: dict[str, Any] = {}
        self._values: dict[str, np.ndarray[Any, Any]] = {}
        self._playhead: Any = None
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Graphs of the motion")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("panel")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 4)
        timeline.scale_changed.connect(self._follow_scale)
        for signal in (document.take_switched, document.take_edited, selection.grounding_selected):
            signal.connect(self._show_curves)
        playback.moment_changed.connect(self._show_moment)
        theme.changed.connect(self._follow_theme)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(600, _HEIGHT)

    def show_graphs(self, shown: bool) -> None:
        """Switch the row on or off."""
        if shown and self._plot is None:
            self._make()
        self.setVisible(shown)
        if shown:
            self._follow_theme()
            self._follow_scale(self._timeline.scale)
            self._show_curves()

    def _make(self) -> None:
        import pyqtgraph

        self._plot = plot = pyqtgraph.PlotWidget()
        plot.setAccessibleName("Speed, height of the pelvis and similarity over time")
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.getAxis("left").setWidth(int(GUTTER))
        item.hideAxis("bottom")
        item.layout.setContentsMargins(0, 4, RIGHT_MARGIN, 4)
        item.setLimits(yMin=-0.5)
        legend = item.addLegend(offset=(8, 2), colCount=3)
        legend.setZValue(20)
        legend.setBrush(None)
        for name, _colour, _unit in _CURVES:
            self._lines[name] = plot.plot(name=name, antialias=True)
        self._playhead = pyqtgraph.InfiniteLine(angle=90, movable=False)
        plot.addItem(self._playhead)
        plot.scene().sigMouseClicked.connect(lambda event: self._go_to(event.scenePos()))
        plot.scene().sigMouseMoved.connect(self._drag)
        self._column.addWidget(plot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def _go_to(self, place: QPointF) -> None:
        seconds = self._plot.getPlotItem().vb.mapSceneToView(place).x()
        self._playback.set_frame(round(seconds * self._playback.frame_rate))

    def _drag(self, place: QPointF) -> None:
        from PySide6.QtWidgets import QApplication

        if QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self._go_to(place)

    def _follow_scale(self, scale: TimeScale) -> None:
        if self._plot is not None and self.isVisible():
            self._plot.setXRange(scale.start, scale.start + scale.seconds, padding=0)

    def _follow_theme(self) -> None:
        if self._plot is None:
            return
        colours = self._theme.colours
        self._plot.setBackground(colours.surface)
        axis = self._plot.getPlotItem().getAxis("left")
        axis.setPen(colours.border_strong)
        axis.setTextPen(colours.text_muted)
        ratio = self.devicePixelRatioF()  # pyqtgraph's lines count the screen's own pixels
        self._playhead.setPen(colours.accent, width=1.6 * ratio)
        for name, colour, _unit in _CURVES:
            self._lines[name].setPen(colour, width=2 * ratio)
        self._plot.getPlotItem().legend.setLabelTextColor(colours.text)
        self._show_moment()

    def _show_curves(self) -> None:
        if self._plot is None or not self.isVisible():
            return
        take = self._document.current
        self._values = {}
        if take.motion is not None:
            curves = curves_of(take.motion)
            self._values = {"speed": curves.speed, "height": curves.height}
            if 0 <= self._selection.grounding < len(take.groundings):
                self._values["similarity"] = np.asarray(take.groundings[self._selection.grounding].curve, dtype=float)
        for name, line in self._lines.items():
            values = self._values.get(name, np.zeros(0))
            line.setData(np.arange(len(values)) / take.frame_rate, values)
        highest = max((float(values.max()) for values in self._values.values() if len(values)), default=1.0)
        lowest = min((float(values.min()) for values in self._values.values() if len(values)), default=0.0)
        self._plot.setYRange(min(lowest, 0.0), max(highest, 1.0) * 1.5, padding=0.02)
        self._show_moment()

    def _show_moment(self, _moment: float = 0.0) -> None:
        if self._plot is None or not self.isVisible():
            return
        self._playhead.setPos(self._playback.seconds)
        legend = self._plot.getPlotItem().legend
        for (name, _colour, unit), (_sample, words) in zip(_CURVES, legend.items, strict=True):
            values = self._values.get(name)
            value = " –"
            if values is not None and len(values):
                value = f" {values[min(self._playback.frame, len(values) - 1)]:.2f} {unit}".rstrip()
            words.setText(f"{name}{value}")
