"""A language model on this machine as text segmenter, through Ollama (paper section 3.3: Qwen3 8B).

Nothing is contacted before ``segment`` is called, and then only the Ollama server. Whatever goes wrong, the
fallback answers and the notice says why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from segmo_core.errors import ConfigError, InvalidRequestError, SegmenterError
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.local_models.answer_check import checked_segments
from segmo_core.segmentation.local_models.server import OllamaServer
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.segmentation.text_segmenter import SegmentedText, TextSegmenter
from segmo_core.serialization import from_plain

DEFAULT_MODEL = "qwen3:8b"

INSTRUCTIONS = """\
You split a description of human motion into its atomic actions. Answer with JSON: {"segments": [...]}.
Rules:
1. Temporal order: list the actions in the order in which they happen, not in which they are mentioned. Mind "after",
"before", "once", "while".
2. Keep modifiers: manner, speed, count, direction, body part and "as if ..." stay with the action they belong to.
Leave nothing out and add nothing.
3. Simultaneous actions are one segment: what happens "while", "as" or "at the same time", and what is told by a
participle.
Write each segment as a sentence of its own in the simple present: "A person <verb> ...". Restate the subject.
Examples:
"A person runs after walking." -> {"segments": ["A person walks.", "A person runs."]}
"a man walks slowly to the left while waving, then sits down and crosses his legs" -> {"segments": ["A person walks \
slowly to the left while waving.", "A person sits down.", "A person crosses his legs."]}
"before kneeling, someone jumps twice with arms raised" -> {"segments": ["A person jumps twice with arms raised.", \
"A person kneels."]}
"a person raises the left and right arm" -> {"segments": ["A person raises the left and right arm."]}
"""

_RULES = RulesSegmenter()


MAX_ANSWER_SEGMENTS = 40
ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "segments": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_ANSWER_SEGMENTS}
    },
    "required": ["segments"],
    "additionalProperties": False,
}
"""The JSON schema that the server holds the model's answer to."""


@dataclass(frozen=True)
class _Answer:
    segments: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.segments) <= MAX_ANSWER_SEGMENTS:
            raise ConfigError(f"segments: {len(self.segments)}, expected 1 to {MAX_ANSWER_SEGMENTS}")


class OllamaSegmenter:
    """Asks ``model`` on the Ollama server at ``host`` (else the environment's OLLAMA_HOST, else this machine).

    timeout: seconds for the whole answer. fallback: who answers when Ollama cannot; None raises SegmenterError.
    """

    name = "ollama"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        host: str | None = None,
        timeout: float = 20.0,
        fallback: TextSegmenter | None = _RULES,
    ) -> None:
        self.model = model
        self.host = host
        self.timeout = timeout
        self.fallback = fallback

    def segment(self, caption: str, progress: Progress | None = None) -> SegmentedText:
        """Raises InvalidRequestError for a caption without a word, CancelledError when cancelled."""
        check_text(caption, "prompt")
        if not any(letter.isalnum() for letter in caption):
            raise InvalidRequestError("prompt: empty, expected a sentence such as 'a person walks forward'")
        progress = progress or SilentProgress()
        progress.report(0.0, f"Asking {self.model}")
        messages = [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": caption}]
        try:
            answer = OllamaServer(self.host, self.timeout).chat(self.model, messages, ANSWER_SCHEMA, progress)
            segments = checked_segments(caption, _parse(answer))
            return SegmentedText(caption, segments, self.name, model=self.model)
        except SegmenterError as error:
            if self.fallback is None:
                raise
            reason = str(error).rstrip(".")
            fallen_back = self.fallback.segment(caption, progress)
            told = f"{reason}; the built-in rules cut the prompt instead."
            return replace(fallen_back, notice=f"{told} {fallen_back.notice}".strip())


def _parse(answer: str) -> tuple[str, ...]:
    try:
        plain = json.loads(answer)
        json.dumps(plain, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise SegmenterError("Ollama's answer is not valid JSON.") from None
    try:
        return from_plain(_Answer, plain).segments
    except ConfigError:
        raise SegmenterError("Ollama's answer does not hold a list of segments.") from None
