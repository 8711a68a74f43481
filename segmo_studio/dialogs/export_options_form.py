"""The options of an export: only those that the chosen format has room for."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from segmo_core.formats.registry import MotionFormat
from segmo_core.formats.scene.export_options import EVERY_FRAME, MAX_FRAME_RATE, UNITS, ExportOptions
from segmo_studio.theme.widgets import label, pad_text

_FRAME_RATES = (20.0, 24.0, 25.0, 30.0, 60.0)
_OTHER_RATE = "other"
_UNITS = {"m": "Metres", "cm": "Centimetres", "mm": "Millimetres", "in": "Inches", "ft": "Feet"}
_UP_AXES = {"y": "Y up", "z": "Z up"}
_NAMES = {
    "smpl": "SMPL",
    "mixamo": "Mixamo",
    "unreal": "Unreal Engine 4 Mannequin",
    "manny": "Unreal Engine 5 Manny (in a T-pose)",
    "unity": "Unity Humanoid",
    "vrm": "VRM Humanoid",
}
_BONE_AXES = {"world": "Along the world's axes", "bone": "Along the bones"}
_KEYS = {"exact": "Exact at any time", "frame": "One a frame"}
_FRAMES = {"here": "At the playhead", EVERY_FRAME: "Every frame, a file each"}
_SWITCHES = {
    "mesh": ("Mannequin mesh", "A body, skinned to the bones, besides the skeleton."),
    "in_place": ("In place", "The body moves on the spot: its travel over the ground is left out."),
    "root_bone": ("Root bone on the ground", "One more bone that carries travel and heading, as game engines like it."),
    "fingers": ("Fingers", "Thirty bones more, as the motion has them, or else of hands that hang relaxed."),
    "loop": ("Loop", "The stretch alone whose end meets its beginning best, to be repeated: a walk cycle."),
    "from_origin": ("Start at the origin", "The body starts in the middle, facing forward."),
}
_ROW_HEIGHT = 30


class ChoiceField(QComboBox):
    """One of several named values; ``value`` is None for the one that the format has by itself."""

    def __init__(self, titles: Mapping[str, str], name: str) -> None:
        super().__init__()
        self._titles = dict(titles)
        self.setAccessibleName(name)

    @property
    def value(self) -> str | None:
        chosen: str | None = self.currentData()
        return chosen

    def offer(self, usual: str, value: str | None) -> None:
        """List all values, ``usual`` marked as the format's own, and choose ``value``."""
        self.clear()
        for known, title in self._titles.items():
            self.addItem(f"{title} (usual)" if known == usual else title, None if known == usual else known)
        usual_row = list(self._titles).index(usual)
        row = self.findData(value) if value not in (None, usual) else usual_row
        self.setCurrentIndex(row if row >= 0 else usual_row)


class FrameRateField(QWidget):
    """The motion's own rate, one of the common ones, or any other."""

    changed = Signal()

    def __init__(self, own_rate: float) -> None:
        super().__init__()
        self.choice = QComboBox()
        self.choice.setAccessibleName("Frame rate")
        self.other = QDoubleSpinBox()
        self.other.setAccessibleName("Other frame rate")
        self.other.setRange(1.0, MAX_FRAME_RATE)
        self.other.setDecimals(3)
        self.other.setValue(120.0)
        self.other.setSuffix(" fps")
        self.other.hide()
        pad_text(self.other)
        self._own_rate = own_rate
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.choice, 1)
        row.addWidget(self.other, 1)
        self.setFocusProxy(self.choice)
        self.choice.currentIndexChanged.connect(self._on_choice)
        self.other.valueChanged.connect(self.changed)

    @property
    def rate(self) -> float | None:
        chosen = self.choice.currentData()
        return self.other.value() if chosen == _OTHER_RATE else chosen

    def offer(self, usual: float | None, rate: float | None) -> None:
        """List the rates, ``usual`` (None: the motion's own) marked as the format's, and choose ``rate``."""
        blocked = self.choice.blockSignals(True)
        self.choice.clear()
        first = usual or self._own_rate
        self.choice.addItem(f"{first:g} fps ({'usual' if usual else 'as it is'})", None)
        for known in sorted({*_FRAME_RATES, self._own_rate} - {first}):
            self.choice.addItem(f"{known:g} fps", known)
        self.choice.addItem("Other…", _OTHER_RATE)
        self._choose(rate)
        self.choice.blockSignals(blocked)
        self.other.setVisible(self.choice.currentData() == _OTHER_RATE)

    def _choose(self, rate: float | None) -> None:
        row = 0 if rate is None else self.choice.findData(rate)
        if row < 0 and rate is not None:
            is_own = self.choice.itemText(0).startswith(f"{rate:g} fps")
            row = 0 if is_own else self.choice.findData(_OTHER_RATE)
            if not is_own:
                self.other.setValue(rate)
        self.choice.setCurrentIndex(row)

    def _on_choice(self) -> None:
        self.other.setVisible(self.choice.currentData() == _OTHER_RATE)
        self.changed.emit()


class ExportOptionsForm(QWidget):
    """Shows and edits ExportOptions for one format. What was chosen is kept while another format is looked at."""

    changed = Signal()

    def __init__(self, own_rate: float, frame: int = 0, *, has_hands: bool = False) -> None:
        """frame: at the playhead, at ``own_rate``. has_hands: the motion knows what its fingers do, so that they are
        written unless that is switched off.
        """
        super().__init__()
        self._row: MotionFormat | None = None
        self._seconds = frame / own_rate
        self._own_rate = own_rate
        self._has_hands = has_hands
        self._shown_fingers: bool | None = None
        self.frame_rate = FrameRateField(own_rate)
        self.choices = {
            "unit": ChoiceField({unit: _UNITS.get(unit, unit) for unit in UNITS}, "Unit"),
            "up_axis": ChoiceField(_UP_AXES, "Up axis"),
            "names": ChoiceField(_NAMES, "Bone names"),
            "bone_axes": ChoiceField(_BONE_AXES, "Bone axes"),
            "keys": ChoiceField(_KEYS, "Keys"),
            "frame": ChoiceField(_FRAMES, "Pose"),
        }
        self.switches = {name: QCheckBox(title) for name, (title, _) in _SWITCHES.items()}
        self._form = QFormLayout()
        self._nothing = label("This format has nothing to choose.", "muted", wrap=True)
        self._fill()
        self.frame_rate.changed.connect(self.changed)
        for field in self.choices.values():
            field.currentIndexChanged.connect(self.changed)
        for switch in self.switches.values():
            switch.toggled.connect(self.changed)

    def fields(self) -> list[QWidget]:
        """All fields in the order that Tab goes through them."""
        return [self.frame_rate.choice, self.frame_rate.other, *self.choices.values(), *self.switches.values()]

    def show_format(self, row: MotionFormat, options: ExportOptions | None = None) -> None:
        """Show the fields that ``row`` has room for, with ``options`` or else with what was chosen before."""
        chosen = options or self._chosen()
        self._row = row
        self._shown_fingers = chosen.fingers
        blocked = self.blockSignals(True)
        self.frame_rate.offer(row.frame_rate, chosen.frame_rate)
        self.choices["unit"].offer(row.unit, chosen.unit)
        self.choices["up_axis"].offer(row.up_axis, chosen.up_axis)
        self.choices["names"].offer(row.names, chosen.names)
        self.choices["bone_axes"].offer("world", chosen.bone_axes)
        self.choices["keys"].offer("exact", chosen.keys)
        self.choices["frame"].offer("here", EVERY_FRAME if chosen.frame == EVERY_FRAME else None)
        for name, switch in self.switches.items():
            value = getattr(chosen, name)
            switch.setChecked(self._has_hands if value is None else value)
            switch.setVisible(name in row.options)
        self._form.setRowVisible(self.frame_rate, "frame_rate" in row.options)
        for name, field in self.choices.items():
            self._form.setRowVisible(field, name in row.options)
        shown = {"frame_rate", *self.choices, *self.switches} & row.options
        self._nothing.setVisible(not shown)
        self.blockSignals(blocked)
        self.changed.emit()

    def options(self, title: str = "") -> ExportOptions:
        """What was chosen, as far as the format on show has room for it."""
        chosen, room = self._chosen(), self._row.options if self._row is not None else frozenset()
        kept = {name: getattr(chosen, name) for name in chosen.chosen & room}
        return ExportOptions(title=title, **kept)

    def _chosen(self) -> ExportOptions:
        if self._row is None:
            return ExportOptions()
        return ExportOptions(
            frame_rate=self.frame_rate.rate,
            unit=self.choices["unit"].value,
            up_axis=self.choices["up_axis"].value,
            names=self.choices["names"].value,
            bone_axes=self.choices["bone_axes"].value or "world",
            keys=self.choices["keys"].value or "exact",
            mesh=self.switches["mesh"].isChecked(),
            in_place=self.switches["in_place"].isChecked(),
            root_bone=self.switches["root_bone"].isChecked(),
            from_origin=self.switches["from_origin"].isChecked(),
            loop=self.switches["loop"].isChecked(),
            fingers=self._fingers(),
            frame=self.choices["frame"].value or self._frame_here,
        )

    @property
    def _frame_here(self) -> str:
        """The frame at the playhead, at the rate that is written."""
        return str(int(self._seconds * (self.frame_rate.rate or self._own_rate) + 1e-6))

    def _fingers(self) -> bool | None:
        """As it was shown unless it was switched; None rather than False where there are no fingers to leave out."""
        is_on, shown = self.switches["fingers"].isChecked(), self._shown_fingers
        if is_on == (self._has_hands if shown is None else shown):
            return shown
        return is_on or (False if self._has_hands else None)

    def _fill(self) -> None:
        form = self._form
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(label("Frame rate", "muted"), self.frame_rate)
        for field in self.choices.values():
            field.setMinimumHeight(_ROW_HEIGHT)
            form.addRow(label(field.accessibleName(), "muted"), field)
        for name, (_, tip) in _SWITCHES.items():
            self.switches[name].setToolTip(tip)
            self.switches[name].setAccessibleDescription(tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._nothing)
        column.addLayout(form)
        for switch in self.switches.values():
            column.addWidget(switch)
        column.addStretch(1)
