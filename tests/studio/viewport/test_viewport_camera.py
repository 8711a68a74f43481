"""The camera of the 3D view: where it looks, and how mouse and keys move it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from viewport_support import HEIGHT, WIDTH, body_mask

from segmo_core.motion.motion import Motion
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.motion_view import MotionView


def test_the_body_moves_right_when_the_motion_does(view: MotionView, walk: Motion) -> None:
    """A body that walks along +Z walks to the left of the picture seen from its left side, to the right from its
    right side."""
    view.set_follow(False)
    view.set_motion(walk)
    columns = []
    for azimuth in (90.0, -90.0):
        view.camera.look_from(azimuth, 4.0)
        view._fit(0, 60)
        for frame in (0, 59):
            view.set_frame(frame)
            columns.append(np.nonzero(body_mask(view))[1].mean())
    metres = walk.joint_positions[59, 0, 2] - walk.joint_positions[0, 0, 2]
    expected = metres / view.camera.metres_per_pixel(HEIGHT)
    assert columns[0] - columns[1] == pytest.approx(expected, rel=0.15)
    assert columns[3] - columns[2] == pytest.approx(expected, rel=0.15)


def test_a_following_camera_keeps_the_body_in_the_middle(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    view.view_from("side")
    for frame in (5, 30, 55):
        view.set_frame(frame)
        assert np.nonzero(body_mask(view))[1].mean() == pytest.approx(WIDTH / 2, abs=0.06 * WIDTH)


def test_points_are_drawn_where_the_camera_projects_them(view: MotionView, walk: Motion) -> None:
    """Our camera and VTK's agree: the head is drawn around the projected head joint."""
    view.set_theme("dark")  # where the body stands out most
    view.set_motion(walk)
    view.set_frame(20)
    view.camera.look_from(30.0, 25.0)
    body = body_mask(view)
    spots = view.camera.project(walk.joint_positions[20].astype(float), WIDTH, HEIGHT)
    missed = [walk.skeleton.joint_names[i] for i, (x, y) in enumerate(spots) if not body[round(y), round(x)]]
    assert not missed


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
    view.view_from("front")
    assert view.camera.direction[2] > 0.99
    view.view_from("side")
    assert view.camera.direction[0] > 0.99
    view.view_from("top")
    assert view.camera.direction[1] > 0.99


def test_fitted_points_are_inside_the_picture() -> None:
    points = np.random.default_rng(3).uniform([-3, 0, -1], [2, 2, 4], size=(50, 3))
    for azimuth, elevation, width in ((0, 5, 900), (130, 40, 400), (20, 89, 600)):
        camera = OrbitCamera(azimuth=azimuth, elevation=elevation)
        camera.fit(points, width / 600)
        spots = camera.project(points, width, 600)
        assert spots.min() > 0
        assert np.all(spots < [width, 600])
        assert np.ptp(spots, axis=0).max() > 0.5 * min(width, 600)  # and not lost in it
