"""The log: what the window tells, what jobs do, what Python and Qt say; and diagnostics that do not fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_studio.main_window import MainWindow
from segmo_studio.services.support import log
from segmo_studio.services.support.diagnostics import diagnostics


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", log.threading.excepthook)
    path = log.start_log(tmp_path / "log")
    assert path is not None
    yield path
    log.stop_log()
    log.qInstallMessageHandler(None)


def test_the_log_tells_what_happened(window: MainWindow, file: Path, qtbot: QtBot) -> None:
    log.follow(window.notifications, window.runner)
    window.notifications.error("file.bvh: is damaged", "line 3 of it")
    job = window.runner.submit("Counting", lambda _progress, _job: 3)
    wait_until_idle(qtbot, window)
    assert job.is_over
    failing = window.runner.submit("Failing", lambda _progress, _job: 1 // 0)
    wait_until_idle(qtbot, window)
    assert failing.is_over
    qWarning("from Qt")
    text = file.read_text(encoding="utf-8")
    for line in ("ERROR told: file.bvh: is damaged.", "details: line 3 of it", "Counting", "done", "WARNING job",
                 "WARNING Qt: from Qt"):  # fmt: skip
        assert line in text


def test_an_error_that_nobody_caught_is_in_the_log(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("nobody expected this")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    text = file.read_text(encoding="utf-8")
    assert "CRITICAL unexpected error" in text
    assert "ValueError: nobody expected this" in text
    assert "nobody expected this" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert log.start_log(tmp_path / "file" / "log") is None
    assert log.last_lines(None, 5) == ""
    assert log.last_lines(tmp_path / "nowhere", 5) == ""


def test_old_lines_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("\n".join(map(str, range(100))))
    assert log.last_lines(tmp_path / "x.log", 3) == "97\n98\n99"


def test_diagnostics_tell_versions_and_go_on_where_something_fails(qapp: object) -> None:
    def broken() -> str:
        raise RuntimeError("no driver")

    text = diagnostics({"Graphics": broken, "Bundle": lambda: "starter"})
    assert "Graphics: not known (RuntimeError: no driver)" in text
    assert text.splitlines()[-1] == "Bundle: starter"
    for fact in ("Python: 3.", "torch 2.", "vtk 9.", "GiB", "Screens: "):
        assert fact in text
