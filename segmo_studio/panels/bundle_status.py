"""The bundle in use, in the status bar."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from segmo_studio.services.loaded_engine import BundleInUse

_LONGEST_NAME = 40


class BundleStatus(QLabel):
    """Names the bundle; its tooltip says where it lies."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "small")
        self.setContentsMargins(0, 0, 12, 0)
        self.setAccessibleName("Model bundle in use")
        self.show_bundle(None)

    def show_bundle(self, bundle: BundleInUse | None) -> None:
        """None: no bundle is loaded yet."""
        if bundle is None:
            self.setText("Model not loaded yet")
            self.setToolTip("")
            return
        is_long = len(bundle.name) > _LONGEST_NAME
        self.setText(f"Bundle: {bundle.name[: _LONGEST_NAME - 1]}…" if is_long else f"Bundle: {bundle.name}")
        self.setToolTip(f"{bundle.name}\n{bundle.folder}")
