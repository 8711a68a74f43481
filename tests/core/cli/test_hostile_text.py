"""Text without end, bytes that are no text, names too long, full disks: one sentence, at once, and exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segmo_core.cli.app import main
from segmo_core.errors import InvalidRequestError
from segmo_core.segmentation import text_rules
from segmo_core.segmentation.prompt_text import MAX_LETTERS, check_text
from segmo_core.segmentation.text_rules import RulesSegmenter

ENDLESS = "a person walks " * 700_000  # 10 MB
NO_TEXT = os.fsdecode(b"a person \xff walks")
PROMPT = "a person walks forward, then waves with the right hand and sits down. "


@pytest.mark.parametrize("text", [ENDLESS, NO_TEXT, "\ud800", " "])
def test_every_command_that_takes_text_refuses_it_at_once(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["segment", text],
        ["generate", text, "-o", "x.bvh"],
        ["generate", "a person walks", "--segment", text, "-o", "x.bvh"],
        ["ground", "x.bvh", text],
        ["library", "search", text, "--library", "l"],
    ):
        started = time.process_time()
        assert main(arguments) == 2
        assert time.process_time() - started < 1.0
        captured = capsys.readouterr()
        assert (captured.out, captured.err.count("\n")) == ("", 1)
        assert len(captured.err) < 300
    assert list(tmp_path.iterdir()) == []


def test_a_line_without_end_is_named_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [{"id": 1, "caption": "a person walks"}, {"id": 2, "caption": "walk " * 60_000}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["segment-file", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out.jsonl")]) == 2
    assert "line 2: prompt: 300,000 letters, expected at most 10,000" in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "unit", [PROMPT, "then ", "walk ", "walks, ", "quickly ", "before walking ", "a person ", "( a "]
)
def test_the_time_of_the_segmenter_grows_with_the_text(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen times the words in at most some thirty times the time; the square would be 256 times."""
    monkeypatch.setattr(text_rules, "check_text", lambda *_: None)
    segmenter, words = RulesSegmenter(), len(unit.split())

    def seconds(count: int) -> float:
        text = unit * (count // words)
        times = []
        for _ in range(3):
            started = time.process_time()
            segmenter.segment(text)
            times.append(time.process_time() - started)
        return min(times)

    segmenter.segment(unit)
    assert seconds(8000) < 32 * max(seconds(500), 0.002)


def test_long_texts_up_to_the_limit_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    text = PROMPT * (MAX_LETTERS // len(PROMPT))
    assert main(["segment", text, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["segments"]) == 3 * (MAX_LETTERS // len(PROMPT))
    with pytest.raises(InvalidRequestError, match="expected at most 10,000"):
        check_text("x" * (MAX_LETTERS + 1), "prompt")


def run(*arguments: bytes | str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "segmo_core", *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, timeout=120)


def test_a_full_standard_output_is_one_sentence() -> None:
    with open("/dev/full", "wb") as full:
        done = run("segment", "a person walks", stdout=full.fileno())
    assert (done.returncode, done.stderr) == (2, b"segmo: output: cannot be written (No space left on device)\n")


def test_names_that_are_no_text_or_too_long_are_one_sentence(tmp_path: Path) -> None:
    for name in (b"\xff.bvh", b"n" * 300 + b".bvh"):
        done = run("inspect", os.fsencode(tmp_path) + b"/" + name)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
        done = run("export", os.fsencode(tmp_path) + b"/" + name, "-o", os.fsencode(tmp_path) + b"/" + name)
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_change_no_exit_code(closed: str) -> None:
    for prompt, code in (("a person walks", 0), ("", 2)):
        command = f'"{sys.executable}" -m segmo_core segment "{prompt}" {closed}'
        done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120)
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
