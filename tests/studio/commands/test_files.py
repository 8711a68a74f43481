"""Opening, exporting, and wrong files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_studio.main_window import MainWindow


@pytest.mark.parametrize("extension", [".bvh", ".npz", ".npy"])
def test_export_and_open_again(generated: MainWindow, qtbot: QtBot, tmp_path: Path, extension: str) -> None:
    window, path = generated, tmp_path / f"walk{extension}"
    motion = window.document.current.motion
    window.file_jobs.export(path)
    wait_until_idle(qtbot, window)
    assert path.stat().st_size > 1000
    assert window.toast.sentence.text() == f"Saved {path.name}."
    assert window.commands["show_in_folder"].isEnabled()

    window.files.open(path)
    wait_until_idle(qtbot, window)
    take = window.document.current
    assert take.name == "walk"
    assert take.source == path
    assert len(window.document.project.takes) == 2
    assert take.motion.num_frames == motion.num_frames
    assert take.track == (window.document.project.takes[0].track if extension == ".npz" else None)
    assert take.motion.frame_rate == pytest.approx(20.0)
    assert np.abs(take.motion.joint_positions - motion.joint_positions).max() < 1e-3
    assert window.playback.num_frames == motion.num_frames
    window.document.undo_stack.undo()
    assert len(window.document.project.takes) == 1


def test_a_broken_file_is_one_sentence_and_changes_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "half.bvh"
    path.write_text("HIERARCHY\nROOT Hips\n{\n  OFFSET 0 0")
    before = window.document.project
    window.files.open(path)
    wait_until_idle(qtbot, window)
    assert "half.bvh" in window.toast.sentence.text()
    assert window.toast.details.toPlainText().count("Traceback") == 1
    assert window.document.project is before


def test_an_opened_motion_is_dropped_queried_and_labelled(generated: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window, path = generated, tmp_path / "dropped.bvh"
    window.file_jobs.export(path)
    wait_until_idle(qtbot, window)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                                Qt.KeyboardModifier.NoModifier))  # fmt: skip
    wait_until_idle(qtbot, window)
    motion = window.document.current.motion
    assert window.document.current.track is None

    bar = window.timeline_panel.bar
    bar.query.setText("a person waves")
    bar._find.click()
    wait_until_idle(qtbot, window)
    found = window.document.current.groundings[0]
    assert found.query == "a person waves"
    assert 0 <= found.start < found.end <= motion.num_frames
    assert len(found.curve) == motion.num_frames
    bar._use.click()
    take = window.document.current
    labelled = [segment for segment in take.track if segment.text == "a person waves"]
    assert len(labelled) == 1
    assert labelled[0].start <= found.start
    assert labelled[0].end >= found.end
    assert take.track.num_frames == motion.num_frames
    assert take.motion is motion
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert window.document.current.groundings == ()
