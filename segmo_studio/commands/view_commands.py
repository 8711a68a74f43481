"""What the View menu does besides the 3D view itself: rows of the timeline, colours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QDockWidget, QMainWindow

from segmo_studio.commands.actions import Actions
from segmo_studio.settings import THEMES, Settings
from segmo_studio.theme.theme import Theme
from segmo_studio.timeline.timeline_panel import TimelinePanel
from segmo_studio.viewport.motion_view import MotionView

_ROWS = ("feet", "graphs")


class ViewCommands(QObject):
    """Remembers what was chosen."""

    def __init__(
        self, view: MotionView, timeline: TimelinePanel, theme: Theme, settings: Settings, actions: Actions
    ) -> None:
        super().__init__(view)
        self._view = view
        self._timeline = timeline
        self._theme = theme
        self._settings = settings
        self._actions = actions
        themes = QActionGroup(self)
        for choice in THEMES:
            themes.addAction(actions[f"theme_{choice}"])
        theme.changed.connect(self._follow_theme)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {
            "fit": self._timeline.view.fit,
            "show_feet": lambda shown: self._show_row(self._timeline.view.show_feet, shown),
            "show_graphs": lambda shown: self._show_row(self._show_graphs, shown),
            **{f"theme_{name}": partial(self.choose_theme, name) for name in THEMES},
        }

    def show_what_is_on(self) -> None:
        """Give the actions the state that things are in, and switch on the rows that were on last time."""
        for row in self._settings.timeline_rows:
            self._actions[f"show_{row}"].trigger()
        self._follow_theme()

    def _show_row(self, show: Callable[[bool], None], shown: bool) -> None:
        show(shown)
        self._settings.timeline_rows = tuple(row for row in _ROWS if self._actions[f"show_{row}"].isChecked())

    def _show_graphs(self, shown: bool) -> None:
        """The panel grows by the graphs, as far as the window lets it, so that the rows above keep their room."""
        graphs, dock = self._timeline.graphs, self._timeline.parentWidget()
        change = graphs.sizeHint().height() * (int(shown) - int(graphs.isVisible()))
        graphs.show_graphs(shown)
        window = dock.window() if isinstance(dock, QDockWidget) else None
        if isinstance(dock, QDockWidget) and isinstance(window, QMainWindow) and change:
            window.resizeDocks([dock], [dock.height() + change], Qt.Orientation.Vertical)

    def choose_theme(self, choice: str, *_checked: bool) -> None:
        """Use a theme from now on, and remember it."""
        self._settings.theme = choice
        self._theme.choose(choice)

    def _follow_theme(self) -> None:
        self._view.set_theme(self._theme.colours.name)
        self._actions[f"theme_{self._theme.choice}"].setChecked(True)
