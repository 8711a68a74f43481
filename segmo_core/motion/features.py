"""The 263-d (HumanML3D, 22 joints) and 251-d (KIT-ML, 21 joints) motion features, in both directions.

Layout of a row, J joints: root rotation velocity 1, root xz velocity 2, root height 1, local joint positions
3(J-1), 6D rotations 6(J-1), joint velocities 3J, foot contacts 4 (left, right). Formulas are HumanML3D's
(EricGuo5513/HumanML3D, motion_representation), with the two quirks its data holds: the heading used by the
features subtracts the hips, and its quaternion has w >= 0, so its sign flips where the heading passes 180
degrees. T frames of joints give T - 1 rows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import InvalidRequestError
from segmo_core.motion import rotations
from segmo_core.motion.skeleton import HUMANML3D_REST_DIRECTIONS

FloatArray = NDArray[np.floating]

_UP = np.array([0.0, 1.0, 0.0])
_FORWARD = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class FeatureLayout:
    """Joint roles of one published data set.

    rest_directions: (J, 3) unit vectors. right_hip ... left_shoulder: joint indices. legs: the two bones whose
    lengths give the scale of a body. contact_threshold: squared units of length per frame. metres: of one unit of
    length in the data set's files.
    """

    num_joints: int
    rest_directions: FloatArray
    chains: tuple[tuple[int, ...], ...]
    right_hip: int
    left_hip: int
    right_shoulder: int
    left_shoulder: int
    left_foot: tuple[int, int]
    right_foot: tuple[int, int]
    legs: tuple[int, int]
    contact_threshold: float
    metres: float = 1.0

    @property
    def dimension(self) -> int:
        return 4 + 12 * self.num_joints - 9 + 4

    @property
    def positions(self) -> slice:
        """Columns of the local joint positions of joints 1 .. J-1."""
        return slice(4, 4 + 3 * (self.num_joints - 1))

    @property
    def rotations(self) -> slice:
        """Columns of the 6D rotations of joints 1 .. J-1."""
        return slice(self.positions.stop, self.positions.stop + 6 * (self.num_joints - 1))

    @property
    def velocities(self) -> slice:
        """Columns of the joint velocities of joints 0 .. J-1."""
        return slice(self.rotations.stop, self.rotations.stop + 3 * self.num_joints)

    @property
    def movement(self) -> list[int]:
        """Columns of the root, the positions and the velocities: how joints move, without their rotations."""
        return [*range(self.rotations.start), *range(self.velocities.start, self.velocities.stop)]


HUMANML3D_LAYOUT = FeatureLayout(
    num_joints=22,
    rest_directions=HUMANML3D_REST_DIRECTIONS,
    chains=((0, 2, 5, 8, 11), (0, 1, 4, 7, 10), (0, 3, 6, 9, 12, 15), (9, 14, 17, 19, 21), (9, 13, 16, 18, 20)),
    right_hip=2, left_hip=1, right_shoulder=17, left_shoulder=16,
    left_foot=(7, 10), right_foot=(8, 11), legs=(5, 8), contact_threshold=0.002,
)  # fmt: skip

_KIT_DIRECTIONS = np.array(
    [
        [0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0], [0, -1, 0], [0, -1, 0], [-1, 0, 0],
        [0, -1, 0], [0, -1, 0], [1, 0, 0], [0, -1, 0], [0, -1, 0], [0, 0, 1], [0, 0, 1], [-1, 0, 0],
        [0, -1, 0], [0, -1, 0], [0, 0, 1], [0, 0, 1],
    ],
    dtype=np.float64,
)  # fmt: skip

KIT_LAYOUT = FeatureLayout(
    num_joints=21,
    rest_directions=_KIT_DIRECTIONS,
    chains=((0, 11, 12, 13, 14, 15), (0, 16, 17, 18, 19, 20), (0, 1, 2, 3, 4), (3, 5, 6, 7), (3, 8, 9, 10)),
    right_hip=11, left_hip=16, right_shoulder=5, left_shoulder=8,
    left_foot=(19, 20), right_foot=(14, 15), legs=(17, 18), contact_threshold=0.05, metres=0.001,
)  # fmt: skip

LAYOUTS = {layout.dimension: layout for layout in (HUMANML3D_LAYOUT, KIT_LAYOUT)}


def uniform_skeleton(joint_positions: FloatArray, bone_lengths: FloatArray, layout: FeatureLayout) -> FloatArray:
    """Joints (T, J, 3) with every bone keeping its direction but given length (J,), root scaled by leg length.

    The same result as the published inverse + forward kinematics. A bone of zero length keeps the rest direction.
    """
    source = np.asarray(joint_positions, dtype=np.float64)
    result: FloatArray = np.empty_like(source)
    first = source[0]
    source_legs = sum(_bone_length(first, layout, joint) for joint in layout.legs)
    if source_legs <= 1e-6:
        raise InvalidRequestError("motion: legs of zero length in the first frame, expected a body")
    target_legs = float(sum(bone_lengths[joint] for joint in layout.legs))
    result[:, 0] = source[:, 0] * (target_legs / source_legs)
    for parent, joint in _bones(layout):
        direction = rotations.normalize(source[:, joint] - source[:, parent], layout.rest_directions[joint])
        result[:, joint] = result[:, parent] + direction * bone_lengths[joint]
    return result


def on_floor_facing_forward(joint_positions: FloatArray, layout: FeatureLayout) -> FloatArray:
    """Joints (T, J, 3) moved so that the lowest point is at 0 and frame 0 stands at the origin facing +Z."""
    moved: FloatArray = np.array(joint_positions, dtype=np.float64)
    moved[..., 1] -= moved[..., 1].min()
    return facing_forward(moved, layout)


def facing_forward(joint_positions: FloatArray, layout: FeatureLayout) -> FloatArray:
    """Joints (T, J, 3) moved on the floor so that frame 0 stands at the origin facing +Z."""
    moved: FloatArray = np.array(joint_positions, dtype=np.float64)
    moved[..., [0, 2]] -= moved[0, 0, [0, 2]]
    return rotations.rotate(rotations.between(facing_direction(moved[0], layout), _FORWARD), moved)


def facing_direction(joint_positions: FloatArray, layout: FeatureLayout) -> FloatArray:
    """Horizontal unit direction (..., 3) that hips and shoulders of joints (..., J, 3) face."""
    across = (
        joint_positions[..., layout.right_hip, :] - joint_positions[..., layout.left_hip, :]
        + joint_positions[..., layout.right_shoulder, :] - joint_positions[..., layout.left_shoulder, :]
    )  # fmt: skip
    return rotations.normalize(np.cross(_UP, rotations.normalize(across)), _FORWARD)


def root_headings(joint_positions: FloatArray, layout: FeatureLayout) -> FloatArray:
    """Quaternions (T, 4) that turn the (smoothed, quirky) heading of each frame to +Z; frame 0 is the identity."""
    from scipy.ndimage import gaussian_filter1d  # slow to import, and a window that starts does not need it

    across = (
        joint_positions[:, layout.left_hip] - joint_positions[:, layout.right_hip]
        + joint_positions[:, layout.right_shoulder] - joint_positions[:, layout.left_shoulder]
    )  # fmt: skip
    forward = np.cross(_UP, rotations.normalize(across))
    forward = gaussian_filter1d(forward, 20, axis=0, mode="nearest")
    headings = rotations.between(rotations.normalize(forward, _FORWARD), _FORWARD)
    headings[0] = rotations.IDENTITY_QUATERNION
    return headings


def features_from_joints(joint_positions: FloatArray, layout: FeatureLayout = HUMANML3D_LAYOUT) -> FloatArray:
    """Feature rows (T - 1, D) float32 of joints (T, J, 3) metres that stand on the floor facing +Z.

    Raises InvalidRequestError for fewer than two frames. Where the published formulas give NaN (opposite
    directions, bones of zero length, arcsin above 1) the nearest defined value is taken.
    """
    joints = np.asarray(joint_positions, dtype=np.float64)
    if joints.ndim != 3 or joints.shape[1:] != (layout.num_joints, 3) or len(joints) < 2:
        raise InvalidRequestError(
            f"motion: joints of shape {joints.shape}, expected at least 2 frames of ({layout.num_joints}, 3)"
        )
    headings = root_headings(joints, layout)
    turn = rotations.multiply(headings[1:], rotations.inverse(headings[:-1]))
    rotation_velocity = np.arcsin(np.clip(turn[:, 2:3], -1.0, 1.0))
    root_velocity = rotations.rotate(headings[1:], joints[1:, 0] - joints[:-1, 0])[:, [0, 2]]
    local: FloatArray = joints.copy()
    local[..., [0, 2]] -= joints[:, :1, [0, 2]]
    local = rotations.rotate(headings[:, None], local)
    velocities = rotations.rotate(headings[:-1, None], joints[1:] - joints[:-1])
    count = len(joints) - 1
    rows = [
        rotation_velocity,
        root_velocity,
        local[:-1, 0, 1:2],
        local[:-1, 1:].reshape(count, -1),
        rotations.to_rotation_6d(_bone_rotations(joints, headings, layout))[:-1, 1:].reshape(count, -1),
        velocities.reshape(count, -1),
        foot_contacts(joints, layout),
    ]
    return np.concatenate(rows, axis=-1).astype(np.float32)


def foot_contacts(joint_positions: FloatArray, layout: FeatureLayout) -> FloatArray:
    """(T - 1, 4) 1.0 where ankle or toe (left two, right two) moves less than the threshold."""
    feet = joint_positions[:, [*layout.left_foot, *layout.right_foot]]
    squared_speed: FloatArray = np.sum((feet[1:] - feet[:-1]) ** 2, axis=-1)
    return (squared_speed < layout.contact_threshold).astype(np.float64)


def joints_from_features(features: FloatArray, layout: FeatureLayout = HUMANML3D_LAYOUT) -> FloatArray:
    """World joints (T, J, 3) float64 metres of feature rows (T, D); the published ``recover_from_ric``."""
    rows = np.asarray(features, dtype=np.float64)
    count = len(rows)
    half_angle = np.concatenate([[0.0], np.cumsum(rows[:-1, 0])])
    zero = np.zeros(count)
    to_world = np.stack([np.cos(half_angle), zero, -np.sin(half_angle), zero], axis=-1)
    step = np.zeros((count, 3))
    step[1:, [0, 2]] = rows[:-1, 1:3]
    root = np.cumsum(rotations.rotate(to_world, step), axis=0)
    root[:, 1] = rows[:, 3]
    local = rows[:, layout.positions].reshape(count, layout.num_joints - 1, 3)
    joints = rotations.rotate(to_world[:, None], local)
    joints[..., [0, 2]] += root[:, None, [0, 2]]
    return np.concatenate([root[:, None], joints], axis=1)


def _bones(layout: FeatureLayout) -> list[tuple[int, int]]:
    return [pair for chain in layout.chains for pair in itertools.pairwise(chain)]


def _bone_length(joints: FloatArray, layout: FeatureLayout, joint: int) -> float:
    parent = next(p for p, j in _bones(layout) if j == joint)
    return float(np.linalg.norm(joints[joint] - joints[parent]))


def _bone_rotations(joints: FloatArray, headings: FloatArray, layout: FeatureLayout) -> FloatArray:
    """(T, J, 4): each bone's shortest arc from its rest direction, relative to the previous bone of its chain.

    Chains begin from the root's heading, also those of the arms, as published.
    """
    result = np.broadcast_to(headings[:, None], (*joints.shape[:2], 4)).copy()
    for chain in layout.chains:
        previous = headings
        for parent, joint in itertools.pairwise(chain):
            arc = rotations.between(layout.rest_directions[joint], joints[:, joint] - joints[:, parent])
            result[:, joint] = rotations.multiply(rotations.inverse(previous), arc)
            previous = arc
    return result
