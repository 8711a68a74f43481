"""Poses of the model brought back onto the body of a file, seams, and where a stretch goes."""

from __future__ import annotations

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.motion import kinematics, rotations
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.recordings.bridging import poses_of
from segmo_core.recordings.own_body import Poses
from segmo_core.recordings.root_path import arriving, headings, laid_at, missed, moved_on_floor
from segmo_core.recordings.seam_blend import faded, joined


def walk_poses(frames: int = 100) -> Poses:
    return poses_of(turning_walk(num_frames=frames))


def test_a_difference_fades_to_nothing_with_its_speed() -> None:
    frames = np.arange(0.0, 12.0)
    left = faded(np.array(1.0), np.array(0.1), frames, 10.0)
    assert left[0] == 1.0
    assert left[10:].tolist() == [0.0, 0.0]
    fine = faded(np.array(1.0), np.array(0.1), np.array([0.0, 1e-4]), 10.0)
    assert (fine[1] - fine[0]) / 1e-4 == pytest.approx(0.1, abs=1e-3)


def test_motions_that_differ_meet() -> None:
    walk = walk_poses()
    other = moved_on_floor(walk, 0.4, walk.root[0], walk.root[0] + np.array([0.3, 0.0, 0.1]))
    left, right = joined(walk.frames(0, 50), other.frames(48, 100), 2, (8.0, 12.0), 20.0, "left")
    assert np.array_equal(left.local[:42], walk.local[:42])
    assert np.array_equal(left.root, walk.root[:50])
    assert np.allclose(right.root[12:], other.root[62:])
    joints = np.concatenate(
        [kinematics.forward_kinematics(MODEL_SKELETON, part.local, part.root) for part in (left, right)]
    )
    steps = np.linalg.norm(np.diff(joints, axis=0), axis=-1).max(axis=1)
    usual = np.linalg.norm(np.diff(turning_walk(num_frames=100).joint_positions, axis=0), axis=-1).max()
    assert steps[48:51].max() < 2 * usual


def test_a_stretch_arrives_where_the_recording_goes_on() -> None:
    walk = walk_poses()
    there = moved_on_floor(walk, 0.5, walk.root[0], walk.root[0] + np.array([0.4, 0.0, -0.3])).frames(80, 100)
    bent = arriving(walk, 20, 80, there, 20.0)
    apart, turned = missed(bent, 80, there)
    assert apart < 1e-9
    assert abs(turned) < 1e-6
    assert np.allclose(bent.root[:21], walk.root[:21])
    assert np.allclose(bent.root[:, 1], walk.root[:, 1])


def test_a_stretch_is_laid_where_another_stands() -> None:
    walk = walk_poses()
    there = moved_on_floor(walk, 2.0, walk.root[0], np.array([5.0, 0.0, 3.0])).frames(30, 31)
    laid = laid_at(walk, 60, there)
    assert np.allclose(laid.root[60, [0, 2]], there.root[0, [0, 2]])
    difference = headings(laid.frames(60, 61))[0] - headings(there)[0]
    assert np.cos(difference) == pytest.approx(1.0)
    assert np.allclose(np.linalg.norm(rotations.normalize(laid.local), axis=-1), 1.0)
