"""The bridge in the window."""

from __future__ import annotations

import http.client
import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot
from window_support import SlowExports, wait_until_idle

from segmo_core.formats import registry
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.main_window import MainWindow
from segmo_studio.services.bridge import bridge as bridge_module
from segmo_studio.services.bridge.blender_addon import addon_archive
from segmo_studio.services.bridge.take_server import FACTS_BYTES_HEADER, TAKE_PATH

TITLE = "a person walks forward, then waves"


def fetch(
    window: MainWindow, asked: str = "gltf", token: str | None = None
) -> tuple[int, dict[str, Any] | None, bytes]:
    connection = http.client.HTTPConnection(window.bridge.address, timeout=30)
    token = window.bridge.token if token is None else token
    connection.request("GET", f"{TAKE_PATH}{asked}", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    size = int(answer.headers.get(FACTS_BYTES_HEADER, 0))
    return answer.status, json.loads(content[:size]) if size else None, content[size:]


def ask(qtbot: QtBot, window: MainWindow, *arguments: str) -> tuple[int, dict[str, Any] | None, bytes]:
    """As another program does, while the window lives on."""
    with ThreadPoolExecutor(1) as pool:
        answer: Future[Any] = pool.submit(fetch, window, *arguments)
        qtbot.waitUntil(answer.done, timeout=30000)
        return answer.result()


@pytest.fixture
def opened(window: MainWindow, walk: Motion) -> MainWindow:
    """The window with a walk of three seconds in two segments, the bridge switched on."""
    track = SegmentTrack.from_durations(("A person walks forward.", "A person waves."), (40, 20))
    window.document.push_take("Open", Take(1, "Take 1", prompt=TITLE, opened=walk, track=track))
    window.bridge_commands.switch(True)
    return window


def test_off_until_it_is_switched_on_in_its_window(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.bridge.is_on
    assert not window.bridge_commands.sign.isVisible()
    window.commands["bridge"].trigger()
    dialog = window.bridge_commands.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    assert not dialog.isModal()
    assert not dialog.copy_both.isEnabled()
    dialog.switch.setFocus()
    QTest.keyClick(dialog.switch, Qt.Key.Key_Space)
    assert window.bridge.is_on
    assert window.bridge_commands.sign.isVisible()
    assert dialog.address.text() == window.bridge.address
    assert dialog.token.text() == window.bridge.token
    dialog._copy_address.click()
    assert QApplication.clipboard().text() == window.bridge.address
    dialog._copy_token.click()
    assert QApplication.clipboard().text() == window.bridge.token
    dialog.copy_both.click()
    assert QApplication.clipboard().text() == f"{window.bridge.address} {window.bridge.token}"
    for widget in (dialog.address, dialog.token, dialog._copy_address, dialog._copy_token):
        assert widget.accessibleName()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert window.bridge.is_on, "closing the window leaves the bridge on"
    dialog.switch.click()
    assert not window.bridge.is_on
    assert dialog.token.text() == ""


@pytest.mark.parametrize("format_name", bridge_module.BRIDGE_FORMATS)
def test_the_current_take_is_handed_over(opened: MainWindow, qtbot: QtBot, tmp_path: Path, format_name: str) -> None:
    opened.commands["bridge"].trigger()
    status, facts, content = ask(qtbot, opened, format_name)
    assert status == 200
    assert facts == {
        "title": TITLE,
        "frame_rate": 20.0,
        "num_frames": 60,
        "seconds": 3.0,
        "segments": [["A person walks forward.", 0.0, 2.0], ["A person waves.", 2.0, 3.0]],
    }
    path = tmp_path / f"take{registry.FORMATS[format_name].extensions[0]}"
    path.write_bytes(content)
    assert registry.read_motion(path).num_frames == 60
    assert f"“{TITLE}” was fetched at" in opened.bridge_commands.dialog.state.text()


def test_the_take_is_written_as_it_is_wished_for(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """60 frames of 20 fps are 2.95 s: 70 whole frames at 24 fps."""
    status, facts, content = ask(qtbot, opened, "fbx?rate=24&names=unreal&body=0")
    assert (status, facts["frame_rate"] if facts else None) == (200, 24.0)
    path = tmp_path / "take.fbx"
    path.write_bytes(content)
    arrived = registry.read_motion(path)
    assert (arrived.frame_rate, arrived.num_frames) == (24.0, 71)
    assert arrived.skeleton.joint_names == BONE_NAMES["unreal"]
    assert b"Mannequin" not in content
    assert b"Mannequin" in ask(qtbot, opened, "fbx?rate=24")[2]


def test_a_walk_comes_as_a_loop_with_its_own_segments(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    status, facts, content = ask(qtbot, opened, "fbx?loop=1")
    assert status == 200
    assert facts is not None
    assert facts["seconds"] < 3.0
    assert facts["segments"][-1][2] == pytest.approx(facts["seconds"])
    path = tmp_path / "take.fbx"
    path.write_bytes(content)
    arrived = registry.read_motion(path).joint_positions
    across = [0, 2]
    pose = arrived - arrived[:, :1] * [1, 0, 1]
    assert np.abs(pose[0] - pose[-1]).max() < 1e-4
    assert np.linalg.norm(arrived[-1, 0, across] - arrived[0, 0, across]) > 0.3


def test_a_still_body_is_no_loop_of_less_than_a_step(opened: MainWindow, walk: Motion, qtbot: QtBot) -> None:
    opened.document.push_take("Open", Take(1, "short", opened=walk.frames(0, 5)))
    status, _, content = ask(qtbot, opened, "fbx?loop=1")
    assert status == 409
    assert json.loads(content)["error"].startswith("loop: no two poses of this motion are alike (it is too short)")


def test_the_add_on_is_saved_from_the_window(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.commands["bridge"].trigger()
    dialog = opened.bridge_commands.dialog
    assert dialog is not None
    wanted = str(tmp_path / "addon.zip")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (wanted, ""))
    dialog.save_addon.click()
    assert dialog.state.text() == f"Saved {wanted}." or dialog.state.text().startswith("Saved ")
    assert (tmp_path / "addon.zip").read_bytes() == addon_archive()
    wanted = str(tmp_path / "nowhere" / "addon.zip")
    dialog.save_addon.click()
    assert "cannot be written" in dialog.state.text()


def test_refusals_are_sentences(opened: MainWindow, qtbot: QtBot) -> None:
    assert ask(qtbot, opened, "gltf", "wrong")[0] == 403
    status, _, content = ask(qtbot, opened, "exe")
    assert (status, json.loads(content)["error"]) == (409, "format 'exe', expected one of fbx, gltf")
    opened.commands["new_take"].trigger()
    status, _, content = ask(qtbot, opened)
    assert status == 409
    assert json.loads(content)["error"].startswith("The current take has no motion yet")
    assert not opened.toast.isVisible(), "whoever asked is told, not the person at the Studio"


@pytest.mark.parametrize("end", ["cancel", "switch off", "close"])
def test_a_transfer_that_ends_early_is_answered(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, walk: Motion, qtbot: QtBot, end: str
) -> None:
    exports = SlowExports(monkeypatch)
    window.document.push_take("Open", Take(1, "Take 1", opened=walk))
    wait_until_idle(qtbot, window)  # it is described; what is cancelled below is to be the transfer
    window.bridge_commands.switch(True)
    exports.open_gate.clear()
    with ThreadPoolExecutor(1) as pool:
        answer: Future[Any] = pool.submit(fetch, window)
        qtbot.waitUntil(lambda: any(job.fraction > 0.1 for job in window.runner.jobs), timeout=20000)
        window.playback.set_frame(7)  # the window is not held up
        if end == "cancel":
            window.commands["cancel"].trigger()
        elif end == "switch off":
            window.bridge_commands.switch(False)
        else:
            window.document.undo_stack.setClean()  # so that nobody is asked
            window.close()
        qtbot.waitUntil(answer.done, timeout=10000)
        status, _, content = answer.result()
    assert (status, json.loads(content)["error"]) == (503, "The transfer was cancelled in the Studio.")
    exports.open_gate.set()
    wait_until_idle(qtbot, window)
