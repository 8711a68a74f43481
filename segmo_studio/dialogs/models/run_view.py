"""The runs of one kind: one of them with its state, its curves, what it printed, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFontDatabase, QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from segmo_core.cli.watching.run_folder import RunState
from segmo_core.errors import SegmoError
from segmo_core.serialization import write_atomically
from segmo_studio.dialogs.models.curves_plot import CurvesPlot
from segmo_studio.services.models.run_figures import StageFigures, figures_of, present_stage
from segmo_studio.services.models.runs import TRAINING, Run, Runs
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import label, push_button, set_role

_REFRESH_MS = 1000
_STATES = {
    RunState.RUNNING: "runs",
    RunState.STOPPING: "is stopping",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
    RunState.STOPPED: "stopped",
    RunState.LOST: "ended without a word",
}
_FIRST_FIGURES = ("cross_entropy", "loss", "reconstruction")


class RunView(QWidget):
    """Follows the run that is chosen while it is seen."""

    add_requested = Signal(object)
    """The Path of a finished bundle that is to go into the list of models."""
    problem = Signal(str)
    """A sentence about what could not be done."""

    def __init__(self, kind: str, runs: Runs, theme: Theme) -> None:
        super().__init__()
        self._kind = kind
        self._runs = runs
        self._stages: dict[str, StageFigures] = {}
        self.chosen = QComboBox()
        self.chosen.setAccessibleName("Runs")
        self.state = label("", "small", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the run")
        self.bar.setRange(0, 1000)
        self.stage, self.figure = QComboBox(), QComboBox()
        self.stage.setAccessibleName("Stage")
        self.figure.setAccessibleName("Figure")
        self.plot = CurvesPlot(theme)
        self.output = QPlainTextEdit()
        self.output.setReadOnly(True)
        self.output.setTabChangesFocus(True)
        self.output.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.output.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.output.setPlaceholderText("What the command prints stands here.")
        self.output.setAccessibleName("What the command printed")
        self.stop = push_button("Stop", tip="End at the next step; a training keeps a checkpoint")
        self.resume = push_button("Go on", tip="Go on from the last checkpoint")
        self.save = push_button("Save results…", tip="The tables as they stand here")
        self.add = push_button("Add to models", "primary", "Put the finished bundle into the list of models")
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._fill()
        self._connect()

    @property
    def run(self) -> Run | None:
        """The one that is chosen, as it is now."""
        folder = self.chosen.currentData()
        return next((run for run in self._runs.of_kind(self._kind) if run.folder.folder == folder), None)

    @property
    def in_tab_order(self) -> Sequence[QWidget]:
        """What Tab comes to."""
        return (self.chosen, self.stage, self.figure, self.output, self.stop, self.resume, self.save, self.add)

    def choose(self, run: Run) -> None:
        """Show this run."""
        self._list()
        self.chosen.setCurrentIndex(self.chosen.findData(run.folder.folder))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._runs.look()
        self._list()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _fill(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.chosen)
        column.addWidget(self.state)
        column.addWidget(self.bar)
        choices = QHBoxLayout()
        choices.addWidget(self.stage, 1)
        choices.addWidget(self.figure, 1)
        column.addLayout(choices)
        column.addWidget(self.plot, 3 if self._kind == TRAINING else 2)
        column.addWidget(self.output, 2 if self._kind == TRAINING else 5)
        buttons = QHBoxLayout()
        buttons.addWidget(self.stop)
        buttons.addWidget(self.resume)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        buttons.addWidget(self.add)
        column.addLayout(buttons)

    def _connect(self) -> None:
        for button in (self.stop, self.resume, self.save, self.add):
            button.setAutoDefault(False)
        self._runs.changed.connect(self._list)
        self._timer.timeout.connect(self._refresh)
        self.chosen.currentIndexChanged.connect(lambda _index: self._begin())
        self.stage.currentIndexChanged.connect(lambda _index: self._list_figures())
        self.figure.currentIndexChanged.connect(lambda _index: self._draw())
        self.stop.clicked.connect(self._stop)
        self.resume.clicked.connect(self._resume)
        self.save.clicked.connect(self._save)
        self.add.clicked.connect(self._add)

    def _list(self) -> None:
        """All runs, the newest first; the one that is shown stays."""
        present = self.chosen.currentData()
        runs = self._runs.of_kind(self._kind)
        self.chosen.blockSignals(True)
        self.chosen.clear()
        for run in runs:
            self.chosen.addItem(f"{run.title}: {_STATES[run.state]}", run.folder.folder)
        if not runs:
            self.chosen.addItem("None yet")
        self.chosen.setCurrentIndex(max(self.chosen.findData(present), 0))
        self.chosen.setEnabled(bool(runs))
        self.chosen.blockSignals(False)
        if self.chosen.currentData() == present:
            self._refresh()
        else:
            self._begin()

    def _begin(self) -> None:
        """Another run is shown."""
        self._stages = {}
        self.stage.clear()
        self.output.clear()
        self._refresh()

    def _refresh(self) -> None:
        run = self.run
        self.stop.setEnabled(run is not None and run.is_alive)
        self.resume.setEnabled(run is not None and run.can_resume)
        self.save.setEnabled(run is not None and bool(run.folder.printed))
        self.add.setVisible(self._kind == TRAINING)
        self.add.setEnabled(run is not None and run.bundle is not None)
        if run is None:
            self.state.setText("What is started here goes on when this window and the Studio are closed.")
            set_role(self.state, "small")
            self.bar.setValue(0)
            self._draw()
            return
        lines = run.folder.progress()
        self.bar.setValue(1000 if run.state is RunState.DONE else round(1000 * lines[-1].fraction) if lines else 0)
        self._stages = figures_of(run.out, lines)
        self._tell(run, lines[-1].message if lines else "")
        self._show_text(run)
        self._list_stages()

    def _tell(self, run: Run, message: str) -> None:
        said = run.folder.said.strip().splitlines()
        if run.state is RunState.FAILED:
            words = said[-1].removeprefix("segmo: ") if said else "It ended with an error."
        elif run.state is RunState.RUNNING:
            stage = present_stage(self._stages)
            words = f"{stage}: {message}" if run.kind == TRAINING and message.startswith("step") else message
            words = words or "It starts…"
        elif run.state is RunState.STOPPING:
            words = "It ends at its next step. Stop again ends it at once."
        elif run.state is RunState.DONE:
            words = "Done."
        else:
            going_on = "Go on takes its last checkpoint." if run.kind == TRAINING else "Go on begins anew."
            words = f"It {'was stopped' if run.state is RunState.STOPPED else 'ended without a word'}. {going_on}"
        self.state.setText(words)
        set_role(self.state, "danger" if run.state is RunState.FAILED else "small")

    def _show_text(self, run: Run) -> None:
        text = "\n".join(part.rstrip() for part in (run.folder.printed, run.folder.said) if part.strip())
        if text != self.output.toPlainText():
            self.output.setPlainText(text)

    def _list_stages(self) -> None:
        names = list(self._stages)
        if names != [self.stage.itemText(row) for row in range(self.stage.count())]:
            is_following = self.stage.currentIndex() < 0 or self.stage.currentIndex() == self.stage.count() - 1
            present = present_stage(self._stages) if is_following else self.stage.currentText()
            self.stage.blockSignals(True)
            self.stage.clear()
            self.stage.addItems(names)
            self.stage.setCurrentIndex(max(self.stage.findText(present), 0) if names else -1)
            self.stage.blockSignals(False)
        self._list_figures()

    def _list_figures(self) -> None:
        found = self._stages.get(self.stage.currentText(), StageFigures())
        names = list(found.curves)
        if names != [self.figure.itemText(row) for row in range(self.figure.count())]:
            present = self.figure.currentText() if self.figure.currentText() in names else ""
            present = present or next((name for name in _FIRST_FIGURES if name in names), "")
            self.figure.blockSignals(True)
            self.figure.clear()
            self.figure.addItems(names)
            self.figure.setCurrentIndex(max(self.figure.findText(present), 0) if names else -1)
            self.figure.blockSignals(False)
        self.stage.setEnabled(bool(self._stages))
        self.figure.setEnabled(bool(names))
        self._draw()

    def _draw(self) -> None:
        stage = self._stages.get(self.stage.currentText(), StageFigures())
        self.plot.show_curves(stage.curves.get(self.figure.currentText(), []), stage.unit)

    def _stop(self) -> None:
        if self.run is not None:
            self._runs.stop(self.run)

    def _resume(self) -> None:
        run = self.run
        if run is None:
            return
        try:
            self._runs.resume(run)
        except SegmoError as error:
            self.problem.emit(str(error))
            return
        self._list()

    def _add(self) -> None:
        if self.run is not None and self.run.bundle is not None:
            self.add_requested.emit(self.run.bundle)

    def _save(self) -> None:
        run = self.run
        if run is None:
            return
        name = f"{'-'.join(run.arguments[:2])}.txt" if run.kind != TRAINING else "training.txt"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save results", str(Path.home() / name), "Text (*.txt *.md)")
        if not chosen:
            return
        text = run.folder.printed
        try:
            write_atomically(Path(chosen), lambda path: path.write_text(text, encoding="utf-8"))
        except SegmoError as error:
            self.problem.emit(str(error))
