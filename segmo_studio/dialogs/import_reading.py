"""How a motion was read, in words: who plays whom, scale, axis, rate, error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFrame, QVBoxLayout, QWidget

from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_studio.document.read_motion import Fitting, doubts
from segmo_studio.theme.dialog_layout import rows_of_fields
from segmo_studio.theme.widgets import label

if TYPE_CHECKING:
    from segmo_core.retargeting.to_model_skeleton import RetargetResult

_WAYS = {
    "names": "by their names",
    "structure": "by the shape of the skeleton",
    "names and structure": "by names and by shape",
    "map": "by the map on the left",
    "same skeleton": "the model's own skeleton",
}
_FACTS = ("Clip", "Joints", "Matched", "Left and right", "Up axis", "Scale", "Floor", "Facing", "Frame rate", "Rate",
          "Rotations", "Fingers", "Mean error", "Worst error", "Missing", "Put right")  # fmt: skip
_FASTEST = 480.0
UP_AXES = {"y": "Y up", "z": "Z up", "x": "X up", "-y": "−Y up", "-z": "−Z up", "-x": "−X up"}


class ReadingCard(QFrame):
    """``fitting`` is what was chosen: clip, axis, floor and rate, each with one click; all else is told."""

    edited = Signal()

    def __init__(self, source: Motion) -> None:
        super().__init__()
        self.setObjectName("card")
        self._source = source
        self.up_axis, self.clip = QComboBox(), QComboBox()
        self.on_floor, self.rate = QCheckBox("Put on the floor"), QDoubleSpinBox()
        self._choices: dict[str, QWidget] = {
            "Clip": self.clip, "Up axis": self.up_axis, "Floor": self.on_floor, "Rate": self.rate,
        }  # fmt: skip
        self.facts = {name: label("", wrap=True) for name in _FACTS if name not in self._choices}
        self.doubts = label("", "warning", wrap=True)
        self.doubts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._form = rows_of_fields(7)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name in _FACTS:
            self._form.addRow(label(name, "muted"), self._row(name))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(label("How it was read", "subtitle"))
        column.addLayout(self._form)
        column.addWidget(self.doubts)
        column.addStretch(1)
        self._fill_choices()
        self.show_result(None)

    @property
    def axis(self) -> str | None:
        """The axis that was chosen; None to find out."""
        chosen: str | None = self.up_axis.currentData()
        return chosen

    @property
    def fitting(self) -> Fitting:
        """What was chosen, but for the joints."""
        rate = self.rate.value() or None
        clip = self.clip.currentText() if self._source.provenance.clips else None
        return Fitting(None, self.axis, clip, rate, not self.on_floor.isChecked())

    @property
    def fields(self) -> list[QWidget]:
        """What can be chosen, from top to bottom."""
        return [self._choices[name] for name in _FACTS if name in self._choices]

    def show_result(self, result: RetargetResult | None) -> None:
        """None: no body yet."""
        source = self._source
        self.facts["Frame rate"].setText(f"{source.frame_rate:.6g} fps, {source.num_frames} frames")
        for name, text in (_texts(result) if result is not None else {}).items():
            self.facts[name].setText(text)
        told = {"Frame rate", "Rate", "Up axis"} if result is None else set(_FACTS)
        if not source.provenance.clips:
            told -= {"Clip"}
        if result is not None:
            told -= {name for name in ("Left and right", "Fingers", "Put right") if not self.facts[name].text()}
            self.on_floor.setText(_floor(result))
        for name in _FACTS:
            self._form.setRowVisible(self._row(name), name in told)
        found = doubts(result) if result is not None else ()
        self.doubts.setText("\n".join(found))
        self.doubts.setVisible(bool(found))
        if result is not None and self.axis is None:
            self._list_axes(result.up_axis)

    def choose_axis(self, axis: str | None) -> None:
        self.up_axis.setCurrentIndex(max(0, self.up_axis.findData(axis)))

    def _row(self, name: str) -> QWidget:
        return self._choices.get(name) or self.facts[name]

    def _fill_choices(self) -> None:
        told = self._source.provenance
        for name, widget in self._choices.items():
            widget.setAccessibleName(name)
        self.clip.addItems(told.clips)
        self.clip.setCurrentText(told.clip)
        self.on_floor.setChecked(True)
        self.rate.setRange(0.0, _FASTEST)
        self.rate.setDecimals(3)
        self.rate.setSpecialValueText("as in the file")
        self.rate.setSuffix(" fps")
        self.rate.setKeyboardTracking(False)
        self._list_axes("")
        self.clip.activated.connect(lambda _row: self.edited.emit())
        self.up_axis.activated.connect(lambda _row: self.edited.emit())
        self.on_floor.clicked.connect(lambda _on: self.edited.emit())
        self.rate.valueChanged.connect(lambda _value: self.edited.emit())

    def _list_axes(self, found: str) -> None:
        row = max(0, self.up_axis.currentIndex())
        self.up_axis.clear()
        self.up_axis.addItem(f"{UP_AXES[found]} (found)" if found else "Find out", None)
        for axis, title in UP_AXES.items():
            self.up_axis.addItem(title, axis)
        self.up_axis.setCurrentIndex(row)


def _floor(result: RetargetResult) -> str:
    if not result.lowered:
        return "Put on the floor"
    way = "above" if result.lowered > 0 else "below"
    return f"Put on the floor: it was {abs(result.lowered):.2f} m {way}"


def _texts(result: RetargetResult) -> dict[str, str]:
    from segmo_core.formats.inspection import facing_degrees  # not before a file is read, as it takes its time

    motion = result.motion
    missing = [name.replace("_", " ") for name in result.missing_joints]
    worst = max(result.joint_errors, key=lambda name: result.joint_errors[name], default="")
    dropped = " The T-pose in the first frame was left out." if result.dropped_frames else ""
    matched, all_joints = len(SMPL_JOINT_NAMES) - len(missing), len(SMPL_JOINT_NAMES)
    return {
        "Joints": f"{matched} of {all_joints}, from {result.num_source_joints}",
        "Matched": _WAYS.get(result.matched_by, result.matched_by),
        "Left and right": result.sides,
        "Scale": f"1 unit = {result.scale:.4g} m",
        "Frame rate": f"{motion.frame_rate:.6g} fps, {motion.num_frames + result.dropped_frames} frames.{dropped}",
        "Facing": f"{round(facing_degrees(motion))}° from +Z towards +X at the start",
        "Fingers": result.told_fingers if result.num_finger_joints else "",
        "Rotations": "from the file" if result.uses_rotations else "from the positions only",
        "Mean error": f"{result.mean_error * 100:.1f} cm",
        "Worst error": f"{result.worst_error * 100:.1f} cm, most at the {worst.replace('_', ' ')}",
        "Missing": ", ".join(missing) if missing else "none",
        "Put right": "\n".join(result.repairs),
    }
