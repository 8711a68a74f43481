"""Constraints taken from recorded clips, to hold generated motions of the same words to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segmo_core.control.constraints import (
    JOINT_OF_PIN,
    BodyKey,
    Constraint,
    Pin,
    PinnedJoint,
    RootPath,
    RootWaypoint,
)
from segmo_core.control.solver import at_origin
from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.errors import DataError
from segmo_core.evaluation.judges.action_classifier import CLASS_NAMES, class_of
from segmo_core.formats.scene.ground_bone import headings
from segmo_core.motion.kinematics import rigid_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE

Kind = Literal["waypoints", "path", "poses", "hands and feet"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_SHORTEST, _LONGEST = 48, 120  # frames
_ENDS: tuple[PinnedJoint, ...] = ("left_hand", "right_hand", "left_foot", "right_foot")


@dataclass(frozen=True, eq=False)
class ControlCase:
    """text: a sentence of the clip. recorded: the clip itself, from the origin. action: its class of the judge."""

    kind: Kind
    text: str
    action: int
    recorded: Motion
    constraints: tuple[Constraint, ...]
    seed: int


def draw_cases(data: Mocap22, count: int, seed: int = 0) -> list[ControlCase]:
    """``count`` cases of clips of the test split, the four kinds in turn, every class about equally often."""
    generator = np.random.default_rng([seed, 18])
    clips = [
        clip
        for clip in data.select("test", only_shippable=True)
        if not clip.mirrored and clip.num_frames >= _SHORTEST and (class_of(clip) or 0) < len(CLASS_NAMES) - 1
        and class_of(clip) is not None
    ]  # fmt: skip
    if not clips:
        raise DataError("control: no test clip of a class of the judge is long enough, expected some")
    by_class: dict[int, list[Clip]] = {}
    for index in generator.permutation(len(clips)).tolist():
        by_class.setdefault(class_of(clips[index]) or 0, []).append(clips[index])
    classes = sorted(by_class)
    cases = []
    for number in range(count):
        own = by_class[classes[(number // len(KINDS)) % len(classes)]]
        clip = own[(number // len(KINDS) // len(classes) * len(KINDS) + number % len(KINDS)) % len(own)]
        cases.append(_case(data, clip, KINDS[number % len(KINDS)], seed * 1_000_003 + number, generator))
    return cases


def _case(data: Mocap22, clip: Clip, kind: Kind, seed: int, generator: np.random.Generator) -> ControlCase:
    frames = min(clip.num_frames, _LONGEST) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
    recorded = at_origin(rigid_motion(MODEL_SKELETON, data.clip_joints(clip)[:frames], MODEL_FRAME_RATE))
    constraints = _constraints(recorded, kind, generator)
    return ControlCase(kind, data.sentence(clip, generator), class_of(clip) or 0, recorded, constraints, seed)


def _constraints(recorded: Motion, kind: Kind, generator: np.random.Generator) -> tuple[Constraint, ...]:
    assert recorded.local_rotations is not None
    last = recorded.num_frames - 1
    places = recorded.joint_positions[:, 0].astype(np.float64)
    facing = np.degrees(headings(recorded.local_rotations[:, 0]))
    if kind == "path":
        return (
            RootPath(
                tuple((float(x), float(z)) for x, _, z in places),
                tuple(frame / MODEL_FRAME_RATE for frame in range(last + 1)),
            ),
        )
    if kind == "waypoints":
        return tuple(
            _waypoint(frame, places, None) for frame in np.linspace(last / 4, last, 4).round().astype(int).tolist()
        )
    first, second = (int(generator.integers(low, low + last // 4)) for low in (last // 4, last // 2 + last // 8))
    if kind == "poses":
        return tuple(
            BodyKey(frame / MODEL_FRAME_RATE, recorded.joint_positions[frame].astype(np.float64))
            for frame in (first, second)
        )
    held: list[Constraint] = []
    for frame in (first, second):
        held.append(_waypoint(frame, places, facing))
        for end in generator.permutation(len(_ENDS))[:2].tolist():
            x, y, z = recorded.joint(JOINT_OF_PIN[_ENDS[end]])[frame].tolist()
            held.append(Pin(_ENDS[end], frame / MODEL_FRAME_RATE, (x, y, z)))
    return tuple(held)


def _waypoint(frame: int, places: NDArray[np.floating], facing: NDArray[np.floating] | None) -> RootWaypoint:
    heading = None if facing is None else float(facing[frame])
    return RootWaypoint(frame / MODEL_FRAME_RATE, float(places[frame, 0]), float(places[frame, 2]), heading)
