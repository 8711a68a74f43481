"""Which foot stands at which frame, for people to see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.feet.foot_contact import FootContactSettings, toe_contacts
from segmo_core.motion.motion import Motion

TOES = ("left_foot", "right_foot")
_STANDS = 0.5


def standing_feet(motion: Motion, floor_height: float) -> NDArray[np.bool_] | None:
    """(T, 2): whether the left and the right toe stand; None for a skeleton without feet of known names.

    floor_height: metres.
    """
    names = motion.skeleton.joint_names
    if not all(name in names for name in TOES) or motion.num_frames < 2:
        return None
    joints = np.asarray(motion.joint_positions, dtype=np.float64)
    toes = joints[:, [names.index(name) for name in TOES]].copy()
    toes[..., 1] -= floor_height
    stands: NDArray[np.bool_] = toe_contacts(toes, joints[:, 0], motion.frame_rate, FootContactSettings()) > _STANDS
    return stands
