"""A language model on this machine as text segmenter, through Ollama (paper section 3.3: Qwen3 8B).

Nothing is contacted before ``segment`` is called, and then only the Ollama server. Whatever goes wrong, the
fallback answers and the notice says why.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from segmo_core.errors import ConfigError, InvalidRequestError, SegmenterError, in_short
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.answer_check import checked_segments
from segmo_core.segmentation.prompt_text import check_text
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.segmentation.text_segmenter import SegmentedText, TextSegmenter
from segmo_core.serialization import from_plain

if TYPE_CHECKING:
    import httpx
    from ollama import Client

DEFAULT_MODEL = "qwen3:8b"
DEFAULT_ADDRESS = "http://127.0.0.1:11434"
MAX_ANSWER_TOKENS = 1024
MAX_ANSWER_LETTERS = 200_000
MAX_REPLY_BYTES = 4 << 20  # of all lines of a streamed answer, each of which repeats who answers and when
_POLL_SECONDS = 0.05
_LIST_SECONDS = 3.0
_FEW = 6  # names in a sentence

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
        try:
            answer = self._ask(caption, progress)
            return SegmentedText(caption, checked_segments(caption, _parse(answer)), self.name)
        except SegmenterError as error:
            if self.fallback is None:
                raise
            reason = str(error).rstrip(".")
            fallen_back = self.fallback.segment(caption, progress)
            return replace(fallen_back, notice=f"{reason}; the built-in rules cut the prompt instead.")

    @property
    def address(self) -> str:
        """Where the server is looked for."""
        return self.host or os.environ.get("OLLAMA_HOST") or DEFAULT_ADDRESS

    def installed_models(self) -> tuple[str, ...]:
        """Names of the models that the server has. Raises SegmenterError when it cannot be asked."""
        client = self._client(time.monotonic() + self.timeout, threading.Event())
        try:
            with client:
                listed = client.list().models
        except Exception as error:
            raise self._explained(error) from None
        return tuple(in_short(model.model, 80) for model in listed if model.model)

    def _ask(self, caption: str, progress: Progress) -> str:
        """The text of the answer. Waits in short steps, so that the user can cancel while the server is silent."""
        deadline, abandoned = time.monotonic() + self.timeout, threading.Event()
        client = self._client(deadline, abandoned)
        request = _Request(client, self.model, caption)
        worker = threading.Thread(target=request.run, name="ollama", daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(_POLL_SECONDS)
                progress.raise_if_cancelled()
                if time.monotonic() > deadline:
                    raise SegmenterError(f"Ollama at {self.address} did not answer within {self.timeout:g} s.")
        finally:
            abandoned.set()
            client.close()  # type: ignore[no-untyped-call]  # a thread that waits for the next byte ends with it
        if request.error is not None:
            raise self._explained(request.error)
        if not request.is_complete:
            raise SegmenterError("Ollama's answer was cut off.")
        return request.text

    def _client(self, deadline: float, abandoned: threading.Event) -> Client:
        from httpx import InvalidURL

        try:
            from ollama import Client
        except ImportError:
            raise SegmenterError("The package ollama is not installed (install it with: pip install ollama).") from None
        except (InvalidURL, ValueError, TypeError, OverflowError) as error:  # it reads OLLAMA_HOST when imported
            raise SegmenterError(f"OLLAMA_HOST: {self.address!r} is not an address ({in_short(error)}).") from None
        is_local = any(name in self.address for name in ("127.0.0.1", "localhost", "0.0.0.0", "[::1]"))
        try:  # a proxy of the environment must not come between this machine and itself
            return Client(
                self.address,
                timeout=self.timeout,
                trust_env=not is_local,
                event_hooks={"response": [lambda response: _bound(response, deadline, abandoned)]},
            )
        except (InvalidURL, ValueError, TypeError, OverflowError) as error:
            raise SegmenterError(f"OLLAMA_HOST: {self.address!r} is not an address ({in_short(error)}).") from None

    def _others(self) -> str:
        """What the server has instead, where it says."""
        try:
            names = OllamaSegmenter(host=self.host, timeout=_LIST_SECONDS).installed_models()
        except SegmenterError:
            return ""
        return f"it has {', '.join(names[:_FEW])}; " if names else ""

    def _explained(self, error: Exception) -> SegmenterError:
        """The sentence for the user; errors that are no failure of the server are raised as they are."""
        import httpx
        from ollama import ResponseError

        match error:
            case SegmenterError():
                return error
            case ResponseError() if error.status_code == 404 and "model" in error.error:
                return SegmenterError(
                    f"Ollama has no model {self.model} ({self._others()}get it with: ollama pull {self.model})."
                )
            case ResponseError():
                return SegmenterError(f"Ollama refused the request ({_first_line(error.error)}).")
            case httpx.ConnectError() | httpx.ConnectTimeout() | ConnectionError():
                return SegmenterError(f"Ollama is not running at {self.address} (start it with: ollama serve).")
            case httpx.TimeoutException():
                return SegmenterError(f"Ollama at {self.address} did not answer within {self.timeout:g} s.")
            case httpx.RemoteProtocolError() | httpx.ReadError():
                return SegmenterError("Ollama's answer was cut off.")
            case httpx.HTTPError() | httpx.InvalidURL():
                return SegmenterError(f"Ollama at {self.address} cannot be asked ({_first_line(str(error))}).")
            case ValueError() | TypeError() | AttributeError() | RecursionError() | OverflowError():
                return SegmenterError(f"The server at {self.address} did not answer as Ollama does.")
        raise error


class _Request:
    """One streamed chat, run in a worker thread; its fields are read once that thread has ended."""

    def __init__(self, client: Client, model: str, caption: str) -> None:
        self._client = client
        self._model = model
        self._caption = caption
        self.text = ""
        self.is_complete = False
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self._read()
        except Exception as error:  # handed to the thread that waits, which knows what to say
            self.error = error

    def _read(self) -> None:
        with self._client:
            parts = self._client.chat(
                self._model,
                messages=[{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": self._caption}],
                stream=True,
                think=False,
                format=ANSWER_SCHEMA,
                options={"temperature": 0, "seed": 0, "num_predict": MAX_ANSWER_TOKENS},
            )
            for part in parts:
                self.text += part.message.content or ""
                if len(self.text) > MAX_ANSWER_LETTERS:
                    raise SegmenterError(f"Ollama's answer is longer than {MAX_ANSWER_LETTERS:,} letters.")
                if part.done:
                    self.is_complete = part.done_reason != "length"


def _bound(response: httpx.Response, deadline: float, abandoned: threading.Event) -> None:
    """Let the body of ``response`` end, whatever the server does; leaving it closes the connection and so stops it."""
    from segmo_core.segmentation.bounded_reply import BoundedReply

    if not isinstance(response.stream, BoundedReply):
        response.stream = BoundedReply(response.stream, MAX_REPLY_BYTES, deadline, abandoned)  # type: ignore[arg-type]


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


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[0].rstrip(".")[:200]
