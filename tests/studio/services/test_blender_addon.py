"""The add-on: what it makes of answers, what is in its file, and what it does to the scene of a real Blender."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from blender_programs import blender_commands
from pytestqt.qtbot import QtBot

from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.main_window import MainWindow
from segmo_studio.services.bridge import blender_addon
from segmo_studio.services.bridge.blender_addon import addon_archive, save_addon

HERE = Path(__file__).resolve().parent
TITLE = "a person walks forward, then waves"
BLENDERS = blender_commands()
NONE = "no Blender is here (apt-get install blender python3-numpy, or SEGMO_BLENDERS: tests/blender_programs.py)"


@pytest.fixture(scope="module")
def fetching() -> ModuleType:
    """The part of the add-on that knows nothing of Blender."""
    path = blender_addon._FOLDER / "fetching.py"
    spec = importlib.util.spec_from_file_location("segmo_bridge_fetching", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """A server on this computer that gives the same bytes to whoever comes, and hangs up; its address."""
    listeners = []

    def serve(answer: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.close()


def fetched(fetching: ModuleType, address: str, token: str = "token") -> Any:
    transfer = fetching.Transfer(address, token, "fbx", {"rate": "24.0"})
    transfer.run()
    assert transfer.done
    return transfer


def answer(facts: bytes, content: bytes, *, length: int | None = None) -> bytes:
    size = len(facts) + len(content) if length is None else length
    head = f"HTTP/1.0 200 OK\r\nContent-Length: {size}\r\nSegMo-Facts-Bytes: {len(facts)}\r\n\r\n"
    return head.encode() + facts + content


def test_a_take_and_facts_of_any_length_arrive(fetching: ModuleType, answering: Callable[[bytes], str]) -> None:
    facts = {"title": "läuft → fällt " * 30_000}
    transfer = fetched(fetching, answering(answer(json.dumps(facts).encode(), b"file" * 1000)))
    assert (transfer.error, transfer.content, transfer.facts) == ("", b"file" * 1000, facts)
    assert transfer.share == 1.0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (answer(b"{}", b"file", length=1000), "The take was cut off after 6 of 1000 bytes"),
        (answer(b"[]", b"file"), "What answers at {} is no SegMo Studio"),
        (answer(b"{broken", b"file"), "What answers at {} is no SegMo Studio"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "What answers at {} is no SegMo Studio"),
        (b"", "What answers at {} is no SegMo Studio"),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", "What answers at {} is no SegMo Studio"),
        (b"HTTP/1.0 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "What answers at {} is no SegMo Studio"),
        (answer(b"{}", b"", length=1 << 40), "1099511627776 bytes were announced"),
        (b"HTTP/1.0 302 Found\r\nLocation: http://example.org/\r\n\r\n", "What answers there is no SegMo Studio"),
        (b'HTTP/1.0 409 No\r\n\r\n{"error": "The take has no motion."}', "The take has no motion."),
    ],
)
def test_whatever_answers_gives_one_sentence(
    fetching: ModuleType, answering: Callable[[bytes], str], said: bytes, sentence: str
) -> None:
    address = answering(said)
    transfer = fetched(fetching, address)
    assert transfer.error.startswith(sentence.format(address))
    assert "\n" not in transfer.error


@pytest.mark.parametrize("address", ["", "192.0.2.1:80", "localhost:0", "localhost:99999", "http://evil.example/"])
def test_no_other_computer_is_asked(fetching: ModuleType, address: str) -> None:
    assert fetched(fetching, address).error.startswith(f"Address {address!r}: expected one such as 127.0.0.1:50000")


@pytest.mark.parametrize("token", ["", "   ", "a\r\nHost: evil", "ü"])
def test_a_token_that_cannot_be_one_is_not_sent(fetching: ModuleType, token: str) -> None:
    assert fetched(fetching, "127.0.0.1:1", token).error.startswith("The token is missing")


def test_waiting_blocks_nobody_and_ends_when_it_is_cancelled(fetching: ModuleType) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transfer = fetching.Transfer(f"127.0.0.1:{listener.getsockname()[1]}", "token", "fbx", {})
        transfer.start()
        connection, _ = listener.accept()
        connection.recv(4096)
        assert (transfer.done, transfer.share) == (False, None)
        transfer.cancel()
        deadline = time.monotonic() + 5
        while not transfer.done and time.monotonic() < deadline:
            time.sleep(0.01)
        assert transfer.error == "The transfer was cancelled"
        connection.close()


def test_the_file_is_an_extension_and_an_add_on(tmp_path: Path) -> None:
    save_addon(tmp_path / "addon.zip")
    assert (tmp_path / "addon.zip").read_bytes() == addon_archive()
    with zipfile.ZipFile(io.BytesIO(addon_archive())) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"segmo_bridge"}
        assert {"segmo_bridge/__init__.py", "segmo_bridge/LICENSE"} <= set(archive.namelist())
        manifest = tomllib.loads(archive.read("segmo_bridge/blender_manifest.toml").decode())
        for name in archive.namelist():
            if name.endswith(".py"):
                text = archive.read(name).decode()
                assert text.startswith("# SPDX-License-Identifier: GPL-3.0-or-later")
                compile(text, name, "exec")
    assert (manifest["id"], manifest["type"]) == ("segmo_bridge", "add-on")
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert all(len(reason) <= 64 and not reason.endswith(".") for reason in manifest["permissions"].values())


@pytest.fixture
def opened(window: MainWindow, walk: Motion) -> MainWindow:
    """The window with a walk of three seconds in two segments, the bridge switched on."""
    track = SegmentTrack.from_durations(("A person walks forward.", "A person waves."), (40, 20))
    window.document.push_take("Open", Take(1, "Take 1", prompt=TITLE, opened=walk, track=track))
    window.bridge_commands.switch(True)
    return window


STEPS: list[dict[str, Any]] = [
    {"before": "animators_scene", "settings": {}},
    {"before": "follow_the_head", "settings": {"segments": "timeline"}},
    {"settings": {"segments": "strips"}},
    {"settings": {"takes_rate": True, "takes_range": True, "segments": "none"}},
    {"settings": {"takes_rate": False, "takes_range": False, "loops": True}, "last_frame": 60},
    {"before": "select_a_twin", "settings": {"loops": False, "onto": "selected"}},
    {"settings": {"onto": "new", "file_format": "gltf", "names": "smpl"}},
    {"before": "television", "settings": {"file_format": "fbx", "names": "mixamo"}},
    {"settings": {"token": "wrong"}},
    {"settings": {"address": "192.0.2.1:80"}},
]


def steps_in_blender(qtbot: QtBot, tmp_path: Path, command: list[str], address: str, token: str) -> list[Any]:
    save_addon(tmp_path / "segmo_bridge.zip")
    steps = [dict(step) for step in STEPS]
    steps[0]["settings"] = {"address": address, "token": token}
    output, job = tmp_path / "answer.json", tmp_path / "job.json"
    job.write_text(json.dumps({"addon": str(tmp_path / "segmo_bridge.zip"), "output": str(output), "steps": steps}))
    places = {"BLENDER_USER_RESOURCES": str(tmp_path / "user"), "BLENDER_USER_SCRIPTS": str(tmp_path / "scripts"),
              "http_proxy": "http://127.0.0.1:9"}  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | places
    running = subprocess.Popen(
        [*command, str(HERE / "import_in_blender.py"), "--", str(job)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    )  # fmt: skip
    with ThreadPoolExecutor(1) as pool:
        said = pool.submit(running.communicate)
        qtbot.waitUntil(said.done, timeout=240000)
    assert running.returncode == 0, said.result()[0][-2000:]
    print(json.loads(output.read_text())["version"], file=sys.stderr)  # noqa: T201
    rows: list[Any] = json.loads(output.read_text())["steps"]
    return rows


def farthest(row: dict[str, Any], expected: np.ndarray, names: str) -> float:
    """Metres, over all joints and frames."""
    columns = [row["names"].index(name) for name in BONE_NAMES[names]]
    found = np.array(row["positions"])[:, columns]
    assert found.shape == expected.shape
    return float(np.linalg.norm(found - expected, axis=-1).max())


@pytest.mark.slow
@pytest.mark.skipif(not BLENDERS, reason=NONE)
@pytest.mark.parametrize("program", list(BLENDERS))
def test_takes_in_a_real_blender(opened: MainWindow, walk: Motion, qtbot: QtBot, tmp_path: Path, program: str) -> None:
    """One after the other in a scene of the animator's, of which nothing changes that was not asked for."""
    rows = steps_in_blender(qtbot, tmp_path, BLENDERS[program], opened.bridge.address, opened.bridge.token)
    first, second, strips, rated, looped, onto_twin, gltf, ntsc, wrong_token, elsewhere = rows
    at_24 = resample_motion(walk, 24.0).joint_positions

    assert first["result"] == ["FINISHED"], first
    (take,) = first["ours"]
    assert (take["name"], take["identity"], take["range"]) == (TITLE, True, [1, 71])
    assert take["keys"] == list(range(1, 72)), "one on every frame of the scene and none between"
    assert take["collections"] == [f"SegMo: {TITLE}"]
    assert take["markers"] == [["A person walks forward.", 1], ["A person waves.", 49]]
    assert farthest(take, at_24, "mixamo") < 2e-5
    assert (first["rate"], first["scene_range"], first["frame"]) == (24.0, [11, 99], 15)
    assert (first["active"], first["selected"]) == (["Mine", "OBJECT"], ["Mine"])
    assert first["markers"] == [["SegMo 1: mine", 7]]
    assert first["panel"]

    assert len(second["ours"]) == len(second["actions"]) == second["meshes"] == len(second["collections"]) == 1
    assert second["follows"] == [TITLE], "what hangs on the take still does"
    assert second["markers"] == [["SegMo 1: mine", 7], ["A person walks forward.", 1], ["A person waves.", 49]]

    (take,) = strips["ours"]
    assert take["strips"] == [["A person walks forward.", 1, 49], ["A person waves.", 49, 71]]
    assert strips["markers"] == [["SegMo 1: mine", 7]]
    assert farthest(take, at_24, "mixamo") < 2e-5

    (take,) = rated["ours"]
    assert (rated["rate"], rated["scene_range"]) == (20.0, [1, 60])
    assert farthest(take, walk.joint_positions, "mixamo") < 2e-5
    assert take["strips"] == []

    (take,) = looped["ours"]
    assert take["modifiers"] == ["CYCLES"]
    period = int(take["range"][1] - take["range"][0])
    places = np.array(take["positions"])
    travel = places[period, 0] - places[0, 0]
    assert np.linalg.norm(travel) > 0.3
    goes_on = places[: len(places) - period] + travel
    assert np.abs(places[period:] - goes_on).max() < 1e-4, "every turn begins where the one before has come to"

    twin = onto_twin["twin"]
    assert onto_twin["active"] == ["Twin", "POSE"]
    assert farthest(twin, 0.5 * walk.joint_positions, "mixamo") < 2e-5
    assert len(onto_twin["ours"]) == 1

    (take,) = gltf["ours"]
    assert (take["identity"], take["range"][0], take["strips"]) == (True, 1, [])
    assert farthest(take, walk.joint_positions, "smpl") < 2e-5
    assert (gltf["meshes"], len(gltf["collections"])) == (1, 1)

    (take,) = ntsc["ours"]
    assert ntsc["rate"] == pytest.approx(30000 / 1001)
    assert np.abs(np.array(take["keys"]) - np.arange(1, len(take["keys"]) + 1)).max() < 1e-3
    assert farthest(take, resample_motion(walk, 30000 / 1001).joint_positions, "mixamo") < 2e-5

    assert wrong_token["error"] == "The token is wrong: copy it anew from the Studio's bridge window."
    assert elsewhere["error"].startswith("Address '192.0.2.1:80': expected one such as 127.0.0.1:50000")
    assert elsewhere["objects"] == ntsc["objects"]
    assert elsewhere["gone"]
