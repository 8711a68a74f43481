"""How a motion was read, in words: who plays whom, scale, axis, rate, error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QVBoxLayout

from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_studio.document.read_motion import doubts
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
_FACTS = ("Joints", "Matched", "Left and right", "Up axis", "Scale", "Frame rate", "Rotations", "Mean error",
          "Worst error", "Missing")  # fmt: skip
UP_AXES = {"y": "Y up", "z": "Z up", "x": "X up", "-y": "−Y up", "-z": "−Z up", "-x": "−X up"}


class ReadingCard(QFrame):
    """``up_axis`` can be chosen; all else is told."""

    def __init__(self, source: Motion) -> None:
        super().__init__()
        self.setObjectName("card")
        self._source = source
        self.up_axis = QComboBox()
        self.up_axis.setAccessibleName("Up axis")
        self.facts = {name: label("", wrap=True) for name in _FACTS if name != "Up axis"}
        self.doubts = label("", "warning", wrap=True)
        self.doubts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(14)
        self._form.setVerticalSpacing(7)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name in _FACTS:
            self._form.addRow(label(name, "muted"), self.up_axis if name == "Up axis" else self.facts[name])
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(label("How it was read", "subtitle"))
        column.addLayout(self._form)
        column.addWidget(self.doubts)
        column.addStretch(1)
        self._list_axes("")
        self.show_result(None)

    @property
    def axis(self) -> str | None:
        """The axis that was chosen; None to find out."""
        chosen: str | None = self.up_axis.currentData()
        return chosen

    def show_result(self, result: RetargetResult | None) -> None:
        """None: no body yet."""
        source = self._source
        self.facts["Frame rate"].setText(f"{source.frame_rate:.6g} fps, {source.num_frames} frames")
        for name, text in (_texts(result, source) if result is not None else {}).items():
            self.facts[name].setText(text)
        for name in _FACTS:
            is_told = name in ("Frame rate", "Up axis") or result is not None
            if name == "Left and right":
                is_told = result is not None and bool(result.sides)
            self._form.setRowVisible(self.up_axis if name == "Up axis" else self.facts[name], is_told)
        found = doubts(result) if result is not None else ()
        self.doubts.setText("\n".join(found))
        self.doubts.setVisible(bool(found))
        if result is not None and self.axis is None:
            self._list_axes(result.up_axis)

    def choose_axis(self, axis: str | None) -> None:
        self.up_axis.setCurrentIndex(max(0, self.up_axis.findData(axis)))

    def _list_axes(self, found: str) -> None:
        row = max(0, self.up_axis.currentIndex())
        self.up_axis.clear()
        self.up_axis.addItem(f"{UP_AXES[found]} (found)" if found else "Find out", None)
        for axis, title in UP_AXES.items():
            self.up_axis.addItem(title, axis)
        self.up_axis.setCurrentIndex(row)


def _texts(result: RetargetResult, source: Motion) -> dict[str, str]:
    missing = [name.replace("_", " ") for name in result.missing_joints]
    worst = max(result.joint_errors, key=lambda name: result.joint_errors[name], default="")
    dropped = " The T-pose in the first frame was left out." if result.dropped_frames else ""
    matched, all_joints = len(SMPL_JOINT_NAMES) - len(missing), len(SMPL_JOINT_NAMES)
    return {
        "Joints": f"{matched} of {all_joints}, from {source.skeleton.num_joints}",
        "Matched": _WAYS.get(result.matched_by, result.matched_by),
        "Left and right": result.sides,
        "Scale": f"1 unit = {result.scale:.4g} m",
        "Frame rate": f"{source.frame_rate:.6g} fps, {source.num_frames} frames.{dropped}",
        "Rotations": "from the file" if result.uses_rotations else "from the positions only",
        "Mean error": f"{result.mean_error * 100:.1f} cm",
        "Worst error": f"{result.worst_error * 100:.1f} cm, most at the {worst.replace('_', ' ')}",
        "Missing": ", ".join(missing) if missing else "none",
    }
