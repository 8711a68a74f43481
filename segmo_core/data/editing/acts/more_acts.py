"""Bending to the floor, push-ups, lying on the back, side steps, arm circles, and runs that come to a stop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.acts.gait_edits import standing_around, stepped_in_place
from segmo_core.data.editing.acts.standing_acts import Act, BodyOf, pulses, repeated, sits_on_floor
from segmo_core.data.editing.acts.turning import by_steps
from segmo_core.data.editing.acts.walking_acts import GaitOf
from segmo_core.data.editing.arms import ArmKey, gesturing
from segmo_core.data.editing.body import (
    ANKLES,
    ARM_LENGTHS,
    ELBOWS,
    FRAME_RATE,
    LENGTHS,
    SHOULDERS,
    TOES,
    WRISTS,
    bent_joint,
    minimum_jerk,
    with_legs,
)  # fmt: skip
from segmo_core.data.editing.stances import Stance, keyed, posed
from segmo_core.data.editing.told import SIDES, Told

FloatArray = NDArray[np.floating]
Generator = np.random.Generator


def _hands_down(joints: FloatArray, share: FloatArray, sides: tuple[int, ...], apart: float) -> FloatArray:
    """``joints`` whose hands reach straight down, before the feet, where ``share`` (T,) is 1."""
    result: FloatArray = joints.copy()
    for side in sides:
        shoulder, own = joints[:, SHOULDERS[side]], joints[:, WRISTS[side]]
        aim = joints[:, TOES[side]] + np.array([apart * (1 if side == 0 else -1), 0.05, 0.04])
        way = aim - shoulder
        length = np.linalg.norm(way, axis=-1, keepdims=True)
        goal = shoulder + way / length * np.minimum(length, 0.97 * ARM_LENGTHS[side])
        target = own + share[:, None] * (goal - own)
        back = np.broadcast_to([0.3 * (1 if side == 0 else -1), 0.2, -1.0], target.shape)
        elbow, wrist = bent_joint(shoulder, target, back, LENGTHS[ELBOWS[side]], LENGTHS[WRISTS[side]])
        result[:, ELBOWS[side]], result[:, WRISTS[side]] = elbow, wrist
    return result


def toe_touches(body_of: BodyOf, generator: Generator, *, count: int = 1) -> Act:
    """Bent down to the feet with nearly straight legs ``count`` times."""
    down, low = generator.uniform(0.7, 1.1), generator.uniform(0.15, 0.7)
    starts, seconds = repeated(count, 2 * down + low, generator, pause=0.4)
    frames = max(round(seconds * FRAME_RATE), 8)
    share = pulses(frames, starts, [(0.0, 0.0), (down, 1.0), (down + low, 1.0), (2 * down + low, 0.0)])
    pelvis = np.stack([0 * share, -generator.uniform(0.05, 0.12) * share, -0.24 * share], axis=-1)
    stance = Stance(frames, pelvis=pelvis, tilt=1.4 * share, pitch=0.8 * share, head_pitch=0.2 * share)
    joints = _hands_down(posed(body_of(frames), stance), share, (0, 1), 0.0)
    return Act(joints, Told("toe-touch", count=count))


def picks_up(body_of: BodyOf, generator: Generator) -> Act:
    """Down with bent knees, a hand or both at the floor, and up with something before the body."""
    down, low, up = generator.uniform(0.7, 1.0), generator.uniform(0.2, 0.5), generator.uniform(0.7, 1.0)
    start, stay = generator.uniform(0.2, 0.5), generator.uniform(0.2, 0.8)
    risen = start + down + low + up
    frames = round((risen + stay) * FRAME_RATE)
    share = keyed(frames, [(start, 0.0), (start + down, 1.0), (start + down + low, 1.0), (risen, 0.0)])
    depth = generator.uniform(0.3, 0.5)
    pelvis = np.stack([0 * share, -depth * share, -0.3 * depth * share], axis=-1)
    stance = Stance(
        frames, pelvis=pelvis, tilt=0.9 * share, pitch=0.45 * share, head_pitch=-0.2 * share, knees_out=0.25
    )
    joints = posed(body_of(frames), stance)
    sides = (0, 1) if generator.random() < 0.5 else (int(generator.integers(2)),)
    held = [ArmKey(start + down + low, risen, np.array([-0.02, -0.28, 0.34]))]
    for side in sides:
        joints = gesturing(joints, side, held, generator)
    reaching = keyed(frames, [(start, 0.0), (start + down, 1.0), (start + down + low, 1.0), (risen - 0.2, 0.0)])
    return Act(_hands_down(joints, reaching, sides, -0.06), Told("pick-up"))


def push_ups(body_of: BodyOf, generator: Generator, *, count: int = 3) -> Act:
    """On hands and toes, the body straight, down and up ``count`` times; begins and ends held up."""
    down, up = generator.uniform(0.5, 0.8), generator.uniform(0.4, 0.7)
    starts, seconds = repeated(count, down + up, generator, lead=(0.4, 0.9), pause=0.15)
    frames = round(seconds * FRAME_RATE)
    share = pulses(frames, starts, [(0.0, 0.0), (down, 1.0), (down + up, 0.0)])
    base = body_of(frames)
    straight = np.repeat(np.median(base, axis=0)[None], frames, axis=0)
    toes = straight[:, TOES].mean(axis=1) * [0.0, 1.0, 1.0]
    high = np.arcsin(0.46 / float(np.linalg.norm((straight[0, SHOULDERS].mean(axis=0) - toes[0])[1:])))
    low = np.arcsin(0.2 / float(np.linalg.norm((straight[0, SHOULDERS].mean(axis=0) - toes[0])[1:])))
    angle = np.pi / 2 - (high + share * (low - high))
    lean = float(np.arctan2(*(straight[0, SHOULDERS].mean(axis=0) - toes[0])[[2, 1]]))
    turn = angle - lean
    rel = straight - toes[:, None]
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    y = cosine * rel[..., 1] - sine * rel[..., 2]
    z = sine * rel[..., 1] + cosine * rel[..., 2]
    joints = np.stack([rel[..., 0], y, z], axis=-1) + toes[:, None]
    joints[:, TOES] = straight[:, TOES]
    held = joints[0, SHOULDERS].copy()
    for side in (0, 1):
        target = np.repeat(
            (held[side] * [1.0, 0.0, 1.0] + [0.06 * (1 if side == 0 else -1), 0.05, 0.0])[None], frames, 0
        )
        out = np.broadcast_to([0.8 * (1 if side == 0 else -1), 0.3, -0.8], target.shape)
        elbow, wrist = bent_joint(joints[:, SHOULDERS[side]], target, out, LENGTHS[ELBOWS[side]], LENGTHS[WRISTS[side]])
        joints[:, ELBOWS[side]], joints[:, WRISTS[side]] = elbow, wrist
    return Act(joints, Told("push-up", count=count))


def lies_on_the_back(body_of: BodyOf, generator: Generator) -> Act:
    """Somebody who lies on the back all the time, breathing."""
    end = sits_on_floor(body_of, generator, lying=True, way="down").joints[-1]
    frames = int(generator.integers(30, 100))
    joints = np.repeat(end[None], frames, axis=0)
    breath = 0.006 * np.sin(2 * np.pi * np.arange(frames) / generator.uniform(60, 90))
    joints[:, [6, 9, 12, 15, 13, 14], 1] += breath[:, None]
    return Act(joints, Told("lie-on-back"))


def sidesteps(gait_of: GaitOf, generator: Generator) -> Act:
    """Steps to one side and the other foot after it, from standing to standing."""
    gait, side = gait_of(), int(generator.integers(2))
    lifts = 2 * int(generator.integers(2, 5))
    joints, bumps = stepped_in_place(gait, lifts, generator.uniform(0.06, 0.12))
    if bumps[:, side].argmax() > bumps[:, 1 - side].argmax():  # the foot of that side must go first
        side = 1 - side
    metres = lifts / 2 * generator.uniform(0.28, 0.45) * (1.0 if side == 0 else -1.0)
    share = np.linspace(0.0, 1.0, len(joints))
    body = metres * (0.6 * share + 0.4 * minimum_jerk(share))
    moved = joints + body[:, None, None] * [1.0, 0.0, 0.0]
    gone = [by_steps(metres * np.cumsum(bumps[:, foot]) / bumps[:, foot].sum(), bumps[:, foot]) for foot in (0, 1)]
    feet = [joints[:, (ANKLES[foot], TOES[foot])] + gone[foot][:, None, None] * [1.0, 0.0, 0.0] for foot in (0, 1)]
    ankles = np.stack([foot[:, 0] for foot in feet], axis=1)
    toes = np.stack([foot[:, 1] for foot in feet], axis=1)
    stepped = standing_around(with_legs(moved, ankles, toes), int(generator.integers(3, 10)))
    return Act(stepped, Told("sidestep", side=SIDES[side], direction=SIDES[side]))


def arm_circles(body_of: BodyOf, generator: Generator, *, count: int = 3) -> Act:
    """Both straight arms around in big circles ``count`` times, forward or backward."""
    once, lead = generator.uniform(0.9, 1.4), 0.7
    frames = round((count * once + 2 * lead + 0.4) * FRAME_RATE)
    time = np.arange(frames) / FRAME_RATE
    way = 1.0 if generator.random() < 0.5 else -1.0
    turned_by = way * 2 * np.pi * count * np.clip((time - lead) / (count * once), 0.0, 1.0)
    angle = -np.pi / 2 + turned_by
    joints = body_of(frames)
    for side in (0, 1):
        place = np.stack([np.full(frames, 0.16), 0.48 * np.sin(angle), 0.48 * np.cos(angle)], axis=-1)
        keys = [ArmKey(lead - 0.5, lead, place, np.array([1.0, -0.3, -0.2])),
                ArmKey(lead + count * once, lead + count * once + 0.5, None)]  # fmt: skip
        joints = gesturing(joints, side, keys, generator)
    return Act(joints, Told("arm-circles", count=count))
