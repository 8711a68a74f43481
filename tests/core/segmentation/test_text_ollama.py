"""Against a real HTTP server that speaks the chat protocol of Ollama, well or badly."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from segmo_core.errors import CancelledError, InvalidRequestError, SegmenterError
from segmo_core.progress import CallbackProgress
from segmo_core.segmentation.text_ollama import OllamaSegmenter

CAPTION = "a person sits down after walking slowly"
GOOD = ["A person walks slowly.", "A person sits down."]
BY_RULES = GOOD  # the rules agree on this caption; who answered is told by SegmentedText.segmenter


class ChatServer:
    """Answers /api/chat with what ``write`` writes; remembers the requests."""

    def __init__(self, write: Callable[[BaseHTTPRequestHandler], None]) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append((self.path, json.loads(body)))
                try:
                    write(self)
                except (BrokenPipeError, ConnectionResetError):
                    server.was_hung_up.set()

            def log_message(self, *_: object) -> None:
                return None

        self.requests: list[tuple[str, dict]] = []
        self.was_hung_up = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], None]], ChatServer]]:
    servers: list[ChatServer] = []

    def start(write: Callable[[BaseHTTPRequestHandler], None]) -> ChatServer:
        servers.append(ChatServer(write))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def line(content: str, **more: object) -> bytes:
    part = {"model": "qwen3:8b", "created_at": "2025-01-01T00:00:00Z", "done": False, **more}
    return json.dumps({**part, "message": {"role": "assistant", "content": content}}).encode() + b"\n"


def start_answer(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/x-ndjson")
    handler.end_headers()


def answering(text: str, reason: str = "stop") -> Callable[[BaseHTTPRequestHandler], None]:
    def write(handler: BaseHTTPRequestHandler) -> None:
        start_answer(handler)
        for first in range(0, len(text), 20):
            handler.wfile.write(line(text[first : first + 20]))
        handler.wfile.write(line("", done=True, done_reason=reason))

    return write


def test_a_good_answer_is_taken(serve):
    server = serve(answering(json.dumps({"segments": ["a person walks slowly", "A person sits down."]})))
    segmented = OllamaSegmenter(host=server.address, fallback=None).segment(CAPTION)
    assert [s.text for s in segmented.segments] == GOOD
    assert (segmented.segmenter, segmented.notice) == ("ollama", "")


def test_the_request_asks_for_a_schema_without_thinking_at_temperature_0(serve):
    server = serve(answering(json.dumps({"segments": GOOD})))
    OllamaSegmenter(model="tiny:1b", host=server.address).segment(CAPTION)
    ((path, body),) = server.requests
    assert path == "/api/chat"
    assert body["model"] == "tiny:1b"
    assert body["think"] is False
    assert body["options"]["temperature"] == 0
    assert body["format"]["properties"]["segments"]["type"] == "array"
    assert body["messages"][-1] == {"role": "user", "content": CAPTION}
    assert "order in which they happen" in body["messages"][0]["content"]


def test_the_environment_names_the_host(serve, monkeypatch):
    server = serve(answering(json.dumps({"segments": GOOD})))
    monkeypatch.setenv("OLLAMA_HOST", server.address.removeprefix("http://"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # must not come between this machine and itself
    assert OllamaSegmenter().segment(CAPTION).segmenter == "ollama"


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def trickling(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    for _ in range(40):
        handler.wfile.write(line(" "))
        handler.wfile.flush()
        time.sleep(0.05)


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    handler.wfile.write(line('{"segments": ["A person wal'))


def cut_off_in_a_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"40\r\n" + line("x")[:10])
    handler.close_connection = True


def model_missing(handler: BaseHTTPRequestHandler) -> None:
    body = b'{"error": "model \'qwen3:8b\' not found"}'
    handler.send_response(404)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def out_of_memory(handler: BaseHTTPRequestHandler) -> None:
    body = b'{"error": "model requires more system memory (6.1 GiB) than is available"}'
    handler.send_response(500)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def another_program(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"<html>hello</html>\n")


def error_in_the_stream(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    handler.wfile.write(b'{"error": "an error was encountered while running the model"}\n')


BAD_ANSWERS = {
    "silent": (silent, "did not answer within 0.3 s"),
    "trickling": (trickling, "did not answer within 0.3 s"),
    "cut off": (cut_off, "cut off"),
    "cut off in a chunk": (cut_off_in_a_chunk, "cut off"),
    "too long": (answering('{"segments": ["A person walks', reason="length"), "cut off"),
    "not JSON": (answering("Sure! 1. A person walks. 2. A person sits."), "not valid JSON"),
    "wrong schema": (answering('{"actions": ["A person walks."]}'), "does not hold a list of segments"),
    "nested without end": (answering("[" * 100_000), "not valid JSON"),
    "half a letter": (answering('{"segments": ["A person walks \\ud800."]}'), "not valid JSON"),
    "numbers": (answering('{"segments": [1, 2]}'), "does not hold a list of segments"),
    "one key more": (answering('{"segments": ["A person walks."], "note": ""}'), "does not hold a list of segments"),
    "no segments": (answering('{"segments": []}'), "does not hold a list of segments"),
    "empty segment": (answering('{"segments": ["A person walks slowly.", "  "]}'), "segment without an action"),
    "other actions": (answering('{"segments": ["A dog swims.", "A bird flies high."]}'), "other actions"),
    "leaves out": (answering('{"segments": ["A person walks."]}'), "leaves out"),
    "model missing": (model_missing, "ollama pull qwen3:8b"),
    "out of memory": (out_of_memory, "requires more system memory"),
    "another program": (another_program, "did not answer as Ollama does"),
    "error in the stream": (error_in_the_stream, "an error was encountered"),
}


@pytest.mark.parametrize(("write", "reason"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_a_bad_answer_falls_back_to_the_rules_and_says_why(serve, write, reason):
    timeout = 0.3 if "0.3 s" in reason else 20.0
    segmented = OllamaSegmenter(host=serve(write).address, timeout=timeout).segment(CAPTION)
    assert [s.text for s in segmented.segments] == BY_RULES
    assert segmented.segmenter == "rules"
    assert reason in segmented.notice
    assert segmented.notice.endswith("; the built-in rules cut the prompt instead.")
    assert segmented.notice.count("\n") == 0


def unused_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_no_server_falls_back_or_raises_when_there_is_no_fallback():
    address = unused_address()
    segmented = OllamaSegmenter(host=address).segment(CAPTION)
    assert segmented.segmenter == "rules"
    assert f"not running at {address}" in segmented.notice
    with pytest.raises(SegmenterError, match="not running"):
        OllamaSegmenter(host=address, fallback=None).segment(CAPTION)


def test_an_address_that_is_none_falls_back(monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:many")
    assert "is not an address" in OllamaSegmenter().segment(CAPTION).notice


def test_cancelling_does_not_wait_for_the_server(serve):
    server = serve(trickling)
    progress = CallbackProgress()
    threading.Timer(0.2, progress.cancel).start()
    started = time.monotonic()
    with pytest.raises(CancelledError):
        OllamaSegmenter(host=server.address, timeout=20).segment(CAPTION, progress)
    assert time.monotonic() - started < 1.0
    assert server.was_hung_up.wait(2.0), "the server was left generating"


def test_an_empty_caption_asks_nobody(serve):
    server = serve(answering("{}"))
    with pytest.raises(InvalidRequestError):
        OllamaSegmenter(host=server.address).segment("  ")
    assert server.requests == []


def test_making_one_contacts_nobody(serve, monkeypatch):
    server = serve(answering("{}"))
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    OllamaSegmenter()
    assert server.requests == []


def endless_line(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    while True:
        handler.wfile.write(b"x" * 65_536)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    while True:
        handler.wfile.write(b" ")
        time.sleep(0.02)


def dripping_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.02)


def nested_deeply(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    handler.wfile.write(b"[" * 200_000 + b"\n")


def chattering(handler: BaseHTTPRequestHandler) -> None:
    start_answer(handler)
    while True:
        handler.wfile.write(line("word " * 1000))


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (endless_line, "longer than 4 MiB"),
        (dripping, "did not answer within 1 s"),
        (dripping_headers, "did not answer within 1 s"),
        (nested_deeply, "did not answer as Ollama does"),
        (chattering, "longer than 200,000 letters"),
    ],
)
def test_a_server_without_measure_leaves_neither_threads_nor_memory(serve, write, reason):
    server = serve(write)
    timeout = 30.0 if "letters" in reason or "MiB" in reason else 1.0
    found = OllamaSegmenter(host=server.address, timeout=timeout).segment(CAPTION)
    assert [s.text for s in found.segments] == BY_RULES
    assert reason in found.notice
    until = time.monotonic() + 10.0
    while time.monotonic() < until and any(thread.name == "ollama" for thread in threading.enumerate()):
        time.sleep(0.02)
    assert not any(thread.name == "ollama" for thread in threading.enumerate())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:99999", "http://[::1", "http://127.0.0.1:-1", "\x00", "http://a b", "ftp://x", "http://\udcff"],
)
def test_whatever_the_environment_says_the_rules_answer(address, monkeypatch):
    monkeypatch.setattr("os.environ", {**os.environ, "OLLAMA_HOST": address})
    found = OllamaSegmenter(timeout=2.0).segment(CAPTION)
    assert found.segmenter == "rules"
    assert found.notice


def test_an_address_that_is_none_is_no_traceback_of_the_command():
    """The package ollama reads the environment as soon as it is imported."""
    environment = os.environ | {"OLLAMA_HOST": "127.0.0.1:99999"}
    command = [sys.executable, "-m", "segmo_core", "segment", CAPTION, "--segmenter", "ollama", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 0
    assert json.loads(done.stdout)["segmenter"] == "rules"
    assert "is not an address" in done.stderr
