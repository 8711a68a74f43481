"""Training and evaluating: the dialogs, what is told when a run ends, what becomes of runs when the window closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from segmo_core.cli.watching.run_folder import RunState
from segmo_studio.dialogs.models.run_dialog import RunDialog
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.models.known_bundles import known_bundles
from segmo_studio.services.models.runs import EVALUATION, TRAINING, Run, Runs
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme


class RunCommands(QObject):
    """A dialog for each kind, made when it is first wanted; the runs live on without them."""

    def __init__(
        self,
        window: QWidget,
        engine: EngineService,
        notifications: Notifications,
        settings: Settings,
        theme: Theme,
        add_bundle: Callable[[Path], object],
    ) -> None:
        """add_bundle: puts a finished bundle into the list of models."""
        super().__init__(window)
        self.runs = Runs(settings.run_folder, self)
        self.dialogs: dict[str, RunDialog] = {}
        self._window = window
        self._engine = engine
        self._notifications = notifications
        self._settings = settings
        self._theme = theme
        self._add_bundle = add_bundle
        self.runs.ended.connect(self._tell)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        return {"train": lambda: self.show(TRAINING), "evaluate": lambda: self.show(EVALUATION)}

    def show(self, kind: str) -> RunDialog:
        """The dialog of a kind, with the bundles there are now."""
        self.runs.look()
        if kind not in self.dialogs:
            self.dialogs[kind] = self._made(kind)
            self.dialogs[kind].view.add_requested.connect(self._add_bundle)
        dialog = self.dialogs[kind]
        dialog.check()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        dialog.fields[0].setFocus()
        return dialog

    def may_close(self) -> bool:
        """Whether the window may close: nothing runs, or it was said what becomes of it."""
        alive = self.runs.alive
        if not alive:
            return True
        named = " and ".join(f"“{run.title}”" for run in alive[:3])
        words = f"{named} {'is' if len(alive) == 1 else 'are'} not finished."
        box = QMessageBox(QMessageBox.Icon.Question, "Not finished", words, parent=self._window)
        box.setInformativeText(
            "It is a process of its own and can go on without the Studio; its dialog shows it again at the next start. "
            "Stopped, a training keeps a checkpoint to go on from."
        )
        going_on = box.addButton("Let it go on", QMessageBox.ButtonRole.AcceptRole)
        stopping = box.addButton("Stop it", QMessageBox.ButtonRole.DestructiveRole)
        box.setEscapeButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.setDefaultButton(going_on)
        box.exec()
        answer = box.clickedButton()
        box.deleteLater()
        if answer is stopping:
            for run in alive:
                self.runs.stop(run)
        return answer in (going_on, stopping)

    def _made(self, kind: str) -> RunDialog:
        bundles, in_use = known_bundles(self._settings), self._engine.bundle
        if kind == TRAINING:
            from segmo_studio.dialogs.models.training_dialog import TrainingDialog

            out = self._settings.data_folder / "trained" / f"{datetime.now():%Y-%m-%d-%H%M}"
            return TrainingDialog(bundles, out, self.runs, self._theme, self._window)
        from segmo_studio.dialogs.models.evaluation_dialog import EvaluationDialog

        folder = None if in_use is None else in_use.folder
        return EvaluationDialog(bundles, folder, self.runs, self._theme, self._window)

    def _tell(self, run: Run) -> None:
        dialog = self.dialogs.get(run.kind)
        if dialog is not None and dialog.isVisible():
            return
        show = ("Show", lambda: self.show(run.kind).view.choose(run))
        if run.state is RunState.DONE:
            self._notifications.success(f"“{run.title}” is done.", show)
        elif run.state is RunState.FAILED:
            said = run.folder.said.strip().splitlines()
            sentence = said[-1].removeprefix("segmo: ") if said else "it ended with an error"
            self._notifications.error(f"“{run.title}” failed: {sentence}", run.folder.said)
        else:
            self._notifications.info(f"“{run.title}” has stopped; it can be gone on with.", show)
