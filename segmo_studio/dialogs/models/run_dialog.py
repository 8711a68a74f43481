"""What training and evaluating have in common: a form beside the runs, Start, and Copy as command line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from segmo_core.errors import SegmoError
from segmo_studio.dialogs.models.run_view import RunView
from segmo_studio.services.models.run_choices import EvaluationChoice, TrainingChoice, quoted
from segmo_studio.services.models.runs import Runs
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column, rows_of_fields
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.widgets import label, push_button, set_role, tab_through

_SIZE = QSize(1080, 640)
_FORM_WIDTH = 400


class RunDialog(QDialog):
    """Closing it leaves what runs alone. A kind of it names its fields and says what they ask for."""

    def __init__(self, kind: str, title: str, runs: Runs, theme: Theme, parent: QWidget | None = None) -> None:
        """kind: TRAINING or EVALUATION."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(_SIZE)
        self._title = title
        self._runs = runs
        self.view = RunView(kind, runs, theme)
        self.form: QFormLayout = rows_of_fields(8)
        self.note = label("", "small", wrap=True)
        self.copy = push_button("Copy as command line", tip="The line for a terminal that does the same")
        self.start = push_button("Start", "primary")
        self._close = push_button("Close")
        self._fill()
        for button in (self.copy, self.start, self._close):
            button.setAutoDefault(False)
        self.start.clicked.connect(self._start)
        self.copy.clicked.connect(self._copy)
        self._close.clicked.connect(self.close)
        self.view.problem.connect(lambda sentence: self.say(sentence, True))
        runs.changed.connect(self.check)

    @property
    @abstractmethod
    def choice(self) -> TrainingChoice | EvaluationChoice:
        """What stands in the fields."""

    @property
    @abstractmethod
    def fields(self) -> Sequence[QWidget]:
        """What Tab comes to before the runs, in order."""

    def check(self) -> None:
        """Say why what stands in the fields cannot be started, where it cannot."""
        choice = self.choice
        busy = self._busy(choice)
        self.start.setEnabled(not choice.problem and not busy)
        self.copy.setEnabled(not choice.problem)
        self.say(choice.problem or busy or self.hint(choice), bool(choice.problem))

    def hint(self, choice: TrainingChoice | EvaluationChoice) -> str:
        """What to know before it is started."""
        return ""

    def say(self, sentence: str, is_problem: bool) -> None:
        """A sentence below the form."""
        set_role(self.note, "warning" if is_problem else "small")
        self.note.setText(sentence)

    def add_row(self, name: str, field: QWidget) -> QLabel:
        """A row of the form; its label, which may be hidden with it."""
        words = label(name, "muted")
        self.form.addRow(words, field)
        return words

    def order_fields(self) -> None:
        """Once all fields are there."""
        tab_through([*self.fields, self.copy, self.start, *self.view.in_tab_order, self._close])

    def _fill(self) -> None:
        column = dialog_column(self, self._title, 10)
        left = QWidget()
        left.setFixedWidth(_FORM_WIDTH)
        inside = QVBoxLayout(left)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(10)
        inside.addLayout(self.form)
        inside.addWidget(self.note)
        inside.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.start)
        inside.addLayout(buttons)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(left)
        middle.addWidget(self.view, 1)
        column.addLayout(middle, 1)
        add_buttons(column, self._close)

    def _busy(self, choice: TrainingChoice | EvaluationChoice) -> str:
        """A folder takes one training at a time."""
        out = choice.out if isinstance(choice, TrainingChoice) else None
        if out is not None and any(run.out is not None and _same(run.out, out) for run in self._runs.alive):
            return f"A training into {out} runs already: stop it first, or name another folder."
        return ""

    def _start(self) -> None:
        try:
            run = self._runs.start(self.choice.arguments)
        except SegmoError as error:
            self.say(str(error), True)
            return
        self.view.choose(run)
        self.check()

    def _copy(self) -> None:
        line = quoted(["segmo", *self.choice.arguments])
        QApplication.clipboard().setText(line)
        self.say(f"Copied: {line}", False)


def _same(one: Path, other: Path) -> bool:
    return one.absolute() == other.absolute()
