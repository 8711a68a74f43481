"""Props in the view: added and taken away by undoable steps, kept in projects, written into exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from viewport_support import pixels
from window_support import wait_until_idle

from segmo_core.formats.scene.export_options import ExportOptions
from segmo_studio.commands.files.file_commands import with_props
from segmo_studio.main_window import MainWindow


@pytest.fixture
def box(tmp_path: Path) -> Path:
    mesh = trimesh.creation.box((0.6, 0.5, 0.6))
    mesh.apply_translation((0.0, 0.25, 0.4))
    mesh.export(tmp_path / "box.obj")
    return tmp_path / "box.obj"


def add(window: MainWindow, path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.commands["add_prop"].trigger()
    wait_until_idle(qtbot, window)


def test_a_prop_is_drawn_undone_and_taken_away(
    generated: MainWindow, box: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = generated
    bare = pixels(window.view)
    add(window, box, qtbot, monkeypatch)
    with_box = pixels(window.view)
    assert (np.abs(with_box - bare).sum(axis=-1) > 30).mean() > 0.005
    assert window.document.undo_stack.undoText() == "Add box.obj"
    window.commands["undo"].trigger()
    np.testing.assert_array_equal(pixels(window.view), bare)
    window.commands["redo"].trigger()
    np.testing.assert_array_equal(pixels(window.view), with_box)
    add(window, box, qtbot, monkeypatch)
    assert len(window.document.project.props) == 1
    window.commands["remove_props"].trigger()
    np.testing.assert_array_equal(pixels(window.view), bare)
    window.theme.choose("light")
    window.theme.choose("dark")


def test_a_project_keeps_its_props_and_says_when_one_is_gone(
    generated: MainWindow, box: Path, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = generated
    add(window, box, qtbot, monkeypatch)
    window.projects.write(tmp_path / "mine.segmo")
    wait_until_idle(qtbot, window)
    assert not window.isWindowModified()
    window.projects.give_up()
    assert window.view.props == ()
    window.projects.open(tmp_path / "mine.segmo")
    wait_until_idle(qtbot, window)
    assert [prop.name for prop in window.view.props] == ["box"]
    window.projects.give_up()
    window.props._read.clear()
    box.unlink()
    window.projects.open(tmp_path / "mine.segmo")
    wait_until_idle(qtbot, window)
    assert window.document.project.props == (box,)
    assert f"{box}: no such file" in window.toast.sentence.text()


def test_what_is_no_mesh_is_one_sentence(
    generated: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.glb").write_bytes(b"glTF nothing")
    add(generated, tmp_path / "bad.glb", qtbot, monkeypatch)
    assert "bad.glb: not a complete mesh" in generated.toast.sentence.text()
    assert generated.document.project.props == ()


def test_exports_take_the_props_along(box: Path) -> None:
    plain = ExportOptions()
    assert with_props(plain, "gltf", (box,)).props == (str(box),)
    assert with_props(plain, "obj", (box,)).props == (str(box),)
    assert with_props(plain, "bvh", (box,)) is plain
    moved = ExportOptions(in_place=True)
    assert with_props(moved, "gltf", (box,)) is moved
