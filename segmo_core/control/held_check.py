"""How far a motion is from its constraints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segmo_core.control.constraints import Constraint, Distance, PlantedFoot, Turn
from segmo_core.control.feasibility import told
from segmo_core.control.limbs import LEGS
from segmo_core.control.targets import relative_places, targets_of
from segmo_core.formats.scene.ground_bone import headings
from segmo_core.motion import rotations
from segmo_core.motion.kinematics import ensure_rotations
from segmo_core.motion.motion import Motion

_ENOUGH = {"m": 0.02, "degrees": 3.0}
_UP = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True)
class HeldCheck:
    """what: the constraint, for sentences. missed: by how much, in ``unit``: "m" (of its worst frame) or "degrees"."""

    what: str
    missed: float
    unit: str

    @property
    def is_held(self) -> bool:
        """Within 2 cm, or 3 degrees."""
        return self.missed <= _ENOUGH[self.unit]

    @property
    def sentence(self) -> str:
        """For people, where it is not held."""
        amount = f"{100 * self.missed:.0f} cm" if self.unit == "m" else f"{self.missed:.0f} degrees"
        return f"{self.what}: missed by {amount}; that is the nearest found."


def held_checks(motion: Motion, constraints: Sequence[Constraint]) -> tuple[HeldCheck, ...]:
    """One for each constraint that a motion from the origin is held to; those beyond its end are left out."""
    motion = ensure_rotations(motion)
    assert motion.local_rotations is not None
    joints = motion.joint_positions.astype(np.float64)
    faced = headings(motion.local_rotations[:, 0])
    path = joints[:, 0][:, [0, 2]]
    placed = relative_places(constraints, joints[0, 0], rotations.from_axis_angle(_UP, faced[0]))
    found = []
    for constraint in placed:
        targets = targets_of((constraint,), path, motion.frame_rate)
        off = [float(np.hypot(*(path[frame] - place))) for frame, place in targets.root.items()]
        for frame, pose in targets.bodies.items():
            off.append(float(np.linalg.norm(joints[frame] - pose, axis=-1).mean()))
        for joint, frames in targets.pins.items():
            off += [float(np.linalg.norm(joints[frame, joint] - place)) for frame, place in frames.items()]
        if isinstance(constraint, PlantedFoot):
            for side, first, last in targets.planted:
                toe = joints[first : last + 1, LEGS[side][3]][:, [0, 2]]
                off.append(float(np.linalg.norm(toe - toe.mean(axis=0), axis=-1).max()))
        if isinstance(constraint, Distance):
            off += [
                abs(float(np.linalg.norm(np.diff(path[first : last + 1], axis=0), axis=-1).sum()) - metres)
                for first, last, metres in targets.distances
            ]
        if isinstance(constraint, Turn):
            for first, last, radians in targets.turns:
                missed = float(np.degrees(abs(faced[last] - faced[first] - radians)))
                found.append(HeldCheck(told(constraint), missed, "degrees"))
        elif off:
            found.append(HeldCheck(told(constraint), max(off), "m"))
    return tuple(found)
