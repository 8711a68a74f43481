"""An orbit camera: it looks at a point from a direction and a distance. No Qt, no VTK."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]

VIEW_ANGLE = 28.0  # degrees, vertical: a moderate telephoto lens, which keeps proportions natural
STANDPOINTS: dict[str, tuple[float, float]] = {
    "home": (32.0, 11.0),
    "front": (0.0, 4.0),
    "back": (180.0, 4.0),
    "side": (90.0, 4.0),
    "other_side": (-90.0, 4.0),
    "top": (0.0, 89.0),
    "below": (0.0, -89.0),
}
"""From where one looks at a body: degrees around +Y from where it faces, 90 at its left; degrees above the horizon."""
_MAX_ELEVATION = 89.0
_NEAREST, _FARTHEST = 0.5, 60.0


@dataclass
class OrbitCamera:
    """target: (3,) metres, the point looked at. azimuth: degrees around +Y, 0 looks at the front of a person that
    faces +Z, 90 at the left side. elevation: degrees above the horizon. distance: metres. is_parallel: orthographic;
    what is at the target is as large as it would be with perspective.
    """

    target: FloatArray = field(default_factory=lambda: np.array([0.0, 0.9, 0.0]))
    azimuth: float = 32.0
    elevation: float = 12.0
    distance: float = 4.6
    is_parallel: bool = False

    @property
    def half_height(self) -> float:
        """Metres from the middle of the image to its upper edge, at the target."""
        return self.distance * math.tan(math.radians(VIEW_ANGLE / 2))

    @property
    def direction(self) -> FloatArray:
        """(3,) unit vector from the target to the eye."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        return np.array([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])

    @property
    def eye(self) -> FloatArray:
        return self.target + self.direction * self.distance

    @property
    def right(self) -> FloatArray:
        """(3,) unit vector to the right of the image; horizontal."""
        a = math.radians(self.azimuth)
        return np.array([math.cos(a), 0.0, -math.sin(a)])

    @property
    def up(self) -> FloatArray:
        """(3,) unit vector to the top of the image."""
        return np.cross(self.direction, self.right)

    def orbit(self, degrees_right: float, degrees_up: float) -> None:
        self.azimuth = (self.azimuth + degrees_right) % 360.0
        self.elevation = min(_MAX_ELEVATION, max(-_MAX_ELEVATION, self.elevation + degrees_up))

    def pan(self, pixels_right: float, pixels_up: float, view_height: float) -> FloatArray:
        """Moves the target so that it follows the mouse; returns the shift (3,) in metres."""
        metres = self.metres_per_pixel(view_height)
        shift: FloatArray = (-self.right * pixels_right - self.up * pixels_up) * metres
        self.target = self.target + shift
        return shift

    def dolly(self, factor: float) -> None:
        """Factor above 1 comes nearer."""
        self.distance = min(_FARTHEST, max(_NEAREST, self.distance / factor))

    def look_from(self, azimuth: float, elevation: float) -> None:
        self.azimuth, self.elevation = azimuth, elevation

    def metres_per_pixel(self, view_height: float) -> float:
        """Metres at the target that one pixel of a view of that height covers."""
        return 2.0 * self.half_height / max(view_height, 1.0)

    def fit(self, points: FloatArray, aspect: float, margin: float = 1.1) -> None:
        """Distance and target so that all points (N, 3) are in an image of width / height ``aspect``."""
        low, high = points.min(axis=0), points.max(axis=0)
        self.target = (low + high) / 2.0
        relative = points - self.target
        tangent = math.tan(math.radians(VIEW_ANGLE / 2))
        towards = 0.0 if self.is_parallel else relative @ self.direction
        needed = np.maximum(np.abs(relative @ self.up), np.abs(relative @ self.right) / aspect) / tangent
        self.distance = min(_FARTHEST, max(_NEAREST, float((needed * margin + towards).max())))

    def project(self, points: FloatArray, width: float, height: float) -> FloatArray:
        """Pixel coordinates (N, 2), origin top left, of world points (N, 3) in front of the eye."""
        relative = points - self.eye
        depth = self.distance if self.is_parallel else np.maximum(-(relative @ self.direction), 1e-6)
        scale = height / (2.0 * math.tan(math.radians(VIEW_ANGLE / 2)))
        x = width / 2.0 + relative @ self.right / depth * scale
        y = height / 2.0 - relative @ self.up / depth * scale
        return np.stack([x, y], axis=-1)
