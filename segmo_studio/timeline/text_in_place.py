"""Editing the text of a segment where it stands in the timeline."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from segmo_studio.theme.kept_line_edit import KeptLineEdit


class TextInPlace(KeptLineEdit):
    """The field over a segment. take_id, index: whose words it shows; the timeline places it and takes it away."""

    def __init__(self, take_id: int, index: int, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.take_id = take_id
        self.index = index
        self.shown_text = text
        self.setAccessibleName(f"Text of segment {index + 1}")
        self.setPlaceholderText("What does the person do?")
        self.selectAll()
