"""What happens in an opened motion that has no segments yet: a line for each stretch, and how to make them segments."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from segmo_core.project.project import Take
from segmo_studio.document.findings import percent
from segmo_studio.document.found.found_stretches import FoundStretch, found_stretches
from segmo_studio.document.short_words import without_subject
from segmo_studio.panels.number_chip import NumberChip
from segmo_studio.theme.elided_label import ElidedLabel
from segmo_studio.theme.widgets import label, push_button


class FoundList(QWidget):
    """Hidden while there is nothing to tell. A click on a line goes to its frames."""

    stretch_chosen = Signal(int)
    """The first frame of the line that was clicked."""
    use_all_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[QPushButton] = []
        self.use_all = push_button("Use all as segments", "", "Make every line a segment of its own  (Shift+U)")
        self.use_all.clicked.connect(self.use_all_requested)
        header = QHBoxLayout()
        header.addWidget(label("Found in this motion", "heading"))
        header.addStretch(1)
        header.addWidget(self.use_all)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(header)
        self._shown: tuple[FoundStretch, ...] = ()
        self.hide()

    def show_take(self, take: Take) -> None:
        """The stretches of an opened motion without segments; of any other take nothing."""
        shown = found_stretches(take) if take.opened is not None and take.track is None else ()
        self.setVisible(bool(shown))
        if shown == self._shown:
            return
        self._shown = shown
        while self.rows:
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        before: QWidget = self.use_all
        for number, stretch in enumerate(shown):
            row = _line(number, stretch, take.frame_rate)
            row.clicked.connect(lambda _checked=False, frame=stretch.start: self.stretch_chosen.emit(frame))
            self._column.addWidget(row)
            QWidget.setTabOrder(before, row)
            self.rows.append(row)
            before = row


def _line(number: int, stretch: FoundStretch, frame_rate: float) -> QPushButton:
    times = f"{stretch.start / frame_rate:.2f} – {stretch.end / frame_rate:.2f} s"
    facts = f"{times}   {percent(stretch.confidence)} sure" if stretch.colour is not None else times
    row = QPushButton()
    row.setProperty("kind", "example")
    row.setAccessibleName(f"Found stretch {number + 1}: {stretch.text}, {facts}")
    row.setToolTip("Go to where it begins")
    row.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    row.setFixedHeight(44)
    inside = QHBoxLayout(row)
    inside.setContentsMargins(8, 4, 10, 4)
    inside.setSpacing(8)
    chip = NumberChip()
    chip.show_number(number, stretch.colour is not None)
    lines = QVBoxLayout()
    lines.setSpacing(0)
    lines.addWidget(ElidedLabel("", without_subject(stretch.text)))
    lines.addWidget(ElidedLabel("small", facts))
    inside.addWidget(chip)
    inside.addLayout(lines, 1)
    for child in row.findChildren(QWidget):
        child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return row
