"""Which acts are made of which bases, and how often: one row for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing import real_postures
from segmo_core.data.editing.acts import jumps, more_acts, seated_acts, standing_acts, walking_acts
from segmo_core.data.editing.acts.standing_acts import Act
from segmo_core.data.editing.arms import with_hanging_arms
from segmo_core.data.editing.body import extended
from segmo_core.data.editing.gait import Gait, straight_gait
from segmo_core.data.editing.quiet_bases import quiet_stretches
from segmo_core.data.editing.stances import faced_ahead
from segmo_core.data.editing.told import Told
from segmo_core.data.mocap22 import Clip, Mocap22

FloatArray = NDArray[np.floating]
Generator = np.random.Generator
T = TypeVar("T")

_PLAIN_STYLES = (None, "normal", "masculine", "feminine")
_RUN_STYLES = (*_PLAIN_STYLES, "active", "youthful")
_GAIT_GROUPS = ("walk", "run", "dash", "slow walk", "brisk walk", "Run", "run/jog", "jog")
_WALK_LIMIT, _SPRINT_FROM = 1.9, 3.0  # m/s
_SHORTEST_QUIET = 40  # frames


class Bases:
    """Recorded motion that acts are made from: bodies that stand, straight walks and runs, ways down and up."""

    def __init__(self, data: Mocap22, clips: Sequence[Clip]) -> None:
        self.quiet: list[FloatArray] = []
        self.walks: list[Gait] = []
        self.runs: list[Gait] = []
        self.sprints: list[Gait] = []
        self.get_ups: list[FloatArray] = []
        self.chairs: list[tuple[FloatArray, FloatArray]] = []
        for clip in clips:
            if not clip.keyframed:
                self._sort(clip, np.asarray(data.clip_joints(clip), dtype=np.float64))

    def _sort(self, clip: Clip, joints: FloatArray) -> None:
        for start, stop in quiet_stretches(joints, _SHORTEST_QUIET):
            self.quiet.append(faced_ahead(joints[start:stop]))
        if clip.group in _GAIT_GROUPS and clip.style in _RUN_STYLES and (gait := straight_gait(joints)) is not None:
            if gait.speed < _WALK_LIMIT:
                if clip.style in _PLAIN_STYLES:
                    self.walks.append(gait)
            else:
                self.runs.append(gait)
                if gait.speed > _SPRINT_FROM:
                    self.sprints.append(gait)
        if clip.group in real_postures.GET_UPS and real_postures.can_be_reversed(joints):
            self.get_ups.append(joints)
        if clip.group == "sit down" and (parts := real_postures.chair_parts(joints)) is not None:
            self.chairs.append(parts)


class Drawn:
    """Bases as acts ask for them, drawn by one generator."""

    def __init__(self, bases: Bases, generator: Generator) -> None:
        self.bases, self.generator = bases, generator

    def body(self, frames: int) -> FloatArray:
        """A quiet body with hanging arms."""
        return with_hanging_arms(extended(self._one(self.bases.quiet), frames, self.generator))

    def walk(self) -> Gait:
        return self._one(self.bases.walks)

    def run(self) -> Gait:
        return self._one(self.bases.runs)

    def sprint(self) -> Gait:
        return self._one(self.bases.sprints)

    def get_up(self) -> FloatArray:
        return self._one(self.bases.get_ups)

    def chair(self, part: int) -> FloatArray:
        return self._one(self.bases.chairs)[part]

    def _one(self, pool: Sequence[T]) -> T:
        return pool[int(self.generator.integers(len(pool)))]


Make = Callable[[Drawn, Generator], Act]


@dataclass(frozen=True)
class Family:
    """weight: how often against the others. needs: the bases (fields of ``Bases``) it is made from."""

    name: str
    weight: float
    needs: str
    make: Make


def _count(generator: Generator, most: int = 6) -> int:
    """Once to ``most`` times, fewer oftener."""
    shares = np.array([3.0, 3.0, 2.5, 2.0, 1.5, 1.0][:most])
    return 1 + int(generator.choice(len(shares), p=shares / shares.sum()))


def _side(generator: Generator) -> int:
    return int(generator.integers(2))


def _standing(title: str, weight: float, make: Callable[..., Act], /, **fixed: object) -> Family:
    def made(drawn: Drawn, generator: Generator) -> Act:
        asked = {key: value(generator) if callable(value) else value for key, value in fixed.items()}
        return make(drawn.body, generator, **asked)

    return Family(title, weight, "quiet", made)


def _walking(name: str, weight: float, make: Callable[..., Act], *extra: object, needs: str = "walks") -> Family:
    source = {"walks": "walk", "runs": "run", "sprints": "sprint"}[needs]
    return Family(name, weight, needs, lambda drawn, generator: make(getattr(drawn, source), generator, *extra))


_GESTURES = {
    "salute": 1.5, "point": 1.5, "phone": 1.5, "drink": 1.2, "hands-on-hips": 1.5, "hands-on-head": 1.2,
    "arms-out": 1.2, "arms-front": 0.8, "arm-side": 0.8, "arms-up": 1.5, "cross-arms": 1.5, "shrug": 1.0,
    "clap": 2.5, "wave": 2.5, "wave-both": 1.0, "raise-arm": 1.8, "raise-arms": 1.2, "punch": 1.8, "box": 1.2,
    "swing-arms": 0.8, "eat": 0.4, "cover-face": 0.4, "point-up": 0.5,
}  # fmt: skip
_WALKING_GESTURES = (
    ("wave", "walk-wave", "walks"), ("clap", "walk-clap", "walks"), ("phone", "walk-phone", "walks"),
    ("hands-on-hips", "walk-hands-on-hips", "walks"), ("cross-arms", "walk-arms-crossed", "walks"),
    ("arms-up", "walk-arms-up", "walks"), ("arms-front", "walk-zombie", "walks"), ("arms-up", "run-arms-up", "runs"),
)  # fmt: skip

_SEATED_GESTURES = (("wave", "sit-wave"), ("clap", "sit-clap"), ("phone", "sit-phone"), ("drink", "sit-drink"))

FAMILIES: tuple[Family, ...] = (
    _walking("walk at a speed", 5, walking_acts.at_some_speed, "walk"),
    _walking("run at a speed", 2, walking_acts.at_some_speed, "run", needs="runs"),
    _walking("walk as it was", 1.5, walking_acts.walks_plainly, "walk"),
    _walking("run as it was", 0.7, walking_acts.walks_plainly, "run", needs="runs"),
    _walking("sprint", 1.2, walking_acts.sprint, needs="sprints"),
    _walking("walk a distance", 3.5, walking_acts.by_distance),
    _walking("walk steps", 3.5, walking_acts.by_steps),
    Family("walk back steps", 0.8, "walks", lambda d, g: walking_acts.by_steps(d.walk, g, backward=True)),
    Family("walk back a distance", 0.7, "walks", lambda d, g: walking_acts.by_distance(d.walk, g, backward=True)),
    _walking("walk backward", 1, walking_acts.backward),
    _walking("walk a circle", 3, walking_acts.circle, "walk"),
    _walking("run a circle", 1.2, walking_acts.circle, "run", needs="runs"),
    _walking("turn on the way", 2, walking_acts.turn_on_the_way, "walk"),
    _walking("run around a bend", 0.7, walking_acts.turn_on_the_way, "run", needs="runs"),
    _walking("walk to a stop", 1, walking_acts.stops, "walk"),
    _walking("run to a stop", 1, walking_acts.stops, "run", needs="runs"),
    _walking("sidestep", 1.2, more_acts.sidesteps),
    _walking("zigzag", 1.2, walking_acts.zigzag),
    _walking("u-turn", 1.5, walking_acts.u_turn),
    _walking("turn in place", 4, walking_acts.turn_in_place),
    _walking("spin", 1, walking_acts.spin),
    _walking("march in place", 1.5, walking_acts.in_place, "walk"),
    _walking("jog in place", 1, walking_acts.in_place, "run", needs="runs"),
    *(_walking(name, 0.9, walking_acts.manner, name) for name in (
        "tiptoe", "walk-big-steps", "walk-tiny-steps", "walk-high-knees", "sneak", "walk-sad", "walk-drunk",
        "walk-bent-over",
    )),
    *(_standing(name, weight, seated_acts.gesture, name=name) for name, weight in _GESTURES.items()),
    *(_walking(concept, 0.8, seated_acts.walking_gesture, name, concept, needs=needs)
      for name, concept, needs in _WALKING_GESTURES),
    _standing("stand", 1.5, lambda body_of, g: Act(body_of(int(g.integers(28, 100))), Told("stand"))),
    _standing("squat", 2.5, standing_acts.squats, count=_count),
    _standing("squat and stay", 1, standing_acts.squats, stay=True),
    _standing("bow", 2, standing_acts.bows, count=lambda g: _count(g, 4)),
    _standing("one knee", 1, standing_acts.kneels, both=False, up_again=False),
    _standing("both knees", 0.7, standing_acts.kneels, both=True, up_again=False),
    _standing("kneel and get up", 0.8, standing_acts.kneels, both=False, up_again=True),
    _standing("lunge", 1.2, standing_acts.lunges, count=lambda g: _count(g, 4)),
    _standing("lunge on a side", 0.6, standing_acts.lunges, count=lambda g: _count(g, 3), side=_side),
    _standing("sit on a chair", 1.5, standing_acts.sits_on_chair, way="down"),
    _standing("stand up from a chair", 1.5, standing_acts.sits_on_chair, way="up"),
    _standing("sit and stand", 1, standing_acts.sits_on_chair, way="both", count=lambda g: _count(g, 3)),
    _standing("sit still", 0.7, seated_acts.sits_still),
    _standing("sit on the floor", 1.5, standing_acts.sits_on_floor, lying=False, way="down"),
    _standing("lie down", 1.5, standing_acts.sits_on_floor, lying=True, way="down"),
    _standing("get up from the back", 0.8, standing_acts.sits_on_floor, lying=True, way="up"),
    _standing("get up from sitting", 0.6, standing_acts.sits_on_floor, lying=False, way="up"),
    _standing("one leg", 1.5, standing_acts.on_one_leg, side=_side),
    _standing("raise a knee", 1.5, standing_acts.knee_raises, side=_side, count=lambda g: _count(g, 5)),
    _standing("kick", 2.5, standing_acts.kicks, side=_side, count=lambda g: _count(g, 5)),
    _standing("high kick", 0.8, standing_acts.kicks, side=_side, high=True),
    _standing("look around", 0.8, standing_acts.looks_around),
    _standing("nod", 0.5, standing_acts.nods, count=lambda g: 1 + _count(g, 3)),
    _standing("jump", 3, jumps.jumps, count=_count),
    *(_standing(f"jump {kind}", 0.8, jumps.described_jump, kind=kind)
      for kind in ("high", "forward", "backward", "sideways", "turning")),
    _standing("jumping jacks", 0.8, jumps.jumping_jacks, count=lambda g: 1 + _count(g, 4)),
    _standing("toe touch", 1, more_acts.toe_touches, count=lambda g: _count(g, 3)),
    _standing("pick up", 1.2, more_acts.picks_up),
    _standing("push-ups", 1, more_acts.push_ups, count=lambda g: _count(g, 5)),
    _standing("lie on the back", 0.8, more_acts.lies_on_the_back),
    _standing("arm circles", 0.8, more_acts.arm_circles, count=lambda g: 1 + _count(g, 4)),
    _standing("hop", 1, jumps.hops, side=_side, count=lambda g: 1 + _count(g, 5)),
    _standing("skip rope", 0.6, jumps.skips_rope, count=lambda g: 3 + _count(g, 6)),
    _standing("kneel, hand up", 0.6, seated_acts.kneeling_with_a_hand_up),
    _standing("squat, arms ahead", 0.6, seated_acts.squatting_with_arms_ahead),
    _standing("one leg, arms out", 0.8, seated_acts.on_one_leg_with_arms_out),
    *(_standing(concept, 0.6, seated_acts.seated_gesture, name=name, concept=concept)
      for name, concept in _SEATED_GESTURES),
    Family("lie down (recorded)", 1.2, "get_ups", lambda d, g: real_postures.lies_down(d.get_up(), d.body(24), g)),
    Family("get up (recorded)", 0.8, "get_ups", lambda d, g: real_postures.gets_up(d.get_up(), d.body(24), g)),
    Family("sit down (recorded)", 1.5, "chairs", lambda d, g: real_postures.sits_down(d.chair(0), g)),
    Family("stand up (recorded)", 1.2, "chairs", lambda d, g: real_postures.stands_up(d.chair(1), g)),
)  # fmt: skip
