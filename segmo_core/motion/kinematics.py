"""Forward kinematics, and rotations recovered from joint positions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.feet.least_squares import Bands
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.motion.turn_speed import without_sudden_turns

FloatArray = NDArray[np.floating]

MOST_BENT = 0.3  # of the length of a bone; see _aims
MOST_TWISTED = np.radians(20.0)  # between two frames; see _steady_twist
_ON_A_LINE = 1e-7  # certainty of a fit to bones that all lie on one line, but for the rounding of numbers
_TWIST_KEPT = 0.05  # the smaller, the longer a sudden twist is spread: half of it within four frames


def forward_kinematics(skeleton: Skeleton, local_rotations: FloatArray, root_positions: FloatArray) -> FloatArray:
    """World joint positions (T, J, 3) metres of local_rotations (T, J, 4) and root_positions (T, 3)."""
    global_rotations = np.empty_like(local_rotations, dtype=np.float64)
    positions = np.empty((*local_rotations.shape[:-1], 3))
    for joint, parent in enumerate(skeleton.parents):
        if parent < 0:
            global_rotations[:, joint] = local_rotations[:, joint]
            positions[:, joint] = root_positions
            continue
        global_rotations[:, joint] = rotations.multiply(global_rotations[:, parent], local_rotations[:, joint])
        offset = rotations.rotate(global_rotations[:, parent], skeleton.rest_offsets[joint])
        positions[:, joint] = positions[:, parent] + offset
    return positions


def global_rotations(skeleton: Skeleton, local_rotations: FloatArray) -> FloatArray:
    """World rotations (T, J, 4) of local rotations (T, J, 4)."""
    result = np.array(local_rotations, dtype=np.float64)
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            result[:, joint] = rotations.multiply(result[:, parent], local_rotations[:, joint])
    return result


def rotations_from_positions(skeleton: Skeleton, joint_positions: FloatArray) -> FloatArray:
    """Local rotations (T, J, 4) whose forward kinematics follows joint_positions (T, J, 3) metres.

    A joint with several children takes the least-squares orientation of its bones, unless all lie on one line; a joint
    with one child the smallest turn, relative to its parent, that points the bone at where the child should be, so
    twist follows the body and stays continuous when a person turns around. Where a bone points nearly against its
    parent, that turn flips from frame to frame, and the twist is made steady in time. (The 6D rotations of the 263-d
    features cannot give this: they are shortest arcs from a fixed world direction, which flip when the body faces
    away.) Each bone is aimed from the joint's own forward-kinematics position, so errors of a different body shape do
    not add up along a limb; by a little only, so that no bone turns round where the joints of a pose have come too near
    to each other.
    """
    num_frames = len(joint_positions)
    target = np.asarray(joint_positions, dtype=np.float64)
    world = np.empty((num_frames, skeleton.num_joints, 4))
    positions = np.empty_like(target)
    positions[:, 0] = target[:, 0]
    for joint, parent in enumerate(skeleton.parents):
        if parent < 0:
            inherited = np.broadcast_to(rotations.IDENTITY_QUATERNION, (num_frames, 4))
        else:
            inherited = world[:, parent]
            positions[:, joint] = positions[:, parent] + rotations.rotate(inherited, skeleton.rest_offsets[joint])
        children = list(skeleton.children[joint])
        if not children:
            world[:, joint] = inherited
            continue
        rest = skeleton.rest_offsets[children]
        posed = _aims(target[:, children], target[:, joint], positions[:, joint])
        if len(children) == 1:
            local = rotations.between(rest[0], rotations.rotate(rotations.inverse(inherited), posed[:, 0]))
            world[:, joint] = rotations.multiply(inherited, _steady_twist(local, rest[0]))
        else:
            rest_unit = rotations.normalize(rest)
            posed_unit = rotations.normalize(posed)
            fitted, certainty = rotations.fit_with_certainty(
                np.broadcast_to(rest_unit, posed_unit.shape), posed_unit, np.ones(posed_unit.shape[:-1])
            )
            arc = rotations.between(rotations.rotate(inherited, rest_unit.sum(axis=0)), posed_unit.sum(axis=1))
            on_a_line = certainty[:, None] < _ON_A_LINE
            world[:, joint] = np.where(on_a_line, rotations.multiply(arc, inherited), fitted)
    local = world.copy()
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            local[:, joint] = rotations.multiply(rotations.inverse(world[:, parent]), world[:, joint])
    return rotations.continuous(rotations.normalize(local, rotations.IDENTITY_QUATERNION))


def _aims(children: FloatArray, joint: FloatArray, reached: FloatArray) -> FloatArray:
    """Vectors (T, C, 3) to aim bones along: from where the joint was reached (T, 3) to its children (T, C, 3).

    The bones' own directions, from the joint (T, 3) that was wanted, are bent by at most MOST_BENT of their length.
    """
    own = children - joint[:, None]
    missed = np.broadcast_to((joint - reached)[:, None], own.shape)
    limit = MOST_BENT * np.linalg.norm(own, axis=-1, keepdims=True)
    length = np.linalg.norm(missed, axis=-1, keepdims=True)
    bent: FloatArray = own + missed * np.minimum(1.0, limit / np.maximum(length, 1e-9))
    return bent


def _steady_twist(local: FloatArray, bone: FloatArray) -> FloatArray:
    """Rotations (T, 4) that point ``bone`` (3,) where ``local`` (T, 4) do, without sudden turns about it.

    Carried along from frame to frame by the shortest way, a rotation would not twist at all. What ``local`` twists
    beyond MOST_TWISTED a frame is spread over the frames before and after; where it never does, nothing changes.
    """
    direction = rotations.normalize(rotations.rotate(local, bone))
    carried = rotations.multiply(rotations.between(direction[:-1], direction[1:]), local[:-1])
    change = rotations.multiply(local[1:], rotations.inverse(carried))  # about the bone
    twist = 2.0 * np.arctan2(np.sum(change[:, 1:] * direction[1:], axis=-1), change[:, 0])
    twist -= 2.0 * np.pi * np.round(twist / (2.0 * np.pi))
    sudden = np.sign(twist) * np.maximum(np.abs(twist) - MOST_TWISTED, 0.0)
    if not sudden.any():
        return local
    # Twists added, least in themselves, that take the sudden ones away between neighbours.
    added = Bands(len(local), width=1, columns=1)
    added.add({0: 1.0}, _TWIST_KEPT)
    added.add({0: -1.0, 1: 1.0}, 1.0, wanted=-sudden[:, None])
    return rotations.multiply(rotations.from_axis_angle(direction, added.solve()[:, 0]), local)


def rigid_motion(skeleton: Skeleton, joint_positions: FloatArray, frame_rate: float) -> Motion:
    """The motion of constant bone lengths on ``skeleton`` that follows joint_positions (T, J, 3) metres.

    Where a joint would turn faster than a person can, it takes its time (``turn_speed``).
    """
    local = without_sudden_turns(rotations_from_positions(skeleton, joint_positions), frame_rate)
    positions = forward_kinematics(skeleton, local, np.asarray(joint_positions, dtype=np.float64)[:, 0])
    return Motion(positions, frame_rate, skeleton, local)


def ensure_rotations(motion: Motion) -> Motion:
    """The motion itself when it has rotations, else the rigid motion that follows its positions."""
    if motion.local_rotations is not None:
        return motion
    return replace(rigid_motion(motion.skeleton, motion.joint_positions, motion.frame_rate), hands=motion.hands)
