"""The bridge to Blender in the File menu: its window, and the sign in the status bar while it is on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QWidget

from segmo_core.errors import SegmoError
from segmo_studio.dialogs.bridge_dialog import BridgeDialog
from segmo_studio.services.bridge.bridge import Bridge
from segmo_studio.services.notifications import Notifications
from segmo_studio.theme.widgets import label


class BridgeCommands(QObject):
    """``sign`` goes into the status bar: that something listens should never be out of sight."""

    def __init__(self, window: QWidget, bridge: Bridge, notifications: Notifications) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._notifications = notifications
        self.dialog: BridgeDialog | None = None
        self.sign: QLabel = label("Blender bridge is on", "small")
        self.sign.setContentsMargins(0, 0, 12, 0)
        self.sign.hide()
        bridge.changed.connect(self._follow)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"bridge": self.show}

    def show(self) -> None:
        if self.dialog is None:
            self.dialog = BridgeDialog(self._bridge, self.switch, self._window)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def switch(self, on: bool) -> None:
        try:
            self._bridge.switch(on)
        except SegmoError as error:
            self._notifications.error(error)
            self._bridge.changed.emit()

    def _follow(self) -> None:
        self.sign.setVisible(self._bridge.is_on)
        self.sign.setToolTip(f"Programs on this computer can fetch the current take at {self._bridge.address}.")
