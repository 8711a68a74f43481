"""Hands and head at places: what the body gives, and the arms' exact rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.limbs import ARMS, HEAD, SPINE, PosedBody
from segmo_core.control.spread import spread
from segmo_core.control.targets import Targets
from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

_EASY, _FARTHEST = 0.93, 0.985  # of the arm's length: how far a hand is reached for before the body helps, and at most
_BEND = 0.6  # radians that the trunk helps with, over its three joints
_SINK = 0.55  # metres that the pelvis goes down
_SLOW, _FAST = 5.0, 12.0  # frames that a hand takes at least and at most to where it is to be
_FRAMES_OF_WAY = 14.0  # frames for a metre
_COLLARS = (13, 14)


def share_of_body(body: PosedBody, targets: Targets, frame_rate: float) -> dict[int, tuple[float, float]]:
    """Bend the trunk and sink the body towards pins out of the arms' reach; what is still missing over the floor.

    Returns by frame how far (x, z) the body should be elsewhere.
    """
    missing: dict[int, tuple[float, float]] = {}
    for side, arm in enumerate(ARMS):
        pinned = targets.pins.get(arm[2])
        if pinned:
            _share_of_hand(body, arm, _COLLARS[side], pinned, missing)
    pinned = targets.pins.get(HEAD)
    if pinned:
        _share_of_head(body, pinned, missing)
    return missing


def hold_hands(body: PosedBody, targets: Targets) -> None:
    """Bring pinned hands to their places, and there and back smoothly."""
    for arm in ARMS:
        pinned = targets.pins.get(arm[2])
        if not pinned:
            continue
        positions = body.positions()
        frames = sorted(pinned)
        off = np.array([pinned[frame] for frame in frames]) - positions[frames, arm[2]]
        reach = float(np.clip(_SLOW + _FRAMES_OF_WAY * np.linalg.norm(off, axis=-1).max(), _SLOW, _FAST))
        added = spread(len(positions), frames, off, reach)
        body.reach(arm, positions[:, arm[2]] + added, positions)


def _share_of_hand(
    body: PosedBody,
    arm: tuple[int, int, int],
    collar: int,
    pinned: dict[int, FloatArray],
    missing: dict[int, tuple[float, float]],
) -> None:
    frames = sorted(pinned)
    places = np.array([pinned[frame] for frame in frames])
    length = float(body.skeleton.bone_lengths[list(arm[1:])].sum())
    _sink(body, frames, body.positions()[frames, arm[0]], places, length)
    for joints, most in (((collar,), 0.35), (SPINE, _BEND)):
        positions = body.positions()
        _bend(body, joints, most, positions[frames, joints[0]], positions[frames, arm[0]], frames, places, length)
    shoulders = body.positions()[frames, arm[0]]
    way = places - shoulders
    over_floor = np.linalg.norm(way[:, [0, 2]], axis=-1)
    within = np.sqrt(np.maximum((_FARTHEST * length) ** 2 - way[:, 1] ** 2, 0.0004))
    for number, frame in enumerate(frames):
        if over_floor[number] > within[number]:
            share = 1.0 - within[number] / over_floor[number]
            missing[frame] = (float(way[number, 0] * share), float(way[number, 2] * share))


def _sink(body: PosedBody, frames: list[int], shoulders: FloatArray, places: FloatArray, length: float) -> None:
    """Lower the pelvis towards places that are too low for the arms."""
    too_high = np.clip(shoulders[:, 1] - places[:, 1] - _EASY * length, 0.0, None)
    down = np.minimum(0.7 * too_high, _SINK)
    if down.any():
        body.root[:, 1] -= spread(len(body.root), frames, down, _FAST)[:, 0].clip(min=0.0)


def _bend(
    body: PosedBody,
    joints: tuple[int, ...],
    most: float,
    pivots: FloatArray,
    shoulders: FloatArray,
    frames: list[int],
    places: FloatArray,
    length: float,
) -> None:
    """Turn ``joints`` so that the shoulders come nearer to places farther than the arms reach easily."""
    way = places - shoulders
    short = np.linalg.norm(way, axis=-1) - _EASY * length
    lever = shoulders - pivots
    axis = rotations.normalize(np.cross(lever, way), np.array([1.0, 0.0, 0.0]))
    sine = np.linalg.norm(np.cross(rotations.normalize(lever), rotations.normalize(way)), axis=-1)
    gain = np.maximum(np.linalg.norm(lever, axis=-1) * sine, 0.02)
    angle = np.clip(short / gain, 0.0, most)
    if not angle.any():
        return
    vectors = spread(len(body.root), frames, axis * angle[:, None], _FAST)
    turn = rotations.from_rotation_vector(vectors / len(joints))
    for joint in joints:
        body.turn_with_children(joint, turn)


def _share_of_head(body: PosedBody, pinned: dict[int, FloatArray], missing: dict[int, tuple[float, float]]) -> None:
    frames = sorted(pinned)
    places = np.array([pinned[frame] for frame in frames])
    positions = body.positions()
    lever = positions[frames, HEAD] - positions[frames, SPINE[0]]
    way = places - positions[frames, SPINE[0]]
    turn = rotations.to_rotation_vector(rotations.between(lever, way))
    angle = np.linalg.norm(turn, axis=-1, keepdims=True)
    turn = turn * np.minimum(1.0, _BEND / np.maximum(angle, 1e-9))
    vectors = spread(len(positions), frames, turn, _FAST)
    for joint in SPINE:
        body.turn_with_children(joint, rotations.from_rotation_vector(vectors / len(SPINE)))
    off = places - body.positions()[frames, HEAD]
    body.root += spread(len(positions), frames, off, _FAST)
    for number, frame in enumerate(frames):
        missing.setdefault(frame, (0.0, 0.0))
        del number
