"""The table of panels: where each one is docked at first, and how wide or high."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QWidget

from segmo_studio.theme.panel_names import name_panel
from segmo_studio.theme.widgets import label


@dataclass(frozen=True)
class ViewSpec:
    """size: first width (left, right) or height (bottom) in pixels."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    size: int


VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec("prompt", "Prompt", Qt.DockWidgetArea.LeftDockWidgetArea, 330),
    ViewSpec("inspector", "Inspector", Qt.DockWidgetArea.RightDockWidgetArea, 290),
    ViewSpec("takes", "Takes", Qt.DockWidgetArea.RightDockWidgetArea, 290),
    ViewSpec("timeline", "Timeline", Qt.DockWidgetArea.BottomDockWidgetArea, 280),
)


def make_docks(window: QMainWindow, panels: dict[str, QWidget]) -> dict[str, QDockWidget]:
    """A dock for every panel, in its first place. The timeline takes the full width."""
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
    docks = {}
    for spec in VIEWS:
        dock = QDockWidget(spec.title, window)
        dock.setObjectName(f"{spec.name}Dock")
        name_panel(dock, spec.name)
        dock.setWidget(panels[spec.name])
        dock.setTitleBarWidget(_title(spec.title) if spec.name != "timeline" else _no_title())
        docks[spec.name] = dock
    place_docks(window, docks)
    return docks


def place_docks(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    """Put every dock into its first place, visible."""
    for spec in VIEWS:
        dock = docks[spec.name]
        dock.setFloating(False)
        window.addDockWidget(spec.area, dock)
        dock.show()
    size_docks(window, docks)


def size_docks(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    """Give the docks their first sizes; takes effect once the window has its own size."""
    for spec in VIEWS:
        dock = docks[spec.name]
        across = spec.area == Qt.DockWidgetArea.BottomDockWidgetArea
        window.resizeDocks([dock], [spec.size], Qt.Orientation.Vertical if across else Qt.Orientation.Horizontal)
    window.resizeDocks([docks["inspector"], docks["takes"]], [470, 195], Qt.Orientation.Vertical)


def _title(text: str) -> QWidget:
    bar = QWidget()
    bar.setObjectName("dockTitle")
    row = QHBoxLayout(bar)
    row.setContentsMargins(14, 10, 14, 6)
    row.addWidget(label(text))
    return bar


def _no_title() -> QWidget:
    bar = QWidget()
    bar.setFixedHeight(0)
    return bar
