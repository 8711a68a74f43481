"""Pictures of the 3D view as arrays."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from segmo_studio.viewport.motion_view import MotionView

WIDTH, HEIGHT = 320, 240


def pixels(view: MotionView) -> np.ndarray:
    """(H, W, 3) of the drawn scene, without labels, top row first."""
    return as_array(view.grab_image())


def as_array(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def body_mask(view: MotionView) -> np.ndarray:
    """(H, W) True where the body is: the difference to the same view without it."""
    with_body = pixels(view)
    view.set_show(body=False)
    without = pixels(view)
    view.set_show(body=True)
    return np.abs(with_body - without).sum(axis=-1) > 30
