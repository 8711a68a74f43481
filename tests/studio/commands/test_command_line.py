"""Copy as command line: run, the line gives the same bytes as the Studio's export; where none can, it says why."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.motion import Motion
from segmo_studio.main_window import MainWindow


def copied(window: MainWindow) -> list[str]:
    QApplication.clipboard().setText("")
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    return shlex.split(QApplication.clipboard().text())


def exported(window: MainWindow, path: Path, qtbot: QtBot) -> bytes:
    take, settings = window.document.current, window._settings
    options = ExportOptions(**{**vars(settings.export_options), "title": take.prompt})
    window.file_jobs.export(path, options, settings.export_format)
    wait_until_idle(qtbot, window)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("format_name", "options"),
    [("npz", ExportOptions()), ("bvh", ExportOptions(frame_rate=30.0, names="mixamo", in_place=True)),
     ("joints-csv", ExportOptions(up_axis="z")), ("obj", ExportOptions(frame="7"))],
)  # fmt: skip
def test_a_generated_take_is_generated_again(
    generated: MainWindow, tiny_bundle: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
    format_name: str, options: ExportOptions,
) -> None:  # fmt: skip
    generated._settings.export_format, generated._settings.export_options = format_name, options
    generated._settings.bundle = tiny_bundle
    program, *words = copied(generated)
    assert (program, words[0]) == ("segmo", "generate")
    monkeypatch.chdir(tmp_path)
    assert main(words) == 0
    (made,) = tmp_path.glob("a-person-*")
    assert made.read_bytes() == exported(generated, tmp_path / f"studio{made.suffix}", qtbot)


def test_settings_of_the_take_stand_on_the_line(generated: MainWindow, tiny_bundle: Path, qtbot: QtBot) -> None:
    window = generated
    window._settings.bundle = tiny_bundle
    settings = window.document.settings
    window.document.push_settings(type(settings)(seed=41, steps=6, guidance_scale=2.5))
    window.commands["generate"].trigger()
    wait_until_idle(qtbot, window)
    words = copied(window)
    for name, value in (("--seed", "41"), ("--steps", "6"), ("--guidance", "2.5"), ("--bundle", str(tiny_bundle))):
        assert words[words.index(name) + 1] == value
    assert words.count("--segment") == 3


def test_an_edited_take_comes_out_of_its_project(
    generated: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = generated
    window._settings.export_format = "npz"
    window.selection.select_segment(1)
    window.commands["reroll"].trigger()
    wait_until_idle(qtbot, window)
    assert copied(window) == []
    assert "save it first" in window.toast.sentence.text()
    window.projects.write(tmp_path / "mine.segmo")
    wait_until_idle(qtbot, window)
    words = copied(window)
    assert words[:2] == ["segmo", "export"]
    monkeypatch.chdir(tmp_path)
    assert main(words[1:]) == 0
    (made,) = tmp_path.glob("a-person-*.npz")
    assert made.read_bytes() == exported(window, tmp_path / "studio.npz", qtbot)
    window.document.undo_stack.undo()
    assert copied(window)[:2] == ["segmo", "generate"]


def test_without_a_motion_there_is_no_line(window: MainWindow, walk: Motion, tmp_path: Path, qtbot: QtBot) -> None:
    assert not window.commands["copy_command"].isEnabled()
    motion_files.write(walk, tmp_path / "walk.npz")
    window.files.open(tmp_path / "walk.npz")
    wait_until_idle(qtbot, window)
    window._settings.export_format = "npz"
    assert copied(window) == []
    assert "was opened, expected a saved project" in window.toast.sentence.text()
