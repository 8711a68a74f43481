"""Props and grounds: meshes of files that stand in the view, kept by their names in the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QWidget

from segmo_core.formats.meshes.props import EXTENSIONS, Prop
from segmo_studio.document.document import Document
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings
from segmo_studio.viewport.motion_view import MotionView


class PropCommands(QObject):
    """Keeps the view up to the project: what is named there is read once and drawn."""

    def __init__(
        self,
        window: QWidget,
        view: MotionView,
        document: Document,
        service: EngineService,
        notifications: Notifications,
        settings: Settings,
        remove: QAction,
    ) -> None:
        """remove: possible only while there is something to take away."""
        super().__init__(window)
        self._window = window
        self._view = view
        self._document = document
        self._service = service
        self._notifications = notifications
        self._settings = settings
        self._remove = remove
        remove.setEnabled(False)
        self._read: dict[Path, Prop] = {}
        self._asked: set[Path] = set()
        document.undo_stack.indexChanged.connect(lambda _index: self.show_props())
        document.opened.connect(self._open)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"add_prop": self.ask, "remove_props": self.remove_all}

    def ask(self) -> None:
        patterns = " ".join(f"*{extension}" for extension in EXTENSIONS)
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Add prop or ground", str(self._settings.open_folder), f"Meshes ({patterns})"
        )
        if chosen:
            self.add(Path(chosen))

    def add(self, path: Path) -> None:
        """Read a mesh and, where it is one, put it into the project as one undo step."""
        self._settings.open_folder = path.parent
        job = self._service.read_props((path,))
        job.failed.connect(self._notifications.error)
        job.when_done(lambda found: self._put(path, found))

    def remove_all(self) -> None:
        project = self._document.project
        if project.props:
            self._document.push("Remove props", replace(project, props=()))

    def show_props(self) -> None:
        """Draw what the project names; what was not read yet is read first."""
        wanted = self._document.project.props
        self._remove.setEnabled(bool(wanted))
        missing = tuple(path for path in wanted if path not in self._read and path not in self._asked)
        if missing:
            self._asked |= set(missing)
            job = self._service.read_props(missing)
            job.failed.connect(lambda sentence, _details: self._notifications.warning(sentence))
            job.when_done(self._take)
        self._view.set_props([self._read[path] for path in wanted if path in self._read])

    def _put(self, path: Path, found: Mapping[Path, Prop]) -> None:
        self._read |= found
        project = self._document.project
        if path in project.props:
            self.show_props()
        else:
            self._document.push(f"Add {path.name}", replace(project, props=(*project.props, path)))

    def _take(self, found: Mapping[Path, Prop]) -> None:
        self._read |= found
        self.show_props()

    def _open(self) -> None:
        self._asked.clear()
        self.show_props()
