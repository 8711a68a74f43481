"""``segmo train judge``: a judge on joints, from recorded, edited and spoilt motion; minutes on a processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from segmo_core import catalog
from segmo_core.bundle import add_joint_judge
from segmo_core.bundle_manifest import read_manifest
from segmo_core.data.folders import DataFolders
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.models.estimators.configs import JointJudgeConfig
from segmo_core.models.estimators.joint_judge import JointJudge
from segmo_core.models.estimators.joint_rows import JOINT_WIDTH, joint_rows, padded_rows
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.training.judge.pairs import JudgeBatch, JudgePairs, edited_motions, recorded_motions
from segmo_core.training.small_models import SmallModel, keep, kept

_STEPS_A_POOL = 160
_SAME_MEANING = 0.85  # sentences nearer than this are no negatives of each other


TrainedJudge = SmallModel[JointJudge]


@dataclass(frozen=True)
class JudgeSettings:
    """edited: so many edited clips beside the recorded ones. pool_size: pairs that are drawn at a time, since their
    sentences take longest to encode. calibrated_on: pairs of the val split."""

    steps: int = 320
    batch_size: int = 32
    pool_size: int = 768
    learning_rate: float = 2e-3
    edited: int = 2000
    calibrated_on: int = 320
    seed: int = 0


def train_judge(
    data: DataFolders,
    out: Path,
    *,
    bundle: Path | None = None,
    settings: JudgeSettings | None = None,
    text_encoder: str = "minilm",
    only_shippable: bool = True,
    leave_out: Sequence[str] = (),
    resume: bool = False,
    progress: Progress | None = None,
) -> TrainedJudge:
    """Train into ``out``/judge, calibrate on the val split, and put the judge into ``bundle`` where one is given.

    Caches lie in out/cache. resume: take what ``out`` has from an earlier training with that encoder instead. The
    figures: how often a sentence is nearer to its own motion than to the same spoilt, and than to another's.
    """
    settings, progress = settings or JudgeSettings(), progress or SilentProgress()
    if bundle is not None:
        text_encoder = read_manifest(bundle).text_encoder
    if resume and (earlier := trained_judge_of(out, text_encoder)) is not None:
        if bundle is not None:
            put_judge_into(bundle, earlier)
        return earlier
    encoder: TextEncoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", text_encoder)()
    cache = out / "cache"
    loaded = load_mocap22(data, cache / "mocap22", ProgressPart(progress, 0.0, 0.1)).without(leave_out)
    edited = edited_motions(
        loaded,
        "train",
        settings.edited,
        cache,
        only_shippable=only_shippable,
        progress=ProgressPart(progress, 0.1, 0.3),
    )
    pairs = JudgePairs(recorded_motions(loaded, "train", only_shippable=only_shippable), edited)
    model = _trained(pairs, encoder, settings, ProgressPart(progress, 0.3, 0.97))
    held_out = JudgePairs(recorded_motions(loaded, "val", only_shippable=only_shippable), [])
    model, figures = _calibrated(model, held_out, encoder, settings)
    trained = SmallModel(model, figures, _section(settings, len(edited), figures))
    keep(trained, out / "judge", text_encoder)
    if bundle is not None:
        put_judge_into(bundle, trained)
    return trained


def put_judge_into(bundle: Path, trained: TrainedJudge) -> None:
    """Add a trained judge to a bundle folder, with its figures; what else the bundle has stays as it is."""
    add_joint_judge(bundle, trained.model, trained.figures, trained.section)


def trained_judge_of(out: Path, text_encoder: str) -> TrainedJudge | None:
    """What ``train_judge`` left in ``out`` for vectors of that encoder; None when it was not run."""
    return kept(out / "judge", text_encoder, JointJudgeConfig, JointJudge)


def _trained(pairs: JudgePairs, encoder: TextEncoder, settings: JudgeSettings, progress: Progress) -> JointJudge:
    torch.manual_seed(settings.seed)
    generator = np.random.default_rng(settings.seed)
    model = JointJudge(JointJudgeConfig(text_width=encoder.width))
    first = np.concatenate([joint_rows(joints) for joints in pairs.draw(400, generator).motions])
    low, middle, high = np.percentile(first, [25, 50, 75], axis=0)
    model.middle.copy_(torch.from_numpy(middle.astype(np.float32)))
    model.deviation.copy_(torch.from_numpy(np.maximum((high - low) / 1.35, 0.02).astype(np.float32)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=settings.steps)
    batch, vectors = pairs.draw(0, generator), torch.zeros(0, encoder.width)
    model.train()
    for step in range(settings.steps):
        progress.raise_if_cancelled()
        if step % 20 == 0:
            progress.report(step / settings.steps, f"judge, step {step} of {settings.steps}")
        if step % _STEPS_A_POOL == 0:
            batch = pairs.draw(settings.pool_size, generator)
            vectors = _vectors(batch.sentences, encoder)
        chosen = generator.choice(len(batch.sentences), size=settings.batch_size, replace=False)
        loss = _loss(model, batch.rows(chosen), vectors[torch.from_numpy(chosen)])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model.eval()


def _loss(model: JointJudge, batch: JudgeBatch, vectors: Tensor) -> Tensor:
    """Every sentence finds its motion among all others and the spoilt ones, every motion its sentence."""
    count = len(batch.sentences)
    rows, is_valid = _rows([*batch.motions, *batch.spoilt])
    moved = model.embed_motions(rows + 0.02 * torch.randn_like(rows), is_valid)
    texts = model.embed_texts(vectors + 0.02 * torch.randn_like(vectors))
    scores = model.sharpness.exp().clamp(max=50.0) * texts @ moved.T
    labels = np.array(batch.labels)
    alike = torch.from_numpy(labels[:, None] == labels[None]) | (vectors @ vectors.T > _SAME_MEANING)
    alike &= ~torch.eye(count, dtype=torch.bool)
    own = scores[:, :count].masked_fill(alike, -1e4)
    target = torch.arange(count)
    by_text = torch.nn.functional.cross_entropy(torch.cat([own, scores[:, count:].masked_fill(alike, -1e4)], 1), target)
    by_motion = torch.nn.functional.cross_entropy(own.T, target)
    spoilt = torch.nn.functional.softplus(scores.diagonal(count) - scores.diagonal()).mean()
    return by_text + by_motion + 0.5 * spoilt


def _rows(motions: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """What the judge sees of joints (T, 22, 3) each, as one batch, and what of it is theirs."""
    rows, is_valid = padded_rows([joint_rows(joints) for joints in motions])
    return torch.from_numpy(rows), torch.from_numpy(is_valid)


def _vectors(sentences: list[str], encoder: TextEncoder) -> Tensor:
    return torch.from_numpy(encoder.encode(sentences)).float()


@torch.inference_mode()
def _calibrated(
    model: JointJudge, pairs: JudgePairs, encoder: TextEncoder, settings: JudgeSettings
) -> tuple[JointJudge, dict[str, float]]:
    """The model with the level and spread of a logistic curve between right and wrong pairs, and its figures."""
    batch = pairs.draw(settings.calibrated_on, np.random.default_rng(1))
    texts = model.embed_texts(_vectors(batch.sentences, encoder))
    own, spoilt = (_embedded(model, motions) for motions in (batch.motions, batch.spoilt))
    right, wrong = (texts * own).sum(dim=1).numpy(), (texts * spoilt).sum(dim=1).numpy()
    other = (texts * own.roll(1, dims=0)).sum(dim=1).numpy()
    differs = np.array([a != b for a, b in zip(batch.labels, np.roll(batch.labels, 1), strict=True)])
    level, spread = fitted_curve(right, np.concatenate([wrong, other[differs]]))
    calibrated = JointJudge(replace(model.config, level=level, spread=spread))
    calibrated.load_state_dict(model.state_dict())
    figures = {
        "joint_judge_beats_spoilt": round(float((right > wrong).mean()), 4),
        "joint_judge_beats_other": round(float((right > other)[differs].mean()), 4),
    }
    return calibrated.eval(), figures


def _embedded(model: JointJudge, motions: list[np.ndarray]) -> Tensor:
    parts = [_rows(motions[k : k + 64]) for k in range(0, len(motions), 64)]
    return torch.cat([model.embed_motions(rows, is_valid) for rows, is_valid in parts])


def fitted_curve(right: np.ndarray, wrong: np.ndarray) -> tuple[float, float]:
    """level and spread of 1 / (1 + exp((level - cosine) / spread)), most likely with both classes weighing alike."""
    best = (0.5, 0.1, np.inf)
    for level in np.linspace(-0.2, 0.9, 56):
        for spread in (0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.3):
            loss = np.logaddexp(0, (level - right) / spread).mean() + np.logaddexp(0, (wrong - level) / spread).mean()
            if loss < best[2]:
                best = float(level), float(spread), float(loss)
    return best[0], best[1]


def _section(settings: JudgeSettings, edited: int, figures: dict[str, float]) -> str:
    return (
        "## Joint judge\n\n"
        f"A judge of its own on joints, trained {settings.steps} steps on recorded clips, {edited} edited ones and the "
        "same spoilt (averaged, half-hearted, frozen, mirrored, backwards, other arms). On the val split a sentence is "
        f"nearer to its motion than to the same spoilt in {100 * figures['joint_judge_beats_spoilt']:.0f} %, than to "
        f"another's in {100 * figures['joint_judge_beats_other']:.0f} %. {JOINT_WIDTH} numbers a frame.\n"
    )
