"""Which language model cuts prompts, and which ones the Ollama server has."""

from __future__ import annotations

from segmo_core import catalog
from segmo_core.errors import InvalidRequestError
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
    return OllamaSegmenter(host=url, timeout=timeout).installed_models()
