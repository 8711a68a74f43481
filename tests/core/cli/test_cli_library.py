"""segmo describe and segmo library at work, and what users get wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.cli import main
from segmo_core.formats.arrays.npz_files import read_segment_track


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[str, str]:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out, captured.err


@pytest.fixture
def motion(tmp_path: Path) -> Path:
    (tmp_path / "motions").mkdir()
    path = tmp_path / "motions" / "walk.npy"
    np.save(path, turning_walk(num_frames=80).joint_positions)
    return path


def test_describe_writes_a_segmented_motion(capsys, tmp_path, motion, tiny_bundle):
    target = tmp_path / "described.npz"
    printed, _ = run(capsys, "describe", motion, "--bundle", tiny_bundle, "-o", target, "--json")
    stretches = [json.loads(line) for line in printed.splitlines()]
    track = read_segment_track(target)
    assert track is not None
    assert track.texts == tuple(stretch["text"] or "nothing known" for stretch in stretches)
    assert track.ends == tuple(stretch["end"] for stretch in stretches)
    assert track.num_frames == 80


def test_describe_chooses_from_a_file(capsys, tmp_path, motion, tiny_bundle):
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("a person swims\na person flies\n")
    arguments = ("describe", motion, "--bundle", tiny_bundle, "--candidates", sentences)
    printed, _ = run(capsys, *arguments, "--start", "10", "--end", "40", "--json")
    answer = json.loads(printed)
    assert (answer["start"], answer["end"], answer["frame_rate"]) == (10, 40, 20.0)
    assert {match["text"] for match in answer["matches"]} == {"a person swims", "a person flies"}
    printed, _ = run(capsys, *arguments, "--start", "70")
    assert "a person flies" in printed
    printed, _ = run(capsys, *arguments)
    assert "What happens" in printed


def test_a_library_from_first_to_last(capsys, tmp_path, motion, tiny_bundle):
    (motion.parent / "broken.bvh").write_text("HIERARCHY")
    library = ("--library", tmp_path / "library")
    printed, errors = run(capsys, "library", "add", motion.parent, *library, "--bundle", tiny_bundle)
    assert printed == "Files read and indexed: 1, known already: 0, not readable: 1\n"
    assert "broken.bvh" in errors
    printed, _ = run(capsys, "library", "search", "a person walks", *library, "--bundle", tiny_bundle, "--json")
    hits = [json.loads(line) for line in printed.splitlines()]
    assert {hit["path"] for hit in hits} == {str(motion)}
    assert all(0 <= hit["start"] < hit["end"] <= 80 for hit in hits)
    printed, _ = run(capsys, "library", "search", "a person walks", *library, "--bundle", tiny_bundle, "-n", "1")
    assert "Confidence" in printed

    motion.unlink()
    printed, _ = run(capsys, "library", "info", *library, "--json")
    answer = json.loads(printed)
    assert (answer["bundle"], answer["files"], answer["vanished"]) == ("tiny", 1, [str(motion)])
    assert list(answer["failures"]) == [str(motion.parent / "broken.bvh")]
    printed, errors = run(capsys, "library", "info", *library)
    assert "Vanished files" in printed
    assert "no longer there" in errors
    printed, _ = run(capsys, "library", "remove", "--vanished", *library)
    assert printed == "Files taken out of the library: 1\n"
    _, errors = run(capsys, "library", "search", "a person walks", *library, "--bundle", tiny_bundle)
    assert "probably not in this library" in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["library", "search", " "], "query: empty"),
        (["library", "search", "a person walks", "--library", "nowhere"], "no library there"),
        (["library", "info", "--library", "nowhere"], "no library there"),
        (["library", "add", "gone", "--library", "new"], "no such file or folder"),
        (["library", "remove"], "nothing to remove"),
        (["describe", "gone.npy"], "gone.npy"),
        (["describe", "gone.npy", "--candidates", "gone.txt"], "gone.txt: no such file, expected sentences"),
        (["describe", "walk.npy", "--start", "3", "-o", "out.npz"], "expected the whole motion"),
        (["bench", "library", "--windows", "3"], "windows: 3, expected 100 to 2000000"),
    ],
)
def test_user_errors(capsys, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bench_prints_one_json_object(capsys):
    printed, _ = run(capsys, "bench", "library", "--windows", "300", "--rounds", "2", "--json")
    assert json.loads(printed)["windows"] == 300
