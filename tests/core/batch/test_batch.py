"""Batches: lists read and refused, files made, kept, made anew; what fails does not stop the rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from segmo_core.batch.manifest import MANIFEST_NAME
from segmo_core.batch.prompt_list import BatchItem, read_prompts
from segmo_core.batch.run_batch import BatchSettings, run_batch
from segmo_core.cli import main
from segmo_core.engine import Engine
from segmo_core.errors import CancelledError, FileFormatError, InvalidRequestError
from segmo_core.progress import CallbackProgress

PROMPTS = "# three\na person walks\n\na person waves, then sits down\na person jumps\n"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.txt"
    path.write_text(PROMPTS, encoding="utf-8")
    return path


def test_lines_are_prompts(prompts: Path) -> None:
    items = read_prompts(prompts)
    assert [item.prompt for item in items] == ["a person walks", "a person waves, then sits down", "a person jumps"]
    assert [item.name for item in items] == ["001-a-person-walks", "002-a-person-waves-then-sits-down",
                                            "003-a-person-jumps"]  # fmt: skip


@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_table_says_more(tmp_path: Path, comma: str) -> None:
    path = tmp_path / "list.csv"
    rows = [
        ["Prompt", "seed", "name", "durations", "segments"],
        ['"a person walks, then waves"', "7", "first", '"2;1.6"', '"a person walks|a person waves"'],
        ["a person sits down", "", "", "", ""],
    ]
    path.write_text("\ufeff" + "".join(comma.join(row) + "\r\n" for row in rows), encoding="utf-8", newline="")
    first, second = read_prompts(path)
    assert first == BatchItem("a person walks, then waves", "first", 7, None, (2.0, 1.6),
                              ("a person walks", "a person waves"))  # fmt: skip
    assert second == BatchItem("a person sits down", "002-a-person-sits-down")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "\n# nothing\n", "no prompt in it"),
        ("a.txt", "a person walks\n...\n", "line 2: prompt: empty"),
        ("a.csv", "text,seed\nx,1\n", "line 1: columns 'text', 'seed', expected prompt"),
        ("a.csv", "prompt,seed\nwalk,x\n", "line 2: seed: 'x', expected 0 to"),
        ("a.csv", "prompt,seconds\nwalk,nan\n", "line 2: seconds: 'nan', expected seconds"),
        ("a.csv", "prompt,name\nwalk,../up\n", "line 2: name: '../up', expected one that a file can have"),
        ("a.csv", "prompt,name\nwalk,x\nrun,X\n", "the name 'x' stands 2 times"),
        ("a.csv", "prompt,name\nwalk\n", "line 2: expected 2 values"),
        ("a.csv", 'prompt,name\n"walk,x\n', "not a table"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match=".*" + told.replace("(", r"\(").replace(".", r"\.")):
        read_prompts(tmp_path / name)


def test_a_batch_makes_what_generate_makes_and_keeps_it(
    tiny_bundle: Path, prompts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["batch", str(prompts), "-o", str(out), "--to", "npz", "--to", "bvh", "--bundle", str(tiny_bundle)]
    assert main([*command, "--seed", "5"]) == 0
    assert "3 motions made, in" in capsys.readouterr().out
    alone = tmp_path / "alone.npz"
    assert main(["generate", "a person jumps", "--seed", "5", "--bundle", str(tiny_bundle), "-o", str(alone)]) == 0
    assert (out / "003-a-person-jumps.npz").read_bytes() == alone.read_bytes()
    before = (out / "003-a-person-jumps.npz").stat().st_mtime_ns
    (out / "001-a-person-walks.bvh").unlink()
    capsys.readouterr()
    assert main([*command, "--seed", "5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["made"] == ["001-a-person-walks"]
    assert len(told["kept"]) == 2
    assert (out / "003-a-person-jumps.npz").stat().st_mtime_ns == before
    assert main([*command, "--seed", "6", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["made"]) == 3


def test_what_fails_is_told_and_tried_again(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "list.csv", tmp_path / "out"
    table.write_text("prompt,name,seconds\na person walks,long,9999\na person waves,good,\n", encoding="utf-8")
    command = ["batch", str(table), "-o", str(out), "--bundle", str(tiny_bundle)]
    assert main(command) == 2
    told = capsys.readouterr()
    assert "segmo: long: seconds: 9999, expected 0.8 to 600" in told.err
    assert "1 of 2 prompts failed" in told.err
    assert "1 motion made, 1 failed" in told.out
    assert json.loads((out / MANIFEST_NAME).read_text())["items"]["long"]["problem"].startswith("seconds: 9999")
    table.write_text("prompt,name,seconds\na person walks,long,2\na person waves,good,\n", encoding="utf-8")
    assert main(command) == 0
    assert "1 motion made, 1 were there already" in capsys.readouterr().out


def test_a_cancelled_batch_goes_on_where_it_stopped(tiny_bundle: Path, prompts: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    progress: Any = CallbackProgress(lambda fraction, _message: stop.set() if fraction > 0.4 else None)
    progress.raise_if_cancelled = lambda: (_ for _ in ()).throw(CancelledError()) if stop.is_set() else None
    engine, items = Engine(tiny_bundle, device="cpu"), read_prompts(prompts)
    with pytest.raises(CancelledError):
        run_batch(engine, items, tmp_path / "out", BatchSettings(), progress)
    report = run_batch(engine, items, tmp_path / "out", BatchSettings())
    assert report.kept == ("001-a-person-walks",)
    assert len(report.made) == 2


def test_folders_and_formats_that_cannot_be_are_refused(tiny_bundle: Path, prompts: Path, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"extension '\.doc'"):
        BatchSettings((".doc",))
    with pytest.raises(InvalidRequestError, match="none given"):
        BatchSettings(())
    engine, items = Engine(tiny_bundle, device="cpu"), read_prompts(prompts)
    with pytest.raises(FileFormatError, match="cannot be made"):
        run_batch(engine, items, prompts / "inside", BatchSettings())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / MANIFEST_NAME).write_text("[1]")
    with pytest.raises(FileFormatError, match="is no manifest of a batch"):
        run_batch(engine, items, tmp_path / "bad", BatchSettings())


def test_json_lines_say_as_much_as_a_table(tmp_path: Path) -> None:
    table, lines = tmp_path / "list.csv", tmp_path / "list.jsonl"
    table.write_text(
        "prompt,seed,name,durations,segments,formats,options\n"
        "walks and waves,7,first,2;1.6,walks;waves,FBX;.bvh,fps=30; in-place\n",
        encoding="utf-8",
    )
    row = {"prompt": "walks and waves", "seed": 7, "name": "first", "durations": [2, 1.6]}
    row |= {"segments": ["walks", "waves"], "formats": ["fbx", "bvh"]}
    row |= {"options": {"fps": 30, "in-place": True, "loop": False}}
    lines.write_text(json.dumps(row) + "\n\n" + json.dumps({"prompt": "a person sits"}), encoding="utf-8")
    ((first,), (same, other)) = read_prompts(table), read_prompts(lines)
    assert first == same
    assert first.formats == (".fbx", ".bvh")
    assert first.options == ("fps=30", "in-place")
    assert other == BatchItem("a person sits", "002-a-person-sits")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("[1]", "line 1: no row, expected a JSON object"),
        ("{", "line 1: no row, expected a JSON object"),
        ('{"text": "walk"}', "line 1: no row, expected a JSON object"),
        ('{"prompt": "walk", "sed": 1}', "line 1: key 'sed', expected prompt, name"),
        ('{"prompt": ["walk"]}', "line 1: prompt: a list, expected a text or a number"),
        ('{"prompt": "walk", "seed": [1]}', "line 1: seed: a list, expected a text or a number"),
        ('{"prompt": "walk", "formats": ["doc"]}', r"line 1: .*extension '\.doc'"),
        ('{"prompt": "walk", "options": "fps=x"}', "line 1: options: fps='x', expected a number"),
        ('{"prompt": "walk", "options": ["speed=2"]}', "line 1: options: 'speed', expected any of"),
        ('{"prompt": "walk", "options": "loop=2"}', "line 1: options: loop='2', expected loop without a value"),
        ('{"prompt": "walk", "options": "up=x"}', "line 1: up axis 'x', expected one of y, z"),
        ('{"prompt": "walk", "formats": "npz", "options": "in-place"}', "line 1: .*has no room for in place"),
    ],
)
def test_rows_of_json_that_are_none_are_refused(tmp_path: Path, row: str, told: str) -> None:
    (tmp_path / "a.jsonl").write_text(row, encoding="utf-8")
    with pytest.raises(FileFormatError, match=told):
        read_prompts(tmp_path / "a.jsonl")


def test_two_workers_make_what_one_makes(tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "list.csv"
    rows = [f"a person walks,walk{n},{n},fbx;bvh,in-place," for n in range(4)]
    table.write_text("\n".join(["prompt,name,seed,formats,options,seconds", *rows, "walks,long,1,,,9999"]))
    for folder, workers in (("one", "1"), ("two", "2")):
        command = ["batch", str(table), "--out", str(tmp_path / folder), "--workers", workers, "--json"]
        assert main([*command, "--bundle", str(tiny_bundle), "--to", "csv"]) == 2
        told = json.loads(capsys.readouterr().out)
        assert told["made"] == ["walk0", "walk1", "walk2", "walk3"]
        assert list(told["failed"]) == ["long"]
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [MANIFEST_NAME, *sorted(f"walk{n}.{kind}" for n in range(4) for kind in ("bvh", "fbx"))]
    for name in set(names) - {MANIFEST_NAME}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    one, two = (json.loads((tmp_path / folder / MANIFEST_NAME).read_text())["items"] for folder in ("one", "two"))
    assert one == two


def test_a_killed_batch_goes_on_where_it_was(tiny_bundle: Path, tmp_path: Path) -> None:
    """kill -9 of the whole: what was finished is kept, whatever the last line is."""
    source, out = tmp_path / "prompts.txt", tmp_path / "out"
    source.write_text("\n".join(f"a person walks {n} steps" for n in range(2, 18)), encoding="utf-8")
    command = [sys.executable, "-m", "segmo_core", "batch", str(source), "-o", str(out), "--workers", "2"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    run = subprocess.Popen([*command, "--bundle", str(tiny_bundle)], env=environment, stdout=subprocess.DEVNULL)
    lines = out / "batch.jsonl"
    until = time.monotonic() + 120
    while not (lines.exists() and lines.read_text().count("request") > 3):
        assert run.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    with lines.open("a") as stream:
        stream.write('\n{"name": "half a li')
    report = run_batch(Engine(tiny_bundle, "cpu"), read_prompts(source), out, BatchSettings())
    assert len(report.kept) >= 3
    assert len(report.kept) + len(report.made) == 16
    assert not lines.exists()
