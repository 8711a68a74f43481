"""Evaluator, length estimator and metrics against the published code."""

from __future__ import annotations

import torch

from segmo_core.conversion.parity_fixture import Comparisons, Fixture
from segmo_core.conversion.upstream import evaluator_sizes, length_estimator_sizes, load_published
from segmo_core.evaluation.measures import metrics
from segmo_core.models.estimators.configs import NUM_CONTACT_COLUMNS
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator


@torch.no_grad()
def check_evaluator(fixture: Fixture, compare: Comparisons) -> None:
    weights = {name: fixture[name] for name in fixture.names(r"(?:movement|text|motion)_encoder\..+")}
    model = TextMotionEvaluator(evaluator_sizes(weights)).eval()
    load_published(model, weights)
    motion = fixture["motion"]
    compare.floats("movements", model.movement(motion[..., :-NUM_CONTACT_COLUMNS]), fixture["movement_out"])
    compare.floats("motion embeddings", model.embed_motion(motion, fixture["m_lens"]), fixture["motion_emb"])
    text = model.embed_text(fixture["word_embs"], fixture["pos_onehot"], fixture["cap_lens"])
    compare.floats("text embeddings", text, fixture["text_emb"])


@torch.no_grad()
def check_length_estimator(fixture: Fixture, compare: Comparisons) -> None:
    weights = fixture.weights()
    model = LengthEstimator(length_estimator_sizes(weights)).eval()
    load_published(model, weights)
    compare.floats("logits", model(fixture["text"]), fixture["logits"])


def check_metrics(fixture: Fixture, compare: Comparisons) -> None:
    truth, text, predicted = (fixture.array(name) for name in ("gt_emb", "text_emb", "pred_emb"))
    precision = fixture.fact("R_precision_top123")
    compare.floats("R-precision", metrics.r_precision(text, predicted, top=len(precision)), precision)
    compare.floats("matching score", metrics.matching_score(text, predicted), fixture.fact("matching_score"))
    compare.floats("FID", metrics.frechet_distance(truth, predicted), fixture.fact("fid"))
    for key, expected in fixture.facts.items():
        rows = key.removeprefix("fid_").removesuffix("samples_singular")
        if rows.isdigit():
            found = metrics.frechet_distance(truth[: int(rows)], predicted[: int(rows)])
            compare.floats(f"FID, singular ({rows} rows)", found, expected)
    pairs = (fixture["div_first"].numpy(), fixture["div_second"].numpy())
    compare.floats("diversity", metrics.diversity(predicted, *pairs), fixture.fact("diversity"))
    pairs = (fixture["mm_first"].numpy(), fixture["mm_second"].numpy())
    spread = metrics.multimodality(fixture.array("mm_emb"), *pairs)
    compare.floats("multimodality", spread, fixture.fact("multimodality"))
    errors = metrics.joint_position_error(fixture.array("mpjpe_gt"), fixture.array("mpjpe_pred"))
    compare.floats("MPJPE of each pose", errors, fixture["mpjpe_per_pose"])
    compare.floats("MPJPE", errors.mean(), fixture.fact("mpjpe_mean"))
