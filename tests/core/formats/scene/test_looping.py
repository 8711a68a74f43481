"""The stretch of a walk that repeats, and motions that have none."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.looping import as_loop, loop_range
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.timeline.segment_track import SegmentTrack

_Y = np.array([0.0, 1.0, 0.0])


def stepping(seconds: float, *, turn_per_second: float = 0.0, period: float = 1.1) -> Motion:
    """Legs and arms that swing with a period, a body that goes 1.3 m/s where it faces, turning and sinking slowly."""
    time = np.arange(int(seconds * 20)) / 20.0
    phase = 2 * np.pi * time / period
    local = np.tile([1.0, 0, 0, 0], (len(time), 22, 1))
    for joint, amount, shift in (("left_hip", 0.5, 0.0), ("right_hip", 0.5, np.pi), ("left_knee", 0.3, 1.0)):
        swing = amount * np.sin(phase + shift)
        local[:, MODEL_SKELETON.index(joint)] = rotations.from_axis_angle(np.array([1.0, 0, 0]), swing)
    heading = turn_per_second * time
    local[:, 0] = rotations.from_axis_angle(_Y, heading)
    steps = np.stack([np.sin(heading), 0 * time, np.cos(heading)], axis=-1) * 1.3 / 20
    root = np.cumsum(steps, axis=0)
    root[:, 1] = 0.93 - 0.002 * time + 0.02 * np.sin(2 * phase)
    return Motion(kinematics.forward_kinematics(MODEL_SKELETON, local, root), 20.0, MODEL_SKELETON, local)


def test_a_walk_repeats_with_its_own_period() -> None:
    first, last = loop_range(stepping(6.0))
    assert (last - first) % 22 == 0, "periods of 1.1 s at 20 fps"


@pytest.mark.parametrize("turn_per_second", [0.0, 0.2])
def test_the_end_meets_the_beginning_and_the_path_goes_straight_on(turn_per_second: float) -> None:
    motion = stepping(6.0, turn_per_second=turn_per_second)
    first, last = loop_range(motion)
    loop = as_loop(motion, first, last)
    assert loop.local_rotations is not None
    alike = np.abs(np.sum(loop.local_rotations[0] * loop.local_rotations[-1], axis=-1))
    np.testing.assert_allclose(alike, 1.0, atol=1e-9)
    start, end = loop.joint_positions[0], loop.joint_positions[-1]
    travel = end[0] - start[0]
    assert travel[1] == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(end - start, np.broadcast_to(travel, start.shape), atol=1e-5)
    assert np.linalg.norm(travel) == pytest.approx(1.3 * (last - first) / 20, rel=0.02)
    # Nothing jumps where the next turn begins: the first step of the next is as the last one was.
    steps = np.diff(loop.joint_positions[:, 0], axis=0)
    assert np.abs(steps[0] - steps[-1]).max() < 0.02


def test_what_never_comes_back_is_refused() -> None:
    time = np.arange(60) / 20.0
    local = np.tile([1.0, 0, 0, 0], (60, 22, 1))
    for joint in range(1, 22):  # every joint turns on and on
        local[:, joint] = rotations.from_axis_angle(np.array([1.0, 0, 0]), 0.9 * time)
    root = np.stack([0 * time, 0.9 + 0.4 * time, 0 * time], axis=-1)
    motion = Motion(kinematics.forward_kinematics(MODEL_SKELETON, local, root), 20.0, MODEL_SKELETON, local)
    with pytest.raises(InvalidRequestError, match=r"loop: no two poses of this motion are alike \(the nearest differ"):
        loop_range(motion)
    with pytest.raises(InvalidRequestError, match=r"alike \(it is too short\)"):
        loop_range(motion.frames(0, 4))


def test_segments_are_cut_with_the_motion() -> None:
    track = SegmentTrack.from_durations(["walks", "waves", "sits"], [20, 20, 20])
    assert [(part.text, part.start, part.end) for part in track.cut(10, 35)] == [("walks", 0, 10), ("waves", 10, 25)]
