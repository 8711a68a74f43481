"""A motion that holds its constraints: the way first, then poses, feet, and hands; bones keep their lengths.

Everything is added to the motion as it was made, least and smoothly: the way over the floor is bent and stretched
(``root_path``), poses are spread over the frames around them (``spread``), feet keep what they stood on
(``footprints``), and legs and arms are solved exactly (``limbs``). Nothing is drawn at random: the same motion and the
same constraints give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import Constraint
from segmo_core.control.footprints import FootHolds, feet_goals
from segmo_core.control.limbs import LEGS, PosedBody
from segmo_core.control.pins import hold_hands, share_of_body
from segmo_core.control.root_path import bent_path
from segmo_core.control.spread import spread, spread_turns
from segmo_core.control.targets import Targets, relative_places, targets_of
from segmo_core.formats.scene.ground_bone import headings
from segmo_core.motion import rotations
from segmo_core.motion.kinematics import ensure_rotations, forward_kinematics, rotations_from_positions
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]

_UP = np.array([0.0, 1.0, 0.0])
_POSE_REACH = 5.0  # frames at 20 Hz
_STRAIGHT = 0.998  # of a leg's length
_DEEPEST = 0.15  # metres that a body is lowered for its legs
_ROUNDS = 3
_MISSED = 0.003  # metres


def hold_constraints(motion: Motion, constraints: Sequence[Constraint]) -> Motion:
    """``motion`` (22 joints of the model's skeleton) as it is where ``constraints`` hold; itself where there are none.

    It stands where it stood: a motion that is to be told of in the frame of ``--from-origin`` is put there first
    (``at_origin``). What lies beyond its end is left out.
    """
    if not constraints:
        return motion
    motion = ensure_rotations(motion)
    assert motion.local_rotations is not None
    faced = headings(motion.local_rotations[:, 0])
    path = motion.joint_positions[:, 0][:, [0, 2]].astype(np.float64)
    start = rotations.from_axis_angle(_UP, faced[0])
    placed = relative_places(constraints, motion.joint_positions[0, 0].astype(np.float64), start)
    targets = targets_of(placed, path, motion.frame_rate)
    keys = _Keys(targets, motion)
    for frame, joints in targets.bodies.items():
        targets.root[frame] = (float(joints[0, 0]), float(joints[0, 2]))
        targets.along.discard(frame)
        targets.headings[frame] = keys.headings[frame]
    free = motion.joint_positions.astype(np.float64)
    root_goals = dict(targets.root)
    body = PosedBody.of(motion)
    for _ in range(_ROUNDS):
        bent = bent_path(path, faced, targets)
        body = _moved(motion, bent.places, bent.turns)
        keys.pose(body, faced + bent.turns)
        missing = share_of_body(body, targets, motion.frame_rate)
        _stand(body, free, bent.turns, _holds(targets, body), motion.frame_rate, targets)
        hold_hands(body, targets)
        moved = False
        for frame, (x, z) in missing.items():
            if frame not in root_goals and np.hypot(x, z) > _MISSED:
                at = bent.places[frame] + [x, z]
                targets.root[frame] = (float(at[0]), float(at[1]))
                moved = True
        if not moved:
            break
    return replace(body.motion(motion.frame_rate), hands=motion.hands, provenance=motion.provenance)


def at_origin(motion: Motion) -> Motion:
    """``motion`` turned and moved over the floor so that frame 0 stands at the origin facing +Z."""
    motion = ensure_rotations(motion)
    assert motion.local_rotations is not None
    turn = rotations.from_axis_angle(_UP, -headings(motion.local_rotations[:1, 0])[0])
    local = np.array(motion.local_rotations)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    start = motion.joint_positions[0, 0].astype(np.float64) * [1.0, 0.0, 1.0]
    positions = rotations.rotate(turn, motion.joint_positions.astype(np.float64) - start)
    return replace(motion, joint_positions=positions.astype(np.float32), local_rotations=local)


class _Keys:
    """Poses of the whole body: local rotations, where they face, and how high they are."""

    def __init__(self, targets: Targets, motion: Motion) -> None:
        poses = {**targets.poses, **targets.bodies}
        self._frames = sorted(poses)
        self._in_place = {frame for frame in targets.poses if frame not in targets.bodies}
        self.headings: dict[int, float] = {}
        self._skeleton = motion.skeleton
        if not self._frames:
            return
        joints = np.array([poses[frame] for frame in self._frames])
        self._local = np.concatenate([rotations_from_positions(motion.skeleton, one[None]) for one in joints])
        placed = forward_kinematics(motion.skeleton, self._local, joints[:, 0])
        self._heights = joints[:, 0, 1] + _lower(joints, placed)
        facing = np.array([headings(one[None])[0] for one in self._local[:, 0]])
        self.headings = dict(zip(self._frames, facing.tolist(), strict=True))

    def pose(self, body: PosedBody, faced: FloatArray) -> None:
        """Put the poses into ``body``, which faces ``faced`` (T,) radians."""
        if not self._frames:
            return
        wanted = self._local.copy()
        for number, frame in enumerate(self._frames):
            if frame in self._in_place:
                turn = rotations.from_axis_angle(_UP, np.array(faced[frame] - self.headings[frame]))
                wanted[number, 0] = rotations.multiply(turn, wanted[number, 0])
        local = body.local()
        turns = rotations.multiply(wanted, rotations.inverse(local[self._frames]))
        turns = np.where(turns[..., :1] < 0, -turns, turns)
        local = rotations.multiply(spread_turns(len(local), self._frames, turns, _POSE_REACH), local)
        body.turns[:, 0] = local[:, 0]
        for joint, parent in enumerate(self._skeleton.parents):
            if parent >= 0:
                body.turns[:, joint] = rotations.multiply(body.turns[:, parent], local[:, joint])
        rise = self._heights - body.root[self._frames, 1]
        body.root[:, 1] += spread(len(local), self._frames, rise, _POSE_REACH)[:, 0]


def _lower(joints: FloatArray, placed: FloatArray) -> FloatArray:
    """(K,) metres to add to poses on the model's bones so that the lowest joint is as high as it was."""
    return np.asarray(joints[..., 1].min(axis=1) - placed[..., 1].min(axis=1))


def _moved(motion: Motion, places: FloatArray, turned: FloatArray) -> PosedBody:
    """The body over ``places`` (T, 2), turned by ``turned`` (T,)."""
    body = PosedBody.of(motion)
    turn = rotations.from_axis_angle(_UP, turned)
    body.turns = rotations.multiply(turn[:, None], body.turns)
    body.root[:, [0, 2]] = places
    return body


def _holds(targets: Targets, body: PosedBody) -> FootHolds:
    """What the feet are held to: pins, and where poses have them."""
    holds = FootHolds(planted=list(targets.planted))
    positions = body.positions()
    for side in (0, 1):
        toe = LEGS[side][3]
        for frame in (*targets.poses, *targets.bodies):
            holds.toes[side][frame] = positions[frame, toe]
        holds.toes[side].update(targets.pins.get(toe, {}))
    return holds


def _stand(
    body: PosedBody, free: FloatArray, turned: FloatArray, holds: FootHolds, frame_rate: float, targets: Targets
) -> None:
    """Put the feet where they stand, the body lowered where a leg would be too short."""
    positions = body.positions()
    goals = feet_goals(free, positions, turned, holds, frame_rate)
    drop = np.zeros(len(free))
    for side, (hip, knee, ankle, _) in enumerate(LEGS):
        length = float(body.skeleton.bone_lengths[[knee, ankle]].sum())
        across = np.linalg.norm((positions[:, hip] - goals.ankles[:, side])[:, [0, 2]], axis=-1)
        highest = goals.ankles[:, side, 1] + np.sqrt(np.maximum((_STRAIGHT * length) ** 2 - across**2, 0.01))
        needed = np.clip(highest - positions[:, hip, 1], -_DEEPEST, 0.0)
        held = list(holds.toes[side])
        counts = goals.stands[:, side].copy()
        counts[held] = True
        drop = np.minimum(drop, np.where(counts, needed, 0.0))
    lowered = _eased(drop, [*targets.bodies, *targets.poses])
    body.root[:, 1] += lowered
    positions[..., 1] += lowered[:, None]
    for side, (hip, knee, ankle, toe) in enumerate(LEGS):
        body.reach((hip, knee, ankle), goals.ankles[:, side], positions)
        foot = goals.toes[:, side] - goals.ankles[:, side]
        now = rotations.rotate(body.turns[:, ankle], body.skeleton.rest_offsets[toe])
        turn = rotations.between(now, foot)
        body.turns[:, ankle] = rotations.multiply(turn, body.turns[:, ankle])
        body.turns[:, toe] = rotations.multiply(turn, body.turns[:, toe])


def _eased(drop: FloatArray, exact: Sequence[int]) -> FloatArray:
    """(T,) as low as ``drop`` (T,) or lower, smoothly; 0 at the frames ``exact``."""
    from scipy.ndimage import gaussian_filter1d, minimum_filter1d  # slow to import

    if not drop.any():
        return drop
    eased = gaussian_filter1d(minimum_filter1d(drop, 9, mode="nearest"), 1.5, truncate=2.5, mode="nearest")
    if exact:
        off = spread(len(drop), sorted(exact), -eased[sorted(exact)], 4.0)[:, 0]
        eased = eased + off
    return np.asarray(eased)
