"""Every suite of `segmo evaluate` has its own options and refuses those of the others."""

from __future__ import annotations

import click
import pytest
import typer

from segmo_core.cli.app import app, main

SUITES = typer.main.get_command(app).commands["evaluate"].commands  # type: ignore[attr-defined]
OWN = {
    name: {option for p in suite.params for option in p.opts if option.startswith("--")}
    for name, suite in SUITES.items()
}
ALL = set.union(*OWN.values())


@pytest.mark.parametrize("suite", sorted(OWN))
def test_options_of_other_suites_are_refused(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    for option in sorted(ALL - OWN[suite]):
        assert main(["evaluate", suite, option, "1"]) == 2
        assert f"No such option: {option}" in capsys.readouterr().err


def test_a_foreign_option_is_named_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "segmentation", "--data", "/nonexistent", "--steps", "3", "--glove", "/nonexistent"]
    assert main(arguments) == 2
    assert "No such option: --steps" in capsys.readouterr().err


def test_choices_that_contradict_each_other_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "text-to-motion", "--data", "/nonexistent", "--real-only", "--steps", "3"]) == 2
    assert "real-only: nothing is generated, expected no choices of how" in capsys.readouterr().err
    for suite, command in SUITES.items():
        if {"--json", "--markdown"} <= OWN[suite]:
            assert isinstance(command, click.Command | typer.core.TyperCommand)
            wanted = ["--data", "/nonexistent"] if "--data" in OWN[suite] else ["/nonexistent"]
            assert main(["evaluate", suite, *wanted, "--json", "--markdown"]) == 2
            assert "json and markdown: both given" in capsys.readouterr().err
