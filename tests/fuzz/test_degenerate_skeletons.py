"""Bodies that are none, on their way to the model skeleton: a sentence or a sound motion, soon."""

from __future__ import annotations

from pathlib import Path

import good_files as good
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from soundness import MOST_SECONDS, check_motion, check_retargeting, measured

from segmo_core.formats.reading.files import MAX_JOINTS, build_motion
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES, SMPL_PARENTS, Skeleton

NOWHERE = Path("nowhere")


def motion_of(names: tuple[str, ...], parents: tuple[int, ...], offsets: np.ndarray, num_frames: int = 3) -> Motion:
    positions = np.zeros((num_frames, len(names), 3))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            positions[:, joint] = positions[:, parent] + offsets[joint]
    still = np.zeros((num_frames, len(names), 4))
    still[..., 0] = 1.0
    return Motion(positions, 20.0, Skeleton(names, parents, offsets), still)


def check(motion: Motion) -> bool:
    """Through the door that all readers use."""
    read = build_motion(NOWHERE, motion.joint_positions, motion.frame_rate, motion.skeleton, motion.local_rotations)
    check_motion(read)
    with measured() as cost, np.errstate(all="raise", under="ignore"):
        is_body = check_retargeting(read, NOWHERE)
    assert cost.seconds < MOST_SECONDS
    return is_body


def test_one_joint_and_none_that_has_a_place_of_its_own() -> None:
    assert not check(motion_of(("pelvis",), (-1,), np.zeros((1, 3))))
    assert not check(motion_of(SMPL_JOINT_NAMES, SMPL_PARENTS, np.zeros((22, 3))))
    assert not check(motion_of(tuple(map(str, range(22))), SMPL_PARENTS, np.zeros((22, 3))))


@pytest.mark.parametrize("shape", ["chain", "star", "comb", "binary"])
@pytest.mark.parametrize("names", ["alike", "numbers", "model"])
def test_as_many_joints_as_a_file_may_have(shape: str, names: str) -> None:
    count = MAX_JOINTS
    parents = {
        "chain": [-1, *range(count - 1)],
        "star": [-1] + [0] * (count - 1),
        "comb": [-1, *(joint - 1 if joint % 2 else joint - 2 for joint in range(1, count - 1)), 0],
        "binary": [-1, *((joint - 1) // 2 for joint in range(1, count))],
    }[shape]
    parents = [-1 if joint == 0 else max(0, parent) for joint, parent in enumerate(parents)]
    called = {
        "alike": ("hand",) * count,
        "numbers": tuple(map(str, range(count))),
        "model": (SMPL_JOINT_NAMES * count)[:count],
    }[names]
    offsets = np.random.default_rng(0).normal(size=(count, 3))
    offsets[0] = 0.0
    check(motion_of(called, tuple(parents), offsets))


def test_long_and_unprintable_names() -> None:
    walk = good.short_motion()
    for names in (
        tuple("x" * 1_000_000 for _ in range(22)),
        tuple("\x1b[2J\n\0\ud800" for _ in range(22)),
        tuple("" for _ in range(22)),
        tuple(f"{name}\u202e" for name in SMPL_JOINT_NAMES),
    ):
        check(Motion(walk.joint_positions, 20.0, Skeleton(names, SMPL_PARENTS, walk.skeleton.rest_offsets)))


@st.composite
def broken_bodies(draw: DrawFn) -> Motion:
    """The model's body with joints on one another, bones of any size, other parents, swapped names or frozen frames."""
    walk = good.short_motion()
    positions, offsets = walk.joint_positions.astype(np.float64), np.array(walk.skeleton.rest_offsets)
    names, parents = list(SMPL_JOINT_NAMES), list(SMPL_PARENTS)
    has_rotations = draw(st.booleans())
    for _ in range(draw(st.integers(1, 5))):
        joint, other = draw(st.integers(1, 21)), draw(st.integers(0, 21))
        kind = draw(st.sampled_from(["onto", "rest", "scale", "parent", "name", "frames", "flat", "leap", "all"]))
        if kind == "onto":
            positions[:, joint] = positions[:, other]
        elif kind == "rest":
            offsets[joint] = draw(st.sampled_from([0.0, 1e-12, 1e-3, 1e6]))
        elif kind == "scale":
            factor = draw(st.sampled_from([0.0, 1e-30, 1e-9, 1e-3, 1e3, 1e6]))
            positions, offsets = positions * factor, offsets * factor
        elif kind == "parent":
            parents[joint] = draw(st.integers(0, joint - 1))
        elif kind == "name":
            names[joint] = draw(st.sampled_from([names[other], "x", "LeftArm", "", "hip"]))
        elif kind == "frames":
            positions[draw(st.integers(0, len(positions) - 1))] = positions[0, other]
        elif kind == "flat":
            axis = draw(st.integers(0, 2))
            positions[..., axis], offsets[:, axis] = 0.0, 0.0
        elif kind == "leap":
            positions[0] *= draw(st.sampled_from([-1.0, 0.0, 1e6]))
        else:
            positions[:] = positions[:1, :1]
    positions = np.clip(positions, -1e7, 1e7)
    offsets = np.clip(offsets, -1e7, 1e7)
    skeleton = Skeleton(tuple(names), tuple(parents), offsets)
    return Motion(positions, 20.0, skeleton, walk.local_rotations if has_rotations else None)


@settings(max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(broken_bodies())
def test_broken_bodies(motion: Motion) -> None:
    check(motion)


def test_the_body_that_all_are_made_of_is_one() -> None:
    check_motion(good.short_motion())
    assert check(good.short_motion())
