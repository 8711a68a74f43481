"""Files made to hurt are refused in one sentence, soon, without memory, without running or writing anything."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hostile_files as hostile
import numpy as np
import pytest
from readers import READERS
from soundness import MOST_BYTES, MOST_SECONDS, check_reading, check_sentence, measured

from segmo_core.body.smpl_pickle import load_smpl_pickle
from segmo_core.cli import main
from segmo_core.errors import FileFormatError, SegmoError
from segmo_core.formats.registry import READABLE_EXTENSIONS, read_motion
from segmo_core.serialization import read_json

READER_OF = {
    ".bvh": "bvh", ".npz": "npz", ".npy": "npy", ".csv": "csv", ".glb": "glb", ".gltf": "gltf", ".pkl": "smpl pickle",
    ".json": "joint map", ".jsonl": "captions",
}  # fmt: skip
# What is no claim too large and no damage, only strange: it is read, with names that can be shown.
READ = {"one_place.npy", "long_names.npz", "surrogates.npz", "escapes.npz", "no_names.npz", "segment_text.npz",
        "utf16.bvh", "long_name.bvh", "alike.bvh", "deep_tree.gltf", "names.gltf", "empty.jsonl"}  # fmt: skip
GROUPS = (
    "arrays",
    "archives",
    "own",
    "bvh_files",
    "csv_files",
    "gltf_files",
    "pickles",
    "texts",
    "short_files",
    "claims",
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / hostile.MARK).exists(), "code in a file was run"


@pytest.mark.parametrize("group", GROUPS)
def test_hostile_files(group: str, tmp_path: Path) -> None:
    for name, raw in getattr(hostile, group)():
        _check(tmp_path / name, raw)


@pytest.mark.slow
def test_files_of_hundreds_of_megabytes_or_small_ones_that_become_so(tmp_path: Path) -> None:
    for name, raw in hostile.bombs():
        _check(tmp_path / name, raw)


def _check(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    read = READERS[READER_OF[path.suffix]].read
    with measured() as cost:
        found = check_reading(read, path)
    assert cost.seconds < MOST_SECONDS, path.name
    assert cost.num_bytes < MOST_BYTES, path.name
    assert (found == "refused") == (path.name not in READ), f"{path.name}: {found}"
    path.unlink()


def test_a_pickle_changes_nothing_of_numpy(tmp_path: Path) -> None:
    """Handed out as itself, the type of real numbers would be big-endian in the whole program afterwards."""
    path = tmp_path / "x.pkl"
    path.write_bytes(dict(hostile.pickles())["type.pkl"])
    load_smpl_pickle(path)
    assert np.dtype("f8").byteorder == "="
    assert np.frombuffer(b"\0" * 6 + b"\xf0\x3f", "f8")[0] == 1.0


@pytest.mark.parametrize("extension", [*READABLE_EXTENSIONS, ".json", ".pkl"])
def test_what_is_no_file_is_refused_at_once(extension: str, tmp_path: Path) -> None:
    pipe, device = tmp_path / f"pipe{extension}", tmp_path / f"zero{extension}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    (tmp_path / f"folder{extension}").mkdir()
    (tmp_path / f"loop{extension}").symlink_to(f"loop{extension}")
    read = {".json": read_json, ".pkl": load_smpl_pickle}.get(extension, read_motion)
    signal.alarm(20)  # ends the whole run, should a reader wait for the pipe
    for path in (
        pipe,
        device,
        tmp_path / f"folder{extension}",
        tmp_path / f"loop{extension}",
        tmp_path / f"no{extension}",
    ):
        with pytest.raises(SegmoError) as caught:
            read(path)
        check_sentence(caught.value, path)
    signal.alarm(0)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x.bvh"
    path.write_bytes(b"HIERARCHY")
    path.chmod(0)
    with pytest.raises(FileFormatError, match="cannot be read"):
        read_motion(path)


def test_the_program_says_one_sentence_and_ends_with_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A sample of all groups through ``segmo import`` and ``segmo inspect``."""
    for group in ("arrays", "archives", "own", "bvh_files", "csv_files", "gltf_files", "short_files"):
        files = [(n, raw) for n, raw in getattr(hostile, group)() if n not in READ and len(raw) < 1 << 20]
        for name, raw in files[::5]:
            if not name.endswith(READABLE_EXTENSIONS):
                continue
            path = tmp_path / name
            path.write_bytes(raw)
            for command in (["import", str(path), "-o", str(tmp_path / "out.npz")], ["inspect", str(path)]):
                if command[0] == "inspect" and name in ("segments.npz",):
                    continue
                assert main(command) == 2, command
                shown = capfd.readouterr()
                assert shown.err.count("\n") == 1, shown.err
                assert shown.err.startswith("segmo: ")
                assert "Traceback" not in shown.err
            path.unlink()
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("name", ["surrogates.npz", "escapes.npz", "segment_text.npz"])
def test_strange_names_and_texts_can_be_printed(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.write_bytes(dict(hostile.own())[name])
    assert main(["inspect", str(path)]) == 0
    assert main(["import", str(path), "-o", str(tmp_path / "out.npz"), "--json"]) == 0
    assert "\x1b" not in capfd.readouterr().out
