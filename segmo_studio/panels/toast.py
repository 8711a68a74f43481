"""Notifications over the lower edge of the view: one sentence, with details and copy for errors."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from segmo_studio.services.notifications import Notification, Notifications
from segmo_studio.theme.icons import icon_pixmap
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import IconButton, label, push_button

_SHOWN_MS = {"info": 6000, "success": 8000, "warning": 9000, "error": 20000}
_ICONS = {"info": "info", "success": "done", "warning": "warning", "error": "error"}
_ROLES = {"info": "accent", "success": "success", "warning": "warning", "error": "danger"}
_WIDTH = 520
_MARGIN = 16


class Toast(QFrame):
    """Shows the newest notification over ``host`` for a while, longest where it is an error; while the mouse is on it
    or its details are open, it stays. What was told before never comes back by itself: it is in the messages.
    """

    def __init__(self, notifications: Notifications, theme: Theme, host: QWidget) -> None:
        super().__init__(host)
        self.setObjectName("toast")
        self._host = host
        self._theme = theme
        self._notification: Notification | None = None
        self._icon = QLabel()
        self._icon.setFixedSize(20, 20)
        self.sentence = label("", wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._action = push_button("", "quiet")
        self.details_button = push_button("Details", "quiet")
        self.copy_button = push_button("Copy", "quiet")
        self._close = IconButton(theme, "close", "Close notification")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFixedHeight(150)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setAccessibleName("Details of the notification")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_notification)
        self._fill()
        self.details_button.clicked.connect(self._toggle_details)
        self.copy_button.clicked.connect(self.copy)
        self._action.clicked.connect(self._act)
        self._close.clicked.connect(self.close_notification)
        notifications.posted.connect(self.show_notification)
        theme.changed.connect(self._draw_icon)
        host.installEventFilter(self)
        self.hide()

    def show_notification(self, notification: Notification) -> None:
        self._notification = notification
        self.setProperty("level", notification.level)
        self.style().unpolish(self)
        self.style().polish(self)
        self._draw_icon()
        self.sentence.setText(notification.sentence)
        self.details.setPlainText(notification.details)
        self.details.hide()
        self.details_button.setText("Details")
        self.details_button.setVisible(bool(notification.details))
        self.copy_button.setVisible(notification.level == "error")
        self._action.setVisible(notification.action is not None)
        if notification.action is not None:
            self._action.setText(notification.action[0])
        self.show()
        self.raise_()
        self._place()
        self._wait_and_go()

    def close_notification(self) -> None:
        self._timer.stop()
        self.hide()

    def copy(self) -> None:
        """Put sentence and details on the clipboard."""
        if self._notification is not None:
            parts = [self._notification.sentence, self._notification.details]
            QApplication.clipboard().setText("\n\n".join(part for part in parts if part))
            self.copy_button.setText("Copied")
            QTimer.singleShot(1500, self.copy_button, lambda: self.copy_button.setText("Copy"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._wait_and_go()
        super().leaveEvent(event)

    def _wait_and_go(self) -> None:
        if self._notification is not None and self.details.isHidden():
            self._timer.start(_SHOWN_MS[self._notification.level])

    def _fill(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._icon, 0, top)
        row.addWidget(self.sentence, 1)
        for button in (self._action, self.details_button, self.copy_button, self._close):
            row.addWidget(button, 0, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 10, 12)
        column.addLayout(row)
        column.addWidget(self.details)

    def _toggle_details(self) -> None:
        self.details.setVisible(self.details.isHidden())
        self.details_button.setText("Details" if self.details.isHidden() else "Hide details")
        self._timer.stop()
        self._place()

    def _act(self) -> None:
        if self._notification is not None and self._notification.action is not None:
            self._notification.action[1]()
        self.close_notification()

    def _draw_icon(self) -> None:
        if self._notification is not None:
            colour = getattr(self._theme.colours, _ROLES[self._notification.level])
            name = _ICONS[self._notification.level]
            self._icon.setPixmap(icon_pixmap(name, colour, 20, self.devicePixelRatioF()))

    def _place(self) -> None:
        width = min(_WIDTH, self._host.width() - 2 * _MARGIN)
        layout = self.layout()
        if layout is None:
            return
        layout.activate()
        # The widget's own, which counts the frame too, not the layout's.
        height = self.heightForWidth(width) if layout.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((self._host.width() - width) // 2, self._host.height() - height - _MARGIN, width, height)
