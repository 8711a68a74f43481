"""How mouse, wheel and keys move the camera. Each function says whether it did."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from segmo_studio.viewport.camera import OrbitCamera

FloatArray = NDArray[np.floating]

DEGREES_PER_PIXEL = 0.42
_PICK_PIXELS = 26.0
_DOLLY_PER_WHEEL_UNIT = 1.0015  # a notch of a mouse wheel has 120 units
_ORBIT_KEYS: dict[int, tuple[float, float]] = {
    Qt.Key.Key_Left: (15.0, 0.0),
    Qt.Key.Key_Right: (-15.0, 0.0),
    Qt.Key.Key_Up: (0.0, 10.0),
    Qt.Key.Key_Down: (0.0, -10.0),
}
_DOLLY_KEYS: dict[int, float] = {Qt.Key.Key_Plus: 1.2, Qt.Key.Key_Equal: 1.2, Qt.Key.Key_Minus: 1 / 1.2}


class CameraControl:
    """Left-drag orbits, middle or Shift-drag pans, wheel and pinch come nearer; Alt with arrows, plus and minus."""

    def __init__(self, camera: OrbitCamera) -> None:
        self._camera = camera
        self._drag_from: QPointF | None = None

    def press(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._drag_from = event.position()

    def release(self) -> None:
        self._drag_from = None

    def move(self, event: QMouseEvent, view_height: int) -> bool:
        if self._drag_from is None:
            return False
        step = event.position() - self._drag_from
        self._drag_from = event.position()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shifted or event.buttons() & Qt.MouseButton.MiddleButton:
            self._camera.pan(step.x(), -step.y(), view_height)
        else:
            self._camera.orbit(-step.x() * DEGREES_PER_PIXEL, step.y() * DEGREES_PER_PIXEL)
        return True

    @property
    def is_dragging(self) -> bool:
        return self._drag_from is not None

    def joint_under(self, place: QPointF, points: FloatArray, width: int, height: int) -> int | None:
        """The one of the points (N, 3) that is nearest to the mouse at ``place``, if it is near."""
        spots = self._camera.project(points, width, height)
        distances = np.hypot(spots[:, 0] - place.x(), spots[:, 1] - place.y())
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= _PICK_PIXELS else None

    def aim(self, event: QMouseEvent, points: FloatArray, width: int, height: int) -> bool:
        """Look at the one of the points (N, 3) that the mouse is on; False where there is none."""
        nearest = self.joint_under(event.position(), points, width, height)
        if nearest is not None:
            self._camera.target = points[nearest]
        return nearest is not None

    def wheel(self, event: QWheelEvent) -> None:
        self._camera.dolly(_DOLLY_PER_WHEEL_UNIT ** event.angleDelta().y())

    def gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._camera.dolly(1.0 + event.value())
        return True

    def key(self, event: QKeyEvent) -> bool:
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if alt and key in _ORBIT_KEYS:
            self._camera.orbit(*_ORBIT_KEYS[key])
        elif key in _DOLLY_KEYS:
            self._camera.dolly(_DOLLY_KEYS[key])
        else:
            return False
        return True
