"""An animator's first five minutes, by mouse and keys alone: from a prompt to a saved project, opened again.

``python tests/studio/whole_walk.py OUT`` does it with the starter bundle and saves a picture of every step.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLineEdit, QWidget

from segmo_studio.dialogs.export_dialog import ExportDialog
from segmo_studio.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PROMPT = "a person walks forward, then waves with the right hand, then sits down"
_PATIENCE_MS = 120_000


class Walk:
    """Drives ``window``. shoot: called with the name of every step, when it is there to be looked at."""

    def __init__(self, window: MainWindow, folder: Path, shoot: Callable[[str], None] = lambda _name: None) -> None:
        self.window = window
        self._folder = folder
        self._shoot = shoot
        self._number = 0

    def go(self, recording: Path) -> Path:
        """All steps up to closing. recording: a BVH file to open. Returns the saved project."""
        self.window._settings.open_folder = recording.parent
        self.window._settings.project_folder = self._folder
        self.step("start")
        self.type_prompt()
        self.edit_text()
        self.drag_boundary()
        self.undo_and_redo()
        self.vary()
        self.compare()
        self.open_recording(recording)
        self.find_and_correct()
        self.look_closer()
        self.export()
        return self.save()

    def type_prompt(self) -> None:
        field = self.window.prompt_panel.prompt
        QTest.mouseClick(field.viewport(), LEFT, pos=QPoint(30, 20))
        QTest.keyClicks(field, PROMPT)
        self.step("prompt")
        QTest.keyClick(field, Qt.Key.Key_Return, CTRL)
        self.wait()
        take = self.window.document.current
        assert take.motion is not None
        assert len(take.track) == 3
        assert self.window.playback.is_playing
        self.key(Qt.Key.Key_Space)
        assert not self.window.playback.is_playing
        self.step("generated")

    def edit_text(self) -> None:
        QTest.mouseDClick(self.window.timeline, LEFT, pos=self.middle(1))
        field = self.focused(QLineEdit)
        self.step("editing")
        QTest.keyClick(field, Qt.Key.Key_A, CTRL)
        QTest.keyClicks(field, "A person waves with the left hand.")
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait()
        assert self.window.document.current.track.texts[1] == "A person waves with the left hand."
        assert not self.window.document.current.is_outdated
        self.step("edited")

    def drag_boundary(self) -> None:
        view, before = self.window.timeline, self.window.document.current.track.ends[0]
        start = view.boundary_point(0).toPoint()
        QTest.mousePress(view, LEFT, pos=start)
        for pixels in (10, 25, 45, 60):
            QTest.mouseMove(view, start + QPoint(pixels, 0))
        self.step("dragging")
        QTest.mouseRelease(view, LEFT, pos=start + QPoint(60, 0))
        self.wait()
        assert self.window.document.current.track.ends[0] > before
        self.step("dragged")

    def undo_and_redo(self) -> None:
        after = self.window.document.current
        self.key(Qt.Key.Key_Z, CTRL)
        assert self.window.document.current.result is not after.result
        self.key(Qt.Key.Key_Z, CTRL | SHIFT)
        assert self.window.document.current.result is after.result
        self.step("redone")

    def vary(self) -> None:
        before = self.window.document.current.result
        QTest.mouseClick(self.window.timeline, LEFT, pos=self.middle(2))
        self.key(Qt.Key.Key_R)
        self.wait()
        after = self.window.document.current.result
        assert after.segment_seeds[:2] == before.segment_seeds[:2]
        assert after.segment_seeds[2] != before.segment_seeds[2]
        self.step("varied")

    def compare(self) -> None:
        self.key(Qt.Key.Key_R, CTRL | SHIFT)
        self.wait()
        assert len(self.window.document.project.takes) == 5
        self.window.playback.pause()
        self.key(Qt.Key.Key_PageUp, CTRL)
        self.key(Qt.Key.Key_D)
        self.pause(300)
        self.step("side by side")
        seen = self.window.document.current.take_id
        self.key(Qt.Key.Key_V)
        assert self.window.document.current.take_id != seen
        self.key(Qt.Key.Key_V)
        assert self.window.document.current.take_id == seen
        self.key(Qt.Key.Key_D)
        self.key(Qt.Key.Key_G)
        self.step("ghosts")
        self.key(Qt.Key.Key_G)

    def open_recording(self, path: Path) -> None:
        self.answer(lambda dialog: self.name_file(dialog, path))
        self.key(Qt.Key.Key_O, CTRL)
        self.wait()
        assert self.window.document.current.opened is not None
        self.step("opened")

    def find_and_correct(self) -> None:
        self.key(Qt.Key.Key_F, CTRL)
        field = self.focused(QLineEdit)
        QTest.keyClicks(field, "a person walks")
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.wait()
        self.step("found")
        self.window.timeline.setFocus()
        self.key(Qt.Key.Key_U)
        take = self.window.document.current
        assert take.track is not None
        boundaries = take.track.boundaries
        if boundaries:
            start = self.window.timeline.boundary_point(0).toPoint()
            QTest.mousePress(self.window.timeline, LEFT, pos=start)
            QTest.mouseMove(self.window.timeline, start + QPoint(20, 0))
            QTest.mouseMove(self.window.timeline, start + QPoint(36, 0))
            QTest.mouseRelease(self.window.timeline, LEFT, pos=start + QPoint(36, 0))
            assert self.window.document.current.track.boundaries != boundaries
        self.step("corrected")

    def look_closer(self) -> None:
        self.window.timeline.setFocus()
        self.key(Qt.Key.Key_F, SHIFT)
        self.key(Qt.Key.Key_G, SHIFT)
        self.pause(200)
        self.step("graphs")
        self.key(Qt.Key.Key_F, SHIFT)
        self.key(Qt.Key.Key_G, SHIFT)

    def export(self) -> None:
        path = self._folder / "walk.bvh"

        def fill(dialog: QDialog) -> None:
            assert isinstance(dialog, ExportDialog)
            dialog.field.setFocus()
            QTest.keyClick(dialog.field, Qt.Key.Key_A, CTRL)
            QTest.keyClicks(dialog.field, str(path))
            self.step("export", dialog)
            QTest.mouseClick(dialog.export, LEFT)

        self.answer(fill)
        self.key(Qt.Key.Key_E, CTRL)
        self.wait()
        assert path.stat().st_size > 1000
        self.step("exported")

    def save(self) -> Path:
        path = self._folder / "mine.segmo"
        self.answer(lambda dialog: self.name_file(dialog, path))
        self.key(Qt.Key.Key_S, CTRL)
        self.wait()
        assert self.window.projects.path == path
        assert not self.window.document.is_modified
        self.step("saved")
        return path

    def reopen(self, path: Path) -> None:
        """In a window that was started anew."""
        self.answer(lambda dialog: self.name_file(dialog, path))
        self.key(Qt.Key.Key_O, CTRL | SHIFT)
        self.wait()
        self.step("reopened")

    def step(self, name: str, dialog: QWidget | None = None) -> None:
        self._number += 1
        del dialog
        self._shoot(f"{self._number:02}-{name.replace(' ', '-')}")

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """To whatever has the focus, as a keyboard does."""
        if not self.window.isActiveWindow():  # without a window manager nobody does it after a dialog
            self.window.activateWindow()
            self.pause(50)
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifiers)

    def focused(self, kind: type[QLineEdit]) -> QLineEdit:
        field = QApplication.focusWidget()
        assert isinstance(field, kind), field
        return field

    def middle(self, index: int) -> QPoint:
        """Of a segment on the timeline."""
        take, view = self.window.document.current, self.window.timeline
        segment = take.track[index]
        x = view.scale.x_of((segment.start + segment.end) / 2 / take.frame_rate)
        return QPointF(x, view._places.rows.track.center().y()).toPoint()

    def answer(self, fill: Callable[[QDialog], None]) -> None:
        """What to do with the next dialog, once it is there. One that stays open is closed, so that nothing hangs."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QDialog) or not dialog.isVisible():
                QTimer.singleShot(30, look)
                return
            QTimer.singleShot(10_000, dialog, dialog.reject)
            fill(dialog)

        QTimer.singleShot(30, look)

    def name_file(self, dialog: QDialog, path: Path) -> None:
        """In Qt's own file dialog, which opens in the folder that was used last."""
        field, buttons = dialog.findChild(QLineEdit), dialog.findChild(QDialogButtonBox)
        assert field is not None
        assert buttons is not None
        QTest.keyClick(field, Qt.Key.Key_A, CTRL)
        QTest.keyClicks(field, path.name)
        completer = field.completer()
        if completer is not None:
            completer.popup().hide()
        QTest.mouseClick(buttons.buttons()[0], LEFT)

    def wait(self) -> None:
        """Until no job waits or runs."""
        for _ in range(_PATIENCE_MS // 20):
            self.pause(20)
            if not self.window.runner.jobs:
                return
        raise AssertionError(f"still busy: {[job.title for job in self.window.runner.jobs]}")

    def pause(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()


def main() -> int:
    from segmo_studio.app import make_application
    from segmo_studio.services.engine_service import EngineService
    from segmo_studio.services.loaded_engine import engine_of
    from segmo_studio.settings import Settings
    from segmo_studio.theme.theme import Theme

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--size", default="1600x1000")
    options = parser.parse_args()
    application = make_application()
    theme = Theme(application, options.theme)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as private:
        folder = Path(private)

        def started() -> MainWindow:
            settings = Settings(QSettings(f"{private}/settings.ini", QSettings.Format.IniFormat), folder / "data")
            window = MainWindow(theme, settings, lambda runner: EngineService(runner, lambda _folder: engine_of(None)))
            window.resize(*map(int, options.size.split("x")))
            window.show()
            window.activateWindow()
            return window

        window = started()
        walk = Walk(window, folder)

        def shoot(name: str) -> None:
            walk.pause(350)
            modal = QApplication.activeModalWidget()
            (modal or walk.window).grab().save(str(options.folder / f"{name}.png"))

        walk._shoot = shoot
        project = walk.go(options.recording)
        window.close()
        walk.window = started()
        walk.pause(200)
        walk.reopen(project)
        walk.window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
