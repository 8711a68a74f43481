"""The judge on joints: what it sees does not depend on place, direction or padding; spoilt motion is spoilt."""

from __future__ import annotations

import numpy as np
import torch
from made_bodies import at, carried, spun, standing

from segmo_core.data.spoilt_motion import averaged, frozen, half_hearted, mirrored, reversed_in_time, with_other_arms
from segmo_core.grounding.joint_check import judge_stretches
from segmo_core.models.estimators.configs import JointJudgeConfig
from segmo_core.models.estimators.joint_judge import JointJudge
from segmo_core.models.estimators.joint_rows import JOINT_WIDTH, joint_rows, padded_rows
from segmo_core.training.judge.judge_run import fitted_curve


def walking(frames: int = 60) -> np.ndarray:
    seconds = np.arange(frames) / 20.0
    joints = carried(standing(frames), np.stack([0 * seconds, 0 * seconds, 1.2 * seconds], axis=-1))
    joints[:, at("left_wrist"), 2] += 0.2 * np.sin(6 * seconds)
    return joints


def test_rows_know_neither_place_nor_direction() -> None:
    rows = joint_rows(walking())
    assert rows.shape == (60, JOINT_WIDTH)
    moved = carried(spun(walking(), np.full(60, 70.0)), np.tile([3.0, 0.0, -2.0], (60, 1)))
    np.testing.assert_allclose(joint_rows(moved), rows, atol=1e-4)
    np.testing.assert_allclose(rows[5:55, 1:3].mean(axis=0), [0.0, 1.2], atol=1e-3)  # left and ahead, m/s


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    judge = JointJudge(JointJudgeConfig(width=16, output=8)).eval()
    short, long = joint_rows(walking(32)), joint_rows(walking(90))
    alone = judge.embed_motions(*map(torch.from_numpy, padded_rows([short])))
    beside = judge.embed_motions(*map(torch.from_numpy, padded_rows([short, long])))
    torch.testing.assert_close(alone[0], beside[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(alone.norm(dim=1), torch.ones(1))


def test_spoilt_motion_is_wrong_in_known_ways() -> None:
    generator, joints = np.random.default_rng(0), walking()
    hand = at("left_wrist")

    def swing(motion: np.ndarray) -> float:
        return float(np.ptp((motion[:, hand] - motion[:, 0])[:, 2]))

    assert swing(averaged(joints, generator)) < 0.7 * swing(joints)
    assert swing(half_hearted(joints, generator)) < 0.5 * swing(joints)
    assert np.ptp(frozen(joints, generator), axis=0).max() == 0
    np.testing.assert_allclose(reversed_in_time(joints, generator)[0], joints[-1])
    assert swing(mirrored(joints, generator)) < 0.01
    other = with_other_arms(joints, standing(20))
    assert swing(other) < 0.01
    np.testing.assert_allclose(other[:, at("left_ankle")], joints[:, at("left_ankle")])


def test_facts_outweigh_a_doubtful_judge() -> None:
    vectors = np.zeros((2, 384), dtype=np.float32)
    texts = ["A person walks forward.", "A person walks backward."]
    found = judge_stretches(walking(), [(0, 60), (0, 60)], texts, None, vectors, [0.4, 0.9])
    assert [one.holds for one in found] == [True, False]
    assert found[0].confidence > 0.5 > found[1].confidence
    assert "m/s" in found[0].measured
    (open_,) = judge_stretches(walking(), [(0, 60)], ["A person swims."], None, vectors[:1], [0.4])
    assert (open_.confidence, open_.holds) == (0.4, None)


def test_the_curve_lies_between_right_and_wrong() -> None:
    generator = np.random.default_rng(0)
    level, spread = fitted_curve(generator.normal(0.7, 0.05, 500), generator.normal(0.3, 0.05, 500))
    assert 0.45 < level < 0.55
    assert spread < 0.1
