"""A prompt of another language in English, by a language model of the Ollama server: the only language bundles know."""

from __future__ import annotations

import json
from typing import Any

from segmo_core.errors import SegmenterError
from segmo_core.progress import Progress
from segmo_core.segmentation.grammar.language import reads_as_english
from segmo_core.segmentation.local_models.server import OllamaServer
from segmo_core.segmentation.prompt_text import MAX_LETTERS, check_text
from segmo_core.segmentation.text_ollama import DEFAULT_MODEL

INSTRUCTIONS = """\
Translate a description of human motion into English, in the simple present. Answer with JSON: {"english": "..."}.
Keep every action, its order, direction, count, speed and body part. Leave nothing out and add nothing.
Example: "eine Person geht langsam nach links und setzt sich" -> {"english": "a person walks slowly to the left and \
sits down"}
"""
ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"english": {"type": "string"}},
    "required": ["english"],
    "additionalProperties": False,
}
_SECONDS = 60.0  # a model may have to be read from disk first


def translate(prompt: str, model: str | None, url: str | None, progress: Progress) -> str:
    """``prompt`` in English by ``model``, or by the first one that the server has where that one is not there.

    Raises SegmenterError when the server has no model, cannot be asked or answers with something else, CancelledError,
    InvalidRequestError for a prompt that is no text.
    """
    check_text(prompt, "prompt")
    server = OllamaServer(url, _SECONDS)
    installed = server.installed_models()
    if not installed:
        raise SegmenterError(f"Ollama at {server.address} has no model to translate with, expected one at least.")
    wanted = model or DEFAULT_MODEL
    asked = wanted if wanted in installed or f"{wanted}:latest" in installed else installed[0]
    progress.report(0.0, f"Asking {asked}")
    messages = [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": prompt}]
    return _checked(server.chat(asked, messages, ANSWER_SCHEMA, progress), asked)


def _checked(answer: str, model: str) -> str:
    try:
        english = json.loads(answer)["english"]
        english.encode()  # half of a surrogate pair is no text
        words = " ".join(english.split())
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise SegmenterError(f"{model} did not answer with a translation.") from None
    if not any(letter.isalnum() for letter in words) or len(words) > MAX_LETTERS or not reads_as_english(words):
        raise SegmenterError(f"{model} answered with something that does not read as English.")
    return words
