"""A foreign motion on its own skeleton, made ready for writing: in metres, Y up."""

from __future__ import annotations

import numpy as np

from segmo_core.formats.scene.export_options import UNITS
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting.to_model_skeleton import RetargetResult
from segmo_core.retargeting.up_axis import to_y_up

_SMALLEST_BODY, _LARGEST_BODY = 0.6, 1.6  # legs, as shares of the model's, of people that a unit is believed for


def metres_per_unit(leg_scale: float) -> float:
    """Metres of a file's unit, from the scale that gives its body the model's legs (RetargetResult.scale).

    The known unit (m, cm, mm, in, ft) under which the legs are nearest to the model's; where under none of them this is
    a person, as in files that were scaled freely, ``leg_scale`` itself.
    """
    legs = {unit: unit / leg_scale for unit in UNITS.values()}  # shares of the model's legs
    unit = min(legs, key=lambda each: abs(np.log(legs[each])))
    return unit if _SMALLEST_BODY <= legs[unit] <= _LARGEST_BODY else leg_scale


def in_metres_y_up(motion: Motion, found: RetargetResult) -> Motion:
    """``motion`` as read, turned and scaled by what retargeting ``found`` out about it; joints and proportions stay.

    Rest pose and rotations turn together, so that a rest pose that stood still stands.
    """
    unit, turn = metres_per_unit(found.scale), to_y_up(found.up_axis)
    local = motion.local_rotations
    if local is not None:
        local = rotations.multiply(rotations.multiply(turn, local), rotations.inverse(turn))
    skeleton = Skeleton(
        motion.skeleton.joint_names,
        motion.skeleton.parents,
        rotations.rotate(turn, motion.skeleton.rest_offsets * unit),
    )
    positions = rotations.rotate(turn, motion.joint_positions.astype(np.float64) * unit)
    hands = None if motion.hands is None else motion.hands.seen_from(turn)
    return Motion(positions, motion.frame_rate, skeleton, local, hands=hands)
