"""A segment's number on its colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from segmo_core.rendering.colours import segment_colour, text_on

_NEUTRAL = "#7f8794"


class NumberChip(QLabel):
    """Shows the same number and colour as the timeline and the view."""

    def __init__(self, index: int = 0) -> None:
        super().__init__()
        self.setFixedSize(24, 24)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_number(index)

    def show_number(self, index: int, has_text: bool = True) -> None:
        """has_text: whether anybody said what it is; what has no text has no colour."""
        colour = segment_colour(index) if has_text else _NEUTRAL
        self.setText(str(index + 1))
        self.setStyleSheet(f"background: {colour}; color: {text_on(colour)}; border-radius: 6px; font-weight: 600;")
