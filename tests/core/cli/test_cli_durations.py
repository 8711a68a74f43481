"""What the commands say about the time that segments take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from segmo_core.cli import main


def test_generate_says_that_a_time_is_too_short_and_does_it_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    prompt, out = "a person walks, then sits down", tmp_path / "a.npz"
    arguments = ["generate", prompt, "--durations", "2,0.6", "--bundle", str(tiny_bundle), "-o", str(out), "--json"]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert "segment 2 'A person sits down' has 0.6 s, such motions take 1.7 to 4.5 s" in printed.err
    assert "segment 1" not in printed.err
    walk, sit = json.loads(printed.out)["segments"]
    assert (walk["is_too_short"], sit["is_too_short"]) == (False, True)
    assert sit["usual_seconds"] == {"shortest": 1.7, "typical": 2.7, "longest": 4.5}
    assert sit["seconds"] == 0.6
    assert out.is_file()


def test_generate_obeys_seconds_in_words(capsys: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path) -> None:
    prompt, out = "a person walks for five seconds, then jumps", str(tmp_path / "a.npz")
    assert main(["generate", prompt, "--bundle", str(tiny_bundle), "-o", out, "--json"]) == 0
    printed = capsys.readouterr()
    walk, jump = json.loads(printed.out)["segments"]
    assert walk["seconds"] == 5.0
    assert 1.3 <= jump["seconds"] <= 3.8
    assert "has" not in printed.err


def test_segment_tells_durations_when_asked(capsys: pytest.CaptureFixture[str], tiny_bundle: Path) -> None:
    prompt = "a person walks for five seconds, then bows"
    assert main(["segment", prompt, "--durations", "--bundle", str(tiny_bundle), "--json"]) == 0
    walk, bow = json.loads(capsys.readouterr().out)["durations"]
    assert walk == {"shortest": 5.0, "typical": 5.0, "longest": 5.0}
    assert bow["shortest"] < bow["typical"] < bow["longest"]
    assert main(["segment", prompt, "--durations", "--bundle", str(tiny_bundle)]) == 0
    assert "5.0 s" in capsys.readouterr().out
    assert main(["segment", prompt, "--json"]) == 0
    assert "durations" not in json.loads(capsys.readouterr().out)
