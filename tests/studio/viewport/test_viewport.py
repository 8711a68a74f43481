"""The 3D view draws the right thing, once per change, and closes cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from viewport_support import HEIGHT, WIDTH, as_array, body_mask, pixels

from segmo_core.errors import FileFormatError
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.rendering.colours import SEGMENT_COLOURS, segment_colour, text_on, to_rgb
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.viewport import driver
from segmo_studio.viewport.motion_view import MotionView
from segmo_studio.viewport.render_quality import (
    FAST_INTERVAL,
    FAST_SECONDS,
    FULL,
    SLOW_SECONDS,
    SOFTWARE_INTERVAL,
    AdaptiveQuality,
    Quality,
)


@pytest.fixture
def track(walk: Motion) -> SegmentTrack:
    return SegmentTrack.from_durations(["A person walks forward.", "A person walks on."], [20, walk.num_frames - 20])


def test_the_view_draws_a_body_before_there_is_a_motion(view: MotionView) -> None:
    image = pixels(view)
    assert image.shape == (HEIGHT, WIDTH, 3)
    body = body_mask(view)
    assert 0.03 < body.mean() < 0.4
    rows, columns = np.nonzero(body)
    assert rows.min() > 2  # the whole body is in the picture
    assert rows.max() < HEIGHT - 3
    assert abs(columns.mean() - WIDTH / 2) < 0.1 * WIDTH


def test_frames_differ_and_the_same_frame_is_the_same(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    first = pixels(view)
    view.set_frame(10)
    assert (np.abs(pixels(view) - first).sum(axis=-1) > 30).mean() > 0.01
    view.set_frame(0)
    np.testing.assert_array_equal(pixels(view), first)


def test_the_body_takes_the_colour_of_the_current_segment(view: MotionView, walk: Motion, track: SegmentTrack) -> None:
    view.set_motion(walk, track)
    hues = []
    for frame in (19, 20):
        view.set_frame(frame)
        body = body_mask(view)
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
    view.set_ghosts([beside])
    changed = np.abs(pixels(view) - alone).sum(axis=-1) > 12
    assert 0.01 < changed.mean() < 0.3
    view.set_ghosts([])
    np.testing.assert_array_equal(pixels(view), alone)


def test_a_ghost_of_another_frame_rate_is_at_the_same_second(view: MotionView, walk: Motion) -> None:
    view.set_motion(walk)
    view.set_frame(20)
    view.set_ghosts([walk])
    same = pixels(view)
    halved = Motion(walk.joint_positions[::2], 10.0, walk.skeleton, walk.local_rotations[::2])
    view.set_ghosts([halved])
    assert np.abs(pixels(view) - same).max() <= 2


def test_a_skeleton_the_mannequin_does_not_fit_is_drawn_as_bones(view: MotionView) -> None:
    view.set_show(path=False)
    view.set_motion(None)
    joints = np.array([[[0, 0.2, 0], [0, 1.0, 0], [0.4, 1.6, 0]]] * 4)
    offsets = np.array([[0, 0, 0], [0, 0.8, 0], [0.4, 0.6, 0]])
    view.set_motion(Motion(joints, 30.0, Skeleton(("hip", "chest", "hand"), (-1, 0, 1), offsets)))
    assert body_mask(view).mean() > 0.002


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
    monkeypatch.setattr(driver, "_loads", lambda library: library != "libEGL.so.1")
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
    assert quality.moving == Quality(0.75, smooth=True)
    assert quality.interval == SOFTWARE_INTERVAL
    for _ in range(6):
        quality.note(SLOW_SECONDS * 1.5)
    assert quality.moving == Quality(0.6, smooth=True, coarse=True)
    quality.note(10.0)  # one hiccup changes nothing
    for _ in range(5):
        quality.note(SLOW_SECONDS * 0.8)
    assert quality.moving.scale == 0.6
    for _ in range(18):
        quality.note(FAST_SECONDS * 0.5)
    assert quality.moving == FULL
    assert quality.interval == FAST_INTERVAL


@pytest.mark.parametrize("colour", SEGMENT_COLOURS)
def test_text_on_segment_colours_is_readable(colour: str) -> None:
    def luminance(value: str) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(value)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((luminance(colour), luminance(text_on(colour))), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2 AA
