"""The library of motions in the window, and segments saved as clips to learn from; with the real engine and index."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core import motion_files
from segmo_core.motion.motion import Motion
from segmo_core.progress import SilentProgress
from segmo_core.training.finetuning.own_clips import read_own_clips
from segmo_studio.main_window import MainWindow


@pytest.fixture
def motions(walk: Motion, tmp_path: Path) -> Path:
    folder = tmp_path / "motions"
    folder.mkdir()
    motion_files.write(walk, folder / "walk.npz")
    motion_files.write(walk.frames(10, 60), folder / "part.npz")
    (folder / "broken.bvh").write_text("no motion")
    return folder


@pytest.fixture
def library(window: MainWindow, motions: Path, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """The window with the dialog open on a library of two motions."""
    window.library.folder = tmp_path / "index"
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_L, keys)
    qtbot.waitUntil(lambda: window.library.dialog is not None and window.library.dialog.isVisible())
    window.library.add(motions)
    wait_until_idle(qtbot, window)
    return window


def search(window: MainWindow, qtbot: QtBot) -> None:
    dialog = window.library.dialog
    QTest.keyClicks(dialog.query, "a person walks")
    QTest.keyClick(dialog.query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.hits.count() > 0, timeout=20000)


def test_a_folder_is_added_and_what_cannot_be_read_is_told(library: MainWindow) -> None:
    words = library.library.dialog.status.text()
    assert words.startswith("2 motions added, 0 known already, 1 could not be read (the first: ")
    assert "broken.bvh" in words


def test_a_search_lists_files_with_times_and_shows_the_best_moving(library: MainWindow, qtbot: QtBot) -> None:
    search(library, qtbot)
    dialog = library.library.dialog
    texts = [dialog.hits.item(row).text() for row in range(dialog.hits.count())]
    assert {text.splitlines()[0] for text in texts} == {"walk.npz", "part.npz"}
    assert all("% sure" in text for text in texts)
    hit = dialog.current_hit
    qtbot.waitUntil(lambda: library.library._looks.num_frames == hit.end - hit.start, timeout=20000)
    assert library.library._looks.is_playing
    assert library.document.current.motion is None, "a look opens nothing"


def test_what_is_under_the_mouse_is_looked_at(library: MainWindow, qtbot: QtBot) -> None:
    search(library, qtbot)
    dialog = library.library.dialog
    last = dialog.hits.item(dialog.hits.count() - 1)
    place = QPointF(dialog.hits.visualItemRect(last).center())
    with qtbot.waitSignal(dialog.preview_requested, timeout=5000) as seen:
        port = dialog.hits.viewport()
        event = QMouseEvent(
            QMouseEvent.Type.MouseMove, place, QPointF(port.mapToGlobal(place)), Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(port, event)
    assert seen.args[0].path == last.data(Qt.ItemDataRole.UserRole).path


def test_enter_opens_the_motion_at_its_frames(library: MainWindow, qtbot: QtBot) -> None:
    search(library, qtbot)
    hit = library.library.dialog.current_hit
    QTest.keyClick(library.library.dialog.hits, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.document.current.opened is not None, timeout=20000)
    wait_until_idle(qtbot, library)
    assert library.document.current.source == hit.path
    assert library.playback.loop_range == (hit.start, hit.end)
    assert library.playback.frame == hit.start


def test_a_search_without_a_library_is_one_sentence(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.library.folder = tmp_path / "nothing"
    window.commands["library"].trigger()
    dialog = window.library.dialog
    dialog.query.setText("a person walks")
    qtbot.mouseClick(dialog.search, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, window)
    assert str(tmp_path / "nothing") in dialog.status.text()
    assert "Traceback" not in dialog.status.text()


def test_corrected_segments_become_clips_that_finetuning_reads(
    generated: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window, track = generated, generated.document.current.track
    assert window.commands["save_clips"].isEnabled()
    window.finding.save_clips(tmp_path / "clips")
    wait_until_idle(qtbot, window)
    clips = read_own_clips(tmp_path / "clips", SilentProgress())
    assert [clip.texts[0] for clip in clips] == [segment.text for segment in track if segment.num_frames >= 24]
    assert window.toast.sentence.text().startswith(f"Saved {len(clips)} clips in ")
