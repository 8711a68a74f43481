"""Settings, the tour, the log, diagnostics: what the Help menu and the Edit menu have for the program itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from segmo_studio.dialogs.help.log_dialog import LogDialog
from segmo_studio.dialogs.help.tour import Tour, TourStep
from segmo_studio.dialogs.settings_dialog import ChosenSettings, SettingsDialog
from segmo_studio.document.document import Document
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.support.diagnostics import diagnostics
from segmo_studio.services.support.log import LOG_NAME, last_lines
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme
from segmo_studio.viewport.motion_view import MotionView

_LOG_LINES, _DIAGNOSTIC_LINES = 2000, 40

TOUR = (
    (
        "prompt",
        "Say what happens",
        "Type a sentence, such as “a person walks forward, then waves”, and press Ctrl+Enter. Its actions become "
        "segments, listed below, which you can edit, split, merge and reorder.",
    ),
    (
        "view",
        "Watch it",
        "The motion appears here while it is being made. Space plays, dragging looks from another side, 1, 3 and 7 are "
        "front, side and top.",
    ),
    (
        "timeline",
        "Change when",
        "Drag a boundary, and only the two segments beside it are made anew. Shift moves what follows. Ctrl+Z takes "
        "anything back.",
    ),
    (
        "inspector",
        "Try another",
        "The selected segment: how long such actions take, whether it is found in the motion, and another variation of "
        "it alone (R).",
    ),
    ("takes", "Keep several", "Every Generate makes a take. Compare, star and rename them here."),
    (
        "menu",
        "Take it along",
        "File > Export writes for Blender, Unreal, Unity and others; Ctrl+S keeps everything in one project. Ctrl+P "
        "finds every command, ? shows all keys.",
    ),
)
"""Panel, title and text of every step."""


class SupportCommands(QObject):
    """Knows every panel by its name, so that the tour can point at it."""

    settings_changed = Signal()
    """Other settings were chosen and are remembered."""

    def __init__(
        self,
        window: QWidget,
        choose_theme: Callable[[str], object],
        theme: Theme,
        settings: Settings,
        document: Document,
        notifications: Notifications,
        panels: Mapping[str, QWidget],
        facts: Mapping[str, Callable[[], str]],
    ) -> None:
        """panels: what the tour's steps are about. facts: of the window, for diagnostics."""
        super().__init__(window)
        self._window = window
        self._choose_theme = choose_theme
        self._theme = theme
        self._settings = settings
        self._document = document
        self._notifications = notifications
        self._panels = panels
        self._facts = facts
        self.tour: Tour | None = None

    @property
    def log_file(self) -> Path:
        return self._settings.log_folder / LOG_NAME

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What the actions of the table do."""
        return {
            "settings": self.ask_settings,
            "tour": self.start_tour,
            "log": self.show_log,
            "diagnostics": self.copy_diagnostics,
        }

    def offer_tour(self) -> None:
        """Once in the life of an installation."""
        if not self._settings.has_seen_tour:
            self.start_tour()

    def start_tour(self) -> None:
        if self.tour is None:
            for panel in self._panels.values():
                panel.show()
            steps = [TourStep(self._panels[name], title, text) for name, title, text in TOUR]
            self.tour = Tour(self._window, self._theme, steps, self._end_tour)

    def ask_settings(self) -> None:
        settings = self._settings
        present = ChosenSettings(
            settings.theme, settings.segmenter, settings.smpl_folder, settings.export_folder, settings.language
        )
        dialog = SettingsDialog(present, self._window, settings.language_folder)
        if dialog.exec() and dialog.chosen != present:
            self._apply(dialog.chosen)
        dialog.deleteLater()

    def show_log(self) -> None:
        text = last_lines(self.log_file, _LOG_LINES) or "Nothing was noted yet."
        LogDialog("Log", text, self.log_file, self._window).exec()

    def copy_diagnostics(self) -> None:
        log = last_lines(self.log_file, _DIAGNOSTIC_LINES)
        text = diagnostics(self._facts) + (f"\n\nThe end of the log:\n{log}" if log else "")
        QApplication.clipboard().setText(text)
        dialog = LogDialog("Diagnostics", text, None, self._window)
        self._notifications.success("Diagnostics are copied: paste them where you ask for help.")
        dialog.exec()

    def _apply(self, chosen: ChosenSettings) -> None:
        settings, document = self._settings, self._document
        settings.smpl_folder, settings.export_folder = chosen.smpl_folder, chosen.export_folder
        settings.language = chosen.language
        if chosen.segmenter != settings.segmenter:
            settings.segmenter = chosen.segmenter
            document.push_settings(replace(document.settings, segmenter=chosen.segmenter))
        self._choose_theme(chosen.theme)
        self.settings_changed.emit()

    def _end_tour(self) -> None:
        self._settings.has_seen_tour = True
        self.tour = None


def facts_of(view: MotionView, service: EngineService) -> dict[str, Callable[[], str]]:
    """What diagnostics tell of a window."""
    return {
        "Graphics": lambda: view.graphics,
        "Bundle": lambda: str(service.bundle.folder if service.bundle else "not loaded yet"),
        "View": lambda: f"{view.width()} x {view.height()}, theme {view.theme}",
    }
