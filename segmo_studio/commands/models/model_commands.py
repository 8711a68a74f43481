"""The manager of bundles: which there are and which is in use, added, converted and removed ones, and the device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from segmo_studio.commands.models.bundle_commands import BundleCommands
from segmo_studio.commands.models.run_commands import RunCommands
from segmo_studio.dialogs.models.convert_dialog import ConvertDialog
from segmo_studio.dialogs.models.model_manager import ModelManager
from segmo_studio.dialogs.status_line import tell
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.jobs import Job
from segmo_studio.services.loaded_engine import BundleInUse, Compute
from segmo_studio.services.models.known_bundles import (
    KnownBundle,
    forget_bundle,
    known_bundles,
    look_at,
    remember_bundle,
)
from segmo_studio.services.models.model_service import ModelService
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme

if TYPE_CHECKING:
    from segmo_core.conversion.convert import ConversionReport


class ModelCommands(QObject):
    """One manager beside the window. What bundles are known is remembered in the settings."""

    def __init__(
        self,
        window: QWidget,
        bundles: BundleCommands,
        engine: EngineService,
        notifications: Notifications,
        settings: Settings,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self.dialog: ModelManager | None = None
        self._window = window
        self._bundles = bundles
        self._engine = engine
        self._models = ModelService(engine.runner)
        self._notifications = notifications
        self._settings = settings
        self.runs = RunCommands(window, engine, notifications, settings, theme, self.add)
        engine.compute = Compute(settings.device, settings.is_fast)
        bundles.changed.connect(self._remember_used)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {**self.runs.handlers(), "models": self.show}

    def show(self) -> None:
        """The manager, with what there is now."""
        if self.dialog is None:
            self.dialog = self._made()
            self._models.computing().when_done(self.dialog.show_computing)
        self._show_bundles()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self.dialog.bundles.setFocus()
        self._check()

    def add(self, folder: Path, use: bool = False) -> bool:
        """Put the bundle of a folder into the list, and use it where that is wanted; whether it is one."""
        bundle = look_at(folder)
        if bundle.problem:
            self._tell(bundle.problem, True)
            return False
        remember_bundle(self._settings, folder)
        self._show_bundles(folder)
        if use:
            self._bundles.use(folder)
        else:
            self._tell(f"“{bundle.title}” is in the list of models.", False)
            self._check()
        return True

    def convert(self, source: Path, target: Path, dataset: str | None) -> Job[ConversionReport]:
        """Make a bundle of published checkpoints and put it into the list."""
        job = self._models.convert(source, target, dataset)
        job.failed.connect(lambda sentence, _details: self._tell(sentence, True))
        job.cancelled.connect(lambda: self._tell("The conversion was cancelled; nothing was written.", False))
        job.when_done(self._take_converted)
        self._tell(f"Converting {source.name}: the status bar of the window has the progress and Cancel.", False)
        return job

    def _made(self) -> ModelManager:
        dialog = ModelManager(self._engine.compute, self._window)
        dialog.use_requested.connect(self._use)
        dialog.add_requested.connect(self._ask_folder)
        dialog.convert_requested.connect(self._ask_conversion)
        dialog.remove_requested.connect(self._remove)
        dialog.compute_requested.connect(self._compute_on)
        return dialog

    def _use(self, bundle: KnownBundle) -> None:
        self._tell(f"Loading “{bundle.title}”…", False)
        job = self._bundles.use(None if bundle.name == "starter" else bundle.folder)
        job.failed.connect(lambda sentence, _details: self._tell(sentence, True))
        job.cancelled.connect(lambda: self._tell("The bundle in use stays.", False))

    def _remove(self, bundle: KnownBundle) -> None:
        forget_bundle(self._settings, bundle.folder)
        self._show_bundles()
        self._tell(f"“{bundle.title}” is out of the list; its files stay in {bundle.folder}.", False)

    def _compute_on(self, compute: Compute) -> None:
        in_use = self._engine.bundle
        folder = self._settings.bundle if in_use is None else in_use.folder
        job = self._bundles.use(folder, compute)
        job.failed.connect(lambda sentence, _details: self._tell(sentence, True))
        if self.dialog is not None:
            dialog = self.dialog
            job.ended.connect(lambda: dialog.show_compute(self._engine.compute))

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self.dialog, "Add bundle", str(self._settings.open_folder))
        if chosen:
            self.add(Path(chosen))

    def _ask_conversion(self) -> None:
        dialog = ConvertDialog(self._settings.data_folder / "bundles", self.dialog)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.convert(dialog.source, dialog.target, dialog.dataset)
        dialog.deleteLater()

    def _take_converted(self, report: ConversionReport) -> None:
        remember_bundle(self._settings, report.bundle)
        self._show_bundles(report.bundle)
        notices = " ".join(f"{notice.rstrip('.')}." for notice in report.notices)
        self._tell(f"{report.source} for {report.dataset} is a bundle now. {notices}".strip(), False)
        self._check()

    def _remember_used(self, bundle: BundleInUse | None) -> None:
        if bundle is not None:
            remember_bundle(self._settings, bundle.folder)
            self._settings.device, self._settings.is_fast = self._engine.compute.device, self._engine.compute.is_fast
            self._show_bundles()
            if self.dialog is not None:
                self.dialog.say(f"“{bundle.name}” is in use.")

    def _show_bundles(self, chosen: Path | None = None) -> None:
        if self.dialog is None:
            return
        in_use = self._engine.bundle
        self.dialog.show_bundles(known_bundles(self._settings), None if in_use is None else in_use.folder)
        if chosen is not None:
            self.dialog.choose(chosen)

    def _check(self) -> None:
        """Whether all files of all bundles are whole; the list says so when it is known."""
        if self.dialog is not None and self.dialog.isVisible():
            whole = [bundle.folder for bundle in known_bundles(self._settings) if not bundle.problem]
            self._models.check(whole).when_done(self._show_problems)

    def _show_problems(self, problems: Mapping[Path, str]) -> None:
        if self.dialog is not None:
            self.dialog.show_problems(problems)

    def _tell(self, sentence: str, is_problem: bool) -> None:
        tell(self.dialog, self._notifications, sentence, is_problem)
