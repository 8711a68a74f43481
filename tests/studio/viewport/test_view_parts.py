"""What the view can show besides the body, and from where: by the actions and keys of the window, and by pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from viewport_support import HEIGHT, WIDTH, as_array, pixels
from window_support import wait_until_idle

from segmo_core.motion.feet.standing import standing_feet
from segmo_core.motion.motion import Motion
from segmo_studio.commands.scene.view_recording import frames_of
from segmo_studio.dialogs.picture_dialog import PictureDialog
from segmo_studio.main_window import MainWindow
from segmo_studio.viewport.body_poses import BodyPoses
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.motion_view import MotionView

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_contacts_and_trails_are_drawn_and_go_again(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    view.set_frame(30)
    bare = pixels(view)
    for part in ("contacts", "trails"):
        view.set_show(**{part: True})
        assert 0.0005 < (np.abs(pixels(view) - bare).sum(axis=-1) > 30).mean() < 0.1, part
        view.set_show(**{part: False})
        np.testing.assert_array_equal(pixels(view), bare)


def test_a_foot_that_stands_is_one_that_hardly_moves(walk: Motion) -> None:
    poses = BodyPoses.from_motion(walk)
    stands = standing_feet(walk, poses.floor_height)
    assert stands is not None
    assert stands.shape == (60, 2)
    names = walk.skeleton.joint_names
    toes = walk.joint_positions[:, [names.index("left_foot"), names.index("right_foot")]]
    speed = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1) * walk.frame_rate
    assert speed[stands[:-1]].mean() < 0.5 * speed[~stands[:-1]].mean()
    assert poses.standing_at(30.5) == tuple(stands[30])


def test_without_perspective_far_is_as_large_as_near(view: MotionView) -> None:
    camera = OrbitCamera(np.zeros(3), 0.0, 0.0, 5.0)
    points = np.array([[0.0, 0, 0], [0.5, 0, 0], [0.0, 0, -3], [0.5, 0, -3]])
    wide = np.diff(camera.project(points, 400, 300)[:, 0])[[0, 2]]
    assert wide[0] > 1.5 * wide[1]
    camera.is_parallel = True
    wide_parallel = np.diff(camera.project(points, 400, 300)[:, 0])[[0, 2]]
    assert wide_parallel[0] == pytest.approx(wide[0])
    assert wide_parallel[1] == pytest.approx(wide[0])
    # VTK's camera agrees with ours: the head is drawn where it is projected.
    view.set_show(path=False)
    view.view_from("side")
    before = pixels(view)
    view.set_parallel(True)
    after = pixels(view)
    assert np.abs(before - after).mean() > 0.2
    view.set_parallel(False)
    np.testing.assert_array_equal(pixels(view), before)


def test_keys_look_from_all_sides(generated: MainWindow) -> None:
    view = generated.view
    faces = view._poses.first_azimuth
    for key, modifier, around, above in (
        (Qt.Key.Key_1, None, 0, 4), (Qt.Key.Key_1, CTRL, 180, 4), (Qt.Key.Key_3, None, 90, 4),
        (Qt.Key.Key_3, CTRL, 270, 4), (Qt.Key.Key_7, None, 0, 89), (Qt.Key.Key_7, CTRL, 0, -89),
    ):  # fmt: skip
        QTest.keyClick(view, key, modifier or Qt.KeyboardModifier.NoModifier)
        assert (view.camera.azimuth - faces - around) % 360 == pytest.approx(0.0, abs=1e-6) or (
            view.camera.azimuth - faces - around
        ) % 360 == pytest.approx(360.0, abs=1e-6)
        assert view.camera.elevation == above
    QTest.keyClick(view, Qt.Key.Key_5)
    assert view.camera.is_parallel
    assert generated.commands["parallel"].isChecked()


def test_framing_shows_all_of_the_way(generated: MainWindow) -> None:
    view, track = generated.view, generated.document.current.track
    assert track is not None
    joints = generated.document.current.motion.joint_positions.astype(float)
    generated.selection.select_segment(1)
    for keys, start, end in (((Qt.Key.Key_Z,), track[1].start, track[1].end),
                             ((Qt.Key.Key_Z, SHIFT), 0, track.num_frames)):  # fmt: skip
        QTest.keyClick(view, *keys)
        spots = view.camera.project(joints[start:end].reshape(-1, 3), view.width(), view.height())
        assert spots.min() >= 0
        assert (spots.max(axis=0) <= (view.width(), view.height())).all()
        assert not view.follows
        assert not generated.commands["follow"].isChecked()


def test_the_joint_under_the_mouse_is_named(view: MotionView, walk: Motion, qtbot: QtBot) -> None:
    view.set_motion(walk)
    spots = view.camera.project(view._joints, WIDTH, HEIGHT)
    wrist = walk.skeleton.joint_names.index("left_wrist")
    place = QPoint(*(round(value) for value in spots[wrist]))
    bare = as_array(view.grab().toImage())
    QTest.mouseMove(view, place + QPoint(1, 1))
    QTest.mouseMove(view, place)
    qtbot.waitUntil(lambda: view._hovered == wrist)
    named = as_array(view.grab().toImage())
    assert 0 < (np.abs(named - bare).sum(axis=-1) > 30).mean() < 0.2
    QTest.mouseMove(view, QPoint(2, 2))
    qtbot.waitUntil(lambda: view._hovered is None)
    view.set_show(names=False)
    QTest.mouseMove(view, place)
    assert view._hovered is None


def test_metres_are_painted_over_the_floor(view: MotionView, walk: Motion) -> None:
    view.resize(640, 480)
    view.set_motion(walk)
    bare = as_array(view.grab().toImage())
    view.set_show(metres=True)
    assert 0.0003 < (np.abs(as_array(view.grab().toImage()) - bare).sum(axis=-1) > 60).mean() < 0.05


def test_a_picture_has_the_size_that_was_asked_for(view: MotionView, walk: Motion, tmp_path: Path) -> None:
    view.set_motion(walk)
    view.save_picture(tmp_path / "wide.png", QSize(1000, 250))
    image = QImage(str(tmp_path / "wide.png"))
    assert (image.width(), image.height()) == (1000, 250)
    # A following camera goes along: the body stays in the middle, frame 50 is not frame 0.
    first, later = (as_array(view.picture(QSize(200, 200), frame)) for frame in (0, 50))
    assert np.abs(first - later).mean() > 0.3
    np.testing.assert_array_equal(as_array(view.picture(QSize(200, 200), 50)), later)
    assert view.frame == 0


@pytest.mark.parametrize(("rate", "count"), [(20.0, 60), (30.0, 89), (10.0, 30), (60.0, 178)])
def test_a_video_shows_the_motion_in_its_own_time(rate: float, count: int) -> None:
    frames = frames_of(0, 60, 20.0, rate)
    assert len(frames) == count
    assert frames[-1] <= 59
    assert frames[1] == pytest.approx(20.0 / rate)
    assert frames_of(10, 20, 20.0, 20.0) == tuple(range(10, 20))


def test_a_video_of_the_view_is_written_in_the_background(generated: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PictureDialog)
        dialog.kind.setFocus()
        QTest.keyClick(dialog.kind, Qt.Key.Key_End)
        dialog.width_field.setValue(321)
        dialog.height_field.setValue(200)
        assert dialog.preset.currentText() == "Other"
        dialog.rate.setCurrentIndex(dialog.rate.findData(24.0))
        dialog.field.setText(str(tmp_path / "view.avi"))
        assert not dialog.save.isEnabled()
        dialog.field.setText(str(tmp_path / "view.mp4"))
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    QTimer.singleShot(100, act)
    QTest.keyClick(generated.view, Qt.Key.Key_P, SHIFT)
    before = generated.view.frame
    wait_until_idle(qtbot, generated)
    assert generated.view.frame == before
    assert generated.toast.sentence.text() == "Saved view.mp4."
    import imageio_ffmpeg

    count, seconds = imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "view.mp4"))
    motion = generated.document.current.motion
    assert count == int((motion.num_frames - 1) / 20 * 24 + 1e-6) + 1
    assert seconds == pytest.approx(count / 24, abs=0.05)
    assert next(imageio_ffmpeg.read_frames(str(tmp_path / "view.mp4")))["size"] == (320, 200)


def test_a_cancelled_video_leaves_no_file(generated: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    from segmo_studio.commands.scene.view_recording import Recording

    frames = frames_of(0, generated.playback.num_frames, 20.0, 60.0)
    generated.scene_commands.record(Recording((640, 480), frames, 60.0), tmp_path / "long.mp4")
    qtbot.waitUntil(generated.job_status.cancel_button.isVisible, timeout=20000)
    QTest.mouseClick(generated.job_status.cancel_button, Qt.MouseButton.LeftButton)
    wait_until_idle(qtbot, generated)
    assert list(tmp_path.glob("*.mp4")) == []


def test_a_picture_without_a_motion_is_only_a_picture(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    def act() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, PictureDialog)
        assert dialog.kind.findData(".mp4") < 0
        dialog.preset.setFocus()
        while dialog.preset.currentText() != "HD  (1280 x 720)":
            QTest.keyClick(dialog.preset, Qt.Key.Key_Down)
        dialog.field.setText(str(tmp_path / "rest.png"))
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    QTimer.singleShot(100, act)
    window.commands["record"].trigger()
    image = QImage(str(tmp_path / "rest.png"))
    assert (image.width(), image.height()) == (1280, 720)
