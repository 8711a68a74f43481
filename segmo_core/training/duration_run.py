"""``segmo train durations``: how long segment texts take, from real clips; a minute on a processor."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from segmo_core import catalog
from segmo_core.bundle import add_duration_model
from segmo_core.bundle_manifest import read_manifest
from segmo_core.data.duration_samples import DurationSamples, duration_samples
from segmo_core.data.folders import DataFolders, folders_of, is_mocap22
from segmo_core.data.mocap22 import Mocap22, load_mocap22
from segmo_core.durations.duration_estimator import DurationEstimator
from segmo_core.durations.suggested_track import durations_by_rules
from segmo_core.errors import DataError
from segmo_core.evaluation.measures.duration_figures import constant_duration, duration_figures, duration_table
from segmo_core.models.estimators.configs import ONCE, QUANTILES, DurationModelConfig
from segmo_core.models.estimators.duration_model import DurationModel, pinball_loss
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.runtimes.torch_models import seconds_by_torch
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.training.small_models import SmallModel, keep, kept

_SENTENCES_PER_CLIP = {"train": 2, "val": 4, "test": 4}


@dataclass(frozen=True)
class DurationTrainingSettings:
    """Of the training, which is short. validate_every: the weights that are best on the val split then are kept.

    vector_noise: length of what is added at random to sentence vectors (of length 1): a little, so that a sentence is
    not known by heart but by its neighbours too. As much as the vectors themselves predicts actions better that were
    left out of the training (pinball loss over four folds of actions 0.135 instead of 0.141, lengths being those of
    whole acts) and the others worse.
    """

    steps: int = 800
    batch_size: int = 512
    learning_rate: float = 3e-3
    warmup_steps: int = 20
    weight_decay: float = 0.01
    vector_noise: float = 0.3
    validate_every: int = 50
    seed: int = 0


TrainedDurations = SmallModel[DurationModel]


@dataclass(frozen=True, eq=False)
class _Encoded:
    """Samples on the way into the model: vectors (M, W), logarithms of seconds (M, L) and of the act once (M,)."""

    vectors: Tensor
    lengths: Tensor
    once: Tensor
    weights: Tensor


def train_durations(
    data: DataFolders,
    out: Path,
    *,
    bundle: Path | None = None,
    text_encoder: str = "minilm",
    only_shippable: bool = True,
    leave_out: Sequence[str] = (),
    resume: bool = False,
    settings: DurationTrainingSettings | None = None,
    progress: Progress | None = None,
) -> TrainedDurations:
    """Train a duration model on clips of mocap22's layout into ``out``/durations; put it into ``bundle`` if given.

    text_encoder: whose vectors it is made for; a bundle brings its own. only_shippable: learn from clips whose licence
    lets the weights be given away, and from no others. leave_out: as in the training's config. resume: take what
    ``out`` has from an earlier training with that encoder instead. Raises DataError or BundleError.
    """
    progress = progress or SilentProgress()
    settings = settings or DurationTrainingSettings()
    if bundle is not None:
        text_encoder = read_manifest(bundle).text_encoder
    if resume and (earlier := trained_durations(out, text_encoder)) is not None:
        if bundle is not None:
            put_into(bundle, earlier)
        return earlier
    if not is_mocap22(data):
        named = ", ".join(map(str, folders_of(data)))
        raise DataError(
            f"{named}: no labelled clips, expected mocap22 (motions.npz, clips.jsonl) to learn durations from"
        )
    dataset = load_mocap22(data, out / "cache" / "mocap22", ProgressPart(progress, 0.0, 0.3)).without(leave_out)
    encoder: TextEncoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", text_encoder)()
    samples = _all_samples(dataset, only_shippable, settings.seed, ProgressPart(progress, 0.3, 0.6))
    model = _fit(samples, encoder, settings, ProgressPart(progress, 0.6, 1.0))
    trained = _measured(model, encoder, samples)
    keep(trained, out / "durations", text_encoder)
    if bundle is not None:
        put_into(bundle, trained)
    return trained


def put_into(bundle: Path, trained: TrainedDurations) -> None:
    """Add a trained model to a bundle folder, with its figures; what else the bundle has stays as it is."""
    add_duration_model(bundle, trained.model, trained.figures, trained.section)


def trained_durations(out: Path, text_encoder: str) -> TrainedDurations | None:
    """What ``train_durations`` left in ``out`` for vectors of that encoder; None when it was not run. DataError when it
    cannot be read.
    """
    return kept(out / "durations", text_encoder, DurationModelConfig, DurationModel)


def _all_samples(data: Mocap22, only_shippable: bool, seed: int, progress: Progress) -> dict[str, DurationSamples]:
    samples = {}
    for number, (split, count) in enumerate(_SENTENCES_PER_CLIP.items()):
        clips = data.select(split, only_shippable=only_shippable)
        if split != "train":
            clips = [clip for clip in clips if not clip.mirrored]
        if not clips and split != "test":
            raise DataError(f"{data.name}: no clips in the split {split!r}, expected some to learn durations from")
        part = ProgressPart(progress, number / 3, (number + 1) / 3)
        samples[split] = duration_samples(data, clips, count, seed + number, part)
    return samples


def _fit(
    samples: dict[str, DurationSamples], encoder: TextEncoder, settings: DurationTrainingSettings, progress: Progress
) -> DurationModel:
    progress.report(0.0, "Encoding sentences")
    training, validation = (_encoded(samples[split], encoder) for split in ("train", "val"))
    generator = torch.Generator().manual_seed(settings.seed)
    middle = constant_duration(samples["train"]).typical
    model = _new_model(DurationModelConfig(encoder.width, mean_seconds=round(middle, 3)), settings.seed)
    optimizer = torch.optim.AdamW(model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, _rate(settings))
    best, kept = float("inf"), model.state_dict()
    with torch.random.fork_rng(devices=[]):  # dropout draws from the process's own generator
        torch.manual_seed(settings.seed)
        for step in range(1, settings.steps + 1):
            progress.raise_if_cancelled()
            drawn = torch.multinomial(training.weights, settings.batch_size, replacement=True, generator=generator)
            vectors = training.vectors[drawn]
            noise = torch.randn(vectors.shape, generator=generator) * (settings.vector_noise / vectors.shape[1] ** 0.5)
            found = model.train()(vectors + noise)
            loss = _loss(found, training.lengths[drawn], training.once[drawn]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rates.step()
            if step % settings.validate_every == 0 or step == settings.steps:
                value = _validate(model, validation)
                progress.report(step / settings.steps, f"durations, step {step}, validation {value:.4f}")
                if value < best:
                    best, kept = value, copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return model.eval()


def _new_model(config: DurationModelConfig, seed: int) -> DurationModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return DurationModel(config)


def _rate(settings: DurationTrainingSettings) -> Callable[[int], float]:
    return lambda step: min(1.0, (step + 1) / settings.warmup_steps) * (1.0 - step / settings.steps)


def _encoded(samples: DurationSamples, encoder: TextEncoder) -> _Encoded:
    return _Encoded(
        vectors=torch.from_numpy(encoder.encode(samples.texts)),
        lengths=torch.from_numpy(samples.seconds).float().log(),
        once=torch.from_numpy(samples.once).float().log(),
        weights=torch.from_numpy(samples.weights).float(),
    )


def _loss(found: Tensor, lengths: Tensor, once: Tensor) -> Tensor:
    """(B,) pinball losses of the quantiles and of the act done once."""
    each = [
        pinball_loss(found[:, ONCE + 1 + number, None], lengths, quantile).mean(dim=1)
        for number, quantile in enumerate(QUANTILES)
    ]
    return torch.stack(each).mean(dim=0) + pinball_loss(found[:, ONCE], once, 0.5)


@torch.inference_mode()
def _validate(model: DurationModel, validation: _Encoded) -> float:
    losses = _loss(model.eval()(validation.vectors), validation.lengths, validation.once)
    return float((losses * validation.weights).sum())


def _measured(model: DurationModel, encoder: TextEncoder, samples: dict[str, DurationSamples]) -> TrainedDurations:
    test, train = samples["test"], samples["train"]
    if not test.texts:
        return TrainedDurations(model, {}, _section(model, train, test, "(no test clips)"))
    ways = {
        "this model": DurationEstimator(seconds_by_torch(model), encoder).durations(test.texts),
        "rules (a table of verbs)": durations_by_rules(test.texts),
        "one range for all texts": [constant_duration(train)] * len(test.texts),
    }
    found = {name: duration_figures(test, ranges) for name, ranges in ways.items()}
    figures = {
        f"duration_model_{prefix}{name}": round(value, 4)
        for prefix, way in zip(("", "rules_", "constant_"), found.values(), strict=True)
        for name, value in asdict(way).items()
    }
    return TrainedDurations(model, figures, _section(model, train, test, duration_table(found)))


def _section(model: DurationModel, train: DurationSamples, test: DurationSamples, table: str) -> str:
    return f"""## Durations
Seconds of a segment text: quantiles (10, 50, 90 %) of how long such acts naturally last, and of the act done once; a
layer of {model.config.hidden_width} on the sentence vector, pinball loss. Learned from {len(train.texts)} sentences of
{train.num_clips} clips of the train split (mirror images included), chosen on val. A clip stands for every length at
which its act is complete: idle ends trimmed, from one cycle (walking, waving) or the lively part (sitting down) to
the whole active stretch. What words say of time themselves ("for five seconds", "three times") is read by rules.
Measured on {len(test.texts)} sentences of {test.num_clips} test clips, frequent actions counted less:

{table}
"""
