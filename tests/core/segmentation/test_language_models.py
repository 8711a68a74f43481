"""Any language model: named on the command line, listed from its server, compared with others; a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.errors import InvalidRequestError, SegmenterError
from segmo_core.evaluation.measures.decomposition import score_decomposition
from segmo_core.segmentation.language_models import installed_models, text_segmenter

CAPTION = "a person walks slowly then sits down"
ANSWERS = {
    "llama3:8b": ["A person walks slowly.", "A person sits down."],
    "wordy:1b": ["A person walks slowly then sits down."],
}


class Server:
    """Ollama's /api/chat, which answers as each model of ANSWERS does, and /api/tags, which lists them."""

    def __init__(self) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {"models": [{"model": name, "name": name} for name in ANSWERS]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append(body["model"])
                if body["model"] not in ANSWERS:
                    self._send(404, {"error": f"model '{body['model']}' not found"})
                    return
                content = json.dumps({"segments": ANSWERS[body["model"]]})
                message = {"role": "assistant", "content": content}
                self._send(200, {"model": body["model"], "message": message, "done": True, "done_reason": "stop"})

            def _send(self, status: int, content: object) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(content).encode() + b"\n")

            def log_message(self, *_: object) -> None:
                return None

        self.asked: list[str] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    pytest.importorskip("ollama", reason="the package ollama is not installed")
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


def test_models_are_listed(server: Server) -> None:
    assert installed_models(server.address) == tuple(ANSWERS)
    with pytest.raises(SegmenterError, match=r"Ollama is not running at http://127\.0\.0\.1:9"):
        installed_models("http://127.0.0.1:9", 1.0)


def test_a_model_that_is_not_there_names_those_that_are(server: Server) -> None:
    with pytest.raises(
        SegmenterError, match=r"no model qwen3:8b \(it has llama3:8b, wordy:1b; get it with: ollama pull"
    ):
        text_segmenter("ollama", strict=True, url=server.address).segment(CAPTION)


def test_a_model_for_the_rules_is_refused() -> None:
    with pytest.raises(
        InvalidRequestError, match="model: 'llama3' given with segmenter 'rules', expected with 'ollama'"
    ):
        text_segmenter("rules", model="llama3")


@pytest.mark.parametrize("command", ["segment", "segment-file", "generate", "segment-dataset"])
def test_every_command_asks_the_model_and_server_that_are_named(
    command: str, server: Server, tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--segmenter", "ollama", "--model", "llama3:8b", "--ollama-url", server.address]
    if command == "segment":
        assert main([command, CAPTION, *options, "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["segments"], answer["segmenter"]) == (ANSWERS["llama3:8b"], "ollama")
    elif command == "segment-file":
        (tmp_path / "in.jsonl").write_text(json.dumps({"id": 1, "caption": CAPTION}) + "\n")
        assert main([command, str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out.jsonl"), *options]) == 0
        assert json.loads((tmp_path / "out.jsonl").read_text())["segments"] == ANSWERS["llama3:8b"]
    elif command == "generate":
        target = tmp_path / "walk.npz"
        assert main([command, CAPTION, "-o", str(target), "--bundle", str(tiny_bundle), *options]) == 0
        assert list(motion_files.read_track(target).texts) == ANSWERS["llama3:8b"]
    else:
        (tmp_path / "set" / "texts").mkdir(parents=True)
        (tmp_path / "set" / "texts" / "000001.txt").write_text(f"{CAPTION}#x/NOUN#0.0#0.0\n")
        assert main([command, str(tmp_path / "set"), *options]) == 0
        written = tmp_path / "set" / "LLM_processed" / "HumanML3D" / "llama3-8b" / "000001.txt"
        assert written.read_text().strip() == "#".join(ANSWERS["llama3:8b"])
    assert server.asked == ["llama3:8b"]


def test_models_are_compared_by_one_command(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = {"caption": CAPTION, "segments": ANSWERS["llama3:8b"], "alternatives": []}
    (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    command = ["evaluate", "decomposition", str(tmp_path / "gold.jsonl"), "--ollama-url", server.address]
    assert main([*command, "--all-models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert list(rows) == ["rules", *ANSWERS]
    assert rows["llama3:8b"]["exact"] == rows["rules"]["exact"] == 1.0
    assert (rows["wordy:1b"]["exact"], rows["wordy:1b"]["count"], rows["wordy:1b"]["order"]) == (0.0, 0.0, 0.0)
    assert rows["wordy:1b"]["similarity"] == pytest.approx(2 * 2 / (4 + 2) / 2)  # half of the words of one of two
    assert main([*command, "--model", "llama3:8b", "--markdown"]) == 0
    assert "| llama3:8b | 100.0 | 100.0 | 100.0 | 100.0 | 0.0 | 0.0 | 0 |" in capsys.readouterr().out
    assert main([*command, "--model", "nobody:1b"]) == 2
    assert "model: Ollama has no 'nobody:1b', expected one of llama3:8b, wordy:1b" in capsys.readouterr().err


def test_scores_by_hand() -> None:
    right = [("A person walks.", "A person waves the left hand.", "A person sits.")]
    swapped = score_decomposition("walk, wave the left hand, sit", ["walks", "sits", "waves the left hand"], right)
    assert (swapped.count_is_right, swapped.order_is_right, swapped.is_exact) == (True, False, False)
    assert swapped.similarity == pytest.approx(1.0)
    lost = score_decomposition("walk, wave the left hand, sit", ["walks", "waves the hand"], right)
    assert (lost.count_is_right, lost.dropped) == (False, 2)  # left, sit
    assert lost.similarity == pytest.approx((1.0 + 4 / 5) / 3)


@pytest.mark.parametrize("line", ['{"caption": 3, "segments": ["a"]}', '{"caption": "a", "segments": []}', "nothing"])
def test_a_line_that_is_no_caption_is_named(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gold.jsonl").write_text(f'{{"caption": "a person walks", "segments": ["walks"]}}\n{line}\n')
    assert main(["evaluate", "decomposition", str(tmp_path / "gold.jsonl")]) == 2
    assert "line 2: " in capsys.readouterr().err
