"""The bridge's server: loopback only, the token and nothing but the token opens it, answers are whole."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from segmo_core.errors import CancelledError, FileFormatError
from segmo_studio.services.take_server import FACTS_HEADER, ServedTake, TakeServer


def provide(format_name: str) -> ServedTake:
    if format_name == "broken":
        raise FileFormatError("take: no room left")
    if format_name == "cancelled":
        raise CancelledError()
    return ServedTake(b"\x00" * 1_000_000, {"title": "Ein Mann läuft → fällt", "asked": format_name})


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
    answer, content = get(server, "/take.gltf", {"Authorization": f"Bearer {server.token}"})
    assert answer.status == 200
    assert content == b"\x00" * 1_000_000
    assert json.loads(answer.headers[FACTS_HEADER]) == {"title": "Ein Mann läuft → fällt", "asked": "gltf"}


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
    answer, content = get(server, "/take.gltf", filled)
    assert answer.status == 403
    assert json.loads(content)["error"].startswith("The token is wrong")
    assert FACTS_HEADER not in answer.headers


def test_a_token_in_the_address_is_no_token(server: TakeServer) -> None:
    answer, _ = get(server, f"/take.gltf?token={server.token}", {})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/", 404, "There is nothing at '/', expected /take.FORMAT."),
        ("/../etc/passwd", 404, "There is nothing at '/../etc/passwd', expected /take.FORMAT."),
        ("/take.broken", 409, "take: no room left"),
        ("/take.cancelled", 503, "The transfer was cancelled in the Studio."),
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
    answer, _ = get(server, "/take.gltf", {"Authorization": f"Bearer {server.token}"})
    assert answer.status == 200
    silent.close()
    rubbish.close()
    before = threading.active_count()
    server.stop()
    assert threading.active_count() < before
