"""A picture or a video of the 3D view: how large, how fast, and where it goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from segmo_studio.theme.dialog_layout import add_buttons, dialog_column, rows_of_fields
from segmo_studio.theme.widgets import label, pad_text, push_button, set_role, tab_through

_WIDTH = 520
_SIZES = (("Full HD", (1920, 1080)), ("HD", (1280, 720)), ("4K", (3840, 2160)), ("Square", (1080, 1080)),
          ("Upright", (1080, 1920)))  # fmt: skip
_LEAST, _MOST = 64, 8192
_RATES = (24.0, 25.0, 30.0, 50.0, 60.0)
_KINDS = {".png": "Picture (.png)", ".jpg": "Picture (.jpg)", ".mp4": "Video (.mp4)"}


class PictureDialog(QDialog):
    """``path``, ``size_chosen``, ``frame_rate``, ``only_loop`` and ``captions`` are what was chosen, when accepted."""

    def __init__(
        self,
        path: Path,
        view_size: tuple[int, int],
        motion_rate: float | None,
        has_loop: bool,
        parent: QWidget | None = None,
    ) -> None:
        """path: proposed. view_size: of the view on the screen, in pixels. motion_rate: Hz; None without a motion."""
        super().__init__(parent)
        self.setWindowTitle("Picture or video of the view")
        self.setMinimumWidth(_WIDTH)
        self.kind, self.preset, self.rate, self.range = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.width_field, self.height_field = _pixels("Width"), _pixels("Height")
        self.captions = QCheckBox("With the texts of segments")
        self.field = QLineEdit(str(path))
        self.note = label("", "small", wrap=True)
        self.save = push_button("Save", "primary")
        self._browse, self._cancel = push_button("Browse…"), push_button("Cancel")
        self._form = rows_of_fields()
        for extension, title in _KINDS.items():
            if extension != ".mp4" or motion_rate is not None:
                self.kind.addItem(title, extension)
        view_even = (view_size[0] // 2 * 2, view_size[1] // 2 * 2)
        self._sizes = (view_even, *(size for _, size in _SIZES))
        for title, size in (("As on the screen", view_even), *_SIZES):
            self.preset.addItem(f"{title}  ({size[0]} x {size[1]})")
        self.preset.addItem("Other")
        for rate in sorted({*_RATES, motion_rate or _RATES[0]}):
            self.rate.addItem(f"{rate:g} a second", rate)
        self.rate.setCurrentIndex(self.rate.findData(30.0))
        self.range.addItem("The whole motion", False)
        if has_loop:
            self.range.addItem("The loop alone", True)
        self._fill()
        self.preset.activated.connect(lambda _row: self._use_preset())
        for field in (self.width_field, self.height_field):
            field.valueChanged.connect(lambda _value: self._follow_size())
        self.kind.currentIndexChanged.connect(lambda _row: self._follow_kind())
        self.field.textChanged.connect(lambda _text: self._check())
        self._browse.clicked.connect(self._ask_path)
        self._cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self.accept)
        self._use_preset()
        self._follow_kind()

    @property
    def path(self) -> Path:
        return Path(self.field.text().strip()).expanduser()

    @property
    def is_video(self) -> bool:
        return bool(self.kind.currentData() == ".mp4")

    @property
    def size_chosen(self) -> tuple[int, int]:
        """Width and height in pixels, both even."""
        return self.width_field.value() // 2 * 2, self.height_field.value() // 2 * 2

    @property
    def frame_rate(self) -> float:
        return float(self.rate.currentData())

    @property
    def only_loop(self) -> bool:
        return bool(self.range.currentData())

    def _fill(self) -> None:
        for widget, name in (
            (self.kind, "Kind"),
            (self.preset, "Size"),
            (self.rate, "Pictures a second"),
            (self.range, "Range"),
            (self.field, "File"),
            (self._browse, "Browse for the file"),
        ):
            widget.setAccessibleName(name)
        self.captions.setChecked(True)
        self.save.setDefault(True)
        column = dialog_column(self, "Picture or video of the view")
        column.addWidget(label("Seen as in the view, from its own camera.", "small"))
        form = self._form
        pixels = QHBoxLayout()
        pixels.setSpacing(8)
        pixels.addWidget(self.width_field, 1)
        pixels.addWidget(label("x", "muted"))
        pixels.addWidget(self.height_field, 1)
        form.addRow(label("Kind", "muted"), self.kind)
        form.addRow(label("Size", "muted"), self.preset)
        form.addRow(label("Pixels", "muted"), pixels)
        form.addRow(label("Speed", "muted"), self.rate)
        form.addRow(label("Range", "muted"), self.range)
        form.addRow("", self.captions)
        file = QHBoxLayout()
        file.setSpacing(8)
        file.addWidget(self.field, 1)
        file.addWidget(self._browse)
        form.addRow(label("File", "muted"), file)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addStretch(1)
        add_buttons(column, self._cancel, self.save)
        fields = [self.kind, self.preset, self.width_field, self.height_field, self.rate, self.range, self.captions]
        tab_through([*fields, self.field, self._browse, self._cancel, self.save])

    def _use_preset(self) -> None:
        row = self.preset.currentIndex()
        if row < len(self._sizes):
            for field, value in zip((self.width_field, self.height_field), self._sizes[row], strict=True):
                field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(False)

    def _follow_size(self) -> None:
        known, size = self._sizes, self.size_chosen
        self.preset.setCurrentIndex(known.index(size) if size in known else len(known))

    def _follow_kind(self) -> None:
        for field in (self.rate, self.range):
            self._form.setRowVisible(field, self.is_video)
        self.field.setText(str(self.path.with_suffix(str(self.kind.currentData()))))
        self._check()

    def _check(self) -> None:
        path, ending = self.path, str(self.kind.currentData())
        problem = ""
        if not self.field.text().strip() or path.suffix.lower() != ending:
            problem = f"The name must end in {ending}."
        elif not path.parent.is_dir():
            problem = f"There is no folder {path.parent}."
        replaced = f"{path.name} exists and will be replaced." if not problem and path.exists() else ""
        self.save.setEnabled(not problem)
        self.note.setText(problem or replaced)
        set_role(self.note, "warning" if problem or replaced else "small")

    def _ask_path(self) -> None:
        ending = str(self.kind.currentData())
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), str(self.path), f"{self.kind.currentText()} (*{ending})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if chosen:
            self.field.setText(str(Path(chosen).with_suffix(ending)))


def _pixels(name: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(_LEAST, _MOST)
    field.setSingleStep(2)
    field.setAccessibleName(name)
    pad_text(field)
    return field
