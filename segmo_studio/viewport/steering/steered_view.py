"""A view of one body, whose camera mouse, keys and gestures move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from segmo_studio.viewport.body_poses import BodyPoses, resting_motion
from segmo_studio.viewport.camera import STANDPOINTS, OrbitCamera
from segmo_studio.viewport.palette import ThemeName
from segmo_studio.viewport.scene_view import SceneView
from segmo_studio.viewport.steering.camera_control import CameraControl


class SteeredView(SceneView):
    """Left-drag orbits, middle or Shift-drag pans, the wheel comes nearer, a double click on a joint looks at it. With
    the keyboard: Alt with the arrows orbits, plus and minus come nearer and go away.
    """

    def __init__(self, parent: QWidget | None, theme: ThemeName) -> None:
        super().__init__(parent, theme)
        self.setAccessibleName("3D view")
        self.setAccessibleDescription("The motion on a figure; drag to look from another side")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.camera = OrbitCamera()
        self._control = CameraControl(self.camera)
        self._poses = BodyPoses.from_motion(resting_motion())
        self._moment = 0.0
        self._follow = True
        self._names_joints = True
        self._hovered: int | None = None
        self._focus_by_keyboard = False
        self.setMouseTracking(True)

    def set_follow(self, follow: bool) -> None:
        """Whether the camera moves along with the body."""
        self._follow = follow
        if follow:
            self._look_at_body()
        self._changed()

    @property
    def follows(self) -> bool:
        return self._follow

    @property
    def followed_spot(self) -> NDArray[np.floating]:
        """(3,) metres: what a camera that follows the body looks at now."""
        return self._poses.spot_at(self._moment)

    def shift_camera(self, metres: NDArray[np.floating]) -> None:
        """Move the point that is looked at by ``metres`` (3,)."""
        self.camera.target = self.camera.target + metres
        self._changed()

    def reset_camera(self) -> None:
        """Three-quarter view from the front: of the body when following, else of all of its way."""
        self.view_from("home")

    def view_from(self, standpoint: str) -> None:
        """From a key of STANDPOINTS, as the body faces in the first frame."""
        around, above = STANDPOINTS[standpoint]
        self.camera.look_from(self._poses.first_azimuth + around, above)
        if self._follow:
            frame = int(self._moment)
            self._fit(frame, frame + 1)
            self._look_at_body()
        else:
            self._fit(0, self._poses.num_frames)

    def frame_way(self, start: int, end: int) -> None:
        """From the same side, all of the body's way in frames [start, end); the camera does not follow any more."""
        self._follow = False
        self._fit(start, max(min(end, self._poses.num_frames), start + 1))

    def set_parallel(self, parallel: bool) -> None:
        """Without perspective, or with it."""
        self.camera.is_parallel = parallel
        self._changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._control.press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._control.release()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._control.move(event, self.height()):
            self._hover(None)
            self._changed()
        elif self._names_joints and event.buttons() == Qt.MouseButton.NoButton:
            self._hover(self._control.joint_under(event.position(), self._joints, self.width(), self.height()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Looks at the joint under the mouse."""
        if self._control.aim(event, self._joints, self.width(), self.height()):
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

    def _set_naming(self, names: bool) -> None:
        """Whether the joint under the mouse is told by its name."""
        self._names_joints = names
        if not names:
            self._hover(None)

    @property
    def _joints(self) -> NDArray[np.floating]:
        return self._poses.joints_at(self._moment)

    def _hover(self, joint: int | None) -> None:
        if joint != self._hovered:
            self._hovered = joint
            self.update()

    def _fit(self, start: int, end: int) -> None:
        self.camera.fit(self._poses.room_of(start, end), self.width() / max(self.height(), 1))
        self._changed()

    def _look_at_body(self) -> None:
        self.camera.target = self._poses.spot_at(self._moment)
