"""Background jobs: they never touch the document unless they finish, and their errors reach the user."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QThread
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import PROMPT, HeldEngine, wait_until_idle

from segmo_core.engine import Engine
from segmo_core.errors import FileFormatError
from segmo_core.progress import Progress
from segmo_studio.dialogs.messages import Messages
from segmo_studio.main_window import MainWindow
from segmo_studio.panels import toast as toast_module
from segmo_studio.services.jobs import Job, JobRunner, JobState


def test_jobs_of_a_lane_run_one_after_another_and_signals_arrive_in_the_window_thread(qtbot: QtBot) -> None:
    runner = JobRunner()
    order: list[Any] = []

    def work(name: str) -> Callable[[Progress, Job], str]:
        def run(progress: Progress, _job: Job) -> str:
            order.append(("start", name, threading.current_thread().name))
            progress.report(0.5, "half")
            order.append(("end", name, threading.current_thread().name))
            return name

        return run

    threads = []
    for name in ("first", "second"):
        job = runner.submit(name, work(name))
        job.finished.connect(lambda result: threads.append((result, QThread.currentThread())))
    qtbot.waitUntil(lambda: not runner.jobs)
    assert [entry[:2] for entry in order] == [
        ("start", "first"), ("end", "first"), ("start", "second"), ("end", "second")
    ]  # fmt: skip
    assert {entry[2] for entry in order} == {"engine lane"}
    assert threads == [(name, QApplication.instance().thread()) for name in ("first", "second")]
    runner.shut_down()


def test_a_waiting_job_can_be_cancelled_before_it_starts(qtbot: QtBot) -> None:
    runner = JobRunner()
    gate, ran = threading.Event(), []
    runner.submit("first", lambda _progress, _job: gate.wait(5))
    second = runner.submit("second", lambda _progress, _job: ran.append(True))
    second.cancel()
    assert second.state is JobState.CANCELLED
    gate.set()
    qtbot.waitUntil(lambda: not runner.jobs)
    assert ran == []
    runner.shut_down()


def test_errors_become_one_sentence_and_unexpected_ones_keep_their_details(qtbot: QtBot) -> None:
    runner = JobRunner()
    heard: list[tuple[str, str]] = []

    def expected(_progress: Progress, _job: Job) -> None:
        raise FileFormatError("walk.bvh, line 212: 63 values, expected 66")

    def unexpected(_progress: Progress, _job: Job) -> None:
        raise ZeroDivisionError("division by zero")

    for work in (expected, unexpected):
        job = runner.submit("Opening", work)
        job.failed.connect(lambda sentence, details: heard.append((sentence, details)))
    qtbot.waitUntil(lambda: not runner.jobs)
    assert heard[0][0] == "walk.bvh, line 212: 63 values, expected 66"
    assert heard[1][0] == "Opening stopped by an unexpected error (ZeroDivisionError: division by zero)."
    assert "Traceback" in heard[1][1]
    runner.shut_down()


def test_cancelling_a_generation_leaves_the_document_as_it_was(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    engine.open_gate.clear()
    window.jobs.propose(PROMPT)
    wait_until_idle(qtbot, window)
    before, steps = window.document.project, window.document.undo_stack.count()
    window.commands["generate"].trigger()
    qtbot.waitUntil(lambda: window.job_status.isVisible() and window.runner.jobs[0].fraction > 0.1)
    assert window.job_status.text.text().startswith("Generating")
    window.job_status.cancel_button.click()
    wait_until_idle(qtbot, window)
    assert window.document.project is before
    assert window.document.undo_stack.count() == steps
    assert not window.toast.isVisible()
    qtbot.waitUntil(lambda: not window.job_status.isVisible())


def test_cancelling_a_regeneration_keeps_the_old_motion_and_marks_the_segments(
    generated: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window, before = generated, generated.document.current
    engine.open_gate.clear()
    window.editor.set_duration(0, before.track[0].num_frames - 8)
    qtbot.waitUntil(lambda: engine.regenerated == [(0,)])
    window.runner.jobs[0].cancel()
    wait_until_idle(qtbot, window)
    take = window.document.current
    assert take.motion is before.motion
    assert window.timeline._content().stale == {0}
    assert window.commands["regenerate"].isEnabled()
    engine.open_gate.set()
    window.commands["regenerate"].trigger()
    wait_until_idle(qtbot, window)
    assert window.timeline._content().stale == frozenset()
    assert window.document.current.motion.num_frames == before.motion.num_frames - 8


def test_result_of_a_take_that_changed_meanwhile_becomes_a_new_take(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot
) -> None:
    window.jobs.propose(PROMPT)
    wait_until_idle(qtbot, window)
    engine.open_gate.clear()
    window.jobs.generate(PROMPT)
    qtbot.waitUntil(lambda: window.runner.jobs[0].fraction > 0.1)
    window.editor.set_text(0, "a person runs")
    changed = window.document.current
    engine.open_gate.set()
    wait_until_idle(qtbot, window)
    takes = window.document.project.takes
    assert takes[0] is changed
    assert takes[0].motion is None
    assert len(takes) == 2
    assert takes[1].motion is not None
    assert takes[1].track.texts[0] != "a person runs"
    assert "changed while the job ran" in window.toast.sentence.text()


def test_a_missing_bundle_is_one_sentence_with_details(
    make_window: Callable[[Any], MainWindow], tmp_path: Path, qtbot: QtBot
) -> None:
    window = make_window(Engine(tmp_path / "nowhere"))
    window.prompt_panel.prompt.setPlainText(PROMPT)
    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    toast = window.toast
    assert toast.isVisible()
    assert str(tmp_path / "nowhere") in toast.sentence.text()
    assert toast.sentence.text().count("\n") == 0
    assert toast.details.isHidden()
    toast.details_button.click()
    assert "BundleError" in toast.details.toPlainText()
    toast.copy_button.click()
    assert QApplication.clipboard().text().startswith(toast.sentence.text())
    assert window.document.current.motion is None


def test_empty_prompt_is_refused_without_a_job(window: MainWindow) -> None:
    window.commands["generate"].trigger()
    assert window.runner.jobs == ()
    assert window.toast.sentence.text().startswith("Prompt: empty")


def test_an_error_goes_after_a_while_and_never_comes_back_by_itself(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toast_module._SHOWN_MS, "error", 120)
    toast = window.toast
    window.notifications.error("walk.bvh: cut in half", "Traceback")
    window.notifications.info("Second.")
    QTest.mouseClick(toast._close, Qt.MouseButton.LeftButton)
    assert not toast.isVisible()
    window.notifications.error("walk.bvh: cut in half", "Traceback")
    qtbot.waitUntil(lambda: not toast.isVisible(), timeout=2000)
    window.notifications.error("walk.bvh: cut in half", "Traceback")
    QTest.mouseClick(toast.details_button, Qt.MouseButton.LeftButton)
    qtbot.wait(300)
    assert toast.isVisible()  # somebody is reading
    QTest.mouseClick(toast._close, Qt.MouseButton.LeftButton)
    sentences = [told.sentence for _, told in window.notifications.told]
    assert sentences == ["walk.bvh: cut in half.", "Second.", "walk.bvh: cut in half.", "walk.bvh: cut in half."]
    messages = Messages(window.notifications.told, window)
    assert "error: walk.bvh: cut in half.\nTraceback" in messages.text.toPlainText()


def test_a_sentence_of_several_lines_is_shown_whole(window: MainWindow, qtbot: QtBot) -> None:
    for sentence in ("Short.", "A sentence that is far too long for one line. " * 4):
        window.notifications.warning(sentence)
        shown = window.toast.sentence
        qtbot.waitUntil(lambda shown=shown: shown.height() >= shown.heightForWidth(shown.width()))


@pytest.mark.skipif(sys.platform != "linux", reason="a priority is a thread's own on Linux alone")
def test_the_window_comes_before_its_jobs(window: MainWindow, qtbot: QtBot) -> None:
    def priority(*_: object) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own, found = priority(), []
    window.runner.submit("Looking", priority).when_done(found.append)
    wait_until_idle(qtbot, window)
    assert found == [own + 5]
    assert priority() == own
