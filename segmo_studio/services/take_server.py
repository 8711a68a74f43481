"""Serves the current take to programs on this computer: HTTP over loopback only, with a token."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from segmo_core.errors import CancelledError, SegmoError

LOOPBACK = "127.0.0.1"
TAKE_PATH = "/take."
"""What a request asks for, followed by the name of a format: /take.gltf"""
FACTS_HEADER = "SegMo-Take"
"""Answers carry the take's facts here, as ASCII JSON."""
_TOKEN_BYTES = 16
_READ_SECONDS = 10.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class ServedTake:
    """A take as a file. facts: title, frame_rate (Hz), num_frames, segments (text, start and end in seconds)."""

    content: bytes
    facts: dict[str, Any] = field(default_factory=dict)


class TakeServer:
    """Listens from ``start`` to ``stop`` on a free port. ``provide`` gives the take in a format; it is called in the
    thread of the request and may raise SegmoError with a sentence for whoever asked.
    """

    def __init__(self, provide: Callable[[str], ServedTake]) -> None:
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

    def __init__(self, token: str, provide: Callable[[str], ServedTake]) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.token = token
        self.provide = provide

    def server_bind(self) -> None:
        """As of any TCP server: the HTTP server asks for a host name besides, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.socket.getsockname()[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _READ_SECONDS

    def do_GET(self) -> None:
        if not self._is_allowed():
            self._refuse(HTTPStatus.FORBIDDEN, "The token is wrong: copy it anew from the Studio's bridge window.")
        elif not self.path.startswith(TAKE_PATH):
            self._refuse(HTTPStatus.NOT_FOUND, f"There is nothing at {self.path[:80]!r}, expected {TAKE_PATH}FORMAT.")
        else:
            self._answer(self.path.removeprefix(TAKE_PATH))

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

    def _answer(self, format_name: str) -> None:
        try:
            take = self.server.provide(format_name)
        except CancelledError:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "The transfer was cancelled in the Studio.")
        except SegmoError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
        else:
            facts = {FACTS_HEADER: json.dumps(take.facts)}
            self._send(HTTPStatus.OK, "application/octet-stream", take.content, facts)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._send(status, "application/json", json.dumps({"error": sentence}).encode("ascii"), {})

    def _send(self, status: HTTPStatus, kind: str, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)
