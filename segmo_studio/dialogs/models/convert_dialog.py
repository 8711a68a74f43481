"""Published MoMask or SegMo checkpoints to a bundle: which folder, where to, which data set."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from segmo_core.bundle_manifest import MANIFEST_NAME
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column, rows_of_fields
from segmo_studio.theme.fields import PathField, choice
from segmo_studio.theme.widgets import label, push_button, set_role, tab_through

_WIDTH = 560
_DATASETS = {"": "As the folder says", "t2m": "HumanML3D", "kit": "KIT-ML"}


class ConvertDialog(QDialog):
    """``source``, ``target`` and ``dataset`` are what was chosen when the dialog was accepted."""

    def __init__(self, start: Path, parent: QWidget | None = None) -> None:
        """start: where a new bundle goes unless another folder is named."""
        super().__init__(parent)
        self.setWindowTitle("Convert published checkpoints")
        self.setMinimumWidth(_WIDTH)
        self._start = start
        self.checkpoints = PathField("Checkpoints", "A MoMask folder (checkpoints/t2m) or a SegMo folder", None)
        self.bundle = PathField("Bundle", "A new folder", None)
        self.data = choice("Data set", _DATASETS, "")
        self.note = label("", "small", wrap=True)
        self.convert = push_button("Convert", "primary")
        self.convert.setDefault(True)
        self._cancel = push_button("Cancel")
        self._fill()
        self.checkpoints.line.textChanged.connect(self._propose)
        self.bundle.line.textChanged.connect(lambda _text: self._check())
        self.convert.clicked.connect(self.accept)
        self._cancel.clicked.connect(self.reject)
        self._check()

    @property
    def source(self) -> Path:
        return self.checkpoints.folder or Path()

    @property
    def target(self) -> Path:
        return self.bundle.folder or Path()

    @property
    def dataset(self) -> str | None:
        return str(self.data.currentData()) or None

    def _fill(self) -> None:
        column = dialog_column(self, "Convert published checkpoints")
        form = rows_of_fields(10)
        for name, field in (("Checkpoints", self.checkpoints), ("Bundle", self.bundle), ("Data set", self.data)):
            form.addRow(label(name, "muted"), field)
        column.addLayout(form)
        column.addWidget(
            label(
                "Every tensor is checked by its name and shape, and no code of the files is run. Texts of such a "
                "bundle are encoded by CLIP, which segmo fetch-clip fetches once.",
                "small",
                wrap=True,
            )
        )
        column.addWidget(self.note)
        column.addStretch(1)
        add_buttons(column, self._cancel, self.convert)
        fields = (self.checkpoints, self.bundle)
        lines: list[QWidget] = [widget for field in fields for widget in (field.line, field.browse)]
        tab_through([*lines, self.data, self._cancel, self.convert])

    def _propose(self) -> None:
        source = self.checkpoints.folder
        if source is not None and (not self.bundle.line.text() or self.bundle.line.text() == self._proposed):
            self._proposed = str(self._start / (source.name or "converted"))
            self.bundle.line.setText(self._proposed)
        self._check()

    _proposed = ""

    def _check(self) -> None:
        source, target = self.checkpoints.folder, self.bundle.folder
        if source is None:
            problem = "Choose the folder of the checkpoints."
        elif not source.is_dir():
            problem = f"There is no folder {source}."
        elif target is None:
            problem = "Name a folder for the bundle."
        elif (
            target.exists()
            and not (target / MANIFEST_NAME).is_file()
            and (not target.is_dir() or any(target.iterdir()))
        ):
            problem = f"{target} is there already and no bundle: name a new folder."
        else:
            problem = ""
        self.convert.setEnabled(not problem)
        is_replaced = target is not None and not problem and (target / MANIFEST_NAME).is_file()
        self.note.setText(problem or ("The bundle that is there is replaced." if is_replaced else ""))
        set_role(self.note, "warning" if problem or is_replaced else "small")
