"""Serves the current take to programs on this computer: HTTP over loopback only, with a token."""

from __future__ import annotations

import contextlib
import hmac
import json
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from segmo_core.errors import CancelledError, InvalidRequestError, SegmoError

LOOPBACK = "127.0.0.1"
TAKE_PATH = "/takes/current."
"""What a request asks for, followed by the name of a format and by wishes: /takes/current.fbx?rate=24"""
FACTS_BYTES_HEADER = "SegMo-Facts-Bytes"
"""So many bytes of an answer's body are the take's facts, as JSON; the rest is the file."""
_FIRST_PATH = "/take."  # of the add-on's first version, which expects the facts in a header
_TOKEN_BYTES = 16
_READ_SECONDS = 10.0
_POLL_SECONDS = 0.05
_MOST_REQUESTS = 8


@dataclass(frozen=True)
class ServedTake:
    """A take as a file. facts: title, frame_rate (Hz), num_frames, segments (text, start and end in seconds)."""

    content: bytes
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TakeWishes:
    """What a program asks for: a format, Hz (None: the take's own), a naming (None: the format's own), the mannequin
    or none, and the stretch that repeats or the whole."""

    format_name: str
    frame_rate: float | None = None
    names: str | None = None
    with_body: bool = True
    loop: bool = False


def parse_wishes(path: str) -> TakeWishes:
    """The wishes of a request for ``path``, which begins with TAKE_PATH. Raises InvalidRequestError."""
    known = {"rate", "names", "body", "loop"}
    try:
        parts = urlsplit(path)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=len(known)))
    except ValueError:
        raise InvalidRequestError(f"{path[:80]!r} is not understood, expected {TAKE_PATH}FORMAT?rate=24") from None
    if not asked.keys() <= known:
        unknown = ", ".join(sorted(asked.keys() - known))
        raise InvalidRequestError(f"{unknown[:80]!r} is unknown here, expected {', '.join(sorted(known))}")
    rate = asked.get("rate")
    try:
        frame_rate = None if rate is None else float(rate)
    except ValueError:
        raise InvalidRequestError(f"rate {str(rate)[:20]!r}, expected a number") from None
    format_name = parts.path.removeprefix(TAKE_PATH)
    return TakeWishes(
        format_name, frame_rate, asked.get("names"), asked.get("body", "1") != "0", asked.get("loop", "0") != "0"
    )


class TakeServer:
    """Listens from ``start`` to ``stop`` on a free port. ``provide`` gives the take as it is wished for; it is called
    in the thread of the request and may raise SegmoError with a sentence for whoever asked.
    """

    def __init__(self, provide: Callable[[TakeWishes], ServedTake]) -> None:
        self._provide = provide
        self._server: _Server | None = None
        self._token = ""

    @property
    def is_on(self) -> bool:
        return self._server is not None

    @property
    def address(self) -> str:
        """ "127.0.0.1:PORT" while the server listens, else empty."""
        return f"{LOOPBACK}:{self._server.server_port}" if self._server is not None else ""

    @property
    def token(self) -> str:
        """What every request must carry; another one after every start."""
        return self._token

    def start(self) -> None:
        """Listen. Raises SegmoError when no port can be had."""
        if self._server is not None:
            return
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        try:
            server = _Server(token, self._provide)
        except OSError as error:
            raise SegmoError(f"bridge: {LOOPBACK} cannot be listened on ({error.strerror})") from None
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="bridge", daemon=True)
        thread.start()
        self._server, self._token = server, token

    def stop(self) -> None:
        """Close the port; requests that are still answered get to their end by themselves."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server, self._token = None, ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, token: str, provide: Callable[[TakeWishes], ServedTake]) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.token = token
        self.provide = provide
        self._free = threading.BoundedSemaphore(_MOST_REQUESTS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own; more than a few at once are no Blender, and are hung up on."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def server_bind(self) -> None:
        """As of any TCP server: the HTTP server asks for a host name besides, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _READ_SECONDS
    """For each read; for sending, all in all."""

    def handle_one_request(self) -> None:
        """A request that comes a byte at a time is hung up on when the time for all of it is over."""
        self._too_slow = threading.Timer(_READ_SECONDS, self._hang_up)
        self._too_slow.daemon = True
        self._too_slow.start()
        try:
            super().handle_one_request()
        finally:
            self._too_slow.cancel()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        self._too_slow.cancel()  # it has arrived
        if not self._is_allowed():
            self._refuse(HTTPStatus.FORBIDDEN, "The token is wrong: copy it anew from the Studio's bridge window.")
        elif self.path.startswith(_FIRST_PATH):
            self._refuse(HTTPStatus.GONE, "This add-on is older than the Studio: save it anew from the bridge window.")
        elif not self.path.startswith(TAKE_PATH):
            self._refuse(HTTPStatus.NOT_FOUND, f"There is nothing at {self.path[:80]!r}, expected {TAKE_PATH}FORMAT.")
        else:
            self._answer()

    def version_string(self) -> str:
        return "SegMo-Studio"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""

    def _is_allowed(self) -> bool:
        # A web page that a foreign name server points at this computer comes with a foreign host name.
        port = self.server.server_port
        is_local = self.headers.get("Host", "") in (f"{LOOPBACK}:{port}", f"localhost:{port}")
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        return is_local and hmac.compare_digest(given, f"Bearer {self.server.token}".encode())

    def _answer(self) -> None:
        try:
            take = self.server.provide(parse_wishes(self.path))
        except CancelledError:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "The transfer was cancelled in the Studio.")
        except SegmoError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
        else:
            facts = json.dumps(take.facts).encode("ascii")
            header = {FACTS_BYTES_HEADER: str(len(facts))}
            self._send(HTTPStatus.OK, "application/octet-stream", facts + take.content, header)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._send(status, "application/json", json.dumps({"error": sentence}).encode("ascii"), {})

    def _send(self, status: HTTPStatus, kind: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)
