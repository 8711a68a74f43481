"""Evaluation: the suites of ``segmo evaluate`` on a bundle, with their tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from segmo_studio.dialogs.models.run_dialog import RunDialog
from segmo_studio.services.models.known_bundles import KnownBundle
from segmo_studio.services.models.run_choices import DEVICES, SUITES, WITHOUT_SEED, EvaluationChoice, TrainingChoice
from segmo_studio.services.models.runs import EVALUATION, Runs
from segmo_studio.theme.fields import PathField, choice
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import pad_text

_DEVICE_TITLES = {"cpu": "Processor", "cuda": "NVIDIA GPU"}
_LARGEST = 2**31 - 1


class EvaluationDialog(RunDialog):
    """``choice`` is what stands in its fields."""

    def __init__(
        self,
        bundles: Sequence[KnownBundle],
        in_use: Path | None,
        runs: Runs,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        """bundles: to be measured; in_use: the folder of the one that is chosen at first."""
        super().__init__(EVALUATION, "Evaluate", runs, theme, parent)
        self.suite = choice("Suite", SUITES, "segments")
        self.bundle = QComboBox()
        self.bundle.setAccessibleName("Bundle")
        self.data = PathField(
            "Folder of the data set", "mocap22, or HumanML3D or KIT-ML for the published figures", None
        )
        self.limit, self.seed = QSpinBox(), QSpinBox()
        for field, name, least in ((self.limit, "Limit", 0), (self.seed, "Seed", 0)):
            field.setRange(least, _LARGEST)
            field.setAccessibleName(name)
            pad_text(field)
        self.limit.setSpecialValueText("as many as the suite takes by itself")
        self.device = choice("Device", {name: _DEVICE_TITLES[name] for name in DEVICES}, DEVICES[0])
        self.more = QLineEdit()
        self.more.setAccessibleName("More options")
        self.more.setPlaceholderText("As on the command line: --steps 10 --guidance 3")
        for title, row in (
            ("Suite", self.suite), ("Bundle", self.bundle), ("Data set", self.data), ("Limit", self.limit),
            ("Seed", self.seed), ("Device", self.device), ("More options", self.more),
        ):  # fmt: skip
            self.add_row(title, row)
        self.show_bundles(bundles, in_use)
        self.order_fields()
        for line in (self.data.line, self.more):
            line.textChanged.connect(lambda _text: self.check())
        self.suite.currentIndexChanged.connect(lambda _index: self.check())
        self.check()

    @property
    def choice(self) -> EvaluationChoice:
        return EvaluationChoice(
            str(self.suite.currentData()),
            str(self.bundle.currentData() or "starter"),
            self.data.folder,
            self.limit.value(),
            self.seed.value(),
            str(self.device.currentData()),
            self.more.text(),
        )

    @property
    def fields(self) -> Sequence[QWidget]:
        return (
            self.suite, self.bundle, self.data.line, self.data.browse, self.limit, self.seed, self.device, self.more,
        )  # fmt: skip

    def show_bundles(self, bundles: Sequence[KnownBundle], in_use: Path | None) -> None:
        """What there is to be measured; what was chosen stays."""
        present = self.bundle.currentData()
        self.bundle.clear()
        for bundle in bundles:
            if not bundle.problem:
                self.bundle.addItem(bundle.title, bundle.asked)
                if present is None and bundle.folder == in_use:
                    present = bundle.asked
        self.bundle.setCurrentIndex(max(self.bundle.findData(present), 0))

    def check(self) -> None:
        self.seed.setEnabled(self.suite.currentData() not in WITHOUT_SEED)
        super().check()

    def hint(self, choice: TrainingChoice | EvaluationChoice) -> str:
        return "Minutes to hours: a limit makes it shorter and less sure. It goes on when this window is closed."
