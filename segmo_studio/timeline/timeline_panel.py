"""Transport bar, timeline and graphs, one above the other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from segmo_studio.timeline.graph_row import GraphRow
from segmo_studio.timeline.timeline_view import TimelineView
from segmo_studio.timeline.transport_bar import TransportBar


class TimelinePanel(QWidget):
    """What the bottom dock holds."""

    def __init__(self, bar: TransportBar, view: TimelineView, graphs: GraphRow) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.bar = bar
        self.view = view
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        self.graphs = graphs
        column.addWidget(view, 1)
        column.addWidget(graphs)
