"""The table of panels: where each one is docked at first, and how wide or high."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QHBoxLayout, QMainWindow, QWidget

from segmo_studio.settings import Settings
from segmo_studio.theme.panel_names import name_panel
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import IconButton, label


@dataclass(frozen=True)
class ViewSpec:
    """size: first width (left, right) or height (bottom) in pixels."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    size: int


_FIRST_SIZE = QSize(1600, 1000)
_TITLE_BAR = 40  # pixels that the window system takes at the top
_LET_GO_MS = 100
_FLOATING = (
    Qt.WindowType.Tool
    | Qt.WindowType.CustomizeWindowHint
    | Qt.WindowType.WindowTitleHint
    | Qt.WindowType.WindowCloseButtonHint
)
_TIMELINE_SHARE = 0.31  # of the window's height, at most

VIEWS: tuple[ViewSpec, ...] = (
    ViewSpec("prompt", "Prompt", Qt.DockWidgetArea.LeftDockWidgetArea, 330),
    ViewSpec("inspector", "Inspector", Qt.DockWidgetArea.RightDockWidgetArea, 290),
    ViewSpec("takes", "Takes", Qt.DockWidgetArea.RightDockWidgetArea, 290),
    ViewSpec("timeline", "Timeline", Qt.DockWidgetArea.BottomDockWidgetArea, 280),
)


def make_docks(window: QMainWindow, panels: dict[str, QWidget], theme: Theme) -> dict[str, QDockWidget]:
    """A dock for every panel, in its first place. The timeline takes the full width."""
    window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
    docks = {}
    for spec in VIEWS:
        dock = QDockWidget(spec.title, window)
        dock.setObjectName(f"{spec.name}Dock")
        name_panel(dock, spec.name)
        dock.setWidget(panels[spec.name])
        dock.setTitleBarWidget(DockTitle(dock, theme) if spec.name != "timeline" else _no_title())
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


def restore_layout(window: QMainWindow, docks: dict[str, QDockWidget], settings: Settings) -> None:
    """Window and docks as they were left, or in their first places."""
    available = window.screen().availableGeometry()
    if settings.geometry.isEmpty() or not window.restoreGeometry(settings.geometry):
        fit_to_screen(window, available)
    else:
        hold_inside(window, available)
    if settings.layout.isEmpty() or not window.restoreState(settings.layout):
        place_docks(window, docks)
        QTimer.singleShot(0, window, lambda: size_docks(window, docks))


def fit_to_screen(window: QMainWindow, available: QRect) -> None:
    """A first size that leaves nothing outside: all of a small screen, a part of a large one."""
    room = QSize(available.width(), available.height() - _TITLE_BAR)
    window.resize(_FIRST_SIZE.boundedTo(room))
    if not available.contains(QRect(available.topLeft(), _FIRST_SIZE)):
        window.setWindowState(Qt.WindowState.WindowMaximized)


def hold_inside(window: QMainWindow, available: QRect) -> None:
    """A remembered size may come from a larger screen."""
    window.resize(window.size().boundedTo(available.size()))
    if not available.intersects(window.geometry()):
        window.move(available.topLeft())


def size_docks(window: QMainWindow, docks: dict[str, QDockWidget]) -> None:
    """Give the docks their first sizes; takes effect once the window has its own size."""
    for spec in VIEWS:
        dock = docks[spec.name]
        across = spec.area == Qt.DockWidgetArea.BottomDockWidgetArea
        size = min(spec.size, round(window.height() * _TIMELINE_SHARE)) if across else spec.size
        window.resizeDocks([dock], [size], Qt.Orientation.Vertical if across else Qt.Orientation.Horizontal)
    window.resizeDocks([docks["inspector"], docks["takes"]], [400, 265], Qt.Orientation.Vertical)


class DockTitle(QWidget):
    """The name of a panel and a button to close it, while it is docked; a floating one has a frame of its own."""

    def __init__(self, dock: QDockWidget, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        close = IconButton(theme, "close", f"Close {dock.windowTitle()}")
        close.setIconSize(QSize(12, 12))
        close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 8, 3)
        row.addWidget(label(dock.windowTitle()))
        row.addStretch(1)
        row.addWidget(close)
        self._dock = dock
        dock.topLevelChanged.connect(self._follow)

    def _follow(self, floats: bool) -> None:
        if floats:
            self._frame_when_let_go()
        else:
            self._dock.setTitleBarWidget(self)

    def _frame_when_let_go(self) -> None:
        """With a title of ours Qt gives a floating panel neither frame nor buttons, and nothing to resize it by. A
        window that is being dragged cannot get a frame, so this waits for the mouse.
        """
        dock = self._dock
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            QTimer.singleShot(_LET_GO_MS, self, self._frame_when_let_go)
        elif dock.isFloating() and dock.titleBarWidget() is self:
            dock.setTitleBarWidget(None)  # type: ignore[arg-type]
            place = dock.geometry()
            dock.setWindowFlags(_FLOATING)
            dock.setGeometry(place)
            dock.show()


def _no_title() -> QWidget:
    bar = QWidget()
    bar.setFixedHeight(0)
    return bar
