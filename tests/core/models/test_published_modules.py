"""The evaluator and the length estimator of published work, with random weights."""

from __future__ import annotations

import pytest
import torch

from segmo_core.errors import ConfigError
from segmo_core.models.estimators.configs import EvaluatorConfig, LengthEstimatorConfig
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator

SMALL = EvaluatorConfig(
    feature_width=23, movement_hidden_width=8, movement_width=8, word_width=6, num_word_classes=3, text_state_width=8,
    motion_state_width=8, embedding_width=5,
)  # fmt: skip


@pytest.fixture(name="evaluator")
def build_evaluator() -> TextMotionEvaluator:
    torch.manual_seed(0)
    return TextMotionEvaluator(SMALL).eval()


@torch.no_grad()
def test_motion_embeddings_keep_their_order_whatever_the_lengths(evaluator: TextMotionEvaluator) -> None:
    features, lengths = torch.randn(3, 40, 23), torch.tensor([12, 40, 24])
    together = evaluator.embed_motion(features, lengths)
    assert together.shape == (3, 5)
    for row, length in enumerate(lengths):
        alone = evaluator.embed_motion(features[row : row + 1], length[None])
        torch.testing.assert_close(together[row], alone[0], rtol=1e-5, atol=1e-6)


@torch.no_grad()
def test_what_follows_the_end_of_a_motion_and_its_contacts_do_not_count(evaluator: TextMotionEvaluator) -> None:
    features = torch.randn(1, 40, 23)
    other = features.clone()
    other[:, 20 + 3 :] = 7.0  # the convolutions see three frames past the end
    other[..., -4:] = -7.0
    lengths = torch.tensor([20])
    torch.testing.assert_close(evaluator.embed_motion(features, lengths), evaluator.embed_motion(other, lengths))


@torch.no_grad()
def test_words_and_their_classes_both_count_and_padding_does_not(evaluator: TextMotionEvaluator) -> None:
    words, classes = torch.randn(2, 9, 6), torch.eye(3)[torch.randint(3, (2, 9))]
    lengths = torch.tensor([4, 9])
    found = evaluator.embed_text(words, classes, lengths)
    padded = words.clone()
    padded[0, 4:] = 100.0
    torch.testing.assert_close(evaluator.embed_text(padded, classes, lengths), found)
    assert not torch.allclose(evaluator.embed_text(words, classes.roll(1, dims=2), lengths), found, atol=1e-3)


def test_published_size_of_the_evaluator() -> None:
    evaluator = TextMotionEvaluator(EvaluatorConfig())
    assert evaluator.motion.recurrent.weight_hh_l0.shape == (3072, 1024)
    assert evaluator.movement.first.weight.shape == (512, 259, 4)


def test_the_expected_length_follows_the_distribution_without_zero() -> None:
    estimator = LengthEstimator(LengthEstimatorConfig(text_width=4, hidden_widths=(8, 8), num_classes=5)).eval()
    with torch.no_grad():
        estimator.output.weight.zero_()
        estimator.output.bias.copy_(torch.tensor([50.0, 0.0, 0.0, 0.0, 1.0]))
    text = torch.randn(1, 4)
    shares = torch.tensor([1.0, 1.0, 1.0, 2.718281828]) / 5.718281828
    expected = (shares * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum()
    torch.testing.assert_close(estimator.expected_lengths(text)[0], expected)


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ConfigError, match="every width must be at least 1"):
        LengthEstimatorConfig(hidden_widths=())
    with pytest.raises(ConfigError, match=r"EvaluatorConfig\.word_width: 0, expected at least 1"):
        EvaluatorConfig(word_width=0)
    with pytest.raises(ConfigError, match=r"EvaluatorConfig\.dropout: 1\.5, expected 0 to below 1"):
        EvaluatorConfig(dropout=1.5)
