"""`segmo bench startup` and `segmo bench viewport` start a real window and tell plain figures."""

from __future__ import annotations

import json

import pytest

from segmo_core.cli import main


def test_startup_is_painted_before_it_is_ready(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "startup", "--rounds", "1", "--json"]) == 0
    (start,) = json.loads(capsys.readouterr().out)["starts"]
    assert 0.1 < start["painted"] < start["ready"] < 600  # seconds, of a machine as busy as it may be


def test_the_view_is_painted_while_a_motion_plays(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "viewport", "--seconds", "1", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert 1 < measured["playing"] < 130
    assert measured["generating"] > 1
    assert measured["view"][0] > 300


def test_what_cannot_be_measured_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["bench", "startup", "--rounds", "0"]) == 2
    assert capsys.readouterr().err == "segmo: rounds: 0, expected 1 to 50\n"
    monkeypatch.setattr("segmo_core.cli.models.bench_window.importlib.util.find_spec", lambda _name: None)
    assert main(["bench", "viewport"]) == 2
    assert "the Studio is not installed" in capsys.readouterr().err
