"""The curve of a figure over the steps of a training, live; drawn by pyqtgraph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from segmo_studio.services.models.run_figures import Curve
from segmo_studio.theme.theme import Theme

_TRAINED, _VALIDATED = "#56B4E9", "#E69F00"
_LEAST_HEIGHT = 150


class CurvesPlot(QWidget):
    """A line for what is trained on, another with points for what is not."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.setAccessibleName("Curve of the figure")
        self._plot: Any = pyqtgraph.PlotWidget()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        self._legend: Any = item.addLegend(offset=(-10, 6))
        self.lines: dict[bool, Any] = {
            False: self._plot.plot(name="training", antialias=True),
            True: self._plot.plot(name="validation", antialias=True, symbol="o", symbolSize=5),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        theme.changed.connect(self._follow_theme)
        self._follow_theme()

    def show_curves(self, curves: Sequence[Curve], unit: str) -> None:
        """unit: of what runs along the bottom; nothing is drawn without curves."""
        for is_validation, line in self.lines.items():
            found = [curve for curve in curves if curve.is_validation == is_validation]
            line.setData(np.array(found[0].steps if found else ()), np.array(found[0].values if found else ()))
        self._plot.getPlotItem().setLabel("bottom", unit, color=self._theme.colours.text_muted)
        self._legend.setVisible(len(curves) > 1)

    def _follow_theme(self) -> None:
        colours, item = self._theme.colours, self._plot.getPlotItem()
        self._plot.setBackground(colours.raised)
        for side in ("left", "bottom"):
            item.getAxis(side).setPen(colours.border_strong)
            item.getAxis(side).setTextPen(colours.text_muted)
        ratio = self.devicePixelRatioF()  # pyqtgraph's lines count the screen's own pixels
        for is_validation, colour in ((False, _TRAINED), (True, _VALIDATED)):
            self.lines[is_validation].setPen(colour, width=2 * ratio)
        self.lines[True].setSymbolBrush(_VALIDATED)
        self._legend.setLabelTextColor(colours.text)
