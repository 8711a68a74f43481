"""How dialogs are laid out, in one place: margins and title, rows of fields with their labels, buttons at the end."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout

from segmo_studio.theme.widgets import label, separator


def dialog_column(dialog: QDialog, title: str, spacing: int = 12) -> QVBoxLayout:
    """The column that fills ``dialog``, its title in place."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(22, 20, 22, 18)
    column.setSpacing(spacing)
    column.addWidget(label(title, "title"))
    return column


def rows_of_fields(vertical_spacing: int = 8) -> QFormLayout:
    """An empty form whose fields take the width there is."""
    form = QFormLayout()
    form.setHorizontalSpacing(14)
    form.setVerticalSpacing(vertical_spacing)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def add_buttons(column: QVBoxLayout, *buttons: QPushButton) -> None:
    """A line, and below it ``buttons`` at the right."""
    column.addWidget(separator())
    row = QHBoxLayout()
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    column.addLayout(row)
