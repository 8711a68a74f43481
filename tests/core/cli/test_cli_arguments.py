"""What users get wrong: one sentence on standard error, nothing on standard output, exit code 2."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from segmo_core.cli import main

WALK = "a person walks forward, then waves with the right hand"
NO_SERVER = "http://127.0.0.1:9"


def failure(capsys, *arguments: str | Path) -> str:
    """The sentence of a run that must fail as the user's error."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.startswith("segmo: ")
    assert captured.err.count("\n") == 1
    return captured.err


def test_help_is_quick_and_imports_nothing_heavy():
    program = (
        "import sys; from segmo_core.cli import main; code = main(['--help']);"
        "print(sorted({'torch', 'numpy', 'scipy', 'ollama', 'pydantic', 'segmo_core.engine'} & set(sys.modules)))"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "segment-file" in done.stdout
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 0.5


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.split()[0] == "segmo"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fly"], "fly"),
        (["segment"], "PROMPT"),
        (["segment", WALK, "--segmenter", "guess"], "rules"),
        (["segment", ""], "prompt: empty"),
        (["segment", " ... "], "prompt: empty"),
        (["generate", "  ", "-o", "x.bvh"], "prompt: empty"),
        (["generate", WALK], "expected -o FILE"),
        (["generate", WALK, "-o", "x.mp3"], "'.mp3', expected one of .bvh"),
        (["generate", WALK, "-o", "x"], "x: no extension, expected one of .bvh"),
        (["generate", WALK, "-o", "no/such/folder/x.bvh"], "folder no/such/folder does not exist"),
        (["generate", WALK, "-o", "x.bvh", "--seconds", "0"], "seconds: 0, expected 0.8 to 600"),
        (["generate", WALK, "-o", "x.bvh", "--seconds", "1000"], "seconds: 1000, expected 0.8 to 600"),
        (["generate", WALK, "-o", "x.bvh", "--seconds", "nan"], "seconds: nan"),
        (["generate", WALK, "-o", "x.bvh", "--seconds", "soon"], "--seconds"),
        (["generate", WALK, "-o", "x.bvh", "--durations", "2"], "1 given for 2 segments"),
        (["generate", WALK, "-o", "x.bvh", "--durations", "2,3,1"], "3 given for 2 segments"),
        (["generate", WALK, "-o", "x.bvh", "--durations", "2;3"], "separated by commas"),
        (["generate", WALK, "-o", "x.bvh", "--durations", "2,0"], "segment 2 lasts 0 s"),
        (["generate", WALK, "-o", "x.bvh", "--durations", "2,3", "--seconds", "5"], "expected one of them"),
        (["generate", WALK, "-o", "x.bvh", "--segment", "a person walks", "--segment", ""], "segment 2: empty text"),
        (["generate", WALK, "-o", "x.bvh", "--seed", "-1"], "seed: -1"),
        (["generate", WALK, "-o", "x.bvh", "--candidates", "0"], "candidates: 0, expected 1 to 64"),
        (["generate", "kneel, " * 200 + "sit", "-o", "x.bvh"], "201 segments, expected at most 200"),
        (["generate", WALK, "-o", "x.bvh", "--device", "abacus"], "'abacus' is not one of 'auto', 'cpu', 'cuda' (see"),
        (["ground", "x.bvh"], "(see segmo ground --help)"),
        (["generate", WALK, "-o", "x.bvh", "--bundle", "no/such/bundle"], "no/such/bundle"),
        (["ground", "no-such.bvh", "walks"], "no-such.bvh: no such file"),
        (["ground", "no-such.bvh", " "], "query: empty"),
        (["info", "no/such/bundle"], "no/such/bundle: no such folder"),
        (["train", "everything", "--data", ".", "--config", "c.json", "--output", "o"], "tokenizer"),
        (["train", "all", "--data", ".", "--config", "no-such.json", "--output", "o"], "no-such.json: no such file"),
        (["segment-file", "no-such.jsonl", "-o", "out.jsonl"], "no-such.jsonl: no such file"),
    ],
)
def test_user_errors(capsys, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert sentence in failure(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_the_output_is_checked_before_the_bundle_is_looked_at(capsys):
    assert "x.doc" in failure(capsys, "generate", WALK, "-o", "x.doc", "--bundle", "no/such/bundle")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write into read-only folders")
def test_a_read_only_folder_is_refused(capsys, tmp_path):
    tmp_path.chmod(0o500)
    assert "read-only" in failure(capsys, "generate", WALK, "-o", tmp_path / "x.bvh")


def test_strict_ollama_without_a_server(capsys, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", NO_SERVER)
    assert "Ollama is not running" in failure(capsys, "segment", WALK, "--segmenter", "ollama", "--strict")


def test_a_foreign_bundle(capsys, tmp_path):
    (tmp_path / "bundle.json").write_text('{"format": "something-else"}')
    assert "something-else" in failure(capsys, "info", tmp_path)


def test_a_file_as_bundle(capsys, tmp_path):
    (tmp_path / "model.bin").touch()
    assert "model.bin: is a file, expected a bundle" in failure(capsys, "info", tmp_path / "model.bin")


@pytest.mark.parametrize(
    ("array", "sentence"),
    [(np.zeros((10, 22, 2), np.float32), "shape"), (np.full((10, 22, 3), np.nan, np.float32), "NaN")],
)
def test_motions_that_are_none(capsys, tmp_path, array, sentence):
    np.save(tmp_path / "bad.npy", array)
    assert "bad.npy" in (found := failure(capsys, "ground", tmp_path / "bad.npy", "walks"))
    assert sentence.lower() in found.lower() or "finite" in found


def test_ctrl_c_exits_130_and_leaves_no_file(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(f'{{"id": {i}, "caption": "a person walks and waves"}}\n' for i in range(50_000)))
    # A shell that started the tests in the background has them ignore Ctrl+C, and they would pass that on.
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from segmo_core.cli import main; print('started', flush=True); sys.exit(main())"
    command = [sys.executable, "-c", program, "segment-file", str(source), "-o", str(target)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "started\n"
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in errors
    assert not target.exists()
    assert list(tmp_path.iterdir()) == [source]
