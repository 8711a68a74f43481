"""The bridge in the window, and the add-on in a real Blender."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import SlowExports, wait_until_idle

from segmo_core.formats import registry
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.project import Take
from segmo_studio.main_window import MainWindow
from segmo_studio.services import bridge as bridge_module
from segmo_studio.services.take_server import FACTS_HEADER

HERE = Path(__file__).resolve().parent
ADDON = HERE.parent.parent / "packaging" / "blender" / "segmo_bridge.py"
TOLERANCE = 1e-3  # metres
TITLE = "a person walks forward, then waves"


def fetch(window: MainWindow, format_name: str = "gltf", token: str | None = None) -> tuple[int, dict[str, Any], bytes]:
    connection = http.client.HTTPConnection(window.bridge.address, timeout=30)
    token = window.bridge.token if token is None else token
    connection.request("GET", f"/take.{format_name}", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(answer.headers.get(FACTS_HEADER, "null") or "null"), content


def ask(qtbot: QtBot, window: MainWindow, *arguments: str) -> tuple[int, dict[str, Any], bytes]:
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
        "seconds": 3.0,
        "segments": [["A person walks forward.", 0.0, 2.0], ["A person waves.", 2.0, 3.0]],
    }
    path = tmp_path / f"take{registry.FORMATS[format_name].extensions[0]}"
    path.write_bytes(content)
    assert registry.read_motion(path).num_frames == 60
    assert f"“{TITLE}” was fetched at" in opened.bridge_commands.dialog.state.text()


def test_an_odd_rate_is_made_whole_for_blender(opened: MainWindow, walk: Motion, qtbot: QtBot) -> None:
    odd = Motion(walk.joint_positions, 29.97, walk.skeleton, walk.local_rotations)
    opened.document.push_take("Open", Take(1, "odd", opened=odd))
    _, facts, _ = ask(qtbot, opened)
    assert (facts["title"], facts["frame_rate"]) == ("odd", 30.0)


def test_refusals_are_sentences(opened: MainWindow, qtbot: QtBot) -> None:
    assert ask(qtbot, opened, "gltf", "wrong")[0] == 403
    status, _, content = ask(qtbot, opened, "exe")
    assert (status, json.loads(content)["error"]) == (409, "format 'exe', expected one of gltf, fbx")
    opened.editor.new_take()
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
            window.close()
        qtbot.waitUntil(answer.done, timeout=10000)
        status, _, content = answer.result()
    assert (status, json.loads(content)["error"]) == (503, "The transfer was cancelled in the Studio.")
    exports.open_gate.set()
    wait_until_idle(qtbot, window)


def blender(qtbot: QtBot, tmp_path: Path, address: str, token: str, format_name: str = "gltf") -> dict[str, Any]:
    if shutil.which("blender") is None:
        pytest.skip("Blender is not installed (apt-get install blender python3-numpy)")
    output = tmp_path / "answer.json"
    script = HERE / "import_in_blender.py"
    command = ["blender", "-b", "--factory-startup", "--python-exit-code", "3", "--python", str(script), "--",
               str(ADDON), address, token, format_name, str(output)]  # fmt: skip
    places = {"BLENDER_USER_SCRIPTS": str(tmp_path / "scripts"), "http_proxy": "http://127.0.0.1:9"}
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **places}
    )
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(running.communicate)
        qtbot.waitUntil(said.done, timeout=120000)
    assert running.returncode == 0, said.result()[0][-2000:]
    answer: dict[str, Any] = json.loads(output.read_text())
    return answer


@pytest.mark.slow
@pytest.mark.parametrize(("format_name", "names"), [("gltf", "smpl"), ("fbx", "mixamo")])
def test_joints_arrive_in_blender(
    opened: MainWindow, walk: Motion, qtbot: QtBot, tmp_path: Path, format_name: str, names: str
) -> None:
    answer = blender(qtbot, tmp_path, opened.bridge.address, opened.bridge.token, format_name)
    assert answer.get("result") == ["FINISHED"], answer
    assert answer["panel"]
    assert answer["armatures"] == [TITLE]
    assert answer["rate"] == 20.0
    assert answer["meshes"] >= 1
    assert answer["markers"] == [["SegMo 1: A person walks forward.", 0], ["SegMo 2: A person waves.", 40]]
    columns = [answer["names"].index(name) for name in BONE_NAMES[names]]
    arrived = np.array(answer["positions"])[:, columns]
    assert arrived.shape == (60, MODEL_SKELETON.num_joints, 3)
    assert np.linalg.norm(arrived - walk.joint_positions, axis=-1).max() < TOLERANCE


@pytest.mark.slow
def test_blender_says_what_is_wrong(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    address, token = opened.bridge.address, opened.bridge.token
    answer = blender(qtbot, tmp_path, address, "wrong")
    assert answer == {"error": "The token is wrong: copy it anew from the Studio's bridge window."}
    answer = blender(qtbot, tmp_path, "192.0.2.1:80", token)
    assert answer["error"].startswith("Address '192.0.2.1:80': expected one such as 127.0.0.1:50000")
    opened.editor.new_take()
    answer = blender(qtbot, tmp_path, address, token)
    assert answer == {"error": "The current take has no motion yet: generate one in the Studio."}
    opened.bridge_commands.switch(False)
    answer = blender(qtbot, tmp_path, address, token)
    assert answer["error"].startswith(f"SegMo Studio is not running at {address}, or its bridge is off")
