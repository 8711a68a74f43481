"""A decoded motion, held to what its request and its words ask of it."""

from __future__ import annotations

from segmo_core.control.constraints import BodyKey, RootPath, RootWaypoint
from segmo_core.control.solver import at_origin, hold_constraints
from segmo_core.control.stated_amounts import stated_constraints
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack


def held_motion(free: Motion, track: SegmentTrack, request: GenerationRequest) -> Motion:
    """``free``, whose segments are ``track``, as the constraints of ``request`` and the numbers of its texts want it.

    Itself where neither asks for anything. With constraints it starts at the origin facing +Z. Where the way is given
    by places, the words' numbers do not count.
    """
    motion = at_origin(free) if request.constraints else free
    says_where = any(isinstance(one, (RootWaypoint, RootPath, BodyKey)) for one in request.constraints)
    stated = stated_constraints(track, motion) if request.holds_numbers and not says_where else ()
    return hold_constraints(motion, (*stated, *request.constraints))
