"""What is opened or typed and is nothing of the kind: a sentence in the window, which goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_studio.main_window import MainWindow


def absurd_files(folder: Path) -> list[Path]:
    """Some never end, some are nothing, some have names that are no text or too long."""
    os.mkfifo(folder / "pipe.bvh")
    (folder / "zero.npz").symlink_to("/dev/zero")
    (folder / "folder.glb").mkdir()
    (folder / "empty.segmo").write_bytes(b"")
    (folder / "blank.bvh").write_text("\n" * 5000)
    broken = folder / os.fsdecode(b"broken\xff.bvh")
    broken.write_text("HIERARCHY")
    return [*sorted(folder.iterdir()), folder / "gone.bvh", folder / ("x" * 300 + ".bvh"), Path("/proc/self/mem")]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices of Unix")
def test_files_that_are_none_are_told(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for path in absurd_files(tmp_path):
        before = len(window.notifications.told)
        window.files.open(path)
        wait_until_idle(qtbot, window)
        assert len(window.notifications.told) > before, path
        assert window.notifications.told[-1][1].level == "error", path
        assert window.document.current.is_empty, path


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\u202e" * 50, " \n\t", "a" * 10_001])
def test_prompts_that_are_none_are_told(window: MainWindow, qtbot: QtBot, text: str) -> None:
    window.prompt_panel.prompt.setPlainText(text)
    window.prompt_panel.propose.click()
    wait_until_idle(qtbot, window)
    assert "expected" in window.toast.sentence.text()
    assert window.document.current.track is None
