"""Kills, full disks, folders that cannot be written, projects of other times: one sentence each, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.project.project_file import FORMAT_VERSION, read_project, write_project
from segmo_studio.main_window import MainWindow

MOST_LOST = 10.0  # seconds of edits

BUSY = """
import sys, time
from dataclasses import replace
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from segmo_studio.app import make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import EngineService
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme
application = make_application()
folder = Path(sys.argv[1])
settings = Settings(QSettings(str(folder / "busy.ini"), QSettings.Format.IniFormat), folder / "data")
window = MainWindow(Theme(application, "dark"), settings, EngineService)
window.show()
document = window.document

def edit():
    # The seed is the clock: a change of settings is an edit as any other, and tells when it was made.
    document.push_settings(replace(document.settings, seed=int(time.time()), candidates=64))
    if not window.runner.jobs:
        window.jobs.compose("a person walks forward, then waves, then turns around and walks back, then sits down")
    else:
        print("generating", flush=True)

timer = QTimer(application)
timer.timeout.connect(edit)
timer.start(500)
application.exec()
"""


def test_a_kill_while_generating_costs_at_most_ten_seconds(tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "data" / "unsaved"
    child = subprocess.Popen([sys.executable, "-c", BUSY, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        qtbot.waitUntil(lambda: list(folder.glob("[!.]*.segmo")) != [], timeout=60000)
        qtbot.wait(7000)  # anywhere between two writings
    finally:
        killed_at = time.time()
        child.send_signal(signal.SIGKILL)
        said, _ = child.communicate()
    assert "generating" in said
    (kept,) = folder.glob("[!.]*.segmo")
    lost = killed_at - read_project(kept).project.settings.seed
    assert 0 <= lost <= MOST_LOST


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A place of 128 KiB that is nearly full, and that can be made read-only."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def sentences(window: MainWindow) -> list[str]:
    return [told.sentence for _, told in window.notifications.told if told.level in ("error", "warning")]


def test_a_full_disk_is_one_sentence_and_the_old_project_stays(
    generated: MainWindow, mount: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    window, target = generated, mount / "mine.segmo"
    target.write_bytes(b"what was there before")
    (mount / "filling").write_bytes(bytes(100_000))
    before = len(sentences(window))
    window.projects.write(target)
    wait_until_idle(qtbot, window)
    (told,) = sentences(window)[before:]
    assert told.startswith(f"{target}: ") or str(target) in told
    assert "No space left on device" in told
    assert target.read_bytes() == b"what was there before"
    assert sorted(path.name for path in mount.iterdir()) == ["filling", "mine.segmo"]
    assert window.isWindowModified()
    window.file_jobs.export(mount / "walk.fbx")
    wait_until_idle(qtbot, window)
    (told,) = sentences(window)[before + 1 :]
    assert "No space left on device" in told
    assert not (mount / "walk.fbx").exists()
    window.projects.write(tmp_path / "elsewhere.segmo")
    wait_until_idle(qtbot, window)
    assert not window.isWindowModified()


def test_a_read_only_disk_is_one_sentence(generated: MainWindow, mount: Path, qtbot: QtBot) -> None:
    window = generated
    subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
    before = len(sentences(window))
    window.projects.write(mount / "mine.segmo")
    wait_until_idle(qtbot, window)
    (told,) = sentences(window)[before:]
    assert "Read-only file system" in told
    assert window.isWindowModified()


def test_unsaved_work_that_cannot_be_kept_safe_is_told_once(
    generated: MainWindow, mount: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = generated
    (mount / "filling").write_bytes(bytes(120_000))
    monkeypatch.setattr(window.projects.autosave._recovery, "_folder", mount / "unsaved")
    before = len(sentences(window))
    for _ in range(3):
        window.projects.autosave.keep()
        wait_until_idle(qtbot, window)
    (told,) = sentences(window)[before:]
    assert told.startswith("Unsaved work cannot be kept safe")
    assert "save the project elsewhere" in told


@pytest.fixture
def saved(generated: MainWindow, qtbot: QtBot, tmp_path: Path) -> Path:
    path = tmp_path / "mine.segmo"
    generated.projects.write(path)
    wait_until_idle(qtbot, generated)
    return path


def changed(path: Path, **values: object) -> None:
    """``path`` with other values at the top of its document."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"]) | values
    members["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("kind", ["newer", "damaged", "no project", "gone"])
def test_a_project_that_cannot_be_read_is_one_sentence(
    generated: MainWindow, saved: Path, qtbot: QtBot, kind: str
) -> None:
    window = generated
    if kind == "newer":
        changed(saved, version=FORMAT_VERSION + 1)
    elif kind == "damaged":
        saved.write_bytes(saved.read_bytes()[:-400])
    elif kind == "no project":
        saved.write_bytes(b"PK nothing")
    else:
        saved.unlink()
    take, before = window.document.current, len(sentences(window))
    window.projects.open(saved)
    wait_until_idle(qtbot, window)
    (told,) = sentences(window)[before:]
    assert str(saved) in told
    assert told.count(". ") == 0
    assert ("newer program" in told) == (kind == "newer")
    assert window.document.current is take
    assert window.projects.path == saved


def test_a_project_whose_bundle_is_gone_opens_and_says_so(
    generated: MainWindow, saved: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    window = generated
    content = read_project(saved)
    with zipfile.ZipFile(saved) as archive:
        document = json.loads(archive.read("project.json"))
    elsewhere = str(tmp_path / "nowhere")
    text = json.dumps(document)
    origin = next(take.result for take in content.project.takes if take.result is not None).origin
    text = text.replace(origin.fingerprint, "0" * len(origin.fingerprint))
    changed(saved, **(json.loads(text) | {"bundle": {"name": "mine", "folder": elsewhere}}))
    before = len(sentences(window))
    window.projects.open(saved)
    wait_until_idle(qtbot, window)
    told = sentences(window)[before:]
    assert len(told) == 1
    assert "was made with the bundle “mine”" in told[0]
    assert f"no longer in {elsewhere}" in told[0]
    assert window.document.current.motion is not None
    write_project(read_project(saved), tmp_path / "again.segmo")
