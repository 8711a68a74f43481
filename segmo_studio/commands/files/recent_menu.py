"""The menu of recent projects, each with the picture it was saved with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from segmo_core.errors import SegmoError
from segmo_core.project.project_file import read_thumbnail
from segmo_studio.settings import Settings


class RecentMenu(QMenu):
    """Filled anew each time it is opened, so that it never shows what is gone."""

    def __init__(self, settings: Settings, open_project: Callable[[Path], object], parent: QMenu) -> None:
        super().__init__("Open recent", parent)
        self._settings = settings
        self._open = open_project
        self.setObjectName("recentMenu")
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List the projects that still lie where they were."""
        self.clear()
        paths = [path for path in self._settings.recent_projects if path.is_file()]
        for path in paths:
            action = self.addAction(_icon(path), path.stem)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _checked=False, path=path: self._open(path))
        if not paths:
            self.addAction("No project yet").setEnabled(False)


def _icon(path: Path) -> QIcon:
    try:
        picture = read_thumbnail(path)
    except SegmoError:
        return QIcon()
    pixmap = QPixmap()
    return QIcon(pixmap) if pixmap.loadFromData(picture) else QIcon()
