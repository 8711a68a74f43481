"""Where the floor is under a body."""

from __future__ import annotations

import numpy as np

from segmo_core.motion.motion import Motion

SOLE_DEPTH = 0.022  # metres from the toe joint down to the mannequin's sole


def floor_height(motion: Motion) -> float:
    """Metres: 0, or as much lower as the soles reach below it.

    Data sets differ: some put the floor under the soles, HumanML3D puts it through the lowest joint, so that the
    soles of a body drawn around the joints would be under it.
    """
    lowest_joint = float(np.percentile(motion.joint_positions[..., 1].min(axis=1), 2))
    return -float(np.clip(SOLE_DEPTH - lowest_joint, 0.0, 2 * SOLE_DEPTH))
