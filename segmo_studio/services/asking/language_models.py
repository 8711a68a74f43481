"""The language models of the Ollama server: which there are, getting another one. Looked for when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from segmo_core.progress import Progress
from segmo_core.segmentation.language_models import (
    OLLAMA,
    installed_models,
    pull_model,
    server_address,
)
from segmo_core.segmentation.local_models.translation import translate
from segmo_core.segmentation.text_ollama import DEFAULT_MODEL
from segmo_studio.document.document import Document
from segmo_studio.services.jobs import PULL_LANE, Job, JobRunner
from segmo_studio.services.notifications import Notifications
from segmo_studio.settings import DEFAULT_SEGMENTER

_ASKING_LANE = "language models"  # it does not wait for gigabytes


@dataclass(frozen=True)
class ServerStatus:
    """models: that the server at ``address`` has. problem: why they are not known, as a sentence; "" when they are."""

    address: str
    models: tuple[str, ...] = ()
    problem: str = ""

    @property
    def is_running(self) -> bool:
        return not self.problem

    def sentence(self, model: str) -> str:
        """Whether ``model`` can be asked."""
        if self.problem:
            return self.problem
        if not self.models:
            return f"Ollama is running at {self.address}; it has no model yet."
        if has_model(self.models, model):
            return f"Ollama is running at {self.address} and has {model}."
        return f"Ollama is running at {self.address}; it has no {model}."


class LanguageModels(QObject):
    """Knows the server that the document's settings name. Only the server is asked, and only when told to."""

    changed = Signal()
    """The status is new, or a model is being got, or that has ended."""

    pull_progressed = Signal()
    """What ``pulling`` tells is new."""

    def __init__(self, document: Document, runner: JobRunner, notifications: Notifications) -> None:
        super().__init__(document)
        self._document = document
        self._runner = runner
        self._notifications = notifications
        self._status: ServerStatus | None = None
        self.pulling: Job[None] | None = None

    @property
    def chosen(self) -> str:
        """The model that is asked, or would be."""
        return self._document.settings.language_model or DEFAULT_MODEL

    @property
    def address(self) -> str:
        """Where the server is looked for."""
        return server_address(self._document.settings.ollama_url)

    @property
    def status(self) -> ServerStatus | None:
        """What was found last; None before anybody looked, or when the settings name another server since."""
        return self._status if self._status is not None and self._status.address == self.address else None

    def choose(self, model: str | None) -> None:
        """Have ``model`` cut prompts; None for the built-in rules."""
        settings = self._document.settings
        if model is None:
            self._document.push_settings(replace(settings, segmenter=DEFAULT_SEGMENTER))
        else:
            self._document.push_settings(replace(settings, segmenter=OLLAMA, language_model=model))

    def use_server(self, url: str) -> None:
        """Ask the server at ``url`` from now on, "" for the usual one, and look what it has."""
        self._document.push_settings(replace(self._document.settings, ollama_url=url.strip() or None))
        self.look()

    def look(self) -> Job[tuple[str, ...]]:
        """Ask the server what models it has. Result: their names."""
        url, address = self._document.settings.ollama_url, self.address

        def work(_progress: Progress, _job: Job[Any]) -> tuple[str, ...]:
            return installed_models(url)

        job = self._runner.submit("Looking for language models", work, _ASKING_LANE, quiet=True)
        job.when_done(lambda models: self._put(ServerStatus(address, models)))
        job.failed.connect(lambda sentence, _details: self._put(ServerStatus(address, problem=sentence)))
        return job

    def pull(self, model: str) -> Job[None]:
        """Have the server get ``model``; it is chosen once it is there. One at a time."""
        if self.pulling is not None:
            return self.pulling
        url = self._document.settings.ollama_url

        def work(progress: Progress, _job: Job[Any]) -> None:
            pull_model(model, url, progress)

        job = self.pulling = self._runner.submit(f"Getting {model}", work, PULL_LANE)
        job.progressed.connect(lambda _share, _words: self.pull_progressed.emit())
        job.failed.connect(self._notifications.error)
        job.when_done(lambda _none: self._welcome(model))
        job.ended.connect(self._end_pull)
        self.changed.emit()
        return job

    def translate(self, prompt: str) -> Job[str]:
        """``prompt`` in English, by the chosen model or another one that is there. Result: the translation."""
        settings = self._document.settings

        def work(progress: Progress, _job: Job[Any]) -> str:
            return translate(prompt, settings.language_model, settings.ollama_url, progress)

        return self._runner.submit("Translating the prompt", work, _ASKING_LANE)

    def _welcome(self, model: str) -> None:
        self._notifications.success(f"Ollama has {model} now; it cuts your prompts.")
        self.choose(model)

    def _end_pull(self) -> None:
        self.pulling = None
        self.changed.emit()
        self.look()

    def _put(self, status: ServerStatus) -> None:
        self._status = status
        self.changed.emit()


def has_model(models: tuple[str, ...], model: str) -> bool:
    """Whether ``model`` is among them; a name without a tag is the one called "latest", as Ollama has it."""
    return model in models or f"{model}:latest" in models
