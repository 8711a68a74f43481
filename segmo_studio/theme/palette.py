"""The named colours of the light, the dark and the high-contrast theme. Every colour of the window comes from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QColor, QPalette

ThemeName = Literal["light", "dark", "contrast"]


@dataclass(frozen=True)
class ThemeColours:
    """Hex colours by role, from the back of the window to the front.

    window: behind the panels. surface: panels. raised: inputs and cards. hover: under the mouse.
    border, border_strong: hairlines, edges of inputs. text, text_muted, text_faint: by importance.
    accent, on_accent: the one thing to press, the playhead, the focus. danger, warning, success: states.
    Text of any role is told from every ground it stands on by 4.5 to 1, as WCAG 2.2 asks for (1.4.3); with high
    contrast by 7 to 1 (1.4.6), and every edge of a control by 3 to 1.
    """

    name: ThemeName
    window: str
    surface: str
    raised: str
    hover: str
    border: str
    border_strong: str
    text: str
    text_muted: str
    text_faint: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    danger: str
    warning: str
    success: str

    @property
    def is_dark(self) -> bool:
        return self.name != "light"

    def colour(self, role: str, alpha: int = 255) -> QColor:
        """The colour of a role as QColor, with ``alpha`` 0 to 255."""
        colour = QColor(getattr(self, role))
        colour.setAlpha(alpha)
        return colour


DARK = ThemeColours(
    name="dark",
    window="#121418",
    surface="#1a1d23",
    raised="#23272f",
    hover="#2d323c",
    border="#2a2e37",
    border_strong="#3c424e",
    text="#e9ebf0",
    text_muted="#b1b7c4",
    text_faint="#939bab",
    accent="#8f8cff",
    accent_hover="#a5a3ff",
    on_accent="#131322",
    accent_soft="#2b2b49",
    danger="#ff7b7f",
    warning="#f2b45c",
    success="#63cc93",
)

LIGHT = ThemeColours(
    name="light",
    window="#e9ebf0",
    surface="#f7f8fa",
    raised="#ffffff",
    hover="#eceef3",
    border="#dde0e7",
    border_strong="#c2c7d2",
    text="#1a1d26",
    text_muted="#4a5162",
    text_faint="#5f6778",
    accent="#4f4bd8",
    accent_hover="#423ec4",
    on_accent="#ffffff",
    accent_soft="#e6e5fb",
    danger="#b52c33",
    warning="#8a5200",
    success="#187546",
)

CONTRAST = ThemeColours(
    name="contrast",
    window="#000000",
    surface="#000000",
    raised="#0b0b0b",
    hover="#242424",
    border="#8c8c8c",
    border_strong="#ffffff",
    text="#ffffff",
    text_muted="#f2f2f2",
    text_faint="#dadada",
    accent="#ffd60a",
    accent_hover="#ffe45c",
    on_accent="#000000",
    accent_soft="#2e2800",
    danger="#ff9c9c",
    warning="#ffc965",
    success="#79f7b0",
)

THEMES = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}


def qt_palette(colours: ThemeColours) -> QPalette:
    """The QPalette for widgets that the style sheet does not reach (dialogs of Qt, tool tips, selections)."""
    palette = QPalette()
    for role, name in (
        (QPalette.ColorRole.Window, "surface"),
        (QPalette.ColorRole.WindowText, "text"),
        (QPalette.ColorRole.Base, "raised"),
        (QPalette.ColorRole.AlternateBase, "surface"),
        (QPalette.ColorRole.Text, "text"),
        (QPalette.ColorRole.Button, "raised"),
        (QPalette.ColorRole.ButtonText, "text"),
        (QPalette.ColorRole.ToolTipBase, "raised"),
        (QPalette.ColorRole.ToolTipText, "text"),
        (QPalette.ColorRole.PlaceholderText, "text_faint"),
        (QPalette.ColorRole.Highlight, "accent"),
        (QPalette.ColorRole.HighlightedText, "on_accent"),
        (QPalette.ColorRole.Link, "accent"),
        (QPalette.ColorRole.Accent, "accent"),
        (QPalette.ColorRole.Mid, "border"),
        (QPalette.ColorRole.Dark, "border_strong"),
    ):
        palette.setColor(role, colours.colour(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, colours.colour("text_faint"))
    return palette
