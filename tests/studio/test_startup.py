"""The window is on screen before anything slow is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.engine import Engine
from segmo_studio.app import main
from segmo_studio.main_window import MainWindow
from segmo_studio.services import loaded_engine

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings
from segmo_studio.app import make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import EngineService
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme

application = make_application()
settings = Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat), Path(sys.argv[1]).parent)
window = MainWindow(Theme(application, "dark"), settings, EngineService)
window.show()
while not window.isVisible() or not window.windowHandle().isExposed():
    application.processEvents()
print("shown, slow to import:", sorted({"torch", "scipy", "ollama"} & set(sys.modules)))
window.editor.set_prompt("a person walks")
job = window.jobs.propose("a person walks, then waves")
done = []
job.ended.connect(lambda: done.append(True))
while not done:
    application.processEvents()
print("segments:", len(window.document.current.track))
window.projects.give_up()
window.close()
"""


def test_window_is_shown_before_anything_slow_is_imported(tmp_path: object) -> None:
    command = [sys.executable, "-c", PROGRAM, f"{tmp_path}/settings.ini"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "shown, slow to import: []"
    assert lines[1] == "segments: 2"  # how long they last is the duration model's business, which comes with torch


def test_without_a_display_the_program_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("segmo-studio: no display found")


def test_a_missing_bundle_is_reported_without_waiting_for_torch(
    make_window: Callable[[Any], MainWindow], tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[bool] = []
    monkeypatch.setattr(loaded_engine, "load_torch_library", lambda: loaded.append(True))
    window = make_window(Engine(tmp_path / "nowhere"))
    window.bundles.start()
    wait_until_idle(qtbot, window)
    assert f"{tmp_path / 'nowhere'}: no such folder" in window.toast.sentence.text()
    assert loaded == []


def test_without_the_extra_the_program_says_how_to_get_it(tmp_path: Path) -> None:
    """As where the wheel was installed without it: the packages cannot be imported."""
    program = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('PySide6', 'pyvista', 'pyqtgraph'):\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from segmo_studio.program import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    for arguments in ([], ["screenshots", str(tmp_path)]):
        done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "segmo-studio: the Studio is not installed; install it with: pip install 'segmo[studio]'\n"
        )


def test_ctrl_c_in_the_terminal_closes_the_window(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from segmo_studio import app\n"
        "QTimer.singleShot(0, lambda: None)\n"
        "shown = app.MainWindow.show\n"
        "def show(window):\n"
        "    shown(window)\n"
        "    QTimer.singleShot(500, lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "app.MainWindow.show = show\n"
        "sys.exit(app.main([]))"
    )
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, env=environment)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
