"""The document: one project, its undo stack, and signals that say what has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from segmo_core.project.project import GenerationSettings, Project, Take
from segmo_studio.document.commands import ProjectEdit


class Document(QObject):
    """Every edit goes through ``push``: the new project is built first, then one command holds before and after."""

    takes_changed = Signal()
    """A take was added, removed or altered."""
    take_switched = Signal(object)
    """Another take is current: the Take."""
    take_edited = Signal(object, object)
    """The current take has new content: the Take before and after."""
    settings_changed = Signal(object)
    """The settings of the next generation are new: GenerationSettings."""
    opened = Signal()
    """Another project is in the document; nothing of the one before can be undone any more."""

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project if project is not None else Project()
        self.undo_stack = QUndoStack(self)

    @property
    def project(self) -> Project:
        return self._project

    @property
    def current(self) -> Take:
        return self._project.current

    @property
    def settings(self) -> GenerationSettings:
        return self._project.settings

    @property
    def is_modified(self) -> bool:
        return not self.undo_stack.isClean()

    def open(self, project: Project) -> None:
        """Put another project in the place of this one. It counts as saved, and undo begins anew."""
        self._project = project
        self.undo_stack.clear()
        self.undo_stack.setClean()  # clearing keeps the mark of a recovered project, that it was never saved
        self.takes_changed.emit()
        self.take_switched.emit(project.current)
        self.settings_changed.emit(project.settings)
        self.opened.emit()

    def mark_saved(self, saved: Project) -> None:
        """Say that ``saved`` is on disk; what was edited meanwhile still counts as modified."""
        if _same_work(saved, self._project):
            self.undo_stack.setClean()

    def push(self, text: str, after: Project, merge_key: str | None = None) -> ProjectEdit:
        """Make ``after`` the project as one undo step named ``text``; the command can be amended later."""
        self.undo_stack.push(ProjectEdit(text, self._project, after, self._apply, merge_key))
        return self._last_command()

    def push_take(self, text: str, take: Take, merge_key: str | None = None) -> ProjectEdit:
        """Put ``take`` in the place of its namesake, or add it, as one undo step."""
        return self.push(text, self._project.with_take(take), merge_key)

    def push_settings(self, settings: GenerationSettings) -> None:
        """Change the settings of the next generation; changes of the same field in a row are one undo step."""
        changed = [name for name, value in vars(settings).items() if getattr(self.settings, name) != value]
        if changed:
            names = " and ".join(name.replace("_", " ") for name in changed)
            after = replace(self._project, settings=settings)
            self.push(f"Change {names}", after, f"settings {names}")

    def amend(self, command: ProjectEdit, before: Take, after: Take) -> bool:
        """Put the outcome of a background job into the step that asked for it, so that one undo takes back both.

        Done only while ``command`` is the last step and ``before`` still stands in the project; else False.
        """
        return self.amend_all(command, before, self._project.with_takes_mapped(lambda t: after if t is before else t))

    def amend_all(self, command: ProjectEdit, before: Take, after: Project, text: str | None = None) -> bool:
        """As ``amend`` for an outcome that is more than one take. text: what the step is called from now on."""
        if self.undo_stack.index() == 0 or self._last_command() is not command:
            return False
        if self._project.find(before.take_id) is not before:
            return False
        command.after = after
        if text is not None:
            command.setText(text)
        self._apply(after)
        return True

    def learn(self, change: Callable[[Take], Take]) -> None:
        """Put something found out about takes into them: no edit, so it holds in every undo step too.

        change: gives a take with the news, or the take itself where there is none for it.
        """
        takes: dict[int, Take] = {}
        projects: dict[int, Project] = {}
        # One object in several steps stays one object. Known by id, so all must live until the end.
        replaced: list[Project] = []

        def changed_take(take: Take) -> Take:
            if id(take) not in takes:
                takes[id(take)] = change(take)
            return takes[id(take)]

        def changed(project: Project) -> Project:
            if id(project) not in projects:
                projects[id(project)] = project.with_takes_mapped(changed_take)
                replaced.append(project)
            return projects[id(project)]

        for index in range(self.undo_stack.count()):
            command = self.undo_stack.command(index)
            if isinstance(command, ProjectEdit):
                command.before, command.after = changed(command.before), changed(command.after)
        self._apply(changed(self._project))

    def when_settled(self, edit: Callable[[], None]) -> None:
        """Call ``edit`` when the change that is being told of has reached everybody: edits cannot be nested."""
        QTimer.singleShot(0, self, edit)

    def select_take(self, take_id: int) -> None:
        """Show another take. Looking at something is not an edit: no undo step."""
        if self._project.find(take_id) is not None and take_id != self.current.take_id:
            self._apply(replace(self._project, current_id=take_id))

    def _last_command(self) -> ProjectEdit:
        command = self.undo_stack.command(self.undo_stack.index() - 1)
        if not isinstance(command, ProjectEdit):
            raise TypeError(f"undo stack holds {type(command).__name__}, expected ProjectEdit")
        return command

    def _apply(self, project: Project) -> None:
        before, self._project = self._project, project
        if project.takes is not before.takes:
            self.takes_changed.emit()
        if project.current.take_id != before.current.take_id:
            self.take_switched.emit(project.current)
        elif project.current is not before.current:
            self.take_edited.emit(before.current, project.current)
        if project.settings != before.settings:
            self.settings_changed.emit(project.settings)


def _same_work(one: Project, other: Project) -> bool:
    """Whether nobody edited anything between the two, whatever was found out or looked at."""
    return (
        (one.settings, one.props) == (other.settings, other.props)
        and len(one.takes) == len(other.takes)
        and all(take.is_same_work_as(same) for take, same in zip(one.takes, other.takes, strict=True))
    )
