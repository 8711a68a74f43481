"""Which panel a widget is in: a key means what the panel with the focus says."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_PROPERTY = "panelName"


def name_panel(widget: QWidget, name: str) -> None:
    """Everything in ``widget`` belongs to the panel ``name``."""
    widget.setProperty(_PROPERTY, name)


def panel_of(widget: QWidget | None) -> str:
    """The name of the panel that holds ``widget``; empty outside of all."""
    while widget is not None:
        name = widget.property(_PROPERTY)
        if name:
            return str(name)
        widget = widget.parentWidget()
    return ""
