"""Any language model: named on the command line, listed from its server, compared with others; a real HTTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ollama_server import OllamaServer

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.errors import CancelledError, InvalidRequestError, SegmenterError
from segmo_core.evaluation.measures.decomposition import score_decomposition
from segmo_core.progress import CallbackProgress, SilentProgress
from segmo_core.segmentation.language_models import installed_models, pull_model, text_segmenter

CAPTION = "a person walks slowly then sits down"
ANSWERS = {
    "llama3:8b": ["A person walks slowly.", "A person sits down."],
    "wordy:1b": ["A person walks slowly then sits down."],
}


@pytest.fixture
def server() -> Iterator[OllamaServer]:
    pytest.importorskip("ollama", reason="the package ollama is not installed")
    running = OllamaServer(tuple(ANSWERS), lambda model, _said: {"segments": ANSWERS[model]}, ("llama3.2:3b",))
    yield running
    running.close()


def test_models_are_listed(server: OllamaServer) -> None:
    assert installed_models(server.address) == tuple(ANSWERS)
    with pytest.raises(SegmenterError, match=r"Ollama is not running at http://127\.0\.0\.1:9"):
        installed_models("http://127.0.0.1:9", 1.0)


def test_a_model_that_is_not_there_names_those_that_are(server: OllamaServer) -> None:
    with pytest.raises(
        SegmenterError, match=r"no model qwen3:8b \(it has llama3:8b, wordy:1b; get it with: ollama pull"
    ):
        text_segmenter("ollama", strict=True, url=server.address).segment(CAPTION)


def test_a_model_is_got_with_its_progress(server: OllamaServer) -> None:
    told: list[tuple[float, str]] = []
    pull_model("llama3.2:3b", server.address, CallbackProgress(lambda share, words: told.append((share, words))))
    assert installed_models(server.address)[-1] == "llama3.2:3b"
    assert (0.99 * 0.5, "2.0 of 4.0 GB") in [(round(share, 6), words) for share, words in told]
    assert told[-1] == (0.99, "checking it")
    with pytest.raises(SegmenterError, match=r"Ollama knows no model nobody:1b, expected a name such as"):
        pull_model("nobody:1b", server.address, SilentProgress())
    with pytest.raises(SegmenterError, match="Ollama is not running at"):
        pull_model("llama3.2:3b", "http://127.0.0.1:9", SilentProgress())


def test_getting_a_model_stops_when_cancelled(server: OllamaServer) -> None:
    server.gate.clear()
    progress = CallbackProgress(lambda share, _words: progress.cancel() if share > 0.2 else None)
    with pytest.raises(CancelledError):
        pull_model("llama3.2:3b", server.address, progress)
    assert server.was_hung_up.wait(10)
    assert installed_models(server.address) == tuple(ANSWERS)


def test_a_model_for_the_rules_is_refused() -> None:
    with pytest.raises(
        InvalidRequestError, match="model: 'llama3' given with segmenter 'rules', expected with 'ollama'"
    ):
        text_segmenter("rules", model="llama3")


@pytest.mark.parametrize("command", ["segment", "segment-file", "generate", "batch", "segment-dataset"])
def test_every_command_asks_the_model_and_server_that_are_named(
    command: str, server: OllamaServer, tmp_path: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
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
    elif command == "batch":
        (tmp_path / "list.txt").write_text(f"{CAPTION}\n")
        made = [str(tmp_path / "list.txt"), "-o", str(tmp_path / "made"), "--bundle", str(tiny_bundle)]
        assert main([command, *made, *options]) == 0
        (target,) = (tmp_path / "made").glob("*.npz")
        assert list(motion_files.read_track(target).texts) == ANSWERS["llama3:8b"]
    else:
        (tmp_path / "set" / "texts").mkdir(parents=True)
        (tmp_path / "set" / "texts" / "000001.txt").write_text(f"{CAPTION}#x/NOUN#0.0#0.0\n")
        assert main([command, str(tmp_path / "set"), *options]) == 0
        written = tmp_path / "set" / "LLM_processed" / "HumanML3D" / "llama3-8b" / "000001.txt"
        assert written.read_text().strip() == "#".join(ANSWERS["llama3:8b"])
    assert server.asked == ["llama3:8b"]


def test_models_are_compared_by_one_command(
    server: OllamaServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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
