"""Training: own clips into a bundle, or stages from a data set, as ``segmo finetune`` and ``segmo train`` do it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QWidget

from segmo_studio.dialogs.models.run_dialog import RunDialog
from segmo_studio.services.models.known_bundles import KnownBundle
from segmo_studio.services.models.run_choices import DEVICES, FINETUNE, STAGES, EvaluationChoice, TrainingChoice
from segmo_studio.services.models.runs import TRAINING, Runs
from segmo_studio.theme.fields import PathField, choice
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import pad_text

_DEVICE_TITLES = {"cpu": "Processor", "cuda": "NVIDIA GPU"}


class TrainingDialog(RunDialog):
    """``choice`` is what stands in its fields."""

    def __init__(
        self,
        bundles: Sequence[KnownBundle],
        out: Path,
        runs: Runs,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        """bundles: to begin with. out: a new folder, unless another is named."""
        super().__init__(TRAINING, "Train", runs, theme, parent)
        self.stage = choice("What", STAGES, FINETUNE)
        self.data = PathField("Folder of clips or of the data set", "", None)
        self.base = QComboBox()
        self.base.setAccessibleName("Bundle to begin with")
        self.config = PathField(
            "Configuration", "A JSON file, or a name such as starter", None, "Configurations (*.json)"
        )
        self.steps = QSpinBox()
        self.steps.setRange(2, 1_000_000)
        self.steps.setValue(500)
        self.steps.setSingleStep(100)
        self.steps.setAccessibleName("Steps")
        pad_text(self.steps)
        self.device = choice("Device", {name: _DEVICE_TITLES[name] for name in DEVICES}, DEVICES[0])
        self.out = PathField("Output folder", "Checkpoints, logs and the finished bundle", out)
        self.going_on = QCheckBox("Go on from the checkpoints there")
        self.going_on.setChecked(True)
        self._labels = {
            name: self.add_row(title, field)
            for name, title, field in (
                ("stage", "What", self.stage), ("data", "Clips", self.data), ("base", "Begin with", self.base),
                ("config", "Configuration", self.config), ("steps", "Steps", self.steps),
                ("device", "Device", self.device), ("out", "Output", self.out), ("going_on", "", self.going_on),
            )
        }  # fmt: skip
        self.show_bundles(bundles)
        self.order_fields()
        self.stage.currentIndexChanged.connect(lambda _index: self._follow_stage())
        for path in (self.data, self.config, self.out):
            path.line.textChanged.connect(lambda _text: self.check())
        self._follow_stage()

    @property
    def choice(self) -> TrainingChoice:
        given = TrainingChoice(
            str(self.stage.currentData()),
            self.data.folder,
            self.out.folder,
            self.config.folder if self._is_from_data else None,
            str(self.base.currentData() or "starter"),
            self.steps.value(),
            str(self.device.currentData()),
        )
        wanted = self.going_on.isChecked() and given.has_checkpoints
        return TrainingChoice(**{**vars(given), "resume": wanted})

    @property
    def fields(self) -> Sequence[QWidget]:
        return (
            self.stage, self.data.line, self.data.browse, self.base, self.config.line, self.config.browse, self.steps,
            self.device, self.out.line, self.out.browse, self.going_on,
        )  # fmt: skip

    def show_bundles(self, bundles: Sequence[KnownBundle]) -> None:
        """What there is to begin with."""
        present = self.base.currentData()
        self.base.clear()
        for bundle in bundles:
            if not bundle.problem:
                self.base.addItem(bundle.title, bundle.asked)
        self.base.setCurrentIndex(max(self.base.findData(present), 0))

    def check(self) -> None:
        self.going_on.setVisible(self.choice.has_checkpoints)
        super().check()

    def hint(self, choice: TrainingChoice | EvaluationChoice) -> str:
        if isinstance(choice, TrainingChoice) and choice.has_checkpoints and not self.going_on.isChecked():
            return "What was trained in this folder before is lost."
        if self._is_from_data:
            return "Hours with a whole configuration. It goes on when this window is closed, and after a stop."
        return "About half an hour on two cores. It goes on when this window is closed, and after a stop."

    @property
    def _is_from_data(self) -> bool:
        return str(self.stage.currentData()) != FINETUNE

    def _follow_stage(self) -> None:
        is_from_data = self._is_from_data
        for name, field, is_there in (
            ("base", self.base, not is_from_data),
            ("steps", self.steps, not is_from_data),
            ("device", self.device, not is_from_data),
            ("config", self.config, is_from_data),
        ):
            field.setVisible(is_there)
            self._labels[name].setVisible(is_there)
        self._labels["data"].setText("Data set" if is_from_data else "Clips")
        words = "mocap22, HumanML3D or KIT-ML" if is_from_data else "Motion files, each with a .txt of the same name"
        self.data.line.setPlaceholderText(words)
        self.check()
