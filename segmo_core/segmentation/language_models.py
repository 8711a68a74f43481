"""Which language model cuts prompts, and which ones the Ollama server has."""

from __future__ import annotations

from segmo_core import catalog
from segmo_core.errors import InvalidRequestError
from segmo_core.progress import Progress
from segmo_core.segmentation.local_models.server import OllamaServer
from segmo_core.segmentation.text_ollama import DEFAULT_MODEL, OllamaSegmenter
from segmo_core.segmentation.text_segmenter import TextSegmenter

OLLAMA = OllamaSegmenter.name
LIST_SECONDS = 5.0


def text_segmenter(
    name: str, *, strict: bool = False, model: str | None = None, url: str | None = None, timeout: float | None = None
) -> TextSegmenter:
    """The segmenter of a name in the catalog. model, url, timeout: of Ollama's; None takes its usual ones.

    strict: one that raises SegmenterError instead of falling back to the rules. Raises InvalidRequestError where a
    model or server is given for a segmenter that has none, ConfigError for a name that is none.
    """
    kind = catalog.load(catalog.TEXT_SEGMENTERS, "segmenter", name)
    if name != OLLAMA:
        for option, value in (("model", model), ("ollama url", url)):
            if value is not None:
                raise InvalidRequestError(f"{option}: {value!r} given with segmenter {name!r}, expected with 'ollama'")
        segmenter: TextSegmenter = kind()
        return segmenter
    asked = OllamaSegmenter(model or DEFAULT_MODEL, url)
    if timeout is not None:
        asked.timeout = timeout
    if strict:
        asked.fallback = None
    return asked


def installed_models(url: str | None = None, timeout: float = LIST_SECONDS) -> tuple[str, ...]:
    """Names of the models that the Ollama server at ``url`` has, as it lists them: the newest first.

    url: None takes OLLAMA_HOST, or this machine. Raises SegmenterError when it cannot be asked. Waits for the server,
    ``timeout`` seconds at most.
    """
    return OllamaServer(url, timeout).installed_models()


def server_address(url: str | None = None) -> str:
    """Where the Ollama server of ``url`` is looked for: None takes OLLAMA_HOST, or this machine."""
    return OllamaServer(url).address


def pull_model(model: str, url: str | None, progress: Progress) -> None:
    """Have the Ollama server at ``url`` get ``model``. Raises SegmenterError with what is wrong, CancelledError."""
    OllamaServer(url).pull(model, progress)
