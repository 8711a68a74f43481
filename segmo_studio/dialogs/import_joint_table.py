"""Which joint of the file plays which joint of the model: one row each, with the error that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from segmo_core.retargeting.joint_map import REQUIRED_JOINTS, SPINE_JOINTS
from segmo_studio.theme.widgets import label, set_role

_GROUPS = {
    "Torso": ("pelvis", *SPINE_JOINTS, "neck", "head"),
    "Left leg": ("left_hip", "left_knee", "left_ankle", "left_foot"),
    "Right leg": ("right_hip", "right_knee", "right_ankle", "right_foot"),
    "Left arm": ("left_collar", "left_shoulder", "left_elbow", "left_wrist"),
    "Right arm": ("right_collar", "right_shoulder", "right_elbow", "right_wrist"),
}
_NOBODY, _NOBODY_YET = "–  placed from its neighbours", "–  needed"
_MAX_VISIBLE = 16


class JointTable(QScrollArea):
    """``joints`` is the map as it stands, model joint -> joint of the file; it need not be a whole body."""

    edited = Signal()

    def __init__(self, file_joints: Sequence[str], large_error: float) -> None:
        """large_error: metres from which on an error is marked."""
        super().__init__()
        self._large_error = large_error
        self.choices: dict[str, QComboBox] = {}
        self._errors: dict[str, QLabel] = {}
        self.setAccessibleName("Joints")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        body.setObjectName("panelBody")
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        row = 0
        for title, names in _GROUPS.items():
            heading = QVBoxLayout()
            heading.setContentsMargins(0, 8 if row else 0, 0, 0)
            heading.addWidget(label(title, "heading"))
            grid.addLayout(heading, row, 0, 1, 3)
            for name in names:
                row += 1
                self._add_row(grid, row, name)
            row += 1
        grid.setRowStretch(row, 1)
        self.setWidget(body)
        self.offer(file_joints)

    def offer(self, file_joints: Sequence[str]) -> None:
        """Other joints to choose from: those of another person of the file. Nobody plays anything then."""
        for name, choice in self.choices.items():
            choice.clear()
            choice.addItem(_NOBODY_YET if name in REQUIRED_JOINTS else _NOBODY, "")
            for joint in file_joints:
                choice.addItem(joint, joint)

    @property
    def joints(self) -> dict[str, str]:
        return {name: choice.currentData() for name, choice in self.choices.items() if choice.currentData()}

    def show_map(self, joints: Mapping[str, str]) -> None:
        """Show a map without calling it an edit. Joints that the file has not are left out."""
        for name, choice in self.choices.items():
            choice.setCurrentIndex(max(0, choice.findData(joints[name])) if name in joints else 0)

    def show_errors(self, errors: Mapping[str, float], missing: Sequence[str] = ()) -> None:
        """errors: model joint -> metres, shown in centimetres; joints without one stay empty."""
        for name, shown in self._errors.items():
            error = errors.get(name)
            text = "placed" if name in missing else "" if error is None else f"{error * 100:.1f} cm"
            shown.setText(text)
            set_role(shown, "warning" if error is not None and error > self._large_error else "small")

    def _add_row(self, grid: QGridLayout, row: int, name: str) -> None:
        choice, error = _JointChoice(), label("", "small")
        choice.setAccessibleName(name.replace("_", " ").capitalize())
        choice.setMaxVisibleItems(_MAX_VISIBLE)
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(18)
        choice.activated.connect(lambda _index: self._on_choice(name))
        error.setMinimumWidth(58)
        error.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(label(choice.accessibleName(), "muted"), row, 0)
        grid.addWidget(choice, row, 1)
        grid.addWidget(error, row, 2)
        self.choices[name], self._errors[name] = choice, error

    def _on_choice(self, name: str) -> None:
        """A joint plays one part: the part that it played before goes to nobody."""
        player = self.choices[name].currentData()
        for other, choice in self.choices.items():
            if other != name and player and choice.currentData() == player:
                choice.setCurrentIndex(0)
        self.edited.emit()


class _JointChoice(QComboBox):
    """Scrolling through the table must not change it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
