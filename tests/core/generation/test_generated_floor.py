"""Generated motions touch the floor all the time, standing and lying, unless they jump."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from segmo_core.generation.generated_floor import with_own_support
from segmo_core.motion.motion import Motion
from tests.core.sample_motions import standing

REST = 0.005


def lifted(heights: np.ndarray) -> Motion:
    """Somebody who stands, lifted in every frame."""
    motion = standing(len(heights), slide=0.0)
    joints = motion.joint_positions.astype(np.float64)
    joints[..., 1] += heights[:, None] - joints[..., 1].min(axis=1, keepdims=True)
    return replace(motion, joint_positions=joints.astype(np.float32))


def lowest(motion: Motion | None) -> np.ndarray:
    assert motion is not None
    return motion.joint_positions[..., 1].min(axis=1)


def test_a_floor_that_is_right_stays() -> None:
    assert with_own_support(lifted(np.full(60, REST)), REST) is None


def test_a_part_that_sinks_and_one_that_hovers_are_both_put_right() -> None:
    heights = np.repeat([REST, -0.09, 0.08], 40)
    found = lowest(with_own_support(lifted(heights), REST))
    near_the_steps = np.r_[32:48, 72:88]
    assert np.abs(np.delete(found, near_the_steps) - REST).max() < 0.025


def test_a_jump_flies_and_what_is_longer_touches_down() -> None:
    time = np.arange(60) / 20
    jump = np.full(60, REST)
    jump[20:32] += 4.9 * (time[:12] * (time[11] - time[:12]))  # 0.55 s
    jump[50:] -= 0.08  # so that there is something to put right
    assert 0.2 < lowest(with_own_support(lifted(jump), REST))[20:32].max() < 0.5
    hovering = np.full(60, REST)
    hovering[15:45] = 0.35 + 0.15 * np.sin(np.arange(30) * 1.3)  # 1.5 s up and down in the air, never at rest
    found = lowest(with_own_support(lifted(hovering), REST))
    in_the_air = "".join("x" if height > 0.08 else "." for height in found)
    assert max(map(len, in_the_air.split("."))) < 0.8 * 20
