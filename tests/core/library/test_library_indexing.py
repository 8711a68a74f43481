"""Folders into a library: only what changed is read, nothing stops a run, a killed run is continued."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.engine import Engine
from segmo_core.errors import CancelledError, InvalidRequestError
from segmo_core.library.index import LibraryVectors, MotionIndex
from segmo_core.library.indexing import find_motion_files, library_windows
from segmo_core.progress import CallbackProgress
from segmo_core.workers.places import Workers


def write_motions(folder: Path, count: int) -> list[Path]:
    """Walks of 2 s and more."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"walk {number}.npy" for number in range(count)]
    for number, path in enumerate(paths):
        np.save(path, turning_walk(num_frames=40 + 4 * number).joint_positions)
    return paths


def by_file(library: Path) -> tuple[LibraryVectors, list[str]]:
    """The vectors, and the name of the file of each, whatever numbers the motions have."""
    index = MotionIndex(library)
    vectors = index.vectors()
    names = {number: (index.motion(number) or (None, ()))[1][0].name for number in set(vectors.motions.tolist())}
    return vectors, [names[number] for number in vectors.motions.tolist()]


@pytest.fixture(scope="module")
def engine(tiny_bundle: Path) -> Engine:
    return Engine(tiny_bundle, device="cpu")


def test_windows_cover_the_motion() -> None:
    starts = [(start, start + length) for length in (5, 10, 18, 31) for start in range(31 - length + 1)]
    windows = np.array(starts)
    kept = windows[library_windows(windows, 31)].tolist()
    assert kept == [[0, 10], [5, 15], [10, 20], [15, 25], [20, 30], [21, 31], [0, 18], [9, 27], [13, 31], [0, 31]]


def test_only_new_and_changed_files_are_read(engine: Engine, tmp_path: Path) -> None:
    motions, library = tmp_path / "motions", tmp_path / "library"
    first, second, third = write_motions(motions, 3)
    report = engine.add_to_library(library, [motions])
    assert report.added == (first, second, third)

    np.save(second, turning_walk(num_frames=100).joint_positions)
    third.touch()  # other time, same content
    shutil.copy(first, motions / "a copy.npy")
    report = engine.add_to_library(library, [motions])
    assert (report.added, report.updated) == ((), (second,))
    assert (report.copies, report.unchanged) == ((motions / "a copy.npy",), (first, third))
    assert MotionIndex(library).info().num_motions == 3

    second.unlink()
    first.rename(motions / "moved.npy")
    report = engine.add_to_library(library, [motions])
    assert report.added == report.updated == ()
    assert report.copies == (motions / "moved.npy",)
    assert report.vanished == (second,)
    assert first not in MotionIndex(library).stamps()


def test_unreadable_files_are_listed_and_do_not_stop_the_run(engine: Engine, tmp_path: Path) -> None:
    good, broken = write_motions(tmp_path / "motions", 2)
    broken.write_bytes(b"nothing")
    report = engine.add_to_library(tmp_path / "library", [tmp_path / "motions"])
    assert report.added == (good,)
    assert list(report.failures) == [broken]
    assert str(broken) in report.failures[broken]
    np.save(broken, turning_walk(num_frames=90).joint_positions)
    report = engine.add_to_library(tmp_path / "library", [broken])
    assert report.added == (broken,)
    assert MotionIndex(tmp_path / "library").info().failures == {}


def test_what_is_searched_for_in_folders(tmp_path: Path) -> None:
    for name in ("b.bvh", "inner/A.FBX", ".hidden.bvh", ".git/c.bvh", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert find_motion_files([tmp_path, tmp_path / "b.bvh"]) == [tmp_path / "b.bvh", tmp_path / "inner" / "A.FBX"]
    with pytest.raises(InvalidRequestError, match="gone: no such file or folder, expected motions to add"):
        find_motion_files([tmp_path / "gone"])


def test_a_cancelled_run_keeps_what_it_did(engine: Engine, tmp_path: Path) -> None:
    write_motions(tmp_path / "motions", 4)

    def cancel_at_half(fraction: float, message: str) -> None:
        if message.startswith("2 of 4"):
            progress.cancel()

    progress = CallbackProgress(cancel_at_half)
    with pytest.raises(CancelledError):
        engine.add_to_library(tmp_path / "library", [tmp_path / "motions"], progress)
    assert MotionIndex(tmp_path / "library").info().num_files == 3
    report = engine.add_to_library(tmp_path / "library", [tmp_path / "motions"])
    assert (len(report.added), len(report.unchanged)) == (1, 3)


_KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from segmo_core.engine import Engine
from segmo_core.library import index

whole, calls = index._drop_unused, []

def inside_the_transaction(database):
    calls.append(1)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    whole(database)

index._drop_unused = inside_the_transaction
bundle, library, motions = map(Path, sys.argv[1:])
Engine(bundle, device="cpu").add_to_library(library, [motions])
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_a_killed_run_is_continued(engine: Engine, tiny_bundle: Path, tmp_path: Path) -> None:
    motions, library, whole = tmp_path / "motions", tmp_path / "library", tmp_path / "whole"
    paths = write_motions(motions, 6)
    arguments = [sys.executable, "-c", _KILLED_RUN, str(tiny_bundle), str(library), str(motions)]
    killed = subprocess.run(arguments, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert list(MotionIndex(library).stamps()) == paths[:3]

    report = engine.add_to_library(library, [motions])
    assert (report.unchanged, report.added) == (tuple(paths[:3]), tuple(paths[3:]))
    engine.add_to_library(whole, [motions])
    (continued, names), (uninterrupted, expected_names) = by_file(library), by_file(whole)
    assert names == expected_names
    assert continued.vectors.tobytes() == uninterrupted.vectors.tobytes()
    assert continued.windows.tolist() == uninterrupted.windows.tolist()
    assert engine.search_library(library, "a person walks") == engine.search_library(whole, "a person walks")


def test_another_bundle_is_refused(engine: Engine, make_tiny_bundle: Callable[..., Path], tmp_path: Path) -> None:
    write_motions(tmp_path / "motions", 1)
    engine.add_to_library(tmp_path / "library", [tmp_path / "motions"])
    other = Engine(make_tiny_bundle("other", transformer_seed=8), device="cpu")
    with pytest.raises(InvalidRequestError, match=r"made with another bundle \(tiny\) than other"):
        other.search_library(tmp_path / "library", "a person walks")
    with pytest.raises(InvalidRequestError, match=r"made with another bundle \(tiny\) than other"):
        other.add_to_library(tmp_path / "library", [tmp_path / "motions"])


def test_two_workers_make_the_index_of_one(engine: Engine, tmp_path: Path) -> None:
    motions = tmp_path / "motions"
    paths = write_motions(motions, 5)
    shutil.copy(paths[1], motions / "x copy.npy")
    (motions / "bad.bvh").write_text("no motion")
    shutil.copy(motions / "bad.bvh", motions / "worse.bvh")
    one = engine.add_to_library(tmp_path / "one", [motions])
    two = engine.add_to_library(tmp_path / "two", [motions], workers=Workers(2, threads=1))
    assert one == two
    assert one.added == tuple(paths)
    assert one.copies == (motions / "x copy.npy",)
    assert [path.name for path in one.failures] == ["bad.bvh", "worse.bvh"]
    assert all(sentence.startswith(f"{path}: ") for path, sentence in two.failures.items())
    (vectors, names), (others, other_names) = by_file(tmp_path / "one"), by_file(tmp_path / "two")
    assert names == other_names
    assert vectors.vectors.tobytes() == others.vectors.tobytes()
    assert vectors.motions.tolist() == others.motions.tolist()
