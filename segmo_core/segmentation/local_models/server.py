"""The Ollama server: asked, listed, made to get a model. Whatever goes wrong is one sentence, a SegmenterError.

Nothing is contacted before one of the methods is called, and then only this server.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from segmo_core.errors import SegmenterError, in_short
from segmo_core.progress import Progress
from segmo_core.segmentation.local_models.pull_progress import PullProgress
from segmo_core.segmentation.prompt_text import check_text

if TYPE_CHECKING:
    import httpx
    from ollama import Client

DEFAULT_ADDRESS = "http://127.0.0.1:11434"
MAX_ANSWER_TOKENS = 1024
MAX_ANSWER_LETTERS = 200_000
MAX_REPLY_BYTES = 4 << 20  # of all lines of a streamed answer, each of which repeats who answers and when
MAX_PULL_BYTES = 1 << 30  # of the lines that tell how far it is; the model itself goes to the server
PULL_SILENCE_SECONDS = 600.0  # checking what came takes minutes without a word
_POLL_SECONDS = 0.05
_LIST_SECONDS = 3.0
_FEW = 6  # names in a sentence
T = TypeVar("T")


class OllamaServer:
    """The server at ``url``, else at the environment's OLLAMA_HOST, else on this machine.

    timeout: seconds that a whole answer may take.
    """

    def __init__(self, url: str | None = None, timeout: float = 20.0) -> None:
        self.url = url
        self.timeout = timeout

    @property
    def address(self) -> str:
        """Where the server is looked for."""
        return self.url or os.environ.get("OLLAMA_HOST") or DEFAULT_ADDRESS

    def installed_models(self) -> tuple[str, ...]:
        """Names of the models that the server has. Raises SegmenterError when it cannot be asked."""
        client = self._client(time.monotonic() + self.timeout, threading.Event())
        try:
            with client:
                listed = client.list().models
        except Exception as error:
            raise self._explained(error) from None
        return tuple(in_short(model.model, 80) for model in listed if model.model)

    def chat(
        self, model: str, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], progress: Progress
    ) -> str:
        """The text of ``model``'s answer, JSON of ``schema``; at temperature 0, so that it is the same every time.

        Raises SegmenterError when there is none, CancelledError.
        """

        def ask(client: Client) -> str:
            text, is_complete = "", False
            parts = client.chat(
                model,
                messages=messages,
                stream=True,
                think=False,
                format=dict(schema),
                options={"temperature": 0, "seed": 0, "num_predict": MAX_ANSWER_TOKENS},
            )
            for part in parts:
                text += part.message.content or ""
                if len(text) > MAX_ANSWER_LETTERS:
                    raise SegmenterError(f"Ollama's answer is longer than {MAX_ANSWER_LETTERS:,} letters.")
                if part.done:
                    is_complete = part.done_reason != "length"
            if not is_complete:
                raise SegmenterError("Ollama's answer was cut off.")
            return text

        return self._watched(ask, progress, model, time.monotonic() + self.timeout)

    def pull(self, model: str, progress: Progress) -> None:
        """Have the server get ``model`` from its registry, gigabytes as a rule. Cancelling stops it; what came by then
        stays there, and the next pull goes on from it.

        Raises SegmenterError, CancelledError, InvalidRequestError for a name that is none.
        """
        check_text(model, "model", "llama3.2:3b")
        told = PullProgress(progress)

        def get(client: Client) -> None:
            for news in client.pull(model, stream=True):
                told.note(news.status or "", news.digest or "", news.total or 0, news.completed or 0)
            if not told.is_done:
                raise SegmenterError("Ollama's answer was cut off.")

        self._watched(get, progress, model, None)

    def _watched(self, work: Callable[[Client], T], progress: Progress, model: str, deadline: float | None) -> T:
        """What ``work`` gives, done in a thread and waited for in short steps, so that the user can cancel while the
        server is silent. deadline: as time.monotonic; None where only silence has an end.
        """
        abandoned = threading.Event()
        client = self._client(deadline, abandoned)
        request = _Request(client, work)
        worker = threading.Thread(target=request.run, name="ollama", daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                worker.join(_POLL_SECONDS)
                progress.raise_if_cancelled()
                if deadline is not None and time.monotonic() > deadline:
                    raise SegmenterError(f"Ollama at {self.address} did not answer within {self.timeout:g} s.")
        finally:
            abandoned.set()
            client.close()  # type: ignore[no-untyped-call]  # a thread that waits for the next byte ends with it
        if request.error is not None:
            raise self._explained(request.error, model)
        return request.answers[0]

    def _client(self, deadline: float | None, abandoned: threading.Event) -> Client:
        from httpx import InvalidURL, Timeout

        try:
            from ollama import Client
        except ImportError:
            raise SegmenterError("The package ollama is not installed (install it with: pip install ollama).") from None
        except (InvalidURL, ValueError, TypeError, OverflowError) as error:  # it reads OLLAMA_HOST when imported
            raise self._no_address(error) from None
        is_local = any(name in self.address for name in ("127.0.0.1", "localhost", "0.0.0.0", "[::1]"))
        silence = self.timeout if deadline is not None else PULL_SILENCE_SECONDS
        try:  # a proxy of the environment must not come between this machine and itself
            return Client(
                self.address,
                timeout=Timeout(silence, connect=self.timeout),
                trust_env=not is_local,
                event_hooks={"response": [lambda response: _bound(response, deadline, abandoned)]},
            )
        except (InvalidURL, ValueError, TypeError, OverflowError) as error:
            raise self._no_address(error) from None

    def _no_address(self, error: Exception) -> SegmenterError:
        name = "Address of Ollama" if self.url else "OLLAMA_HOST"
        return SegmenterError(f"{name}: {self.address!r} is not an address ({in_short(error)}).")

    def _others(self) -> str:
        """What the server has instead, where it says."""
        try:
            names = OllamaServer(self.url, _LIST_SECONDS).installed_models()
        except SegmenterError:
            return ""
        return f"it has {', '.join(names[:_FEW])}; " if names else ""

    def _explained(self, error: Exception, model: str = "") -> SegmenterError:
        """The sentence for the user; errors that are no failure of the server are raised as they are."""
        import httpx
        from ollama import ResponseError

        match error:
            case SegmenterError():
                return error
            case ResponseError() if error.status_code == 404 and "model" in error.error:
                return SegmenterError(
                    f"Ollama has no model {model} ({self._others()}get it with: ollama pull {model})."
                )
            case ResponseError() if "file does not exist" in error.error:
                return SegmenterError(f"Ollama knows no model {model}, expected a name such as llama3.2:3b.")
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


class _Request(Generic[T]):
    """Work with a client in a worker thread; its fields are read once that thread has ended."""

    def __init__(self, client: Client, work: Callable[[Client], T]) -> None:
        self._client = client
        self._work = work
        self.answers: list[T] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with self._client:
                self.answers.append(self._work(self._client))
        except Exception as error:  # handed to the thread that waits, which knows what to say
            self.error = error


def _bound(response: httpx.Response, deadline: float | None, abandoned: threading.Event) -> None:
    """Let the body of ``response`` end, whatever the server does; leaving it closes the connection and so stops it."""
    from segmo_core.segmentation.local_models.bounded_reply import BoundedReply

    most = MAX_REPLY_BYTES if deadline is not None else MAX_PULL_BYTES
    if not isinstance(response.stream, BoundedReply):
        response.stream = BoundedReply(response.stream, most, deadline, abandoned)  # type: ignore[arg-type]


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[0].rstrip(".")[:200]
