"""Who cuts prompts into segments: the built-in rules, or one of the language models that Ollama has on this machine."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QProgressBar, QWidget

from segmo_core.segmentation.language_models import OLLAMA
from segmo_core.segmentation.text_ollama import DEFAULT_MODEL
from segmo_studio.document.document import Document
from segmo_studio.services.asking.language_models import LanguageModels, has_model
from segmo_studio.services.asking.segmenters import SEGMENTER_TITLES
from segmo_studio.theme.dialog_layout import add_buttons, dialog_column, rows_of_fields
from segmo_studio.theme.widgets import label, push_button, set_role, tab_through

_SIZE = QSize(520, 470)
_MODEL = Qt.ItemDataRole.UserRole
_BY_OLLAMA, _MISSING = "A language model, run by Ollama", "A language model that Ollama does not have"
_GETTING = (
    "Ollama gets a model from its registry when you press Get: several gigabytes as a rule. "
    "Prompts are sent to the server above and nowhere else."
)


class SegmenterDialog(QDialog):
    """What is chosen holds at once; a model that is being got goes on when the dialog is closed."""

    def __init__(self, document: Document, models: LanguageModels, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._models = models
        self._rows: list[tuple[str | None, str]] = []
        self.setWindowTitle("Who cuts prompts")
        self.resize(_SIZE)
        self.choices = QListWidget()
        self.choices.setObjectName("choices")  # of the style sheet
        self.choices.setAccessibleName("Who cuts prompts")
        self.status = label("", "small", wrap=True)
        self.address = QLineEdit(document.settings.ollama_url or "")
        self.address.setAccessibleName("Address of Ollama")
        self.look = push_button("Look again", tip="Ask Ollama what models it has")
        self.wanted = QLineEdit()
        self.wanted.setAccessibleName("Model to get")
        self.wanted.setPlaceholderText(f"e.g. {DEFAULT_MODEL} or llama3.2:3b")
        self.get = push_button("Get", tip="Have Ollama get this model from its registry")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of getting a model")
        self.cancel = push_button("Cancel", tip="Stop getting the model; what came by then is kept for another time")
        self._so_far = label("", "small", wrap=True)
        self._close = push_button("Close", "primary")
        self._fill()
        self._connect()
        self._show_all()
        models.look()

    def _fill(self) -> None:
        column = dialog_column(self, "Who cuts prompts", 10)
        column.addWidget(self.choices, 1)
        column.addWidget(self.status)
        form = rows_of_fields()
        form.addRow(label("Ollama at", "muted"), _row(self.address, self.look))
        form.addRow(label("Get model", "muted"), _row(self.wanted, self.get))
        column.addLayout(form)
        column.addLayout(_row(self.bar, self.cancel))
        column.addWidget(self._so_far)
        column.addWidget(label(_GETTING, "small", wrap=True))
        add_buttons(column, self._close)
        tab_through([self.choices, self.address, self.look, self.wanted, self.get, self.cancel, self._close])

    def _connect(self) -> None:
        for button in (self.look, self.get, self.cancel, self._close):
            button.setAutoDefault(False)  # Enter means the field that has the focus
        self.choices.currentItemChanged.connect(lambda item, _before: self._choose(item))
        self.address.returnPressed.connect(self._use_address)
        self.look.clicked.connect(self._use_address)
        self.wanted.textChanged.connect(self._show_pull)
        self.wanted.returnPressed.connect(self._get)
        self.get.clicked.connect(self._get)
        self.cancel.clicked.connect(self._cancel)
        self._close.clicked.connect(self.close)
        self._models.changed.connect(self._show_all)
        self._models.pull_progressed.connect(self._show_pull)
        self._document.settings_changed.connect(self._show_all)

    def _show_all(self) -> None:
        self.address.setPlaceholderText(self._models.address)
        self._show_choices()
        self._show_status()
        self._show_pull()

    def _show_choices(self) -> None:
        status, chosen = self._models.status, self._models.chosen
        models = status.models if status is not None else ()
        settings = self._document.settings
        rows: list[tuple[str | None, str]] = [(None, f"{SEGMENTER_TITLES['rules']}\nA small English grammar, offline")]
        rows += [(model, f"{model}\n{_BY_OLLAMA}") for model in models]
        if (settings.language_model or settings.segmenter == OLLAMA) and not has_model(models, chosen):
            is_missing = status is not None and status.is_running
            rows.append((chosen, f"{chosen}\n{_MISSING if is_missing else _BY_OLLAMA}"))
        self.choices.blockSignals(True)
        if rows != self._rows:  # a list must not be cleared while it tells that a row was chosen
            self._rows = rows
            self.choices.clear()
            for model, words in rows:
                item = QListWidgetItem(words)
                item.setData(_MODEL, model)
                self.choices.addItem(item)
        asked = chosen if settings.segmenter == OLLAMA else None
        places = [place for place, (model, _words) in enumerate(rows) if _is_it(model, asked)]
        self.choices.setCurrentRow(places[0] if places else -1)
        self.choices.blockSignals(False)

    def _show_status(self) -> None:
        status = self._models.status
        self.status.setText("Looking for Ollama…" if status is None else status.sentence(self._models.chosen))
        is_asked = self._document.settings.segmenter == OLLAMA
        is_ready = status is None or (status.is_running and has_model(status.models, self._models.chosen))
        set_role(self.status, "small" if is_ready or not is_asked else "warning")

    def _show_pull(self) -> None:
        job, status = self._models.pulling, self._models.status
        is_running = status is not None and status.is_running
        self.get.setEnabled(job is None and is_running and bool(self.wanted.text().strip()))
        for widget in (self.bar, self.cancel, self._so_far):
            widget.setVisible(job is not None)
        if job is None:
            return
        self.bar.setRange(0, 1000 if job.fraction > 0 else 0)
        self.bar.setValue(round(job.fraction * 1000))
        so_far = f"{job.title}: {job.message}." if job.message else f"{job.title}…"
        self._so_far.setText("Cancelling…" if job.is_cancelling else so_far)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._models.choose(item.data(_MODEL))

    def _use_address(self) -> None:
        self._models.use_server(self.address.text())
        self._show_all()

    def _get(self) -> None:
        if self.get.isEnabled():
            self._models.pull(self.wanted.text().strip())

    def _cancel(self) -> None:
        if self._models.pulling is not None:
            self._models.pulling.cancel()
            self._show_pull()


def _is_it(model: str | None, asked: str | None) -> bool:
    return model is asked is None or (model is not None and asked is not None and has_model((model,), asked))


def _row(field: QWidget, button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(field, 1)
    row.addWidget(button)
    return row
