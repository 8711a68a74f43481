"""Everything can be reached by Tab, has a name for screen readers, and can be read."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from keyboard_support import missed, nameless
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import (
    QLineEdit,
    QWidget,
)

from segmo_studio.commands.actions import ACTIONS
from segmo_studio.main_window import MainWindow
from segmo_studio.theme.palette import THEMES, ThemeColours


def test_tab_reaches_every_control_of_the_window(generated: MainWindow) -> None:
    window = generated
    window.prompt_panel.prompt.setFocus()
    assert missed(window) == []


def test_every_control_has_a_name(generated: MainWindow) -> None:
    assert nameless(generated) == []


def test_no_key_means_two_things(generated: MainWindow) -> None:
    """Shortcuts of the table, of all actions of the window, and the letters of the menu bar."""
    table = Counter(QKeySequence(keys).toString() for spec in ACTIONS for keys in spec.shortcuts)
    assert [keys for keys, times in table.items() if times > 1] == []
    actions = {action for widget in (generated, *generated.findChildren(QWidget)) for action in widget.actions()}
    used = Counter(keys.toString() for action in actions for keys in action.shortcuts())
    assert [keys for keys, times in used.items() if times > 1] == []
    letters = Counter(re.findall(r"&(\w)", " ".join(a.text() for a in generated.menuBar().actions())))
    assert [letter for letter, times in letters.items() if times > 1] == []


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("role", ["text", "text_muted", "text_faint", "accent", "danger", "warning", "success"])
def test_high_contrast_is_higher(role: str) -> None:
    """WCAG 2.2, 1.4.6 for text; 1.4.11 for the edges of controls."""
    colours = THEMES["contrast"]
    assert min(contrast(getattr(colours, role), getattr(colours, ground)) for ground in GROUNDS) >= 7.0
    for edge in ("border", "border_strong"):
        assert min(contrast(getattr(colours, edge), getattr(colours, ground)) for ground in GROUNDS[:3]) >= 3.0


GROUNDS = ("window", "surface", "raised", "hover", "accent_soft")


@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("role", ["text", "text_muted", "text_faint", "accent", "danger", "warning", "success"])
def test_text_is_told_from_every_ground(colours: ThemeColours, role: str) -> None:
    low = {ground: round(contrast(getattr(colours, role), getattr(colours, ground)), 2) for ground in GROUNDS}
    assert min(low.values()) >= 4.5, low


@pytest.mark.parametrize("name", THEMES)
def test_what_stands_in_an_empty_field_can_be_read(window: MainWindow, name: str) -> None:
    """Left to itself, Qt makes half of the text's colour of it: 3.3 to 1 on white."""
    window.theme.choose(name)
    try:
        for field in (*window.findChildren(QLineEdit), window.prompt_panel.prompt):
            shown = field.palette().color(QPalette.ColorRole.PlaceholderText)
            assert (shown.name(), shown.alpha()) == (THEMES[name].text_faint, 255), field.accessibleName()
    finally:
        window.theme.choose("dark")


@pytest.mark.parametrize("colours", THEMES.values(), ids=THEMES)
def test_buttons_and_focus_are_told_too(colours: ThemeColours) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_hover) >= 4.5
    for ground in ("window", "surface", "raised"):  # WCAG 2.2, 1.4.11: the focus, 3 to 1
        assert contrast(colours.accent, getattr(colours, ground)) >= 3.0


def test_every_kind_of_control_shows_its_focus_with_two_pixels() -> None:
    sheet = (Path(__file__).parents[2] / "segmo_studio/theme/style.qss").read_text(encoding="utf-8")
    for kind in ("QPlainTextEdit", "QLineEdit", "QSpinBox", "QComboBox", "QPushButton", "QToolButton"):
        assert re.search(rf"{kind}:focus[^{{]*{{ border: 2px solid", sheet), kind
