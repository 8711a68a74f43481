"""Tokenizers for bodies that crawl and lie as well as walk: what they read, what they are drawn from, what counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from segmo_core.data.pools.fitted_statistics import balanced_statistics, published_statistics
from segmo_core.data.pools.pose_rarity import pose_rarity
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.tokenizer.soft_limit import soft_limited, without_soft_limit
from segmo_core.motion.attitudes import attitudes
from segmo_core.motion.features import HUMANML3D_LAYOUT, joints_from_features
from segmo_core.motion.rest_pose import rest_positions
from segmo_core.motion.rotations import rotate
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.training.objectives.reconstruction import BodyLoss, root_path
from segmo_core.training.objectives.windows import WindowSampler


@dataclass(frozen=True)
class Span:
    start: int
    stop: int
    group: str = ""
    mirrored: bool = False

    @property
    def num_frames(self) -> int:
        return self.stop - self.start


def mostly_standing() -> tuple[np.ndarray, list[Span]]:
    """950 frames of standing in a few ways, 50 of crawling: pelvis and joints half a metre lower."""
    generator = np.random.default_rng(0)
    features = np.zeros((1000, 263), np.float32)
    features[:, 3:67] = generator.normal(0.9, 0.01, (10, 64))[generator.integers(10, size=1000)]
    features[950:, 3:67] = features[0, 3:67] - 0.5
    return features, [Span(0, 950), Span(950, 1000)]


def test_far_values_come_back_and_never_are_far_inside() -> None:
    values = torch.tensor([-20.0, -4.0, -3.0, 0.0, 1.5, 3.0, 5.0, 21.0])
    inside = soft_limited(values, 3.0)
    assert inside[[2, 3, 4, 5]].tolist() == values[[2, 3, 4, 5]].tolist()
    assert float(inside[1]) == pytest.approx(-3.0 - np.log(2.0))
    assert float(soft_limited(torch.tensor([709.0]), 3.0)) == 6.0  # the largest of the published way on real clips
    torch.testing.assert_close(without_soft_limit(inside, 3.0), values)


def test_a_limited_tokenizer_gives_back_what_it_reads_in_the_same_units() -> None:
    torch.manual_seed(0)
    sizes = {"num_codes": 16, "code_width": 8, "num_quantizers": 2, "width": 16, "depth": 1}
    plain = RVQVAE(RVQVAEConfig(**sizes)).eval()
    limited = RVQVAE(RVQVAEConfig(**sizes, soft_limit=3.0)).eval()
    limited.load_state_dict(plain.state_dict())
    near = torch.randn(1, 16, 263).clamp(-3, 3)
    torch.testing.assert_close(limited.latents(near), plain.latents(near))
    far = near.clone()
    far[..., 3] = -47.0
    farther = near.clone()
    farther[..., 3] = -100.0
    torch.testing.assert_close(limited.latents(far), limited.latents(farther))


def test_rare_poses_are_near_the_middle_of_balanced_statistics() -> None:
    features, clips = mostly_standing()
    height = 3
    deviations = []
    for statistics in (
        published_statistics(features, HUMANML3D_LAYOUT),
        balanced_statistics(features, clips, HUMANML3D_LAYOUT),
    ):
        deviations.append(float(np.abs(statistics.normalised(features)[950:, height]).mean()))
    assert deviations[0] > 15
    assert deviations[1] < 4


def test_windows_of_rare_poses_are_drawn_more_often() -> None:
    features, clips = mostly_standing()
    rarity = pose_rarity(features, clips, HUMANML3D_LAYOUT, 0.5)
    assert rarity[960] > 1.5 * rarity[100]
    assert rarity.mean() == pytest.approx(1.0, abs=1e-3)
    one = [Span(0, 1000)]
    shares = []
    for weights in (None, rarity):
        rows = WindowSampler(one, 16, weights).rows(4000, np.random.default_rng(1))
        assert rows.min() >= 0
        assert rows.max() < 1000
        assert (np.diff(rows, axis=1) == 1).all()
        shares.append((rows >= 950).mean())
    assert shares[0] < 0.06
    assert shares[1] > 1.25 * shares[0]


def test_the_path_of_the_root_is_the_features_own() -> None:
    rows = 0.02 * np.random.default_rng(2).standard_normal((1, 80, 263))
    rows[..., 0] += 0.01
    expected = joints_from_features(rows[0])[:, 0, [0, 2]]
    found = root_path(torch.from_numpy(rows[..., :3]))
    np.testing.assert_allclose(found[0].numpy(), expected, atol=1e-12)


def test_the_loss_counts_what_adds_up_along_the_way() -> None:
    std = np.full(263, 0.1, np.float32)
    loss = BodyLoss(HUMANML3D_LAYOUT, std)
    real = torch.zeros(1, 64, 263)
    drifting, trembling = real.clone(), real.clone()
    drifting[..., 2] = 0.02  # 2 mm a frame, always ahead
    trembling[..., 2] = 0.02 * torch.tensor([1.0, -1.0]).repeat(32)
    of = [loss(decoded, real) for decoded in (drifting, trembling)]
    assert float(of[0][0]) > 1.2 * float(of[1][0])
    assert float(of[0][1]["path"]) == pytest.approx(63 * 0.002, rel=1e-4)
    assert float(loss(real, real)[0]) == 0.0


def test_the_loss_is_the_same_whatever_features_are_normalised_with() -> None:
    generator = torch.Generator().manual_seed(0)
    real, decoded = (0.1 * torch.randn(2, 16, 263, generator=generator) for _ in range(2))
    ones, twos = np.full(263, 1.0, np.float32), np.full(263, 2.0, np.float32)
    one = BodyLoss(HUMANML3D_LAYOUT, ones)(decoded, real)[0]
    torch.testing.assert_close(BodyLoss(HUMANML3D_LAYOUT, twos)(decoded / 2, real / 2)[0], one)


def test_attitudes_of_a_body_that_is_turned_and_lowered() -> None:
    standing = np.asarray(rest_positions(MODEL_SKELETON), dtype=np.float64)
    standing[:, 1] -= standing[:, 1].min()
    pelvis = standing[0].copy()

    def turned(degrees: float, height: float) -> np.ndarray:
        half = np.radians(degrees) / 2
        body = rotate(np.array([np.cos(half), np.sin(half), 0.0, 0.0]), standing - pelvis)
        return body + np.array([0.0, height, 0.0])

    frames = np.stack([standing, turned(0, 0.5), turned(80, 0.55), turned(90, 0.15), turned(170, 1.0)])
    assert attitudes(frames).tolist() == ["upright", "sitting", "crawling", "lying", "acrobatics"]
