"""The bridge's server: loopback only, the token and nothing but the token opens it, answers are whole."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from segmo_core.errors import CancelledError, FileFormatError
from segmo_studio.services.bridge import take_server
from segmo_studio.services.bridge.take_server import (
    FACTS_BYTES_HEADER,
    ServedTake,
    TakeServer,
    TakeWishes,
    parse_wishes,
)

LONG_TITLE = "Ein Mann läuft → fällt, " * 20_000


def provide(wishes: TakeWishes) -> ServedTake:
    format_name = wishes.format_name
    if format_name == "broken":
        raise FileFormatError("take: no room left")
    if format_name == "cancelled":
        raise CancelledError()
    return ServedTake(b"\x00" * 1_000_000, {"title": LONG_TITLE, "asked": format_name, "rate": wishes.frame_rate})


@pytest.fixture
def server() -> Iterator[TakeServer]:
    server = TakeServer(provide)
    server.start()
    yield server
    server.stop()


def get(server: TakeServer, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(server.address, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_off_until_it_is_started() -> None:
    server = TakeServer(provide)
    assert (server.is_on, server.address, server.token) == (False, "", "")


def test_the_take_comes_whole_with_its_facts(server: TakeServer) -> None:
    """Facts of half a megabyte: no header holds them, clients give up on lines of more than 64 KB."""
    answer, content = get(server, "/takes/current.gltf?rate=24", {"Authorization": f"Bearer {server.token}"})
    assert answer.status == 200
    size = int(answer.headers[FACTS_BYTES_HEADER])
    assert json.loads(content[:size]) == {"title": LONG_TITLE, "asked": "gltf", "rate": 24.0}
    assert content[size:] == b"\x00" * 1_000_000
    assert int(answer.headers["Content-Length"]) == len(content)


def test_wishes_are_read_from_the_address() -> None:
    asked = "/takes/current.fbx?rate=29.97&names=mixamo&body=0&loop=1"
    assert parse_wishes(asked) == TakeWishes("fbx", 29.97, "mixamo", with_body=False, loop=True)
    assert parse_wishes("/takes/current.gltf") == TakeWishes("gltf")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("rate=fast", "rate 'fast', expected a number"),
        ("speed=1", "'speed' is unknown here, expected body, loop, names, rate"),
        ("&".join(["rate=1"] * 9), "is not understood, expected /takes/current.FORMAT?rate=24"),
    ],
)
def test_wishes_that_are_not_known_are_one_sentence(server: TakeServer, query: str, sentence: str) -> None:
    answer, content = get(server, f"/takes/current.fbx?{query}", {"Authorization": f"Bearer {server.token}"})
    assert answer.status == 409
    assert sentence in json.loads(content)["error"]


def test_an_add_on_of_the_first_version_is_told(server: TakeServer) -> None:
    answer, content = get(server, "/take.gltf", {"Authorization": f"Bearer {server.token}"})
    assert answer.status == 410
    assert json.loads(content)["error"].startswith("This add-on is older than the Studio")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic {token}"},
        {"Authorization": "Bearer {token}x"},
        {"Authorization": "Bearer {token}", "Host": "evil.example"},
        {"Authorization": "Bearer {token}", "Host": "127.0.0.1:1"},
    ],
)
def test_anything_but_the_token_from_here_is_refused(server: TakeServer, headers: dict[str, str]) -> None:
    filled = {name: value.format(token=server.token) for name, value in headers.items()}
    answer, content = get(server, "/takes/current.gltf", filled)
    assert answer.status == 403
    assert json.loads(content)["error"].startswith("The token is wrong")
    assert FACTS_BYTES_HEADER not in answer.headers


def test_a_token_in_the_address_is_no_token(server: TakeServer) -> None:
    answer, _ = get(server, f"/takes/current.gltf?token={server.token}", {})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/", 404, "There is nothing at '/', expected /takes/current.FORMAT."),
        ("/../etc/passwd", 404, "There is nothing at '/../etc/passwd', expected /takes/current.FORMAT."),
        ("/takes/current.broken", 409, "take: no room left"),
        ("/takes/current.cancelled", 503, "The transfer was cancelled in the Studio."),
    ],
)
def test_what_cannot_be_given_is_one_sentence(server: TakeServer, path: str, status: int, sentence: str) -> None:
    answer, content = get(server, path, {"Authorization": f"Bearer {server.token}"})
    assert (answer.status, json.loads(content)) == (status, {"error": sentence})


def test_it_listens_on_loopback_alone(server: TakeServer) -> None:
    host, port = server.address.split(":")
    assert host == "127.0.0.1"
    assert server._server is not None
    assert server._server.socket.getsockname() == ("127.0.0.1", int(port))


def test_every_start_has_another_token_and_a_stopped_port_is_closed(server: TakeServer) -> None:
    address, token = server.address, server.token
    assert len(token) >= 20
    server.stop()
    assert (server.is_on, server.address, server.token) == (False, "", "")
    host, port = address.split(":")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=2)
    server.start()
    assert server.token != token


def test_rubbish_and_silence_block_nobody(server: TakeServer) -> None:
    host, port = server.address.split(":")
    silent = socket.create_connection((host, int(port)))
    rubbish = socket.create_connection((host, int(port)))
    rubbish.sendall(b"\xff\x00\r\n\r\n" * 100)
    answer, _ = get(server, "/takes/current.gltf", {"Authorization": f"Bearer {server.token}"})
    assert answer.status == 200
    silent.close()
    rubbish.close()
    before = threading.active_count()
    server.stop()
    assert threading.active_count() < before


def test_a_request_that_comes_a_byte_at_a_time_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """No read takes long, the whole of it does."""
    monkeypatch.setattr(take_server, "_READ_SECONDS", 0.5)
    server = TakeServer(provide)
    server.start()
    host, port = server.address.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5) as slow:
            started = time.monotonic()
            with contextlib.suppress(OSError):
                for letter in b"GET /takes/current.gltf HTTP/1.0\r\nHost: " + b"x" * 200:
                    slow.sendall(bytes([letter]))
                    time.sleep(0.05)
            assert 0.3 < time.monotonic() - started < 3.0
    finally:
        server.stop()


def test_more_than_a_few_clients_at_once_are_hung_up_on(server: TakeServer) -> None:
    host, port = server.address.split(":")
    waiting = [socket.create_connection((host, int(port)), timeout=5) for _ in range(take_server._MOST_REQUESTS)]
    time.sleep(0.3)
    with socket.create_connection((host, int(port)), timeout=5) as one_more:
        assert one_more.recv(1) == b""
    for each in waiting:
        each.close()
    time.sleep(0.3)
    assert get(server, "/takes/current.gltf", {"Authorization": f"Bearer {server.token}"})[0].status == 200
