"""The 3D view draws the right thing, once per change, and closes cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from segmo_core.errors import FileFormatError
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.rendering.colours import SEGMENT_COLOURS, segment_colour, text_on, to_rgb
from segmo_core.segmentation.segments import SegmentTrack
from segmo_studio.viewport import graphics
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.motion_view import MotionView
from segmo_studio.viewport.render_quality import FAST_SECONDS, FULL, SLOW_SECONDS, AdaptiveQuality

WIDTH, HEIGHT = 320, 240


@pytest.fixture
def view(qtbot: QtBot) -> MotionView:
    view = MotionView()
    qtbot.addWidget(view)
    view.resize(WIDTH, HEIGHT)
    view.show()
    qtbot.waitUntil(lambda: view._scene is not None, timeout=20000)
    return view


@pytest.fixture
def track(walk: Motion) -> SegmentTrack:
    return SegmentTrack.from_durations(["A person walks forward.", "A person walks on."], [20, walk.num_frames - 20])


def pixels(view: MotionView) -> np.ndarray:
    """(H, W, 3) of the drawn scene, without labels, top row first."""
    return as_array(view.grab_image())


def as_array(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def figure_mask(view: MotionView) -> np.ndarray:
    """(H, W) True where the body is: the difference to the same view without it."""
    with_body = pixels(view)
    view.set_show(body=False)
    without = pixels(view)
    view.set_show(body=True)
    return np.abs(with_body - without).sum(axis=-1) > 30


def test_the_view_draws_a_figure_before_there_is_a_motion(view: MotionView) -> None:
    image = pixels(view)
    assert image.shape == (HEIGHT, WIDTH, 3)
    body = figure_mask(view)
    assert 0.03 < body.mean() < 0.4
    rows, columns = np.nonzero(body)
    assert rows.min() > 2  # the whole figure is in the picture
    assert rows.max() < HEIGHT - 3
    assert abs(columns.mean() - WIDTH / 2) < 0.1 * WIDTH


def test_frames_differ_and_the_same_frame_is_the_same(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    first = pixels(view)
    view.set_frame(10)
    assert (np.abs(pixels(view) - first).sum(axis=-1) > 30).mean() > 0.01
    view.set_frame(0)
    np.testing.assert_array_equal(pixels(view), first)


def test_the_figure_moves_right_when_the_motion_does(view: MotionView, walk: Motion) -> None:
    """A figure that walks along +Z walks to the left of the picture seen from its left side, to the right from its
    right side."""
    view.set_follow(False)
    view.set_motion(walk)
    columns = []
    for azimuth in (90.0, -90.0):
        view.camera.look_from(azimuth, 4.0)
        view._fit()
        for frame in (0, 59):
            view.set_frame(frame)
            columns.append(np.nonzero(figure_mask(view))[1].mean())
    metres = walk.joint_positions[59, 0, 2] - walk.joint_positions[0, 0, 2]
    expected = metres / view.camera.metres_per_pixel(HEIGHT)
    assert columns[0] - columns[1] == pytest.approx(expected, rel=0.15)
    assert columns[3] - columns[2] == pytest.approx(expected, rel=0.15)


def test_a_following_camera_keeps_the_figure_in_the_middle(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    view.view_side()
    for frame in (5, 30, 55):
        view.set_frame(frame)
        assert np.nonzero(figure_mask(view))[1].mean() == pytest.approx(WIDTH / 2, abs=0.06 * WIDTH)


def test_points_are_drawn_where_the_camera_projects_them(view: MotionView, walk: Motion) -> None:
    """Our camera and VTK's agree: the head is drawn around the projected head joint."""
    view.set_theme("dark")  # where the body stands out most
    view.set_motion(walk)
    view.set_frame(20)
    view.camera.look_from(30.0, 25.0)
    body = figure_mask(view)
    spots = view.camera.project(walk.joint_positions[20].astype(float), WIDTH, HEIGHT)
    missed = [walk.skeleton.joint_names[i] for i, (x, y) in enumerate(spots) if not body[round(y), round(x)]]
    assert not missed


def test_the_body_takes_the_colour_of_the_current_segment(view: MotionView, walk: Motion, track: SegmentTrack) -> None:
    view.set_motion(walk, track)
    hues = []
    for frame in (19, 20):
        view.set_frame(frame)
        body = figure_mask(view)
        mean = pixels(view)[body].mean(axis=0)
        hues.append(mean - mean.mean())
    for hue, index in zip(hues, (0, 1), strict=True):
        wanted = np.array(to_rgb(segment_colour(index)))
        wanted = wanted - wanted.mean()
        assert hue @ wanted / np.linalg.norm(hue) / np.linalg.norm(wanted) > 0.95


def test_parts_are_shown_and_hidden(view: MotionView, walk: Motion, track: SegmentTrack) -> None:
    view.set_motion(walk, track)
    view.set_show(skeleton=False, body=False, path=False)
    bare = pixels(view)
    shares = {}
    for part in ("body", "skeleton", "path"):
        view.set_show(**{part: True})
        shares[part] = (np.abs(pixels(view) - bare).sum(axis=-1) > 30).mean()
        view.set_show(**{part: False})
    assert shares["body"] > shares["skeleton"] > shares["path"] > 0
    np.testing.assert_array_equal(pixels(view), bare)


def test_a_ghost_is_drawn_beside_the_motion(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    alone = pixels(view)
    beside = Motion(walk.joint_positions + np.array([0.7, 0, 0], np.float32), 20.0, walk.skeleton, walk.local_rotations)
    view.set_ghost(beside)
    changed = np.abs(pixels(view) - alone).sum(axis=-1) > 12
    assert 0.01 < changed.mean() < 0.3
    view.set_ghost(None)
    np.testing.assert_array_equal(pixels(view), alone)


def test_a_skeleton_the_mannequin_does_not_fit_is_drawn_as_bones(view: MotionView) -> None:
    view.set_show(path=False)
    view.set_motion(None)
    joints = np.array([[[0, 0.2, 0], [0, 1.0, 0], [0.4, 1.6, 0]]] * 4)
    offsets = np.array([[0, 0, 0], [0, 0.8, 0], [0.4, 0.6, 0]])
    view.set_motion(Motion(joints, 30.0, Skeleton(("hip", "chest", "hand"), (-1, 0, 1), offsets)))
    assert figure_mask(view).mean() > 0.002


def test_both_themes_draw_and_differ(view: MotionView) -> None:
    light = pixels(view)
    view.set_theme("dark")
    dark = pixels(view)
    assert light[:20].mean() > 200
    assert dark[:20].mean() < 60


def test_one_drawing_for_any_number_of_changes_and_none_while_hidden(
    view: MotionView, walk: Motion, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.set_motion(walk)
    qtbot.wait(400)  # until the refined picture of the fixture is done
    scene, drawn = view._scene, []
    assert scene is not None
    render = scene.render
    monkeypatch.setattr(scene, "render", lambda *size: drawn.append(size) or render(*size))
    for frame in (3, 4, 5, 6):
        view.set_frame(frame)
    QApplication.processEvents()
    assert len(drawn) == 1
    view.set_frame(6)  # nothing new
    view.hide()
    for frame in (10, 20, 30):
        view.set_frame(frame)
        QApplication.processEvents()
    qtbot.wait(300)
    assert len(drawn) == 1
    view.show()
    qtbot.waitUntil(lambda: len(drawn) > 1)
    assert view.frame == 30


def test_a_standing_picture_is_drawn_again_in_full_quality(view: MotionView, walk: Motion, qtbot: QtBot) -> None:
    view._quality._step = 3  # as on a slow machine: half resolution while moving
    view.set_motion(walk)
    view.set_frame(7)
    view.repaint()
    assert view._image.width() == WIDTH // 2
    qtbot.waitUntil(lambda: view._image.width() == WIDTH, timeout=5000)


def test_drags_orbit_and_pan_and_the_wheel_comes_nearer(view: MotionView) -> None:
    azimuth, elevation = view.camera.azimuth, view.camera.elevation
    drag(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    assert view.camera.azimuth == pytest.approx(azimuth - 25.2)  # 60 pixels of 0.42 degrees
    assert view.camera.elevation == pytest.approx(elevation + 12.6)
    azimuth, target = view.camera.azimuth, view.camera.target.copy()
    drag(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)
    moved = view.camera.target - target
    metres = view.camera.metres_per_pixel(HEIGHT)
    assert moved @ view.camera.right == pytest.approx(-60 * metres)
    assert moved @ view.camera.up == pytest.approx(30 * metres)
    assert view.camera.azimuth == azimuth
    distance = view.camera.distance
    wheel = QWheelEvent(
        QPointF(160, 120), QPointF(160, 120), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    assert 0.75 < view.camera.distance / distance < 0.95


def drag(view: MotionView, button: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
    """From (100, 100) by 60 pixels to the right and 30 down."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    def send(kind: QEvent.Type, x: float, y: float, pressed: Qt.MouseButton) -> None:
        spot = QPointF(x, y)
        event = QMouseEvent(kind, spot, view.mapToGlobal(spot), button, pressed, modifier)
        QApplication.sendEvent(view, event)

    send(QEvent.Type.MouseButtonPress, 100, 100, button)
    for step in (1, 2, 3):
        send(QEvent.Type.MouseMove, 100 + 20 * step, 100 + 10 * step, button)
    send(QEvent.Type.MouseButtonRelease, 160, 130, Qt.MouseButton.NoButton)


def test_the_keyboard_turns_the_view(view: MotionView) -> None:
    azimuth, distance = view.camera.azimuth, view.camera.distance
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.camera.azimuth == pytest.approx(azimuth - 15.0)
    QTest.keyClick(view, Qt.Key.Key_Right)  # without Alt the arrows belong to playback
    assert view.camera.azimuth == pytest.approx(azimuth - 15.0)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.camera.distance == pytest.approx(distance / 1.2)


def test_a_double_click_on_a_joint_looks_at_it(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    joints = walk.joint_positions[0].astype(float)
    wrist = walk.skeleton.index("left_wrist")
    x, y = view.camera.project(joints[wrist : wrist + 1], WIDTH, HEIGHT)[0]
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(round(x), round(y)))
    np.testing.assert_allclose(view.camera.target, joints[wrist], atol=0.08)
    target = view.camera.target.copy()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(4, 4))  # empty space
    np.testing.assert_array_equal(view.camera.target, target)


def test_a_new_version_of_the_motion_leaves_the_camera_alone(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    view.camera.orbit(70, 20)
    view.camera.dolly(1.3)
    before = (view.camera.azimuth, view.camera.elevation, view.camera.distance)
    view.set_motion(walk.frames(0, 40))
    assert (view.camera.azimuth, view.camera.elevation, view.camera.distance) == before
    view.set_frame(999)
    assert view.frame == 39


def test_standard_views_look_along_the_axes(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)  # faces +Z
    view.view_front()
    assert view.camera.direction[2] > 0.99
    view.view_side()
    assert view.camera.direction[0] > 0.99
    view.view_top()
    assert view.camera.direction[1] > 0.99


def test_pictures_are_written_and_a_bad_folder_is_named(view: MotionView, walk: Motion, tmp_path: Path) -> None:
    view.set_motion(walk)
    view.screenshot(tmp_path / "picture.png")
    image = QImage(str(tmp_path / "picture.png"))
    assert (image.width(), image.height()) == (2 * WIDTH, 2 * HEIGHT)
    assert as_array(image).std() > 5
    missing = tmp_path / "nowhere" / "picture.png"
    with pytest.raises(FileFormatError, match="nowhere"):
        view.screenshot(missing)


def test_the_view_opens_and_closes_many_times(qtbot: QtBot, walk: Motion) -> None:
    for _ in range(8):
        view = MotionView()
        view.resize(200, 150)
        view.set_motion(walk)
        view.show()
        qtbot.waitUntil(lambda view=view: view._scene is not None, timeout=20000)
        view.set_frame(5)
        QApplication.processEvents()
        view.close()
        assert view._scene is None
        view.deleteLater()
    QApplication.processEvents()


def test_a_closed_view_draws_again_when_it_is_shown_again(view: MotionView, walk: Motion, qtbot: QtBot) -> None:
    view.set_motion(walk)
    before = pixels(view)
    view.close()
    view.show()
    qtbot.waitUntil(lambda: view._scene is not None, timeout=20000)
    np.testing.assert_array_equal(pixels(view), before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lacks OpenGL libraries")
def test_missing_libraries_are_named_instead_of_a_crash(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics, "_loads", lambda library: library != "libEGL.so.1")
    view = MotionView()
    qtbot.addWidget(view)
    view.resize(300, 200)
    with qtbot.waitSignal(view.failed, timeout=5000) as failure:
        view.show()
    assert failure.args is not None
    assert "apt install libegl1" in failure.args[0]
    assert as_array(view.grab().toImage()).std() > 1  # the sentence is painted in the view
    view.set_frame(3)
    QApplication.processEvents()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Mesa's driver folder is Linux's")
def test_a_missing_driver_is_named_instead_of_a_crash() -> None:
    """Libraries without a driver: VTK itself would end the program with a segmentation fault."""
    code = (
        "import sys; from segmo_core.errors import MissingDependencyError\n"
        "from segmo_studio.viewport.graphics import create_scene\n"
        "try: create_scene()\n"
        "except MissingDependencyError as error: sys.exit(0 if 'libgl1-mesa-dri' in str(error) else 2)\n"
        "sys.exit(3)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    environment["LIBGL_DRIVERS_PATH"] = "/nonexistent"
    result = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    if result.returncode == 3:
        pytest.skip("this machine draws without Mesa's drivers, or has OSMesa")
    assert result.returncode == 0


def test_vtk_is_not_imported_by_importing_the_view() -> None:
    code = "import sys, segmo_studio.viewport.motion_view as m; sys.exit(any('vtk' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_quality_steps_down_when_slow_and_up_when_fast() -> None:
    quality = AdaptiveQuality()
    assert quality.moving.scale == 1.0
    for _ in range(6):
        quality.note(SLOW_SECONDS * 1.5)
    assert quality.moving.scale == 0.75
    quality.note(10.0)  # one hiccup changes nothing
    for _ in range(5):
        quality.note(SLOW_SECONDS * 0.8)
    assert quality.moving.scale == 0.75
    for _ in range(18):
        quality.note(FAST_SECONDS * 0.5)
    assert quality.moving == FULL


def test_fitted_points_are_inside_the_picture() -> None:
    points = np.random.default_rng(3).uniform([-3, 0, -1], [2, 2, 4], size=(50, 3))
    for azimuth, elevation, width in ((0, 5, 900), (130, 40, 400), (20, 89, 600)):
        camera = OrbitCamera(azimuth=azimuth, elevation=elevation)
        camera.fit(points, width / 600)
        spots = camera.project(points, width, 600)
        assert spots.min() > 0
        assert np.all(spots < [width, 600])
        assert np.ptp(spots, axis=0).max() > 0.5 * min(width, 600)  # and not lost in it


@pytest.mark.parametrize("colour", SEGMENT_COLOURS)
def test_text_on_segment_colours_is_readable(colour: str) -> None:
    def luminance(value: str) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(value)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((luminance(colour), luminance(text_on(colour))), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2 AA
