"""The bridge to Blender: switch it on, and copy what the add-on asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTime, QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from segmo_core.errors import SegmoError
from segmo_studio.services.bridge.blender_addon import ADDON_FILE, save_addon
from segmo_studio.services.bridge.bridge import Bridge
from segmo_studio.theme.dialog_layout import dialog_column
from segmo_studio.theme.widgets import label, push_button, separator, shortened, tab_through

_WIDTH = 520
_COPIED_MS = 1500
_HOW = (
    "Save the add-on once and drop the file onto Blender (or Edit > Preferences > Add-ons > Install from Disk). Then "
    "press N in the 3D view, open the SegMo tab, paste address and token, and import the take as often as you like."
)


class BridgeDialog(QDialog):
    """Stays open beside the window; closing it leaves the bridge as it is."""

    def __init__(self, bridge: Bridge, switch: Callable[[bool], None], parent: QWidget | None = None) -> None:
        """switch: turns the bridge on or off, and tells the user when that fails."""
        super().__init__(parent)
        self.setWindowTitle("Blender bridge")
        self.setMinimumWidth(_WIDTH)
        self._bridge = bridge
        self.switch = QCheckBox("Let programs on this computer fetch the current take")
        self.address = _read_only("Address")
        self.token = _read_only("Token")
        self.copy_both = push_button("Copy address and token", "primary")
        self._copy_address = push_button("Copy")
        self._copy_token = push_button("Copy")
        self.save_addon = push_button("Save add-on…")
        self._close = push_button("Close")
        self.state = label("", "small", wrap=True)
        self._fill()
        self.switch.clicked.connect(switch)
        self.copy_both.clicked.connect(
            lambda: _copy(f"{bridge.address} {bridge.token}", self.copy_both, "Copy address and token")
        )
        self._copy_address.clicked.connect(lambda: _copy(bridge.address, self._copy_address, "Copy"))
        self._copy_token.clicked.connect(lambda: _copy(bridge.token, self._copy_token, "Copy"))
        self.save_addon.clicked.connect(self._ask_where)
        self._close.clicked.connect(self.close)
        bridge.changed.connect(self._show)
        bridge.served.connect(self._show_served)
        self._show()

    def _fill(self) -> None:
        column = dialog_column(self, "Blender bridge")
        column.addWidget(self.switch)
        card = QFrame()
        card.setObjectName("card")
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 14, 16, 14)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        self._copy_address.setAccessibleName("Copy address")
        self._copy_token.setAccessibleName("Copy token")
        for row, (field, button) in enumerate(((self.address, self._copy_address), (self.token, self._copy_token))):
            grid.addWidget(label(field.accessibleName(), "muted"), row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(button, row, 2)
        grid.addWidget(self.state, 2, 1, 1, 2)
        column.addWidget(card)
        column.addWidget(label(_HOW, "small", wrap=True))
        column.addWidget(label("The port is closed to other computers, and the token is new every time.", "small"))
        column.addWidget(separator())
        buttons = QHBoxLayout()
        buttons.addWidget(self.save_addon)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self.copy_both)
        column.addLayout(buttons)
        self.copy_both.setDefault(True)
        tab_through(
            [
                self.switch,
                self.address,
                self._copy_address,
                self.token,
                self._copy_token,
                self.save_addon,
                self._close,
                self.copy_both,
            ]
        )

    def _ask_where(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save add-on", str(Path.home() / ADDON_FILE), "Add-on (*.zip)")
        if not chosen:
            return
        path = Path(chosen)
        try:
            save_addon(path if path.suffix else path.with_suffix(".zip"))
        except SegmoError as error:
            self.state.setText(str(error))
        else:
            self.state.setText(f"Saved {shortened(str(path), 60)}.")

    def _show(self) -> None:
        is_on = self._bridge.is_on
        self.switch.setChecked(is_on)
        self.address.setText(self._bridge.address)
        self.token.setText(self._bridge.token)
        for widget in (self.address, self.token, self._copy_address, self._copy_token, self.copy_both):
            widget.setEnabled(is_on)
        self.state.setText("On. No take has been fetched yet." if is_on else "Off: nothing listens.")

    def _show_served(self, title: str) -> None:
        time = QTime.currentTime().toString("HH:mm")
        self.state.setText(f"“{shortened(title, 50)}” was fetched at {time}.")


def _read_only(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setReadOnly(True)
    field.setAccessibleName(name)
    field.setPlaceholderText("while the bridge is on")
    field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return field


def _copy(text: str, button: QPushButton, usual: str) -> None:
    QApplication.clipboard().setText(text)
    button.setText("Copied")
    QTimer.singleShot(_COPIED_MS, button, lambda: button.setText(usual))
