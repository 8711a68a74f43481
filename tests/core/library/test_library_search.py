"""Searching a library: which windows count, how they become frames, and what real motions give."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core import motion_files
from segmo_core.benchmarks.library_speed import measure_library
from segmo_core.engine import Engine, starter_bundle_path
from segmo_core.errors import InvalidRequestError
from segmo_core.library.index import LibraryVectors, MotionIndex
from segmo_core.library.search import WindowHit, best_windows

MOCAP22 = Path(__file__).resolve().parents[4] / "shared" / "data" / "mocap22"
# Two clips of the test split for each sentence.
CLIPS = {
    "a person waves with the left hand": ("dataset-2_wave-left-hand_active_001", "dataset-2_wave-left-hand_normal_022"),
    "a person runs": ("dataset-2_run_normal_019", "dataset-2_run_masculine_012"),
    "a person turns right while walking": (
        "dataset-2_walk-turn-right_normal_020",
        "dataset-2_walk-turn-right_feminine_031",
    ),
    "a person waves with the right hand": (
        "dataset-2_wave-right-hand_active_024",
        "dataset-2_wave-right-hand_normal_001",
    ),
    "a person raises both hands": (
        "dataset-2_raise-up-both-hands_active_102",
        "dataset-2_raise-up-both-hands_elderly_029",
    ),
}


def library(windows: list[tuple[int, int, int]], scores: list[float]) -> LibraryVectors:
    """Windows (motion, start, end) whose cosine with (1, 0) is as given."""
    vectors = np.array([(score, np.sqrt(1 - score**2)) for score in scores], np.float32)
    table = np.array(windows)
    return LibraryVectors(vectors, table[:, 1:].astype(np.int32), table[:, 0])


def test_overlapping_windows_of_a_motion_count_once() -> None:
    found = best_windows(
        library([(1, 0, 10), (1, 4, 14), (1, 5, 15), (2, 4, 14), (1, 30, 40)], [0.9, 0.8, 0.7, 0.6, 0.95]),
        np.array([1.0, 0.0]),
    )
    assert [(hit.motion, hit.start, hit.end) for hit in found] == [(1, 30, 40), (1, 0, 10), (1, 5, 15), (2, 4, 14)]


def test_a_motion_has_three_places_at_most() -> None:
    windows = [(7, 20 * place, 20 * place + 10) for place in range(6)]
    found = list(best_windows(library([*windows, (8, 0, 10)], [0.9] * 6 + [0.1]), np.array([1.0, 0.0])))
    assert [hit.motion for hit in found] == [7, 7, 7, 8]
    assert found[-1] == WindowHit(8, 0, 10, pytest.approx(0.1))


def test_the_order_is_that_of_all_scores() -> None:
    generator = np.random.default_rng(0)
    scores = generator.uniform(-1, 1, 10_000)
    windows = [(number, 0, 10) for number in range(10_000)]
    found = [hit.motion for hit in best_windows(library(windows, scores.tolist()), np.array([1.0, 0.0]))]
    assert found == np.argsort(-scores.astype(np.float32), kind="stable").tolist()


def test_hits_are_in_frames_of_the_file(tiny_bundle: Path, tmp_path: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    walk = turning_walk(num_frames=360, frame_rate=60.0)
    motion_files.write(walk, tmp_path / "motions.npz")
    copy = tmp_path / "same.npz"
    copy.write_bytes((tmp_path / "motions.npz").read_bytes())
    engine.add_to_library(tmp_path / "library", [tmp_path])
    hits = engine.search_library(tmp_path / "library", "a person walks", 5)
    assert len({(hit.start, hit.end) for hit in hits}) == len(hits)
    for hit in hits:
        assert (hit.path, hit.copies) == (tmp_path / "motions.npz", (copy,))
        assert (hit.num_frames, hit.frame_rate) == (360, 60.0)
        assert 0 <= hit.start < hit.end <= 360
        assert hit.start % 12 == 0  # a token is 4 frames at 20 a second
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    (tmp_path / "motions.npz").unlink()
    assert {hit.path for hit in engine.search_library(tmp_path / "library", "a person walks")} == {copy}
    copy.unlink()
    assert engine.search_library(tmp_path / "library", "a person walks") == ()


def test_an_open_engine_sees_what_is_added_and_removed(tiny_bundle: Path, tmp_path: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    for number, name in enumerate(("a.npy", "b.npy")):
        np.save(tmp_path / name, turning_walk(num_frames=60 + 8 * number).joint_positions)
    engine.add_to_library(tmp_path / "library", [tmp_path / "a.npy"])
    names = [hit.path.name for hit in engine.search_library(tmp_path / "library", "a person walks")]
    assert set(names) == {"a.npy"}
    engine.add_to_library(tmp_path / "library", [tmp_path / "b.npy"])
    MotionIndex(tmp_path / "library").remove([tmp_path / "a.npy"])
    names = [hit.path.name for hit in engine.search_library(tmp_path / "library", "a person walks")]
    assert set(names) == {"b.npy"}


def test_requests_that_cannot_be_met(tiny_bundle: Path, tmp_path: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    np.save(tmp_path / "a.npy", turning_walk().joint_positions)
    engine.add_to_library(tmp_path / "library", [tmp_path])
    with pytest.raises(InvalidRequestError, match="query: empty"):
        engine.search_library(tmp_path / "library", " ")
    with pytest.raises(InvalidRequestError, match="number of results: 0, expected 1 to 1000"):
        engine.search_library(tmp_path / "library", "a person walks", 0)


def test_the_bench_measures_a_real_index() -> None:
    speed = measure_library(windows=2_050, rounds=3)
    assert speed.windows == 2_050
    assert speed.num_bytes > 2_050 * 512
    assert 0 < speed.search_best <= speed.search_median < 1.0


def write_clips(names: list[str], folder: Path) -> None:
    rows = [json.loads(line) for line in (MOCAP22 / "clips.jsonl").read_text(encoding="utf-8").splitlines()]
    numbers = {row["id"]: number for number, row in enumerate(rows) if row["split"] == "test"}
    with np.load(MOCAP22 / "motions.npz", allow_pickle=False) as archive:
        root, local, offsets = archive["root"], archive["local"], archive["offsets"]
    for name in names:
        clip = slice(*offsets[numbers[name] : numbers[name] + 2])
        np.save(folder / f"{name}.npy", local[clip].astype(np.float64) + root[clip, None])


@pytest.mark.skipif(not MOCAP22.is_dir(), reason=f"the mocap22 data set is not at {MOCAP22}")
def test_the_starter_bundle_finds_real_clips(tmp_path: Path) -> None:
    write_clips(list(itertools.chain.from_iterable(CLIPS.values())), tmp_path)
    engine = Engine(starter_bundle_path(), device="cpu")
    report = engine.add_to_library(tmp_path / "library", [tmp_path])
    assert len(report.added) == sum(map(len, CLIPS.values()))
    for query, names in CLIPS.items():
        *hits, wrong = engine.search_library(tmp_path / "library", query, 3)
        assert {hit.path.stem for hit in hits} == set(names), query
        assert hits[0].confidence > 0.8
        # An elderly person who raises both hands is found with 0.35; clips of other actions stay far below.
        assert hits[1].confidence > 0.25 > wrong.confidence
    absent = engine.search_library(tmp_path / "library", "a person plays the piano", 3)
    assert all(hit.confidence < 0.25 for hit in absent)
    stretches = engine.describe_motion(motion_files.open_motion(tmp_path / "dataset-2_run_normal_019.npy"))
    assert [stretch.text for stretch in stretches] == ["A person runs forward."]
