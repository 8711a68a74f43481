"""The camera of a video: it keeps its height and direction, follows the root, and holds the whole body in view."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON

FloatArray = NDArray[np.floating]

VIEW_ANGLE = 28.0  # degrees, vertical: a moderate telephoto lens, which keeps proportions natural
ELEVATION = 11.0  # degrees above the horizon
FROM_THE_FRONT = 35.0  # degrees around the body: three-quarter view
_FOLLOW_SECONDS = 0.35  # how far the root's path is smoothed, so that steps do not shake the picture
_NEAREST = 0.3  # metres
_STEADY = 0.5  # a body that faces one way for less than this share of its time is seen from where it starts


@dataclass(frozen=True)
class Viewport:
    """width, height: of the image. top, bottom: rows between which the body stays; all in pixels."""

    width: int
    height: int
    top: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.width / 2.0, (self.top + self.bottom) / 2.0

    @property
    def focal_length(self) -> float:
        """Pixels; the view angle is that of the full height."""
        return self.height / (2.0 * math.tan(math.radians(VIEW_ANGLE / 2.0)))


@dataclass(frozen=True, eq=False)
class Camera:
    """eye: (3,) metres. right, up, backward: (3,) unit vectors of the image's axes and of the way to the eye."""

    eye: FloatArray
    right: FloatArray
    up: FloatArray
    backward: FloatArray
    viewport: Viewport

    def project(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Pixels (..., 2), y down, and nearness (...): one over the metres along the view axis, of points (..., 3)."""
        relative = np.asarray(points, dtype=np.float64) - self.eye
        nearness = 1.0 / np.maximum(-(relative @ self.backward), 1e-6)
        scale = self.viewport.focal_length * nearness
        x, y = self.viewport.centre
        return np.stack([x + relative @ self.right * scale, y - relative @ self.up * scale], axis=-1), nearness


@dataclass(frozen=True, eq=False)
class CameraPath:
    """targets: (T, 3) metres, what the camera looks at in every frame. azimuth: degrees around +Y, 0 looks at the
    front of a person that faces +Z. distance: metres from target to eye."""

    targets: FloatArray
    azimuth: float
    distance: float
    viewport: Viewport

    def at(self, frame: int) -> Camera:
        right, up, backward = _axes(self.azimuth)
        return Camera(self.targets[frame] + backward * self.distance, right, up, backward, self.viewport)


def follow(motion: Motion, outline: FloatArray, viewport: Viewport) -> CameraPath:
    """The path that holds ``outline`` (T, K, 3), points on the body's surface in metres, inside the viewport."""
    root = np.asarray(motion.joint_positions[:, 0], dtype=np.float64)
    targets = _smoothed(root, _FOLLOW_SECONDS * motion.frame_rate)
    targets[:, 1] = (outline[..., 1].min() + outline[..., 1].max()) / 2.0
    azimuth = facing_azimuth(motion) + FROM_THE_FRONT
    right, up, backward = _axes(azimuth)
    relative = outline - targets[:, None]
    half_width, half_height = viewport.width * 0.47, (viewport.bottom - viewport.top) / 2.0
    needed = np.maximum(np.abs(relative @ right) / half_width, np.abs(relative @ up) / half_height)
    distance = float((needed * viewport.focal_length + relative @ backward).max())
    return CameraPath(targets, azimuth, max(distance, _NEAREST), viewport)


def facing_azimuth(motion: Motion) -> float:
    """Degrees around +Y that the body faces most of the time, 0 for +Z and 90 for +X.

    Where it turns around, what it faces first; 0 for skeletons whose hips and shoulders are not known.
    """
    if motion.skeleton.joint_names != MODEL_SKELETON.joint_names:
        return 0.0
    facing = facing_direction(np.asarray(motion.joint_positions, dtype=np.float64), HUMANML3D_LAYOUT)
    mean = facing.mean(axis=0)
    chosen = mean if np.linalg.norm(mean) > _STEADY else facing[0]
    return math.degrees(math.atan2(chosen[0], chosen[2]))


def _axes(azimuth: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    a, e = math.radians(azimuth), math.radians(ELEVATION)
    backward = np.array([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])
    right = np.array([math.cos(a), 0.0, -math.sin(a)])
    return right, np.cross(backward, right), backward


def _smoothed(path: FloatArray, deviation: float) -> FloatArray:
    from scipy.ndimage import gaussian_filter1d  # slow to import, and nothing else of this module needs it

    return gaussian_filter1d(path, deviation, axis=0, mode="nearest")
