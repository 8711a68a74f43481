"""What a motion needs to be drawn at any frame: its rotations, its path on the floor. No VTK."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.floor import SOLE_DEPTH, floor_height
from segmo_core.body.mannequin import PosedMesh, SkinnedMesh, fits_mannequin, load_mannequin, mannequin_rotations
from segmo_core.motion import rotations
from segmo_core.motion.features import HUMANML3D_LAYOUT, facing_direction
from segmo_core.motion.feet.standing import standing_feet
from segmo_core.motion.kinematics import forward_kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_AIM_HEIGHT = 0.92  # metres: the height a following camera looks at
_ROOM = np.array([0.25, 0.22, 0.25])  # metres from the joints to the skin, and some air
_OVER_FLOOR = np.array([1.0, 0.0, 1.0])
FOLLOW_SECONDS = 0.35  # how far the follow camera smooths the root's path, so that steps do not shake it


@dataclass(frozen=True, eq=False)
class BodyPoses:
    """A motion ready to draw.

    motion: as given. track: its segments or None. world_rotations: (T, 22, 4) or None where the skeleton is not
    the mannequin's. root_path: (T, 3) root positions. follow_path: (T, 3) the same, smoothed. first_azimuth:
    degrees around +Y that the body faces in the first frame, 0 for +Z, 90 for +X. floor_height: metres, where
    the floor is drawn.
    """

    motion: Motion
    track: SegmentTrack | None
    world_rotations: FloatArray | None
    root_path: FloatArray
    follow_path: FloatArray
    first_azimuth: float
    floor_height: float

    @classmethod
    def from_motion(cls, motion: Motion, track: SegmentTrack | None = None) -> BodyPoses:
        world = mannequin_rotations(motion) if fits_mannequin(motion.skeleton) else None
        root = np.asarray(motion.joint_positions[:, 0], dtype=np.float64)
        smooth = smoothed(root, FOLLOW_SECONDS * motion.frame_rate)
        return cls(motion, track, world, root, smooth, _azimuth(motion.joint_positions[0]), floor_height(motion))

    @property
    def has_body(self) -> bool:
        return self.world_rotations is not None

    @property
    def num_frames(self) -> int:
        return self.motion.num_frames

    def segment_at(self, frame: int) -> int | None:
        """Index of the segment that holds the frame; None without a track, and where nobody said what happens."""
        if self.track is None:
            return None
        index = self.track.index_at(frame)
        return index if self.track[index].text else None

    def held(self, moment: float) -> float:
        """``moment``, a frame or a place between two, held inside the motion."""
        return min(max(float(moment), 0.0), self.num_frames - 1.0)

    def travel(self, start: float, end: float) -> FloatArray:
        """(3,) metres over the floor, smoothed, from one moment to another."""
        step: FloatArray = (_between(self.follow_path, end) - _between(self.follow_path, start)) * _OVER_FLOOR
        return step

    def spot_at(self, moment: float) -> FloatArray:
        """(3,) what a camera that follows the body looks at."""
        spot = _between(self.follow_path, moment)
        spot[1] = _AIM_HEIGHT
        return spot

    def joints_at(self, moment: float) -> FloatArray:
        """(J, 3) metres; between two frames on the straight way from one to the other."""
        return _between(self.motion.joint_positions, moment)

    @cached_property
    def _standing(self) -> NDArray[np.bool_] | None:
        return standing_feet(self.motion, self.floor_height)

    def standing_at(self, moment: float) -> tuple[bool, bool] | None:
        """Whether the left and the right foot stand; None where nobody knows."""
        stands = self._standing
        return None if stands is None else (bool(stands[int(moment), 0]), bool(stands[int(moment), 1]))

    def room_of(self, start: int, end: int) -> FloatArray:
        """(N, 3) points that enclose the body in frames [start, end)."""
        joints = np.asarray(self.motion.joint_positions[start:end], dtype=np.float64).reshape(-1, 3)
        return np.concatenate([joints - _ROOM, joints + _ROOM])

    def body_at(self, moment: float, mesh: SkinnedMesh | None = None) -> PosedMesh:
        """``mesh`` (None: the mannequin) at a moment, its bones turned on the shortest way between two frames; where
        ``has_body``.
        """
        mesh = mesh or load_mannequin()
        if self.world_rotations is None:
            return PosedMesh(mesh.vertices, mesh.normals)
        frame = int(moment)
        turned = self.world_rotations[frame]
        if moment > frame:
            turned = rotations.slerp(turned, self.world_rotations[frame + 1], moment - frame)
        return mesh.pose_with_normals(turned, self.joints_at(moment))


def _between(values: FloatArray, moment: float) -> FloatArray:
    """``values`` (T, ...) at a moment inside them, in double precision."""
    frame = int(moment)
    here = np.array(values[frame], dtype=np.float64)
    return here if moment == frame else here + (values[frame + 1] - here) * (moment - frame)


def smoothed(path: FloatArray, deviation: float) -> FloatArray:
    """``path`` (T, D) filtered by a Gaussian of ``deviation`` frames; both ends are held.

    NumPy's own convolution, because importing SciPy's filters takes half a second before a window shows.
    """
    reach = max(1, round(4 * deviation))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    padded = np.pad(path, ((reach, reach), (0, 0)), mode="edge")
    columns = [np.convolve(column, weights / weights.sum(), mode="valid") for column in padded.T]
    return np.stack(columns, axis=1)


def _azimuth(joints: FloatArray) -> float:
    """Degrees that joints (J, 3) face; 0 for skeletons whose hips and shoulders are not known."""
    if len(joints) != HUMANML3D_LAYOUT.num_joints:
        return 0.0
    facing = facing_direction(np.asarray(joints, dtype=np.float64), HUMANML3D_LAYOUT)
    return float(np.degrees(np.arctan2(facing[0], facing[2])))


def resting_motion() -> Motion:
    """One frame of a person at ease, shown while there is no motion: arms down, feet on the floor."""
    local = np.tile(rotations.IDENTITY_QUATERNION, (1, MODEL_SKELETON.num_joints, 1))

    def turn(joint: str, axis: tuple[float, float, float], degrees: float) -> None:
        index = MODEL_SKELETON.index(joint)
        step = rotations.from_axis_angle(np.asarray(axis), np.radians(degrees))
        local[0, index] = rotations.multiply(step, local[0, index])

    for side, sign in (("left", 1.0), ("right", -1.0)):
        turn(f"{side}_collar", (0, 0, 1), sign * -8.0)
        turn(f"{side}_shoulder", (0, 0, 1), sign * -60.0)
        turn(f"{side}_shoulder", (0, 1, 0), sign * -8.0)
        turn(f"{side}_elbow", (0, 1, 0), sign * -14.0)
        turn(f"{side}_hip", (0, 0, 1), sign * 4.0)
        turn(f"{side}_ankle", (0, 0, 1), sign * -4.0)
    positions = forward_kinematics(MODEL_SKELETON, local, np.zeros((1, 3)))
    world_shift = np.array([0.0, SOLE_DEPTH - positions[..., 1].min(), 0.0])
    return Motion(positions + world_shift, 20.0, MODEL_SKELETON, local)
