"""A motion of 22 joints with what every geometric test needs: floor, body axes, speeds, heights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion.skeleton import MODEL_SKELETON

FloatArray = NDArray[np.floating]

FRAME_RATE = 20.0
SIDES = ("left", "right")
_FLOOR_PERCENTILE = 3.0


def joint(name: str) -> int:
    """Row of a joint of the model's skeleton."""
    return MODEL_SKELETON.index(name)


PELVIS, NECK, HEAD = joint("pelvis"), joint("neck"), joint("head")
HIPS = [joint(f"{side}_hip") for side in SIDES]
KNEES = [joint(f"{side}_knee") for side in SIDES]
ANKLES = [joint(f"{side}_ankle") for side in SIDES]
TOES = [joint(f"{side}_foot") for side in SIDES]
SHOULDERS = [joint(f"{side}_shoulder") for side in SIDES]
ELBOWS = [joint(f"{side}_elbow") for side in SIDES]
WRISTS = [joint(f"{side}_wrist") for side in SIDES]


def smoothed(values: FloatArray, sigma: float) -> FloatArray:
    """Gaussian over axis 0 (sigma in frames); beyond the ends it goes on as it came, reflected in the last point."""
    radius = min(max(1, int(np.ceil(3 * sigma))), len(values) - 1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    padding = [(radius, radius), *[(0, 0)] * (values.ndim - 1)]
    padded = np.pad(values, padding, mode="reflect", reflect_type="odd")
    found = np.zeros_like(values, dtype=np.float64)
    for place, weight in enumerate(weights):
        found += weight * padded[place : place + len(values)]
    return found


def turned(vectors: FloatArray) -> FloatArray:
    """Continuous yaw (T,) in degrees of horizontal vectors (T, 3): positive to the left, which is counterclockwise seen
    from above."""
    return np.degrees(np.unwrap(np.arctan2(vectors[:, 0], vectors[:, 2])))


@dataclass(frozen=True, eq=False)
class Body:
    """joints (T, 22, 3): metres at 20 fps, Y up. floor: height of the ground under the motion.

    A stretch (``between``) keeps the floor of the whole.
    """

    joints: FloatArray
    floor: float

    @classmethod
    def of(cls, joints: FloatArray) -> Body:
        """The floor is the 3rd percentile over the frames of the lowest joint, so that one deep dip does not lift the
        rest. InvalidRequestError for another shape or fewer than 4 frames."""
        if joints.ndim != 3 or joints.shape[1:] != (len(MODEL_SKELETON.joint_names), 3) or len(joints) < 4:
            raise InvalidRequestError(f"joints: shape {joints.shape}, expected (4 or more frames, 22, 3)")
        positions = np.asarray(joints, dtype=np.float64)
        return cls(positions, float(np.percentile(positions[..., 1].min(axis=1), _FLOOR_PERCENTILE)))

    def between(self, start: int, end: int) -> Body:
        return Body(self.joints[start:end], self.floor)

    @property
    def num_frames(self) -> int:
        return len(self.joints)

    @property
    def seconds(self) -> float:
        return len(self.joints) / FRAME_RATE

    @cached_property
    def heights(self) -> FloatArray:
        """(T, 22) metres above the floor."""
        return self.joints[..., 1] - self.floor

    @cached_property
    def leg(self) -> float:
        """Length of a leg from hip to ankle, both sides' mean, metres."""
        upper = np.linalg.norm(self.joints[0, KNEES] - self.joints[0, HIPS], axis=-1)
        lower = np.linalg.norm(self.joints[0, ANKLES] - self.joints[0, KNEES], axis=-1)
        return float((upper + lower).mean())

    @cached_property
    def arm(self) -> float:
        """Length of an arm from shoulder to wrist, metres."""
        upper = np.linalg.norm(self.joints[0, ELBOWS] - self.joints[0, SHOULDERS], axis=-1)
        lower = np.linalg.norm(self.joints[0, WRISTS] - self.joints[0, ELBOWS], axis=-1)
        return float((upper + lower).mean())

    @cached_property
    def left_axis(self) -> FloatArray:
        """(T, 3) horizontal unit vectors to the body's left, from hips and shoulders."""
        across = self.joints[:, HIPS[0]] - self.joints[:, HIPS[1]]
        across = across + self.joints[:, SHOULDERS[0]] - self.joints[:, SHOULDERS[1]]
        across = across * np.array([1.0, 0.0, 1.0])
        return np.asarray(across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9))

    @cached_property
    def front_axis(self) -> FloatArray:
        """(T, 3) horizontal unit vectors to the body's front."""
        left = self.left_axis
        return np.stack([-left[:, 2], np.zeros(len(left)), left[:, 0]], axis=-1)

    @cached_property
    def yaw(self) -> FloatArray:
        """(T,) degrees the body has turned since frame 0, to the left positive."""
        yaw = smoothed(turned(self.front_axis), 2.0)
        return np.asarray(yaw - yaw[0])

    @cached_property
    def path(self) -> FloatArray:
        """(T, 2) x and z of the pelvis without the sway of steps."""
        return smoothed(self.joints[:, PELVIS][:, [0, 2]], 4.0)

    @cached_property
    def speed(self) -> FloatArray:
        """(T,) horizontal speed of the path, m/s."""
        if self.num_frames < 2:
            return np.zeros(self.num_frames)
        return np.asarray(np.linalg.norm(np.gradient(self.path, axis=0), axis=-1) * FRAME_RATE)

    @cached_property
    def trunk_tilt(self) -> FloatArray:
        """(T,) degrees between the trunk (pelvis to neck) and the vertical."""
        trunk = self.joints[:, NECK] - self.joints[:, PELVIS]
        length = np.maximum(np.linalg.norm(trunk, axis=-1), 1e-9)
        return np.asarray(np.degrees(np.arccos(np.clip(trunk[:, 1] / length, -1.0, 1.0))))

    def in_body(self, joints: list[int] | int, origin: list[int] | int = PELVIS) -> FloatArray:
        """(T, ..., 3) of ``joints`` about ``origin`` along the body's left, up and front, metres."""
        about = self.joints[:, origin]
        if isinstance(joints, list) and not isinstance(origin, list):
            about = about[:, None]
        offset = self.joints[:, joints] - about
        axes = (self.left_axis, np.broadcast_to(np.array([0.0, 1.0, 0.0]), self.left_axis.shape), self.front_axis)
        if offset.ndim == 3:
            return np.stack([np.einsum("tjc,tc->tj", offset, axis) for axis in axes], axis=-1)
        return np.stack([np.einsum("tc,tc->t", offset, axis) for axis in axes], axis=-1)

    def speed_of(self, joint_index: int, sigma: float = 1.0) -> FloatArray:
        """(T,) speed of a joint in space, m/s."""
        velocity = np.gradient(smoothed(self.joints[:, joint_index], sigma), axis=0) * FRAME_RATE
        return np.asarray(np.linalg.norm(velocity, axis=-1))
