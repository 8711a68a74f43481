"""Generating and encoding many motions at a time gives what one at a time gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from segmo_core.bundle import Bundle, load_bundle
from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.data.text_motion_set import TextMotion
from segmo_core.evaluation.samples.bundle_sampler import BundleSampler


class HashEncoder:
    """A random but fixed vector for every text."""

    name, width = "hash", 384

    def encode(self, texts):
        return np.stack([np.random.default_rng(len(t) * 31 + ord(t[0])).standard_normal(384) for t in texts]).astype(
            np.float32
        )


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


def items_of(bundle: Bundle, lengths: list[int]) -> list[TextMotion]:
    generator = np.random.default_rng(0)
    found = []
    for number, length in enumerate(lengths):
        features = bundle.statistics.restored(generator.standard_normal((length, 263)).astype(np.float32))
        segments = ("walks", "sits down", "jumps up high")[: 1 + number % 3]
        ends = (*(4 * (i + 1) for i in range(len(segments) - 1)), length)
        found.append(TextMotion(features, Caption("a person does" + "x" * number), segments, ends, str(number)))
    return found


def test_motions_have_the_length_asked_for_and_follow_the_seed(bundle: Bundle) -> None:
    items = items_of(bundle, [40, 24, 64, 24, 52])
    sampler = BundleSampler(bundle, HashEncoder(), batch_size=2)
    first, ids = sampler.generate(items, seed=1)
    again, _ = sampler.generate(items, seed=1)
    other, _ = sampler.generate(items, seed=2)
    assert [motion.shape for motion in first] == [(length, 263) for length in (40, 24, 64, 24, 52)]
    assert [len(row) for row in ids] == [10, 6, 16, 6, 13]
    assert all(row.min() >= 0 for row in ids)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_decoding_in_batches_is_decoding_one_by_one(bundle: Bundle) -> None:
    items = items_of(bundle, [40, 24, 24, 40, 24])
    sampler = BundleSampler(bundle, HashEncoder(), batch_size=2)
    ids = sampler.encode([item.features for item in items])
    normalised = torch.from_numpy(bundle.statistics.normalised(items[1].features).astype(np.float32))
    assert ids[1].tolist() == bundle.tokenizer.encode(normalised[None])[0].tolist()
    for row, motion in zip(ids, sampler.decode(ids), strict=True):
        expected = bundle.statistics.restored(bundle.tokenizer.decode(torch.from_numpy(row)[None])[0].numpy())
        np.testing.assert_allclose(motion, expected, rtol=1e-4, atol=1e-5)


def test_timing_changes_what_is_generated(bundle: Bundle) -> None:
    items = items_of(bundle, [40, 48, 48])
    made = {
        timing: BundleSampler(bundle, HashEncoder(), timing=timing).generate(items, seed=3)[1]
        for timing in ("even", "true", "none")
    }
    for first, second in (("even", "true"), ("even", "none")):
        assert any(not np.array_equal(a, b) for a, b in zip(made[first][1:], made[second][1:], strict=True))


def test_consistency_does_not_depend_on_the_batch_and_lies_between_minus_one_and_one(bundle: Bundle) -> None:
    items = items_of(bundle, [40, 24, 64, 52])
    sampler = BundleSampler(bundle, HashEncoder())
    ids = sampler.encode([item.features for item in items])
    ends = [tuple(end // 4 for end in item.ends or ()) for item in items]
    together = sampler.consistency(items, ids, ends)
    alone = [sampler.consistency([i], [t], [e])[0] for i, t, e in zip(items, ids, ends, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.abs(together).max() <= 1.0
    moved = [(1, *row[1:]) if len(row) > 1 else row for row in ends]
    moved[2] = (5, 9, 16)
    assert sampler.consistency(items, ids, moved)[2] != pytest.approx(together[2], abs=1e-6)
