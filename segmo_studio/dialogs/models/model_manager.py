"""The bundles there are: which one is in use, what each is, what models run on; more of them, converted or added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from segmo_studio.dialogs.models.bundle_page import BundlePage
from segmo_studio.dialogs.status_line import show_status
from segmo_studio.services.loaded_engine import Compute
from segmo_studio.services.models.known_bundles import KnownBundle
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column
from segmo_studio.theme.fields import choice
from segmo_studio.theme.widgets import label, push_button, tab_through

if TYPE_CHECKING:
    from segmo_core.models.devices import Computing

_SIZE = QSize(940, 640)
_LIST_WIDTH = 280
_BUNDLE = Qt.ItemDataRole.UserRole
_FULL, _FAST = "float32", "bfloat16"


class ModelManager(QDialog):
    """Says through signals what is wanted; ``show_...`` and ``say`` bring the answers."""

    use_requested = Signal(object)
    """A KnownBundle."""
    add_requested = Signal()
    """A folder is to be added."""
    convert_requested = Signal()
    remove_requested = Signal(object)
    """The KnownBundle to be taken out of the list."""
    compute_requested = Signal(object)
    """A Compute: what models are to run on from now on."""

    def __init__(self, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.resize(_SIZE)
        self._problems: dict[Path, str] = {}
        self._in_use: Path | None = None
        self._computing: Computing | None = None
        self.bundles = QListWidget()
        self.bundles.setObjectName("choices")
        self.bundles.setAccessibleName("Bundles")
        self.bundles.setFixedWidth(_LIST_WIDTH)
        self.page = BundlePage()
        self.use = push_button("Use", "primary", "Generate with this bundle from now on")
        self.add = push_button("Add folder…", tip="Add a folder that holds a bundle")
        self.convert = push_button("Convert…", tip="Make a bundle of published MoMask or SegMo checkpoints")
        self.remove = push_button("Remove", tip="Take it out of this list; its files stay")
        self.device = choice("Runs on", {"auto": "A GPU where there is one", "cpu": "Processor"}, compute.device)
        self.precision = choice("Precision", {_FULL: "Full (float32)"}, _FULL)
        self.apply = push_button("Apply", tip="Load the bundle in use anew, on this device")
        self.status = label("", "small", wrap=True)
        self.missing = label("Looking for devices…", "small", wrap=True)
        self._close = push_button("Close")
        self._compute = compute
        self._fill()
        self._connect()

    def show_bundles(self, bundles: Sequence[KnownBundle], in_use: Path | None) -> None:
        """All that are known; in_use: the folder of the one whose model is in memory."""
        present = self.current
        self._in_use = in_use
        self.bundles.clear()
        for bundle in bundles:
            item = QListWidgetItem()
            item.setData(_BUNDLE, bundle)
            item.setToolTip(str(bundle.folder))
            self.bundles.addItem(item)
        self._name_items()
        folders = [bundle.folder for bundle in bundles]
        wanted = present.folder if present is not None and present.folder in folders else in_use
        self.bundles.setCurrentRow(folders.index(wanted) if wanted in folders else 0)

    def choose(self, folder: Path) -> None:
        """Select the bundle of a folder."""
        for row in range(self.bundles.count()):
            if self.bundles.item(row).data(_BUNDLE).folder == folder:
                self.bundles.setCurrentRow(row)

    def show_problems(self, problems: Mapping[Path, str]) -> None:
        """What was found wrong with files of bundles, by folder."""
        self._problems = dict(problems)
        self._name_items()
        self._show()

    def show_computing(self, computing: Computing) -> None:
        """What there is to compute with here; what is not is said."""
        self._computing = computing
        if computing.gpu:
            self.device.addItem(f"GPU: {computing.gpu}", "cuda")
        self.device.setCurrentIndex(max(self.device.findData(self._compute.device), 0))
        if computing.fast:
            self.precision.addItem("Fast (bfloat16), a slightly different motion", _FAST)
        self.precision.setCurrentIndex(max(self.precision.findData(_FAST if self._compute.is_fast else _FULL), 0))
        self.missing.setText(" ".join(computing.missing) or "Everything that models can run on is here.")
        self._enable()

    def show_compute(self, compute: Compute) -> None:
        """What models run on now."""
        self._compute = compute
        self.device.setCurrentIndex(max(self.device.findData(compute.device), 0))
        self.precision.setCurrentIndex(max(self.precision.findData(_FAST if compute.is_fast else _FULL), 0))
        self._enable()

    def say(self, sentence: str, is_problem: bool = False) -> None:
        """A sentence below the list."""
        show_status(self.status, sentence, is_problem)

    @property
    def current(self) -> KnownBundle | None:
        """The bundle that is selected."""
        item = self.bundles.currentItem()
        bundle: KnownBundle | None = None if item is None else item.data(_BUNDLE)
        return bundle

    @property
    def chosen_compute(self) -> Compute:
        """What stands in the fields."""
        return Compute(str(self.device.currentData()), self.precision.currentData() == _FAST)

    def problem_of(self, bundle: KnownBundle) -> str:
        """What is wrong with it, as far as is known; empty where nothing is."""
        return bundle.problem or self._problems.get(bundle.folder, "")

    def _fill(self) -> None:
        column = dialog_column(self, "Models", 10)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.bundles, 1)
        more = QHBoxLayout()
        for button in (self.add, self.convert, self.remove):
            more.addWidget(button)
        left.addLayout(more)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addLayout(left)
        middle.addWidget(self.page, 1)
        column.addLayout(middle, 1)
        column.addWidget(self.status)
        column.addLayout(self._compute_row())
        column.addWidget(self.missing)
        add_buttons(column, self._close, self.use)
        order: list[QWidget] = [self.bundles, self.add, self.convert, self.remove, self.page]
        tab_through([*order, self.device, self.precision, self.apply, self._close, self.use])

    def _compute_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        fields: tuple[QComboBox, ...] = (self.device, self.precision)
        for field in fields:
            row.addWidget(label(field.accessibleName(), "muted"))
            row.addWidget(field, 1)
        row.addWidget(self.apply)
        return row

    def _connect(self) -> None:
        for button in (self.use, self.add, self.convert, self.remove, self.apply, self._close):
            button.setAutoDefault(False)  # Enter means the list that has the focus
        self.bundles.currentItemChanged.connect(lambda *_items: self._show())
        self.bundles.itemActivated.connect(lambda _item: self.use.click())
        self.use.clicked.connect(lambda: self.use_requested.emit(self.current))
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.current))
        self.add.clicked.connect(self.add_requested)
        self.convert.clicked.connect(self.convert_requested)
        self.apply.clicked.connect(lambda: self.compute_requested.emit(self.chosen_compute))
        self.device.currentIndexChanged.connect(lambda _index: self._enable())
        self.precision.currentIndexChanged.connect(lambda _index: self._enable())
        self._close.clicked.connect(self.close)
        self._enable()

    def _name_items(self) -> None:
        for row in range(self.bundles.count()):
            item = self.bundles.item(row)
            bundle: KnownBundle = item.data(_BUNDLE)
            if self.problem_of(bundle):
                state = "damaged"
            elif bundle.folder == self._in_use:
                state = "in use"
            else:
                state = "ships with the Studio" if bundle.is_shipped else "added"
            item.setText(f"{bundle.title}\n{state}")

    def _show(self) -> None:
        bundle = self.current
        if bundle is not None:
            self.page.show_bundle(bundle, self.problem_of(bundle))
        self._enable()

    def _enable(self) -> None:
        bundle = self.current
        is_used = bundle is not None and bundle.folder == self._in_use
        self.use.setEnabled(bundle is not None and not is_used and not self.problem_of(bundle))
        self.remove.setEnabled(bundle is not None and not bundle.is_shipped and not is_used)
        device = str(self.device.currentData())
        if device == "auto":
            device = "cuda" if self._computing is not None and self._computing.gpu else "cpu"
        is_fast = self._computing is not None and device in self._computing.fast
        self.precision.setEnabled(is_fast)
        if self._computing is not None and not is_fast:
            self.precision.setCurrentIndex(0)
        self.apply.setEnabled(self._computing is not None and self.chosen_compute != self._compute)
