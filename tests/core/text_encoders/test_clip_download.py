"""Fetching CLIP from a real server on this machine that answers whole, in part, wrongly or not at all."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from test_clip import tower

from segmo_core.cli import main
from segmo_core.errors import CancelledError, DownloadError
from segmo_core.progress import CallbackProgress
from segmo_core.text_encoders import clip_download
from segmo_core.text_encoders.clip_download import fetch_clip
from segmo_core.text_encoders.clip_weights import OPENAI_FILE, WEIGHTS_FILE, read_clip_weights


class Server:
    """Serves ``content``; ``cut_after`` bytes it closes the connection, ``resumes`` says whether it knows ranges."""

    def __init__(self, content: bytes) -> None:
        self.content, self.cut_after, self.resumes, self.status = content, len(content), True, 200
        self.ranges: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                outer.ranges.append(asked)
                if outer.status != 200:
                    self.send_error(outer.status)
                    return
                start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and outer.resumes else 0
                if start >= len(outer.content):
                    self.send_error(416)
                    return
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(outer.content) - start))
                self.end_headers()
                self.wfile.write(outer.content[start : max(start, outer.cut_after)])
                self.close_connection = True

            def log_message(self, *arguments: object) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/{OPENAI_FILE}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    stream = io.BytesIO()
    torch.save(tower(300), stream)
    server = Server(stream.getvalue())
    yield server
    server.close()


@pytest.fixture
def fetch(server: Server) -> Callable[..., Path]:
    digest = hashlib.sha256(server.content).hexdigest()
    return lambda folder, **more: fetch_clip(folder, url=server.url, sha256=digest, **more)


def test_a_download_ends_as_the_text_tower_alone(fetch: Callable[..., Path], server: Server, tmp_path: Path) -> None:
    reports: list[float] = []
    path = fetch(tmp_path / "clip", progress=CallbackProgress(lambda fraction, message: reports.append(fraction)))
    assert path == tmp_path / "clip" / WEIGHTS_FILE
    assert [file.name for file in path.parent.iterdir()] == [WEIGHTS_FILE]
    torch.testing.assert_close(read_clip_weights(path)["ln_final.bias"], tower(300)["ln_final.bias"])
    assert reports == sorted(reports)
    assert reports[-1] == 1.0
    fetch(tmp_path / "clip")
    assert len(server.ranges) == 1  # what is there is not fetched again


def test_a_cut_download_goes_on_where_it_stopped(fetch: Callable[..., Path], server: Server, tmp_path: Path) -> None:
    server.cut_after = 50_000
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch(tmp_path)
    assert not (tmp_path / WEIGHTS_FILE).exists()
    have = (tmp_path / f"{OPENAI_FILE}.part").stat().st_size
    assert 0 < have <= 50_000
    server.cut_after = len(server.content)
    fetch(tmp_path)
    assert server.ranges == [None, f"bytes={have}-"]


def test_a_server_without_ranges_begins_again(fetch: Callable[..., Path], server: Server, tmp_path: Path) -> None:
    (tmp_path / f"{OPENAI_FILE}.part").write_bytes(b"the beginning of something else")
    server.resumes = False
    assert fetch(tmp_path).is_file()


def test_a_wrong_file_is_deleted_and_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"its checksum is [0-9a-f]{12}\.\.\., expected 000000000000"):
        fetch_clip(tmp_path, url=server.url, sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_a_refusing_server_is_named(fetch: Callable[..., Path], server: Server, tmp_path: Path) -> None:
    server.status = 403
    with pytest.raises(DownloadError, match="the server answers 403"):
        fetch(tmp_path)


def test_cancelling_keeps_what_was_fetched(fetch: Callable[..., Path], tmp_path: Path) -> None:
    progress = CallbackProgress()
    progress.cancel()
    with pytest.raises(CancelledError):
        fetch(tmp_path, progress=progress)


def test_offline_is_one_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clip_download.fetch_clip, "__kwdefaults__", {"url": "http://127.0.0.1:9/x", "sha256": "0" * 64})
    monkeypatch.setattr("segmo_core.text_encoders.clip_tokenizer.clip_vocabulary", lambda: tmp_path)
    assert main(["fetch-clip", "--folder", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "cannot be reached" in error
    assert "SEGMO_CLIP_WEIGHTS" in error
    assert error.count("\n") == 1
