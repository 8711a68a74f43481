"""Recorded motion made wrong on purpose, in the ways in which generated motion is: for what learns to tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.mirroring import mirror_joints

FloatArray = NDArray[np.floating]

_UPPER = [3, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]


def averaged(joints: FloatArray, generator: np.random.Generator) -> FloatArray:
    """What a body does about its pelvis smeared over half a second and more, its way kept: the act melts away."""
    sigma = float(generator.uniform(7.0, 16.0))
    radius = min(int(3 * sigma), len(joints) - 1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    local = joints - joints[:, :1]
    padded = np.pad(local, [(radius, radius), (0, 0), (0, 0)], mode="edge")
    smeared = sum(weight * padded[k : k + len(local)] for k, weight in enumerate(weights))
    return np.asarray(joints[:, :1] + smeared)


def half_hearted(joints: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Everything about the pelvis done by a third: a kick that lifts no foot, a hand that stays below."""
    share = float(generator.uniform(0.2, 0.45))
    local = joints - joints[:, :1]
    rest = local.mean(axis=0, keepdims=True)
    moved = rest + share * (local - rest)
    height = joints[:, 0, 1].mean() + share * (joints[:, 0, 1] - joints[:, 0, 1].mean())
    pelvis = joints[:, :1].copy()
    pelvis[:, 0, 1] = height
    return np.asarray(pelvis + moved)


def frozen(joints: FloatArray, generator: np.random.Generator) -> FloatArray:
    """One pose held."""
    frame = int(generator.integers(len(joints)))
    return np.repeat(joints[frame : frame + 1], len(joints), axis=0)


def mirrored(joints: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Left and right exchanged, for sentences that say a side."""
    return mirror_joints(joints)


def reversed_in_time(joints: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Backwards: sitting down becomes getting up."""
    return np.ascontiguousarray(joints[::-1])


def with_other_arms(joints: FloatArray, other: FloatArray) -> FloatArray:
    """The trunk and arms of ``other`` on these legs; the shorter is repeated to and fro."""
    back_and_forth = np.concatenate([other, other[::-1]])
    rows = back_and_forth[np.arange(len(joints)) % len(back_and_forth)]
    found = joints.copy()
    found[:, _UPPER] = joints[:, :1] + rows[:, _UPPER] - rows[:, :1]
    return found


ALWAYS_WRONG: tuple[Callable[[FloatArray, np.random.Generator], FloatArray], ...] = (averaged, half_hearted, frozen)
