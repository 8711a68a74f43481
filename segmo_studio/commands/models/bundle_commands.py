"""Choosing the model bundle: at the start, from the menu, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from segmo_core.shipped import bundle_folder, shipped_folder
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.jobs import Job
from segmo_studio.services.loaded_engine import BundleInUse, Compute
from segmo_studio.services.notifications import Notifications, as_sentence
from segmo_studio.settings import Settings


class BundleCommands(QObject):
    """Asks for a folder and has the engine use it. A folder is remembered only once its bundle is loaded."""

    changed = Signal(object)
    """Another bundle is in use: BundleInUse, or None when none is loaded."""

    def __init__(
        self, window: QWidget, service: EngineService, notifications: Notifications, settings: Settings
    ) -> None:
        super().__init__(window)
        self._window = window
        self._service = service
        self._notifications = notifications
        self._settings = settings
        self._announced: BundleInUse | None = None
        service.runner.job_ended.connect(self._announce)

    @property
    def is_ready(self) -> bool:
        """Whether a model is in memory."""
        return self._service.bundle is not None

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"open_bundle": self.ask_open, "use_starter": self.use_starter, "use_everyday": self.use_everyday}

    def start(self, given: Path | None = None) -> Job[Any]:
        """Load the bundle ``given`` on the command line, else the remembered one, else the starter.

        One that cannot be used leaves the starter, with a notice.
        """
        folder = bundle_folder(given).absolute() if given is not None else self._settings.bundle
        if folder is None:
            warming = self._service.warm_up()
            warming.failed.connect(self._notifications.error)
            return warming
        job = self._service.use_bundle(folder)
        job.failed.connect(self._fall_back)
        job.when_done(lambda _bundle: self._remember(folder))
        return job

    def ask_open(self) -> None:
        present = self._settings.bundle
        start = present.parent if present is not None else self._settings.open_folder
        chosen = QFileDialog.getExistingDirectory(self._window, "Open model bundle", str(start))
        if chosen:
            self.use(Path(chosen))

    def use_starter(self) -> None:
        self.use(None)

    def use_everyday(self) -> None:
        """The other bundle that ships: more words, less exact."""
        self.use(shipped_folder("bundles/everyday"))

    def use(self, folder: Path | None, compute: Compute | None = None) -> Job[BundleInUse]:
        """Use the bundle in ``folder`` (None: the starter) from now on; a wrong one ends in a notification.

        compute: what models run on from then on; None: what they do.
        """
        job = self._service.use_bundle(folder, compute)
        job.failed.connect(self._notifications.error)

        def accept(bundle: BundleInUse) -> None:
            self._remember(folder)
            self._notifications.success(f"The bundle “{bundle.name}” is in use.")

        job.when_done(accept)
        return job

    def _fall_back(self, sentence: str, _details: str) -> None:
        self._notifications.warning(f"{as_sentence(sentence)} The starter bundle is used instead.")
        self._service.compute = Compute()  # what is not here any more may be a GPU
        self._service.warm_up().failed.connect(self._notifications.error)

    def _remember(self, folder: Path | None) -> None:
        self._settings.bundle = folder

    def _announce(self) -> None:
        if self._service.bundle is not self._announced:
            self._announced = self._service.bundle
            self.changed.emit(self._announced)
