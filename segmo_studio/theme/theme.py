"""Applies a theme to the application and tells widgets that paint themselves."""

from __future__ import annotations

import tempfile
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QIcon
from PySide6.QtWidgets import QApplication, QStyleFactory

from segmo_core.rendering.fonts import FONT_FOLDER
from segmo_studio.theme.icons import icon, write_style_icons
from segmo_studio.theme.palette import THEMES, ThemeColours, qt_palette

THEME_CHOICES = ("system", "light", "dark", "contrast")
_FOLDER = Path(__file__).parent


class Theme(QObject):
    """The one theme of the application. ``changed`` follows every switch; ``colours`` are the current ones."""

    changed = Signal()

    def __init__(self, application: QApplication, choice: str = "system") -> None:
        super().__init__(application)
        self._application = application
        self._arrows = tempfile.TemporaryDirectory(prefix="segmo-studio-")
        self._choice = choice
        self.colours: ThemeColours = THEMES["dark"]
        application.setStyle(QStyleFactory.create("Fusion"))
        for file in sorted(FONT_FOLDER.glob("*.otf")):
            QFontDatabase.addApplicationFont(str(file))
        font = QFont("Inter")
        font.setPixelSize(13)
        application.setFont(font)
        application.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.choose(choice)

    @property
    def choice(self) -> str:
        """One of THEME_CHOICES."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Switch to a theme or to what the system asks for (unknown names count as "system")."""
        self._choice = choice if choice in THEME_CHOICES else "system"
        name = self._choice
        if name == "system":
            scheme = self._application.styleHints().colorScheme()
            name = "light" if scheme == Qt.ColorScheme.Light else "dark"
        self._apply(THEMES[name])

    def icon(self, name: str, role: str = "text_muted") -> QIcon:
        """An icon in a colour of the theme, faint when disabled, in the accent when checked."""
        return icon(name, getattr(self.colours, role), self.colours.text_faint, self.colours.accent)

    def _follow_system(self) -> None:
        if self._choice == "system":
            self.choose("system")

    def _apply(self, colours: ThemeColours) -> None:
        self.colours = colours
        folder = Path(self._arrows.name) / colours.name
        folder.mkdir(exist_ok=True)
        write_style_icons(folder, colours.text_muted, colours.on_accent)
        names = {role: value for role, value in vars(colours).items() if role != "name"}
        sheet = Template((_FOLDER / "style.qss").read_text(encoding="utf-8"))
        self._application.setPalette(qt_palette(colours))
        self._application.setStyleSheet(sheet.substitute(names, icons=folder.as_posix()))
        self.changed.emit()
