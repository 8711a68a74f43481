"""``segmo doctor``: what is told of the machine, and a self-test that fails where something is wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from segmo_core.benchmarks import self_test
from segmo_core.cli import main
from segmo_core.models.token_transformers.sampling import uniforms_from


def test_it_passes_here_and_says_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["facts"]["torch"].startswith(torch.__version__.split("+")[0])
    assert all(check["passed"] for check in answer["checks"])
    names = [check["name"] for check in answer["checks"]]
    assert "generation as the published way, processor" in names
    assert any(name.endswith("GPU 0") for name in names) == torch.cuda.is_available()
    if not torch.cuda.is_available():
        assert answer["facts"]["GPU"].startswith("none that torch finds")


def test_a_check_that_fails_is_told_and_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def other_numbers(generator: torch.Generator, device: torch.device) -> object:
        return uniforms_from(generator.manual_seed(9), device)

    monkeypatch.setattr(self_test, "uniforms_from", other_numbers)
    monkeypatch.setattr(self_test, "_learns", lambda _: ("cross-entropy 2 to 1", "less at the end", True))
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "FAILED" in printed
    assert "1 of " in printed
    if not torch.cuda.is_available():
        assert "No GPU was found, so nothing was tested on one." in " ".join(printed.split())


def test_what_torch_cannot_do_is_a_failed_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> object:
        raise RuntimeError("CUDA error: no kernel image is available\nmore")

    for name in ("_generated", "_learns"):
        monkeypatch.setattr(self_test, name, refuse)
    monkeypatch.setattr(self_test, "_step", lambda *_, **__: (1.0, 1.0))
    from segmo_core.progress import SilentProgress

    checks = self_test.run_checks(SilentProgress())
    assert checks[0].passed is False
    assert checks[0].found == "CUDA error: no kernel image is available"
    assert replace(checks[0], seconds=0.0).expected == "no error"
