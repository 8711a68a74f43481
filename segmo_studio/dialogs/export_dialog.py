"""Export: which format, where to, and what will be in the file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from segmo_studio.document.project import Take
from segmo_studio.theme.widgets import label, push_button, separator

# What people do with each format; the engine knows how to write them.
EXPORT_FORMATS = (
    (".bvh", "BVH", "Skeleton with rotations, for Blender, MotionBuilder, Unity, Unreal and three.js."),
    (".npz", "NumPy archive", "Positions, rotations, skeleton and segments, to open again without loss."),
    (".npy", "NumPy array", "Joint positions only, frames × joints × 3, in metres, Y up."),
)


class ExportDialog(QDialog):
    """``path`` is what the user chose, when the dialog was accepted."""

    def __init__(self, take: Take, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export motion")
        self.setMinimumWidth(520)
        self._take = take
        self._field = QLineEdit(str(folder / f"{_file_stem(take)}.bvh"))
        self._field.setAccessibleName("File")
        self._note = label("", "small", wrap=True)
        self._formats = QButtonGroup(self)
        self._export = push_button("Export", "primary")
        self._export.setDefault(True)
        self._fill()
        self._field.textChanged.connect(self._check)
        self._formats.idClicked.connect(self._choose_format)
        self._check()

    @property
    def path(self) -> Path:
        return Path(self._field.text().strip()).expanduser()

    def choose(self, extension: str) -> None:
        """Select a format by its extension, such as ".npz"."""
        for number, (known, _, _) in enumerate(EXPORT_FORMATS):
            if known == extension:
                self._formats.button(number).setChecked(True)
                self._choose_format(number)

    def _fill(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        column.addWidget(label("Export motion", "title"))
        motion = self._take.motion
        if motion is not None:
            facts = (
                f"{self._take.name}: {motion.seconds:.2f} s, {motion.num_frames} frames at {motion.frame_rate:g} fps"
            )
            column.addWidget(label(f"{facts}, {motion.skeleton.num_joints} joints", "muted"))
        column.addSpacing(4)
        column.addWidget(label("Format", "heading"))
        for number, (extension, name, use) in enumerate(EXPORT_FORMATS):
            button = QRadioButton(f"{name}  ({extension})")
            button.setChecked(number == 0)
            self._formats.addButton(button, number)
            column.addWidget(button)
            note = label(use, "small", wrap=True)
            note.setContentsMargins(24, 0, 0, 4)
            column.addWidget(note)
        column.addWidget(label("File", "heading"))
        row = QHBoxLayout()
        row.addWidget(self._field, 1)
        browse = push_button("Browse…")
        browse.clicked.connect(self._browse)
        row.addWidget(browse)
        column.addLayout(row)
        column.addWidget(self._note)
        column.addSpacing(4)
        column.addWidget(separator())
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        cancel = push_button("Cancel")
        cancel.clicked.connect(self.reject)
        self._export.clicked.connect(self.accept)
        buttons.addWidget(cancel)
        buttons.addWidget(self._export)
        column.addLayout(buttons)

    def _choose_format(self, number: int) -> None:
        if self._field.text().strip():
            self._field.setText(str(self.path.with_suffix(EXPORT_FORMATS[number][0])))

    def _browse(self) -> None:
        filters = ";;".join(f"{name} (*{extension})" for extension, name, _ in EXPORT_FORMATS)
        # Whether an existing file will be replaced is said in this dialog.
        options = QFileDialog.Option.DontConfirmOverwrite
        chosen, _ = QFileDialog.getSaveFileName(self, "Export motion", str(self.path), filters, options=options)
        if chosen:
            self._field.setText(chosen)

    def _check(self) -> None:
        path = self.path
        extensions = [extension for extension, _, _ in EXPORT_FORMATS]
        problem = ""
        if not self._field.text().strip():
            problem = "Name a file."
        elif path.suffix.lower() not in extensions:
            problem = f"The name must end in {', '.join(extensions[:-1])} or {extensions[-1]}."
        elif not path.parent.is_dir():
            problem = f"There is no folder {path.parent}."
        if not problem and path.suffix.lower() in extensions:
            self._formats.button(extensions.index(path.suffix.lower())).setChecked(True)
        self._export.setEnabled(not problem)
        replaced = f"{path.name} exists and will be replaced." if not problem and path.exists() else ""
        self._note.setText(problem or replaced)
        self._note.setProperty("role", "warning" if problem or replaced else "small")
        self._note.style().polish(self._note)


def _file_stem(take: Take) -> str:
    words = (take.prompt or take.name).lower().split()[:6]
    stem = "-".join("".join(letter for letter in word if letter.isalnum()) for word in words)
    return stem.strip("-") or "motion"
