"""Feet of an edited stretch put back where they stand, on any skeleton; the recording beside it stays as it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.feet.foot_contact import FootContactSettings, toe_contacts
from segmo_core.motion.feet.foot_paths import grounded, pinned
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.motion.skeleton import Skeleton
from segmo_core.recordings.own_body import OwnBody, Poses

FloatArray = NDArray[np.floating]

_SIDES = ("left", "right")
_SETTINGS = FootContactSettings(max_correction=0.25)
_SURE_BEND = 0.08  # of the thigh
_STRAIGHTEST = 0.995  # of its length that a leg is stretched to
_SOFTENING = 0.05  # s of a Gaussian over shifts
_EASE = 0.2  # s at either end of what changes over which a shift grows from nothing


def with_replanted_feet(
    body: OwnBody, poses: Poses, changes: tuple[int, int], frame_rate: float, floor: float
) -> Poses:
    """``poses`` of ``body`` whose feet stand still while they stand, in the frames [``changes``) and nowhere else.

    floor: height (m) of resting toes. Legs alone change, and those alone that have hip, knee and ankle.
    """
    from scipy.ndimage import gaussian_filter1d  # slow to import

    skeleton = body.motion.skeleton
    legs = [_leg(body, side) for side in _SIDES]
    if len(poses) < 3 or any(leg is None for leg in legs):
        return poses
    joints = kinematics.forward_kinematics(skeleton, poses.local, poses.root)
    toes = joints[:, [leg[3] for leg in legs if leg is not None]]
    toes[..., 1] -= floor
    contacts = toe_contacts(toes, joints[:, body.players[INDEX["pelvis"]]], frame_rate, _SETTINGS)
    inside = _inside(len(poses), changes, frame_rate)
    held = inside == 0.0
    local = np.array(poses.local)
    for side, leg in enumerate(legs):
        assert leg is not None
        shift = np.zeros((len(poses), 3))
        toe, contact = toes[:, side], contacts[:, side].copy()
        shift[:, [0, 2]] = pinned(toe[:, [0, 2]], contact, frame_rate, _SETTINGS.max_correction, held)
        shift[:, 1] = grounded(toe[:, 1], contact, frame_rate, held)
        shift = gaussian_filter1d(shift, _SOFTENING * frame_rate, axis=0, mode="nearest")
        local = _with_foot_moved(skeleton, Poses(local, poses.root), leg, shift * inside[:, None])
    return Poses(local, poses.root)


def _inside(count: int, changes: tuple[int, int], frame_rate: float) -> FloatArray:
    """(T,) 1 in the frames that change, 0 outside, growing over a moment at those ends that have frames outside."""
    start, end = changes
    frames = np.arange(count)
    ease = max(1.0, min(_EASE * frame_rate, (end - start) / 3))
    rise = np.clip((frames - start + 1) / ease, 0.0, 1.0) if start > 0 else np.ones(count)
    fall = np.clip((end - frames) / ease, 0.0, 1.0) if end < count else np.ones(count)
    share = np.where((frames >= start) & (frames < end), np.minimum(rise, fall), 0.0)
    smooth: FloatArray = share**2 * (3.0 - 2.0 * share)
    return smooth


def _leg(body: OwnBody, side: str) -> tuple[int, int, int, int] | None:
    """Hip, knee, ankle and toe; the ankle again where there is no toe."""
    hip, knee, ankle = (body.players.get(INDEX[f"{side}_{part}"]) for part in ("hip", "knee", "ankle"))
    if hip is None or knee is None or ankle is None:
        return None
    return hip, knee, ankle, body.players.get(INDEX[f"{side}_foot"], ankle)


def _with_foot_moved(skeleton: Skeleton, poses: Poses, leg: tuple[int, int, int, int], shift: FloatArray) -> FloatArray:
    """Local rotations (T, J, 4) with the foot of a leg moved by ``shift`` (T, 3), its own turn in the world kept."""
    moved = np.linalg.norm(shift, axis=-1) > 1e-6
    if not moved.any():
        return poses.local
    hip, knee, ankle, toe = leg
    local = poses.local[moved]
    joints = kinematics.forward_kinematics(skeleton, local, poses.root[moved])
    world = kinematics.global_rotations(skeleton, local)
    target = joints[:, ankle] + shift[moved]
    new_knee, new_ankle = _knee_and_ankle(joints[:, [hip, knee, ankle, toe]], target)
    thigh = rotations.between(joints[:, knee] - joints[:, hip], new_knee - joints[:, hip])
    shin = rotations.between(rotations.rotate(thigh, joints[:, ankle] - joints[:, knee]), new_ankle - new_knee)
    turned = local.copy()
    for joint, turn in ((hip, thigh), (knee, shin)):
        above = kinematics.global_rotations(skeleton, turned)
        parent = skeleton.parents[joint]
        here = above[:, parent] if parent >= 0 else np.broadcast_to(rotations.IDENTITY_QUATERNION, turn.shape)
        turned[:, joint] = rotations.multiply(rotations.inverse(here), rotations.multiply(turn, above[:, joint]))
    above = kinematics.global_rotations(skeleton, turned)[:, skeleton.parents[ankle]]
    turned[:, ankle] = rotations.multiply(rotations.inverse(above), world[:, ankle])
    result = np.array(poses.local)
    result[moved] = turned
    return result


def _knee_and_ankle(leg: FloatArray, target: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(T, 3) knee and ankle of legs (T, hip knee ankle toe, 3) that reach for ``target`` (T, 3) by bending the knee.

    A straight leg does not tell which way it bends, and what it seems to tell changes from frame to frame; so a little
    of the way that the foot points decides too. Where nothing is asked, nothing changes.
    """
    hip, knee, ankle, toe = np.moveaxis(leg, 1, 0)
    thigh, shin = np.linalg.norm(knee - hip, axis=-1), np.linalg.norm(ankle - knee, axis=-1)
    old = rotations.normalize(ankle - hip)
    new = rotations.normalize(target - hip, np.array([0.0, -1.0, 0.0]))
    ahead = rotations.normalize(toe - ankle, np.zeros(3))
    bend = _across(knee - hip, old) + _SURE_BEND * thigh[:, None] * _across(ahead, old)
    bend = rotations.normalize(_across(rotations.rotate(rotations.between(old, new), bend), new))
    reach = np.linalg.norm(target - hip, axis=-1)
    longest = np.maximum((thigh + shin) * _STRAIGHTEST, np.linalg.norm(ankle - hip, axis=-1))
    reach = np.clip(reach, np.abs(thigh - shin) + 1e-4, np.minimum(longest, thigh + shin))
    along = (thigh**2 - shin**2 + reach**2) / (2 * reach)
    out = np.sqrt(np.maximum(thigh**2 - along**2, 0.0))
    return hip + along[:, None] * new + out[:, None] * bend, hip + reach[:, None] * new


def _across(vectors: FloatArray, way: FloatArray) -> FloatArray:
    """The part of ``vectors`` (T, 3) across unit ``way`` (T, 3)."""
    part: FloatArray = vectors - np.sum(vectors * way, axis=-1, keepdims=True) * way
    return part
