"""Export: which format, what will be in the file, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from segmo_core.formats.registry import FORMATS, WRITABLE_EXTENSIONS, MotionFormat
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.project.project import Take
from segmo_studio.dialogs.export_options_form import ExportOptionsForm
from segmo_studio.dialogs.export_presets import ExportPreset, available_presets, usual_left_out, writable_formats
from segmo_studio.theme.dialog_layout import add_buttons
from segmo_studio.theme.widgets import label, push_button, set_role, shortened, tab_through

_FORMAT = Qt.ItemDataRole.UserRole
_WIDTH, _LIST_WIDTH, _LIST_HEIGHT = 780, 230, 440


class ExportDialog(QDialog):
    """``path``, ``format_name`` and ``options`` are what the user chose, when the dialog was accepted."""

    def __init__(
        self,
        take: Take,
        folder: Path,
        format_name: str = "bvh",
        options: ExportOptions | None = None,
        parent: QWidget | None = None,
        frame: int = 0,
        ranges: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        """format_name, options: what is chosen at first. frame: of the motion, at the playhead. ranges: parts of the
        motion that can be chosen, frames [start, end) by what they are.
        """
        super().__init__(parent)
        self.setWindowTitle("Export motion")
        self.setMinimumWidth(_WIDTH)
        self._take = take
        self._presets = available_presets()
        self.preset = QComboBox()
        self.formats = QListWidget()
        self.range = QComboBox()
        self._ranges = dict(ranges or {})
        has_hands = take.motion is not None and take.motion.hands is not None
        self.form = ExportOptionsForm(take.frame_rate, frame, has_hands=has_hands)
        self._proposed = file_stem(take)
        self.field = QLineEdit(str(folder / f"{self._proposed}.bvh"))
        self.note = label("", "small", wrap=True)
        self.export = push_button("Export", "primary")
        self._title, self._use = label("", "subtitle"), label("", "small", wrap=True)
        self._browse = push_button("Browse…")
        self._cancel = push_button("Cancel")
        self._list_formats()
        self._fill()
        self._connect()
        known = format_name if format_name in self._rows_by_name() else "bvh"
        self.choose(known, options or ExportOptions())
        self.formats.setFocus()

    @property
    def path(self) -> Path:
        return Path(self.field.text().strip()).expanduser()

    @property
    def format_name(self) -> str:
        return self._row.name

    @property
    def options(self) -> ExportOptions:
        """Titled by the prompt."""
        return self.form.options(title=self._take.prompt.strip() or self._take.name)

    @property
    def frames(self) -> tuple[int, int] | None:
        """The part of the motion that goes into the file; None for all of it."""
        chosen = self.range.currentData()
        return None if chosen is None else self._ranges[chosen]

    def choose(self, format_name: str, options: ExportOptions | None = None) -> None:
        """Select a format by its name; ``options`` None keeps what was chosen so far."""
        self.formats.blockSignals(True)
        self.formats.setCurrentItem(self._rows_by_name()[format_name])
        self.formats.blockSignals(False)
        self._show_format(options)

    @property
    def _row(self) -> MotionFormat:
        return FORMATS[self.formats.currentItem().data(_FORMAT)]

    def _rows_by_name(self) -> dict[str, QListWidgetItem]:
        items = [self.formats.item(row) for row in range(self.formats.count())]
        return {item.data(_FORMAT): item for item in items if item.data(_FORMAT)}

    def _list_formats(self) -> None:
        self.formats.setObjectName("choices")
        self.formats.setAccessibleName("Format")
        self.formats.setFixedWidth(_LIST_WIDTH)
        self.formats.setMinimumHeight(_LIST_HEIGHT)
        bold = QFont(self.font())
        bold.setPixelSize(12)
        bold.setWeight(QFont.Weight.DemiBold)
        for group, rows in writable_formats().items():
            heading = QListWidgetItem(group)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(bold)
            self.formats.addItem(heading)
            for row in rows:
                item = QListWidgetItem(f"{row.title}  ({row.extensions[0]})")
                item.setData(_FORMAT, row.name)
                item.setToolTip(row.use)
                self.formats.addItem(item)

    def _fill(self) -> None:
        self.preset.setAccessibleName("Preset")
        self.preset.addItem("None", None)
        for preset in self._presets:
            self.preset.addItem(preset.title, preset)
        self.field.setAccessibleName("File")
        self.export.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(10)
        column.addLayout(self._heading())
        column.addSpacing(2)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(self.formats)
        middle.addWidget(self._details(), 1)
        column.addLayout(middle, 1)
        self.range.setAccessibleName("Part of the motion")
        self.range.addItem("The whole motion", None)
        for name, (start, end) in self._ranges.items():
            rate = self._take.frame_rate
            self.range.addItem(f"{name}, {start / rate:.2f} – {end / rate:.2f} s", name)
        part = QHBoxLayout()
        part.addWidget(label("Part", "muted"))
        part.addWidget(self.range, 1)
        column.addLayout(part)
        self.range.setEnabled(bool(self._ranges))
        file = QHBoxLayout()
        file.addWidget(label("File", "muted"))
        file.addWidget(self.field, 1)
        file.addWidget(self._browse)
        column.addLayout(file)
        column.addWidget(self.note)
        add_buttons(column, self._cancel, self.export)
        ends = (self.field, self._browse, self._cancel, self.export)
        tab_through([self.preset, self.formats, *self.form.fields(), self.range, *ends])

    def _heading(self) -> QHBoxLayout:
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(label("Export motion", "title"))
        motion = self._take.motion
        if motion is not None:
            facts = f"{motion.seconds:.2f} s, {motion.num_frames} frames at {motion.frame_rate:g} fps"
            texts.addWidget(label(f"{shortened(self._take.name, 40)}: {facts}", "muted"))
        row = QHBoxLayout()
        row.addLayout(texts, 1)
        row.addWidget(label("Preset", "muted"))
        self.preset.setMinimumWidth(190)
        row.addWidget(self.preset)
        return row

    def _details(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("card")
        column = QVBoxLayout(frame)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._use)
        column.addSpacing(8)
        column.addWidget(self.form, 1)
        return frame

    def _connect(self) -> None:
        self.formats.currentItemChanged.connect(lambda _now, _before: self._show_format())
        self.formats.itemDoubleClicked.connect(lambda _item: self.export.click())
        self.preset.activated.connect(self._use_preset)
        self.form.changed.connect(self._show_preset)
        self.field.textEdited.connect(self._follow_name)
        self.field.textChanged.connect(self._check)
        self._browse.clicked.connect(self._ask_path)
        self._cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self.accept)

    def _show_format(self, options: ExportOptions | None = None) -> None:
        row = self._row
        self._title.setText(row.title)
        self._use.setText(row.use)
        self.form.show_format(row, options)
        if self.field.text().strip() and self.path.suffix.lower() not in row.extensions:
            self.field.setText(str(_with_extension(self.path, row)))
        self._check()

    def _use_preset(self) -> None:
        preset = self.preset.currentData()
        if preset is not None:
            self._name_for(preset)
            self.choose(preset.format_name, preset.options)

    def _name_for(self, preset: ExportPreset) -> None:
        """A name of its own, so that exports for several programs do not replace each other; a typed one stays."""
        if self.path.stem == self._proposed:
            self._proposed = f"{file_stem(self._take)}-{preset.file_part}"
            self.field.setText(str(self.path.with_name(self._proposed + self.path.suffix)))

    def _show_preset(self) -> None:
        """Name the preset that everything stands as, if there is one."""
        now, chosen = self._row, self.form.options()
        rows = [
            row
            for row, preset in enumerate(self._presets, 1)
            if preset.format_name == now.name and usual_left_out(preset.options, now) == chosen
        ]
        self.preset.setCurrentIndex(rows[0] if rows else 0)

    def _follow_name(self) -> None:
        """A known extension that was typed chooses its format."""
        extension = self.path.suffix.lower()
        if extension not in self._row.extensions and extension in WRITABLE_EXTENSIONS:
            self.choose(next(row.name for row in FORMATS.values() if row.writer and extension in row.extensions))

    def _ask_path(self) -> None:
        row = self._row
        patterns = " ".join(f"*{extension}" for extension in row.extensions)
        # Whether an existing file will be replaced is said in this dialog.
        options = QFileDialog.Option.DontConfirmOverwrite
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export motion", str(self.path), f"{row.title} ({patterns})", options=options
        )
        if chosen:
            path = Path(chosen)
            self.field.setText(str(path if path.suffix else path.with_suffix(row.extensions[0])))
            self._follow_name()

    def _check(self) -> None:
        path, extensions = self.path, self._row.extensions
        problem = ""
        if not self.field.text().strip():
            problem = "Name a file."
        elif path.suffix.lower() not in extensions:
            problem = f"{self._row.title}: the name must end in {' or '.join(extensions)}."
        elif not path.parent.is_dir():
            problem = f"There is no folder {shortened(str(path.parent))}."
        elif path.is_dir():
            problem = f"{shortened(path.name)} is a folder."
        self.export.setEnabled(not problem)
        replaced = f"{shortened(path.name)} exists and will be replaced." if not problem and path.exists() else ""
        self.note.setText(problem or replaced)
        set_role(self.note, "warning" if problem or replaced else "small")


def _with_extension(path: Path, row: MotionFormat) -> Path:
    """``path`` with the extension of ``row`` in the place of a known one, else after its name."""
    if path.suffix.lower() in WRITABLE_EXTENSIONS:
        return path.with_suffix(row.extensions[0])
    return path.with_name(path.name + row.extensions[0])


def file_stem(take: Take) -> str:
    """A file name from the first words of the prompt."""
    words = (take.prompt or take.name).lower().split()[:6]
    stem = "-".join("".join(letter for letter in word if letter.isalnum()) for word in words)
    return stem.strip("-")[:60] or "motion"
