"""Nothing that was typed is left behind: whatever is pressed elsewhere acts on the words as they stand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QMenu, QWidget

from segmo_studio.theme.kept_line_edit import KeptLineEdit


class TypedWords(QObject):
    """Hands in what the focused field holds before a click elsewhere, a shortcut or a menu does something.

    Buttons do not take the focus, so a field would not learn of them. Watches the application only while such a
    field has the focus.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._field: KeptLineEdit | QAbstractSpinBox | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._watch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and self._is_elsewhere(watched):
            self._hand_in(is_left=not isinstance(watched, QMenu))
        elif kind == QEvent.Type.Shortcut or (kind == QEvent.Type.KeyPress and isinstance(watched, QMenu)):
            self._hand_in(is_left=False)
        return super().eventFilter(watched, event)

    def _watch(self, _old: QWidget | None, new: QWidget | None) -> None:
        field = new if isinstance(new, (KeptLineEdit, QAbstractSpinBox)) else None
        application = QApplication.instance()
        if application is not None and (field is None) != (self._field is None):
            if field is not None:
                application.installEventFilter(self)
            else:
                application.removeEventFilter(self)
        self._field = field

    def _is_elsewhere(self, pressed: QWidget) -> bool:
        return self._field is not None and pressed is not self._field and not self._field.isAncestorOf(pressed)

    def _hand_in(self, is_left: bool) -> None:
        field = self._field
        if isinstance(field, QAbstractSpinBox):
            field.interpretText()
        elif field is not None:
            field.keep()
            if is_left:
                field.finished.emit(False)
