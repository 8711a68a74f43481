"""What the program is, and whose licences it is under."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

_TEXT = (
    "SegMo Studio turns sentences into 3D human motion, segment by segment.\n\nMIT licence. "
    "The font Inter is used under the SIL Open Font License."
)


def show_about(parent: QWidget) -> None:
    QMessageBox.about(parent, "About SegMo Studio", _TEXT)
