"""A real HTTP server that speaks Ollama's API: /api/tags, /api/chat, and /api/pull in its lines of progress."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[str, str], object]
"""Of a model and what the user said: the JSON of the answer."""

LAYERS = (("sha256:aa", 4_000_000_000), ("sha256:bb", 1_000_000))  # of a model that is got


class OllamaServer:
    """``models`` it has at first; ``answers`` is asked for those. Only models of ``known`` can be got."""

    def __init__(self, models: tuple[str, ...], answer: Answer, known: tuple[str, ...] = ()) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._begin(200)
                self._line({"models": [{"model": name, "name": name} for name in server.models]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                try:
                    (self._pull if self.path == "/api/pull" else self._chat)(body)
                except (BrokenPipeError, ConnectionResetError):
                    server.was_hung_up.set()

            def _chat(self, body: dict) -> None:
                server.asked.append(body["model"])
                server.said.append(body["messages"][-1]["content"])
                if body["model"] not in server.models:
                    self._begin(404)
                    self._line({"error": f"model '{body['model']}' not found"})
                    return
                self._begin(200)
                content = json.dumps(answer(body["model"], body["messages"][-1]["content"]))
                message = {"role": "assistant", "content": content}
                self._line({"model": body["model"], "message": message, "done": True, "done_reason": "stop"})

            def _pull(self, body: dict) -> None:
                server.pulled.append(body["model"])
                self._begin(200)
                self._line({"status": "pulling manifest"})
                if body["model"] not in known:
                    self._line({"error": "pull model manifest: file does not exist"})
                    return
                for digest, total in LAYERS:
                    for share in (0, 1, 2, 3, 4):
                        if share == 2 and not self._passes_gate():
                            return
                        told = {"status": f"pulling {digest}", "digest": digest, "total": total}
                        self._line(told | {"completed": total * share // 4})
                self._line({"status": "verifying sha256 digest"})
                server.models = (*server.models, body["model"])
                self._line({"status": "success"})

            def _passes_gate(self) -> bool:
                """Waits where the gate is closed, and tells whether anybody still listens."""
                while not server.gate.wait(0.02):
                    self._line({"status": "pulling"})  # a connection that was closed is noticed by writing
                return True

            def _begin(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/x-ndjson")
                self.end_headers()

            def _line(self, content: object) -> None:
                self.wfile.write(json.dumps(content).encode() + b"\n")
                self.wfile.flush()

            def log_message(self, *_: object) -> None:
                return None

        self.models = models
        self.asked: list[str] = []
        self.said: list[str] = []
        self.pulled: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.was_hung_up = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """No test leaves a server behind."""
        self.gate.set()
        self.http.shutdown()
        self.http.server_close()
