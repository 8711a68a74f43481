"""Segments that were proposed anew beside those that were edited: what to take of each, row by row."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QButtonGroup, QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE
from segmo_studio.document.editing.proposed_changes import ChangeKind, SegmentChange, chosen_track
from segmo_studio.services.making.reproposal import Reproposal
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column
from segmo_studio.theme.widgets import TextButton, label, push_button, scrolling_column, set_role, tab_through

KEEP_MINE = 2
"""Result of the dialog when the edited segments stay as they are."""
_SIZE = QSize(720, 480)
_KINDS = {
    ChangeKind.KEPT: "the same",
    ChangeKind.CHANGED: "changed",
    ChangeKind.ADDED: "new",
    ChangeKind.REMOVED: "not proposed",
    ChangeKind.MOVED: "moved",
}


class ProposalDialog(QDialog):
    """``track`` is what is chosen: at first all that is proposed."""

    def __init__(self, reproposal: Reproposal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New segments for the prompt")
        self.resize(_SIZE)
        self._changes = reproposal.changes
        self._sides: list[tuple[TextButton, TextButton] | None] = []
        self.all_mine = push_button("Mine in every row", "quiet")
        self.all_proposed = push_button("Proposed in every row", "quiet")
        self.keep = push_button("Keep mine", tip="Your segments stay as they are; the prompt becomes the new one")
        self.use = push_button("Use and generate" if reproposal.generates else "Use", "primary")
        self._cancel = push_button("Cancel", tip="Everything stays as it was  (Esc)")
        self._sum = label("", "small", wrap=True)
        self._fill(reproposal)
        self._connect()
        self._show_sum()

    @property
    def track(self) -> SegmentTrack | None:
        """The segments that are chosen; None where every one was left out."""
        return chosen_track(self._changes, [sides is None or sides[1].isChecked() for sides in self._sides])

    def choose(self, row: int, is_proposed: bool) -> None:
        """A side of a row; of a segment that moved it holds for the place where the other side has it too."""
        there = self._changes[row].other_row
        for each in (row, *(() if there is None else (there,))):
            sides = self._sides[each]
            if sides is not None:
                sides[is_proposed].setChecked(True)
        self._show_sum()

    def _fill(self, reproposal: Reproposal) -> None:
        take = reproposal.take
        column = dialog_column(self, "New segments for the prompt", 10)
        goes_on = f" They become a new take; {take.name} stays as it is." if take.motion is not None else ""
        said = f"You edited the segments of {take.name}. Choose what to take of the new ones, row by row.{goes_on}"
        column.addWidget(label(said, "muted", wrap=True))
        heads = QHBoxLayout()
        for button in (self.all_mine, self.all_proposed):
            heads.addWidget(button)
        heads.addStretch(1)
        column.addLayout(heads)
        rows = QWidget()
        column.addWidget(rows, 1)
        inside = scrolling_column(rows)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        for place, words in enumerate(("Mine", "Proposed", ""), start=0):
            grid.addWidget(label(words, "heading"), 0, place)
        for place in (0, 1):
            grid.setColumnStretch(place, 1)
        for number, change in enumerate(self._changes):
            self._add_row(grid, number, change)
        inside.addLayout(grid)
        inside.addStretch(1)
        column.addWidget(self._sum)
        add_buttons(column, self._cancel, self.keep, self.use)
        chosen = [button for sides in self._sides if sides is not None for button in sides]
        tab_through([self.all_mine, self.all_proposed, *chosen, self._cancel, self.keep, self.use])

    def _add_row(self, grid: QGridLayout, number: int, change: SegmentChange) -> None:
        grid.addWidget(label(_KINDS[change.kind], "small"), number + 1, 2)
        if not change.is_open:
            self._sides.append(None)
            for place, segment in enumerate((change.mine, change.proposed)):
                grid.addWidget(_shown(_words(segment)), number + 1, place)
            return
        group = QButtonGroup(self)
        sides = []
        for place, segment in enumerate((change.mine, change.proposed)):
            words = _words(segment) if segment is not None or change.other_row is None else "In another place"
            who = "proposed" if place else "mine"
            button = TextButton(words, f"Row {number + 1}, {_KINDS[change.kind]}, {who}: {words}")
            button.setCheckable(True)
            group.addButton(button)
            button.clicked.connect(lambda _on, row=number, side=place: self.choose(row, bool(side)))
            grid.addWidget(button, number + 1, place)
            sides.append(button)
        sides[1].setChecked(True)
        self._sides.append((sides[0], sides[1]))

    def _connect(self) -> None:
        for button in (self.all_mine, self.all_proposed, self.keep, self._cancel):
            button.setAutoDefault(False)
        self.use.setDefault(True)
        self.all_mine.clicked.connect(lambda: self._choose_all(False))
        self.all_proposed.clicked.connect(lambda: self._choose_all(True))
        self.keep.clicked.connect(lambda: self.done(KEEP_MINE))
        self.use.clicked.connect(self.accept)
        self._cancel.clicked.connect(self.reject)

    def _choose_all(self, is_proposed: bool) -> None:
        for row, sides in enumerate(self._sides):
            if sides is not None:
                self.choose(row, is_proposed)

    def _show_sum(self) -> None:
        track = self.track
        self.use.setEnabled(track is not None)
        set_role(self._sum, "small" if track is not None else "warning")
        if track is None:
            self._sum.setText("No segment is left: choose one at least.")
        else:
            count = "1 segment" if len(track) == 1 else f"{len(track)} segments"
            self._sum.setText(f"{count}, {track.num_frames / MODEL_FRAME_RATE:.1f} s.")


def _words(segment: MotionSegment | None) -> str:
    if segment is None:
        return "Leave it out"
    return f"{segment.text or 'no text yet'}   {segment.num_frames / MODEL_FRAME_RATE:.1f} s"


def _shown(words: str) -> QWidget:
    """A segment that both sides have: nothing to choose, in the place where a button would be."""
    result = QWidget()
    column = QVBoxLayout(result)
    column.setContentsMargins(10, 8, 10, 8)
    inside: QLabel = label(words, "muted", wrap=True)
    column.addWidget(inside)
    return result
