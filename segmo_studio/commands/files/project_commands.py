"""Projects in the File menu: new, open, save, recent ones, and what becomes of unsaved work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox

from segmo_core.errors import SegmoError
from segmo_core.project.project import Project
from segmo_core.project.project_file import PROJECT_EXTENSION, ProjectBundle, ProjectFile
from segmo_core.segmentation.language_models import OLLAMA, server_address
from segmo_studio.document.document import Document
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.jobs import Job
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.saving.autosave import Autosave
from segmo_studio.services.saving.project_store import ProjectStore
from segmo_studio.services.saving.recovery import Recovery
from segmo_studio.settings import Settings
from segmo_studio.viewport.motion_view import MotionView

_FILTER = f"SegMo projects (*{PROJECT_EXTENSION})"
_THUMBNAIL_SIZE = (320, 200)
_RECOVERY_FOLDER = "unsaved"
_Answer = QMessageBox.StandardButton


class ProjectCommands(QObject):
    """Knows which file the document belongs to, and asks before anything unsaved goes."""

    def __init__(
        self,
        window: QMainWindow,
        document: Document,
        panel: PromptPanel,
        view: MotionView,
        service: EngineService,
        notifications: Notifications,
        settings: Settings,
        use_bundle: Callable[[Path | None], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._document = document
        self._panel = panel
        self._view = view
        self._service = service
        self._notifications = notifications
        self._settings = settings
        self._use_bundle = use_bundle
        self._store = ProjectStore(service.runner)
        self._recovery = Recovery(settings.data_folder / _RECOVERY_FOLDER)
        self._saving: Job[Any] | None = None
        self._closes_when_saved = False
        self.path: Path | None = None
        self.autosave = Autosave(document, self._store, self._recovery, lambda: self._content(self.path))
        self.autosave.failed.connect(notifications.warning)
        document.undo_stack.cleanChanged.connect(lambda _is_clean: self._show_title())
        document.opened.connect(self._show_title)
        panel.prompt.textChanged.connect(self.autosave.touch)
        self._show_title()

    @property
    def has_unsaved_work(self) -> bool:
        """Edits, or words in a prompt, that are in no project file."""
        return self._document.is_modified or any(text.strip() for text in self._panel.drafts.values())

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {
            "new_project": self.new,
            "open_project": self.ask_open,
            "save": self.save,
            "save_as": self.save_as,
        }

    def new(self) -> None:
        """An empty project in the place of this one."""
        project = Project(settings=self._settings.generation)
        self._once_free("New project", lambda: self._put(ProjectFile(project), None))

    def save(self) -> Job[Path] | None:
        """Into the project's file; asks for one where there is none yet."""
        return self.write(self.path) if self.path is not None else self.save_as()

    def save_as(self) -> Job[Path] | None:
        """Into a file that is asked for; None when nobody named one."""
        proposed = self.path or self._settings.project_folder / f"{self._proposed_name()}{PROJECT_EXTENSION}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save project", str(proposed), _FILTER)
        if not chosen:
            return None
        path = Path(chosen)
        return self.write(path if path.suffix.lower() == PROJECT_EXTENSION else Path(f"{path}{PROJECT_EXTENSION}"))

    def write(self, path: Path) -> Job[Path]:
        """Save the project as it is now into ``path``, which becomes its file once that is whole."""
        self._panel.prompt.clearFocus()  # what was typed is handed in
        content, project = self._content(), self._document.project
        job = self._saving = self._store.write(content, path, self._thumbnail())

        def accept(_path: object) -> None:
            self.path = path
            self._settings.project_folder = path.parent
            self._settings.remember_project(path)
            self._document.mark_saved(project)
            if not self.has_unsaved_work:
                self.autosave.forget()
            self._show_title()
            self._notifications.success(f"Saved {path.name}.")
            if self._closes_when_saved and not self.has_unsaved_work:
                self._window.close()

        def end() -> None:
            self._saving, self._closes_when_saved = None, False

        job.when_done(accept)
        job.failed.connect(self._notifications.error)
        job.ended.connect(end)
        return job

    def ask_open(self) -> None:
        """Ask for a project and open it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open project", str(self._settings.project_folder), f"{_FILTER};;All files (*)"
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Open the project in ``path``; a file that is none ends in a notification, and this project stays."""
        self._once_free("Open project", lambda: self._read(path))

    def _read(self, path: Path) -> Job[ProjectFile]:
        job = self._store.read(path)

        def accept(content: ProjectFile) -> None:
            self._settings.project_folder = path.parent
            self._settings.remember_project(path)
            self._put(self._with_own_server(content), path)
            self._tell_of_bundle(content.bundle)

        def refuse(sentence: str, details: str) -> None:
            if not path.exists():
                self._settings.forget_project(path)
            self._notifications.error(sentence, details)

        job.when_done(accept)
        job.failed.connect(refuse)
        return job

    def give_up(self) -> None:
        """Nobody wants what is here: an empty project takes its place without a question."""
        self._put(ProjectFile(Project()), None)

    def may_close(self) -> bool:
        """Whether the window may close now: nothing is unsaved, or nobody wants it. Saving closes it afterwards."""
        if self.has_unsaved_work:
            answer = self._ask("Quit")
            if answer == _Answer.Save:
                self._closes_when_saved = self.save() is not None
                return False
            if answer != _Answer.Discard:
                return False
        self.autosave.forget()
        return True

    def release(self) -> None:
        """The run ends: its unsaved work is not needed any more."""
        self._recovery.close()

    def offer_recovery(self) -> None:
        """Ask about work that a run left behind when it ended without a word; the window goes on meanwhile."""
        found = self._recovery.left_over()
        if not found:
            return
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "Recover unsaved work",
            "The Studio ended without saving the last time. Open what was not saved?",
            parent=self._window,
        )
        box.setInformativeText("It is kept until you open or discard it.")
        opening = box.addButton("Open", QMessageBox.ButtonRole.AcceptRole)
        dropping = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.setEscapeButton(box.addButton("Later", QMessageBox.ButtonRole.RejectRole))
        box.setDefaultButton(opening)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def act(button: object) -> None:
            if button is opening:
                self._recover(found[0])
            elif button is dropping:
                for path in found:
                    _remove(path)

        box.buttonClicked.connect(act)
        box.open()

    def _recover(self, left: Path) -> None:
        """Open unsaved work as unsaved work; its file becomes the one in which this run keeps its own."""
        job = self._store.read(left)

        def accept(content: ProjectFile) -> None:
            self._put(content, content.saved_as)
            self._document.undo_stack.resetClean()
            try:
                left.replace(self._recovery.file)
                _remove(left)
            except OSError:
                self.autosave.touch()

        job.when_done(accept)
        job.failed.connect(self._notifications.error)

    def _put(self, content: ProjectFile, path: Path | None) -> None:
        self.autosave.forget()
        self.path = path
        self._document.open(content.project)
        self._panel.put_drafts(content.drafts)
        self._show_title()

    def _content(self, saved_as: Path | None = None) -> ProjectFile:
        used = self._service.bundle
        bundle = None if used is None else ProjectBundle(used.name, used.folder)
        return ProjectFile(self._document.project, bundle, drafts=self._panel.drafts, saved_as=saved_as)

    def _with_own_server(self, content: ProjectFile) -> ProjectFile:
        """Prompts go to the user's own Ollama, whatever server a file names."""
        theirs, own = content.project.settings, self._settings.ollama_url
        if theirs.ollama_url == own:
            return content
        if theirs.segmenter == OLLAMA:
            self._notifications.info(
                f"This project names another Ollama ({server_address(theirs.ollama_url)}); yours at "
                f"{server_address(own)} is asked."
            )
        settings = replace(theirs, ollama_url=own)
        return replace(content, project=replace(content.project, settings=settings))

    def _tell_of_bundle(self, bundle: ProjectBundle | None) -> None:
        """Say that edits need another bundle than the one in use, and offer it where it still lies."""
        made_by = next((take.result for take in self._document.project.takes if take.result is not None), None)
        if bundle is None or made_by is None or self._service.can_keep_tokens_of(made_by):
            return
        sentence = f"This project was made with the bundle “{bundle.name}”; its segments can be edited with that one."
        if (bundle.folder / "bundle.json").is_file():
            self._notifications.info(sentence, ("Use it", lambda: self._use_bundle(bundle.folder)))
        else:
            self._notifications.warning(f"{sentence} It is no longer in {bundle.folder}.")

    def _once_free(self, title: str, go_on: Callable[[], object]) -> None:
        """Go on at once, or when unsaved work is saved or given up; not at all when the user says so."""
        answer = self._ask(title) if self.has_unsaved_work else _Answer.Discard
        if answer == _Answer.Discard:
            go_on()
        elif answer == _Answer.Save:
            job = self.save()
            if job is not None:
                job.when_done(lambda _path: go_on())

    def _ask(self, title: str) -> QMessageBox.StandardButton:
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            title,
            f"Save the changes to {self.path.name if self.path is not None else 'this project'}?",
            _Answer.Save | _Answer.Discard | _Answer.Cancel,
            self._window,
        )
        box.setInformativeText("What is not saved will be lost.")
        box.setDefaultButton(_Answer.Save)
        return _Answer(box.exec())

    def _proposed_name(self) -> str:
        """The first words of the prompt, as a file name."""
        words = "".join(
            letter if letter.isalnum() or letter in " -" else "" for letter in self._document.current.prompt
        )
        return "-".join(words.split()[:6])[:60] or "project"

    def _thumbnail(self) -> bytes:
        """What the view shows, small, as PNG; nothing where it cannot draw."""
        if self._document.current.motion is None:
            return b""
        try:
            image = self._view.grab_image()
        except SegmoError:
            return b""
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.scaled(*_THUMBNAIL_SIZE, keep, smooth).save(buffer, "PNG")  # type: ignore[call-overload]  # the stub asks for bytes, which Qt refuses
        return bytes(buffer.data().data())

    def _show_title(self) -> None:
        name = self.path.stem if self.path is not None else "Untitled"
        self._window.setWindowTitle(f"{name}[*] – SegMo Studio")
        self._window.setWindowModified(self._document.is_modified)


def _remove(path: Path) -> None:
    for each in (path, path.with_suffix(".lock")):
        each.unlink(missing_ok=True)
