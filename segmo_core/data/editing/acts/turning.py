"""Turning on the spot by an exact angle, in steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.editing.acts.gait_edits import standing_around, stepped_in_place
from segmo_core.data.editing.body import ANKLES, HEAD, NECK, PELVIS, TOES, minimum_jerk, turned, with_legs
from segmo_core.data.editing.gait import Gait

FloatArray = NDArray[np.floating]

_DEGREES_A_STEP = 48.0


def turned_in_place(gait: Gait, degrees: float, hold: int, *, lift: float = 0.12) -> FloatArray:
    """Standing, then turning by ``degrees`` (to the left above 0), then standing, each for ``hold`` frames.

    Every foot turns while it is in the air and stands still between; the body turns evenly. 45 to 50 degrees a step
    and one more, as people do.
    """
    lifts = max(round(abs(degrees) / _DEGREES_A_STEP), 1) + 1
    joints, bumps = stepped_in_place(gait, lifts, lift)
    count, angle = len(joints), np.radians(degrees)
    share = np.linspace(0.0, 1.0, count)
    body = angle * (0.5 * minimum_jerk(share) + 0.5 * minimum_jerk(np.clip((share - 0.08) / 0.84, 0.0, 1.0)))
    centre = joints[:, PELVIS].mean(axis=0) * [1.0, 0.0, 1.0]
    result = turned(joints, body, np.repeat(centre[None], count, axis=0))
    head = body + 0.12 * np.sign(angle) * np.sin(np.pi * share)
    nodding = turned((joints[:, HEAD] - joints[:, NECK])[:, None], head)[:, 0]
    result[:, HEAD] = result[:, NECK] + nodding
    feet = []
    for side in (0, 1):
        own = by_steps(body, bumps[:, side])
        feet.append(turned(joints[:, (ANKLES[side], TOES[side])], own, np.repeat(centre[None], count, axis=0)))
    ankles = np.stack([foot[:, 0] for foot in feet], axis=1)
    toes = np.stack([foot[:, 1] for foot in feet], axis=1)
    return standing_around(with_legs(result, ankles, toes), hold)


def by_steps(body: FloatArray, lifted: FloatArray) -> FloatArray:
    """(T,) what a foot follows of ``body`` (T,): while it stands, its value in the middle of that; smooth between."""
    stands = lifted < 0.02
    edges = np.flatnonzero(np.diff(np.concatenate([[False], stands, [False]]).astype(int)))
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    angle = body.copy()
    values = []
    for number, (start, stop) in enumerate(spans):
        value = body[0] if number == 0 else body[-1] if number == len(spans) - 1 else body[(start + stop - 1) // 2]
        values.append(value)
        angle[start:stop] = value
    for (_, stop), (start, _), before, after in zip(spans[:-1], spans[1:], values[:-1], values[1:], strict=True):
        share = (np.arange(stop, start) - stop + 1) / (start - stop + 1)
        angle[stop:start] = before + (after - before) * minimum_jerk(share)
    return np.asarray(angle)
