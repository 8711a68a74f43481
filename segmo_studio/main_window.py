"""The main window: builds the parts and joins them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from segmo_core.project.project import Project
from segmo_studio.commands.actions import Actions, TypingGuard, menu_titles, spec_of
from segmo_studio.commands.asking.asking_commands import AskingCommands
from segmo_studio.commands.bridge_commands import BridgeCommands
from segmo_studio.commands.command_state import CommandState
from segmo_studio.commands.compared_views import ComparedViews
from segmo_studio.commands.editing.generation_commands import GenerationCommands
from segmo_studio.commands.editing.segment_commands import SegmentCommands
from segmo_studio.commands.editing.take_commands import TakeCommands
from segmo_studio.commands.editing.undo_commands import UndoCommands
from segmo_studio.commands.files.batch_commands import BatchCommands
from segmo_studio.commands.files.file_commands import FileCommands, dropped_paths
from segmo_studio.commands.files.project_commands import ProjectCommands
from segmo_studio.commands.files.recent_menu import RecentMenu
from segmo_studio.commands.finding.finding_commands import FindingCommands
from segmo_studio.commands.finding.library_commands import LibraryCommands
from segmo_studio.commands.help_commands import HelpCommands
from segmo_studio.commands.models.bundle_commands import BundleCommands
from segmo_studio.commands.models.model_commands import ModelCommands
from segmo_studio.commands.playback_commands import playback_handlers
from segmo_studio.commands.scene.prop_commands import PropCommands
from segmo_studio.commands.scene.scene_commands import SceneCommands
from segmo_studio.commands.support_commands import SupportCommands, facts_of
from segmo_studio.commands.view_commands import ViewCommands
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.panels.bundle_status import BundleStatus
from segmo_studio.panels.inspector import Inspector
from segmo_studio.panels.job_status import JobStatus
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.panels.takes_panel import TakesPanel
from segmo_studio.panels.toast import Toast
from segmo_studio.panels.view_area import ViewArea
from segmo_studio.services.bridge.bridge import Bridge
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.services.editing.clip_editor import ClipEditor
from segmo_studio.services.editing.segment_editor import SegmentEditor
from segmo_studio.services.editing.take_editor import TakeEditor
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.file_jobs import FileJobs
from segmo_studio.services.jobs import JobRunner
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.settings import Settings
from segmo_studio.stage import Stage
from segmo_studio.theme.panel_names import name_panel
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.typed_words import TypedWords
from segmo_studio.theme.widgets import IconButton
from segmo_studio.timeline.graph_row import GraphRow
from segmo_studio.timeline.timeline_panel import TimelinePanel
from segmo_studio.timeline.timeline_view import TimelineView
from segmo_studio.timeline.transport_bar import TransportBar
from segmo_studio.viewport.motion_view import MotionView
from segmo_studio.views import make_docks, place_docks, restore_layout

_VIEW_BUTTONS = (
    ("view_front", "view_side", "view_top", "reset_camera", "follow"),
    ("show_body", "show_skeleton", "show_path", "show_contacts", "show_trails"),
    ("compare_ghosts", "compare_sides"),
)
_BAR_BUTTONS = (
    "first_frame", "previous_frame", "play", "next_frame", "last_frame", "loop", "split", "merge", "delete_ripple",
    "fit",
)  # fmt: skip
_WARM_UP_DELAY_MS = 400


class MainWindow(QMainWindow):
    """One window with one document. What ``make_service`` gives is its only way to the engine."""

    def __init__(self, theme: Theme, settings: Settings, make_service: Callable[[JobRunner], EngineService]) -> None:
        super().__init__()
        self.theme = theme
        self._settings = settings
        self.runner = JobRunner(self)
        self._service = make_service(self.runner)
        self.document = Document(Project(settings=settings.generation), self)
        self.selection = Selection(self.document, self)
        self.playback = Playback(self)
        self.notifications = Notifications(self)
        self.jobs = TakeJobs(self.document, self.selection, self._service, self.notifications)
        self.file_jobs = FileJobs(self.document, self._service, self.notifications)
        self.advice = DurationAdvice(self.document, self._service)
        self.editor = TrackEditor(self.document, self.selection, self.jobs, self.advice, self.notifications)
        self.clips = ClipEditor(self.document, self.selection, self.editor, self._service, self.notifications)
        self.segments = SegmentEditor(
            self.document, self.selection, self.editor, self.clips, self.advice, self.notifications
        )
        self.take_editor = TakeEditor(self.document)
        self.comparison = Comparison(self.document, self)
        self.commands = Actions(self)
        self._build_parts()
        self.files = FileCommands(
            self,
            self.document,
            self.file_jobs,
            self.notifications,
            settings,
            self.view,
            self.selection,
            self.playback,
        )
        self.library = LibraryCommands(self, self._service, self.file_jobs, self.playback, self.notifications, settings)
        self.bundles = BundleCommands(self, self._service, self.notifications, settings)
        self.models = ModelCommands(self, self.bundles, self._service, self.notifications, settings, theme)
        self.projects = ProjectCommands(
            self,
            self.document,
            self.prompt_panel,
            self.view,
            self._service,
            self.notifications,
            settings,
            self.bundles.use,
        )
        self.scene_commands = SceneCommands(
            self,
            self.view,
            self.document,
            self.selection,
            self.playback,
            self._service,
            self.notifications,
            settings,
            self.commands,
        )
        shared = (self.document, self._service, self.notifications, settings)
        self.props = PropCommands(self, self.view, *shared, self.commands["remove_props"])
        self.batches = BatchCommands(
            self, *shared, lambda: None if self.projects.has_unsaved_work else self.projects.path
        )
        self._command_state = CommandState(self.document, self.selection, self.editor, self.files, self.commands)
        self.bridge = Bridge(self.document, self._service, self)
        self.bridge_commands = BridgeCommands(self, self.bridge, self.notifications)
        self._build_window()
        self.support = SupportCommands(
            self,
            self.view_commands.choose_theme,
            theme,
            settings,
            self.document,
            self.notifications,
            {**self.docks, "view": self.view_area, "menu": self.menuBar()},
            facts_of(self.view, self._service),
        )
        self._connect_commands()
        self._connect_parts()
        self.stage.show_take()
        restore_layout(self, self.docks, self._settings)
        self.prompt_panel.prompt.setFocus()

    def warm_up_soon(self, bundle: Path | None = None) -> None:
        """Load the model once the window is on screen: that of ``bundle`` when given, else the one used last."""
        QTimer.singleShot(_WARM_UP_DELAY_MS, self, lambda: self.bundles.start(bundle))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.models.runs.may_close() or not self.projects.may_close():
            event.ignore()
            return
        self.playback.pause()
        self._settings.geometry = self.saveGeometry()
        self._settings.layout = self.saveState()
        self.hide()
        self.bridge.switch(False)
        self.runner.shut_down()
        for part in (self.projects.release, self.view.release, self.compared_views.release, self.library.release):
            part()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in dropped_paths(event.mimeData()):
            self.files.open(path)
        event.acceptProposedAction()

    def _build_parts(self) -> None:
        theme, document, selection = self.theme, self.document, self.selection
        self.view = MotionView(theme="dark")
        self.prompt_panel = PromptPanel(document, selection, self.editor, self.advice, theme)
        self.inspector = Inspector(document, selection, self.advice, theme)
        self.takes = TakesPanel(document, self.take_editor, self.comparison, theme)
        bar = TransportBar(document, selection, self.playback, theme, self._buttons(_BAR_BUTTONS))
        self.timeline = TimelineView(
            document,
            selection,
            self.playback,
            self.editor,
            self.segments,
            self.take_editor,
            self.comparison,
            self.advice,
            theme,
        )
        self.timeline_panel = TimelinePanel(
            bar, self.timeline, GraphRow(document, selection, self.playback, self.timeline, theme)
        )
        groups = [list(self._buttons(names).values()) for names in _VIEW_BUTTONS]
        self.view_area = ViewArea(self.view, groups, self.view.set_label_area)
        self.stage = Stage(document, self.playback, self.view, self.view_area, self.jobs, self)
        self.compared_views = ComparedViews(document, self.comparison, self.view, self.view_area, theme)
        self.take_commands = TakeCommands(
            document,
            selection,
            self.comparison,
            self.take_editor,
            self.clips,
            self.jobs,
            self.takes,
            self.timeline,
            self.commands,
        )
        self.segment_commands = SegmentCommands(
            document,
            selection,
            self.playback,
            self.editor,
            self.segments,
            self.prompt_panel,
            self.timeline,
            self.commands,
        )
        self.asking = AskingCommands(
            self, document, self._service, self.notifications, self.prompt_panel, self.jobs, self.editor
        )
        self.finding = FindingCommands(
            self,
            document,
            selection,
            self.playback,
            self.editor,
            self.jobs,
            self._service,
            self.notifications,
            bar,
            self.prompt_panel,
        )
        self.view_commands = ViewCommands(self.view, self.timeline_panel, theme, self._settings, self.commands)
        self.toast = Toast(self.notifications, theme, self.view_area)
        self.job_status = JobStatus(self.runner)
        self.undo_commands = UndoCommands(document, self.commands)
        self.generation_commands = GenerationCommands(
            self.jobs, self.editor, selection, self.prompt_panel, self.inspector, self.timeline, self.job_status
        )
        self.bundle_status = BundleStatus()

    def _buttons(self, names: tuple[str, ...]) -> dict[str, IconButton]:
        result = {}
        for name in names:
            spec = spec_of(name)
            role = "on_accent" if name == "play" else "text_muted"
            result[name] = IconButton(self.theme, spec.icon, spec.text, self.commands[name], role)
        return result

    def _build_window(self) -> None:
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowNestedDocks)
        self.setCentralWidget(self.view_area)
        name_panel(self.view_area, "view")
        name_panel(self.toast, "toast")
        panels: dict[str, QWidget] = {
            "prompt": self.prompt_panel,
            "inspector": self.inspector,
            "takes": self.takes,
            "timeline": self.timeline_panel,
        }
        self.docks = make_docks(self, panels, self.theme)
        for title in menu_titles():
            menu = self.menuBar().addMenu(title)
            self.commands.fill_menu(menu, title)
            if title == "File":
                recent = RecentMenu(self._settings, self.projects.open, menu)
                menu.insertMenu(self.commands["save"], recent)
            if title == "View":
                panels_menu = menu.addMenu("Panels")
                for dock in self.docks.values():
                    panels_menu.addAction(dock.toggleViewAction())
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.job_status, 1)
        self.statusBar().addPermanentWidget(self.bridge_commands.sign)
        self.statusBar().addPermanentWidget(self.bundle_status)
        self._guard = TypingGuard(self)
        self._words = TypedWords(self)

    def _connect_commands(self) -> None:
        for name, handler in self._handlers().items():
            self.commands[name].triggered.connect(handler)
        self.commands["loop"].setChecked(self.playback.is_looping)
        self.view_commands.show_what_is_on()

    def _handlers(self) -> dict[str, Callable[..., object]]:
        """What every action of the table does."""
        rooms = (
            self.files, self.projects, self.bundles, self.batches, self.bridge_commands, self.undo_commands,
            self.generation_commands, self.take_commands, self.segment_commands, self.finding, self.library, self.props,
            self.scene_commands, self.view_commands, self.support, self.models,
            self.asking, HelpCommands(self, self.commands, self.notifications),
        )  # fmt: skip
        return {name: handler for room in rooms for name, handler in room.handlers().items()} | {
            **playback_handlers(self.playback, self.stage.go_to_boundary),
            "quit": self.close,
            "reset_layout": lambda: place_docks(self, self.docks),
        }

    def _connect_parts(self) -> None:
        panel = self.prompt_panel
        panel.prompt.refused.connect(self.notifications.error)
        self.stage.changed.connect(self._command_state.update)
        self.timeline.track_previewed.connect(self.stage.colour_by)
        self.take_commands.enable()
        self.segment_commands.enable()
        self.file_jobs.exported.connect(lambda _path: self._command_state.update())
        self.scene_commands.saved.connect(self.files.tell_saved)
        self.support.settings_changed.connect(self.scene_commands.use_body)
        self.scene_commands.use_body()
        self.files.project_chosen.connect(self.projects.open)
        self.bundles.changed.connect(self.bundle_status.show_bundle)
        self.bundles.changed.connect(lambda bundle: panel.allow_candidates(bundle.can_ground))
        self.bundles.changed.connect(lambda _bundle: self.editor.limits_changed.emit())
        self.bundles.changed.connect(lambda _bundle: self.advice.forget())
        self.advice.changed.connect(self._command_state.update)
        self.document.settings_changed.connect(self._settings.remember_generation)
        self.view.failed.connect(self.notifications.error)
