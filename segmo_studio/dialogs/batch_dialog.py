"""A list of prompts: which file, where the motions go, which files each becomes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from segmo_core.batch.prompt_list import BatchItem, read_prompts
from segmo_core.errors import SegmoError
from segmo_core.formats.registry import FORMATS
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column, rows_of_fields
from segmo_studio.theme.widgets import label, pad_text, push_button, set_role, tab_through

_SIZE = (640, 520)
_SHOWN = 200
_LARGEST_SEED = 2**31 - 1


class BatchDialog(QDialog):
    """``items``, ``folder``, ``extension`` and ``seed`` are what was chosen, when the dialog was accepted."""

    def __init__(self, folder: Path, format_name: str, seed: int, parent: QWidget | None = None) -> None:
        """folder, format_name, seed: what is chosen at first."""
        super().__init__(parent)
        self.setWindowTitle("Batch from a list")
        self.resize(*_SIZE)
        self._start = folder
        self.items: tuple[BatchItem, ...] = ()
        self.source, self.target = QLineEdit(), QLineEdit(str(folder / "batch"))
        self._browse_source, self._browse_target = push_button("Browse…"), push_button("Browse…")
        self.format = QComboBox()
        self.seed = QSpinBox()
        self.found = QPlainTextEdit()
        self.note = label("", "small", wrap=True)
        self.make = push_button("Make motions", "primary")
        self._cancel = push_button("Cancel")
        for row in FORMATS.values():
            if row.writer and self.format.findData(row.extensions[0]) < 0:
                self.format.addItem(f"{row.title}  ({row.extensions[0]})", row.extensions[0])
        self.format.setCurrentIndex(max(0, self.format.findData(FORMATS[format_name].extensions[0])))
        self._name_all(seed)
        self._fill()
        self.source.textChanged.connect(self._read)
        self.target.textChanged.connect(lambda _text: self._check(""))
        self._browse_source.clicked.connect(self._ask_source)
        self._browse_target.clicked.connect(self._ask_target)
        self._cancel.clicked.connect(self.reject)
        self.make.clicked.connect(self.accept)
        self._read()

    @property
    def folder(self) -> Path:
        return Path(self.target.text().strip()).expanduser()

    @property
    def extension(self) -> str:
        return str(self.format.currentData())

    def _name_all(self, seed: int) -> None:
        for widget, name in (
            (self.source, "List of prompts"),
            (self.target, "Folder for the motions"),
            (self.format, "Kind of file"),
            (self.seed, "Seed"),
            (self.found, "Prompts in the list"),
            (self._browse_source, "Browse for the list"),
            (self._browse_target, "Browse for the folder"),
        ):
            widget.setAccessibleName(name)
        self.source.setPlaceholderText("A text file, a prompt a line, or a .csv with a column prompt")
        self.seed.setRange(0, _LARGEST_SEED)
        self.seed.setValue(seed)
        pad_text(self.seed)
        self.found.setReadOnly(True)
        self.found.setTabChangesFocus(True)
        self.make.setDefault(True)

    def _fill(self) -> None:
        column = dialog_column(self, "Batch from a list", 10)
        form = rows_of_fields()
        for name, field, button in (
            ("List", self.source, self._browse_source),
            ("Folder", self.target, self._browse_target),
        ):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(field, 1)
            row.addWidget(button)
            form.addRow(label(name, "muted"), row)
        form.addRow(label("Files", "muted"), self.format)
        form.addRow(label("Seed", "muted"), self.seed)
        column.addLayout(form)
        column.addWidget(self.found, 1)
        column.addWidget(self.note)
        add_buttons(column, self._cancel, self.make)
        order = [self.source, self._browse_source, self.target, self._browse_target, self.format, self.seed]
        tab_through([*order, self.found, self._cancel, self.make])

    def _read(self) -> None:
        self.items, problem = (), ""
        text = self.source.text().strip()
        if not text:
            problem = "Choose a list of prompts."
        else:
            try:
                self.items = read_prompts(Path(text).expanduser())
            except SegmoError as error:
                problem = str(error)
        lines = [f"{item.name}: {item.prompt}" for item in self.items[:_SHOWN]]
        more = len(self.items) - len(lines)
        self.found.setPlainText("\n".join(lines) + (f"\nand {more} more" if more else ""))
        self._check(problem)

    def _check(self, problem: str) -> None:
        if not problem and not self.items:
            return
        if not problem and not self.target.text().strip():
            problem = "Name a folder for the motions."
        count = len(self.items)
        self.make.setEnabled(not problem)
        self.note.setText(problem or f"{count} {'motion' if count == 1 else 'motions'}. What is there already is kept.")
        set_role(self.note, "warning" if problem else "small")

    def _ask_source(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "List of prompts", str(self._start), "Lists (*.txt *.csv);;All files (*)"
        )
        if chosen:
            self.source.setText(chosen)

    def _ask_target(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder for the motions", str(self._start))
        if chosen:
            self.target.setText(chosen)
