"""The 3D view: a plain widget that paints what an off-screen scene has drawn."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from segmo_core.errors import FileFormatError, SegmoError
from segmo_core.motion.motion import Motion
from segmo_core.rendering.colours import segment_colour
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.viewport import overlay
from segmo_studio.viewport.body_poses import BodyPoses, resting_motion
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.camera_control import CameraControl
from segmo_studio.viewport.graphics import create_scene
from segmo_studio.viewport.palette import ThemeName, palette
from segmo_studio.viewport.render_quality import FULL, AdaptiveQuality, Quality

if TYPE_CHECKING:
    from segmo_studio.viewport.scene import Scene

_IDLE_MILLISECONDS = 180  # without a change for so long, the view is drawn again in full quality


class MotionView(QWidget):
    """Shows one motion at one frame. Left-drag orbits, middle or Shift-drag pans, the wheel comes nearer,
    a double click on a joint looks at it. With the keyboard: Alt with the arrows orbits, plus and minus come nearer
    and go away.

    VTK is imported when the view is first painted; until then the view only remembers what to show.
    """

    failed = Signal(str)  # the 3D view cannot work here: one sentence that says what to install
    paced = Signal(int)  # milliseconds between two pictures of something that moves, so that both look and work well

    def __init__(self, parent: QWidget | None = None, theme: ThemeName = "light") -> None:
        super().__init__(parent)
        self.setAccessibleName("3D view")
        self.setAccessibleDescription("The motion on a figure; drag to look from another side")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.camera = OrbitCamera()
        self._control = CameraControl(self.camera)
        self._theme: ThemeName = theme
        self._poses = BodyPoses.from_motion(resting_motion())
        self._ghost: BodyPoses | None = None
        self._has_motion = False
        self._moment = 0.0
        self._follow = True
        self._show = {"skeleton": False, "body": True, "path": True, "label": True}
        self._scene: Scene | None = None
        self._failure: str | None = None
        self._image = QImage()
        self._stale, self._refine = True, False
        self._quality = AdaptiveQuality()
        self._focus_by_keyboard = False
        self._idle = QTimer(self, singleShot=True, interval=_IDLE_MILLISECONDS)
        self._idle.timeout.connect(self._draw_in_full)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.release)
        self.reset_camera()

    # What is shown

    def set_motion(self, motion: Motion | None, track: SegmentTrack | None = None) -> None:
        """Shows a motion, coloured by its segments; None shows a body at rest.

        The camera stays where the user put it, except for the first motion after none.
        """
        if motion is None:
            self._poses = BodyPoses.from_motion(resting_motion())
        elif motion is self._poses.motion:
            self._poses = replace(self._poses, track=track)
        else:
            self._poses = BodyPoses.from_motion(motion, track)
        first, self._has_motion = motion is not None and not self._has_motion, motion is not None
        self._moment = self._poses.held(self._moment)
        if self._scene is not None:
            self._scene.set_poses(self._poses)
        if first or motion is None:
            self.reset_camera()
        elif self._follow:
            self._look_at_body()
        self._changed()

    def set_ghost(self, motion: Motion | None) -> None:
        """A second motion, drawn see-through beside the first, for comparing takes."""
        self._ghost = None if motion is None else BodyPoses.from_motion(motion)
        if self._scene is not None:
            self._scene.set_ghost(self._ghost)
        self._changed()

    def set_frame(self, frame: float) -> None:
        """Show a frame, or a moment between two; outside of the motion its ends."""
        moment = self._poses.held(frame)
        if moment == self._moment:
            return
        if self._follow:
            self.camera.target = self.camera.target + self._poses.travel(self._moment, moment)
        self._moment = moment
        self._changed()

    @property
    def frame(self) -> int:
        """The frame on show, or the one before."""
        return int(self._moment)

    def set_show(
        self,
        skeleton: bool | None = None,
        body: bool | None = None,
        path: bool | None = None,
        label: bool | None = None,
    ) -> None:
        """Switches parts on or off; None leaves one as it is. label: the current segment's text."""
        for name, value in (("skeleton", skeleton), ("body", body), ("path", path), ("label", label)):
            if value is not None:
                self._show[name] = value
        self._changed()

    def shows(self, part: str) -> bool:
        """part: "skeleton", "body", "path" or "label"."""
        return self._show[part]

    @property
    def is_drawn(self) -> bool:
        """Whether a picture of the scene is on show, or the sentence that there can be none."""
        return not self._image.isNull() or self._failure is not None

    def set_theme(self, theme: ThemeName) -> None:
        self._theme = theme
        if self._scene is not None:
            self._scene.set_theme(theme)
        self._changed()

    # Camera

    def set_follow(self, follow: bool) -> None:
        """Whether the camera moves along with the body."""
        self._follow = follow
        if follow:
            self._look_at_body()
        self._changed()

    @property
    def follows(self) -> bool:
        return self._follow

    def reset_camera(self) -> None:
        """Three-quarter view from the front: of the body when following, else of all of its way."""
        self.camera.look_from(self._poses.first_azimuth + 32.0, 11.0)
        self._fit()

    def view_front(self) -> None:
        """From the front, as the body faces in the first frame."""
        self.camera.look_from(self._poses.first_azimuth, 4.0)
        self._fit()

    def view_side(self) -> None:
        """From the body's left side."""
        self.camera.look_from(self._poses.first_azimuth + 90.0, 4.0)
        self._fit()

    def view_top(self) -> None:
        self.camera.look_from(self._poses.first_azimuth, 89.0)
        self._fit()

    # Pictures

    def grab_image(self, scale: float = 1.0) -> QImage:
        """The view without labels, in full quality, ``scale`` times as large as on the screen.

        Raises MissingDependencyError where the 3D view cannot work.
        """
        self._stale = True
        size = self.size() * (self.devicePixelRatioF() * scale)
        return self._drawn(self._ensure_scene(), size, FULL)

    def screenshot(self, path: Path) -> None:
        """Writes the view as PNG, twice as large as on the screen. Raises FileFormatError."""
        if not self.grab_image(scale=2.0).save(str(path)):
            raise FileFormatError(f"{path}: the picture could not be written, expected a .png in a writable folder")

    def release(self) -> None:
        """Frees the graphics memory; the view draws again when it is shown again."""
        self._idle.stop()
        if self._scene is not None:
            self._scene.close()
            self._scene = None
        self._stale = True

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        if self._scene is None:
            overlay.paint_background(painter, area, palette(self._theme))
            if self._failure is None:
                QTimer.singleShot(0, self._start)
            else:
                overlay.paint_message(painter, area, palette(self._theme), self._failure)
            return
        if self._stale:
            self._render(self._scene)
        painter.drawImage(area, self._image)
        overlay.paint_axes(painter, area, self.camera)
        if self._focus_by_keyboard:
            overlay.paint_focus(painter, area, palette(self._theme))
        track, index = self._poses.track, self._poses.segment_at(self.frame)
        if track is not None and index is not None and self._show["label"]:
            text, colour = track[index].text, segment_colour(index)
            overlay.paint_segment_label(painter, area, palette(self._theme), index + 1, text, colour)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._changed()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.release()
        super().closeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._control.press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._control.release()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._control.move(event, self.height()):
            self._changed()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Looks at the joint under the mouse."""
        if self._control.aim(event, self._poses.joints_at(self._moment), self.width(), self.height()):
            self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._control.wheel(event)
        self._changed()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._control.key(event):
            self._changed()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_keyboard = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_by_keyboard = False
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and self._control.gesture(event):
            self._changed()
            return True
        return super().event(event)

    # Drawing

    def _changed(self) -> None:
        self._stale, self._refine = True, False
        self.update()

    def _start(self) -> None:
        if not self.isVisible():
            return
        try:
            self._ensure_scene()
        except SegmoError as error:
            self._failure = str(error)
            self.failed.emit(self._failure)
        self.update()

    def _ensure_scene(self) -> Scene:
        if self._scene is None:
            scene = create_scene(self._theme)
            scene.set_poses(self._poses)
            scene.set_ghost(self._ghost)
            self._scene = scene
        return self._scene

    def _render(self, scene: Scene) -> None:
        quality = FULL if self._refine else self._quality.moving
        size = self.size() * (self.devicePixelRatioF() * quality.scale)
        started = time.perf_counter()
        self._image = self._drawn(scene, size, quality)
        if not self._refine:
            self._quality.note(time.perf_counter() - started)
            self.paced.emit(self._quality.interval)
        self._stale = False
        if quality != FULL:
            self._idle.start()

    def _draw_in_full(self) -> None:
        if self.isVisible():
            self._stale = self._refine = True
            self.update()

    def _drawn(self, scene: Scene, size: QSize, quality: Quality) -> QImage:
        scene.camera = self.camera
        scene.moment = self._moment
        scene.show_skeleton, scene.show_body = self._show["skeleton"], self._show["body"]
        scene.show_path = self._show["path"]
        scene.set_smooth_edges(quality.smooth)
        width, height = max(size.width(), 1), max(size.height(), 1)
        pixels = scene.render(width, height)
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBX8888)
        return image.mirrored(False, True)  # a copy, with the top row first

    def _fit(self) -> None:
        room = self._poses.room_at(self.frame if self._follow else None)
        self.camera.fit(room, self.width() / max(self.height(), 1))
        if self._follow:
            self._look_at_body()
        self._changed()

    def _look_at_body(self) -> None:
        self.camera.target = self._poses.spot_at(self._moment)
