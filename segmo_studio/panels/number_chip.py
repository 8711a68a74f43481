"""A segment's number on its colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from segmo_core.rendering.colours import segment_colour, text_on


class NumberChip(QLabel):
    """Shows the same number and colour as the timeline and the view."""

    def __init__(self, index: int = 0) -> None:
        super().__init__()
        self.setFixedSize(24, 24)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_number(index)

    def show_number(self, index: int) -> None:
        colour = segment_colour(index)
        self.setText(str(index + 1))
        self.setStyleSheet(f"background: {colour}; color: {text_on(colour)}; border-radius: 6px; font-weight: 600;")
