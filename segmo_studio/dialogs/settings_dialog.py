"""What the Studio is to remember: its look, how prompts are cut, where body models are, where exports go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from segmo_core.catalog import TEXT_SEGMENTERS
from segmo_studio.services.asking.segmenters import segmenter_title
from segmo_studio.settings import THEMES
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column, rows_of_fields
from segmo_studio.theme.fields import PathField, choice
from segmo_studio.theme.widgets import label, push_button, set_role, tab_through

_WIDTH = 560
_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark", "contrast": "High contrast"}


@dataclass(frozen=True)
class ChosenSettings:
    """theme, segmenter, language: names as Settings has them. smpl_folder: of the user's SMPL models; None for the
    mannequin.
    """

    theme: str
    segmenter: str
    smpl_folder: Path | None
    export_folder: Path
    language: str = ""


class SettingsDialog(QDialog):
    """``chosen`` is what stands in the fields when the dialog was accepted."""

    def __init__(
        self, present: ChosenSettings, parent: QWidget | None = None, language_folder: Path | None = None
    ) -> None:
        """language_folder: where catalogues of other languages lie."""
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(_WIDTH)
        self.theme = choice("Theme", {name: _THEMES.get(name, name) for name in THEMES}, present.theme)
        segmenters = {name: segmenter_title(name) for name in TEXT_SEGMENTERS}
        self.segmenter = choice("Cut prompts by", segmenters, present.segmenter)
        catalogues = sorted(language_folder.glob("*.json")) if language_folder is not None else []
        languages = {"": "English", **{path.stem: path.stem for path in catalogues}}
        self.language = choice("Language", languages, present.language)
        self.smpl = PathField("SMPL models", "None: the mannequin is drawn", present.smpl_folder)
        self.exports = PathField("Exports go to", "Your own folder", present.export_folder)
        self.note = label("", "small", wrap=True)
        self.apply = push_button("Apply", "primary")
        self.apply.setDefault(True)
        self._cancel = push_button("Cancel")
        self._fill()
        self.apply.clicked.connect(self.accept)
        self._cancel.clicked.connect(self.reject)
        for field in (self.smpl, self.exports):
            field.line.textChanged.connect(self._check)
        self._check()

    @property
    def chosen(self) -> ChosenSettings:
        return ChosenSettings(
            str(self.theme.currentData()),
            str(self.segmenter.currentData()),
            self.smpl.folder,
            self.exports.folder or Path.home(),
            str(self.language.currentData()),
        )

    def _fill(self) -> None:
        column = dialog_column(self, "Settings")
        form = rows_of_fields(10)
        for field in (self.theme, self.language, self.segmenter):
            form.addRow(label(field.accessibleName(), "muted"), field)
        for path in (self.smpl, self.exports):
            form.addRow(label(path.line.accessibleName(), "muted"), path)
        column.addLayout(form)
        column.addWidget(
            label(
                "SMPL, SMPL-H and SMPL-X models are licensed: download them yourself and name their folder here. "
                "The body is then drawn in the view and written into exports in place of the mannequin.",
                "small",
                wrap=True,
            )
        )
        column.addWidget(self.note)
        column.addStretch(1)
        add_buttons(column, self._cancel, self.apply)
        tab_through(
            [
                self.theme,
                self.language,
                self.segmenter,
                self.smpl.line,
                self.smpl.browse,
                self.exports.line,
                self.exports.browse,
                self._cancel,
                self.apply,
            ]
        )

    def _check(self) -> None:
        wrong = [field.folder for field in (self.smpl, self.exports) if field.folder and not field.folder.is_dir()]
        self.apply.setEnabled(not wrong)
        self.note.setText(
            f"There is no folder {wrong[0]}." if wrong else "Another language is used from the next start."
        )
        set_role(self.note, "warning" if wrong else "small")
