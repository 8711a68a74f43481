"""``segmo finetune``: a bundle trained on with own clips and own words, in minutes on a processor."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from segmo_core.bundle_folder import changed_folder
from segmo_core.bundle_manifest import (
    BOUNDARY_MODEL,
    DURATION_MODEL,
    MANIFEST_NAME,
    BundleManifest,
    read_manifest,
    record_of,
    weights_file,
)
from segmo_core.errors import ConfigError
from segmo_core.models.trunk.processor import has_bfloat16
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.serialization import real_path, to_plain, write_json
from segmo_core.shipped import bundle_folder
from segmo_core.training.finetuning.clip_folder import write_clip_folder
from segmo_core.training.finetuning.own_clips import OwnClip, read_own_clips
from segmo_core.training.finetuning.rehearsal import known_acts, rehearsed_clips
from segmo_core.training.run import train

_TRANSFORMERS = ("masked_transformer", "residual_transformer")
_KEPT_PARTS = (BOUNDARY_MODEL, DURATION_MODEL)


@dataclass(frozen=True)
class FinetuneSettings:
    """steps: of the masked transformer; the residual transformer takes half as many. rehearsal: motions of every known
    act that the bundle makes for itself beforehand; 0 leaves them out. own_share: of the segments trained on.
    sequences: joined of the clips. old_weights: share of the old transformers' weights in the finished ones, which are
    a mean of both: what was known comes back sooner than what is new goes (Wortsman et al. 2022). Defaults from trials
    with twenty clips of the starter (docs/tasks/finetune.md).
    """

    steps: int = 500
    batch_size: int = 32
    learning_rate: float = 3e-4
    rehearsal: int = 2
    own_share: float = 0.3
    sequences: int = 1500
    old_weights: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 2 or self.rehearsal < 0 or self.sequences < 1:
            raise ConfigError(
                f"finetune: steps {self.steps}, rehearsal {self.rehearsal}, expected at least 2 and at least 0"
            )
        if not 0 < self.own_share < 1:
            raise ConfigError(f"finetune: own share {self.own_share:g}, expected above 0 and below 1")
        if not 0 <= self.old_weights < 1:
            raise ConfigError(f"finetune: old weights {self.old_weights:g}, expected 0 to below 1")


@dataclass(frozen=True)
class FinetuneReport:
    """bundle: its folder. clips: own ones that were read. words: their texts, each once."""

    bundle: Path
    clips: int
    words: tuple[str, ...]


def finetune(
    clips: Path,
    out: Path,
    *,
    bundle: Path = Path("starter"),
    sentences: Sequence[str] | None = None,
    settings: FinetuneSettings | None = None,
    device: str = "cpu",
    resume: bool = False,
    progress: Progress | None = None,
) -> FinetuneReport:
    """Train ``bundle`` on with the clips of a folder into ``out``/bundle; everything else in ``out`` is for resuming.

    The tokenizer stays, so takes of the old bundle can be edited with the new one. sentences: what the bundle
    rehearses; None takes the built-in ones. resume: go on where an earlier call with the same ``out`` ended.

    Raises ConfigError for a bundle of another layout, DataError for clips that cannot be learned from.
    """
    settings, progress = settings or FinetuneSettings(), progress or SilentProgress()
    base = bundle_folder(bundle)
    manifest = read_manifest(base)
    if manifest.tokenizer.feature_width != HUMANML3D_LAYOUT.dimension:
        raise ConfigError(
            f"{base}: a bundle of {manifest.tokenizer.feature_width} features, expected one of "
            f"{HUMANML3D_LAYOUT.dimension} (HumanML3D's) to train on"
        )
    own = read_own_clips(clips, ProgressPart(progress, 0.0, 0.03))
    data = out / "clips"
    if not (resume and (data / "clips.jsonl").is_file()):
        acts = known_acts(base) if sentences is None else [(sentence,) for sentence in sentences]
        rehearsed: list[OwnClip] = []
        if settings.rehearsal:
            part = ProgressPart(progress, 0.03, 0.2)
            rehearsed = rehearsed_clips(base, acts, settings.rehearsal, device, part)
        write_clip_folder(data, own, rehearsed, settings.own_share, manifest.licence)
    config = out / "config.json"
    write_json(config, _config(base, manifest, settings, device))
    for stage, first, last in (("tokenizer", 0.2, 0.2), ("masked", 0.2, 0.8), ("residual", 0.8, 1.0)):
        report = train(stage, data, config, out, resume=resume, progress=ProgressPart(progress, first, last))
    if report.bundle is None:
        raise ConfigError(f"{out}: a stage is missing, expected tokenizer, masked and residual transformer")
    _finish(base, manifest, report.bundle, settings.old_weights)
    return FinetuneReport(report.bundle, len(own), tuple(dict.fromkeys(text for clip in own for text in clip.texts)))


def _config(base: Path, manifest: BundleManifest, settings: FinetuneSettings, device: str) -> dict[str, Any]:
    """What ``segmo train`` is asked for: the sizes of the bundle, and short stages."""

    def stage(steps: int) -> dict[str, Any]:
        return {
            "steps": steps,
            "batch_size": settings.batch_size,
            "learning_rate": settings.learning_rate,
            "warmup_steps": min(30, steps // 4),
            "decay_steps": steps // 2,
            "weight_decay": 0.02,
            "gradient_clip": 1.0,
            "average_decay": 0.98,
            "precision": "bfloat16" if device == "cuda" or has_bfloat16() else "float32",
            "validate_every": max(1, steps // 4),
            "checkpoint_seconds": 60,
            "log_every": 10,
            "optimizer": "muon",
            "seed": settings.seed,
        }

    return {
        "name": f"{manifest.name}-finetuned",
        "tokenizer": to_plain(manifest.tokenizer),
        "masked": to_plain(manifest.masked_transformer),
        "residual": to_plain(manifest.residual_transformer),
        "stages": {"tokenizer": stage(1), "masked": stage(settings.steps), "residual": stage(settings.steps // 2)},
        "composition": {
            "num_sequences": settings.sequences,
            "still_share": 0.0,
            "simultaneous_share": 0.0,
            "keyframed_share": 0.0,
            "measured_share": 0.0,
            "seed": settings.seed,
        },
        "validation_sequences": 64,
        "sampling": asdict(manifest.sampling),
        "text_encoder": manifest.text_encoder,
        "device": device,
        "start_from": str(real_path(base)),
        "keep_tokenizer": True,
        "history": f"It is the bundle {manifest.name}, whose own motions were rehearsed beside the new clips.",
    }


def _finish(base: Path, manifest: BundleManifest, made: Path, old_weights: float) -> None:
    """Average the transformers with the old ones, and give the new bundle what the old one has beside them: boundary
    and duration model, and what its similarities mean. The judge on joints knows none of the new words, so checks go
    by the grounding head."""
    with changed_folder(made) as changed:
        new = read_manifest(changed)
        parts: dict[str, Any] = {}
        files = dict(new.files)
        for name in _TRANSFORMERS if old_weights else ():
            file_name = weights_file(name)
            save_file(
                _mean(load_file(base / file_name), load_file(changed / file_name), old_weights), changed / file_name
            )
            files[file_name] = record_of(changed / file_name)
        for name in _KEPT_PARTS:
            config = getattr(manifest, name)
            if config is None or getattr(new, name) is not None:
                continue
            file_name = weights_file(name)
            shutil.copyfile(base / file_name, changed / file_name)
            files[file_name] = record_of(changed / file_name)
            parts[name] = config
        write_json(
            changed / MANIFEST_NAME, replace(new, files=files, grounding=manifest.grounding, release="", **parts)
        )


def _mean(old: dict[str, Tensor], new: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """share * old + (1 - share) * new, in the kind of numbers of the new; tensors that the old has not stay."""
    return {
        name: (share * old[name].float() + (1 - share) * tensor.float()).to(tensor.dtype)
        if name in old and tensor.is_floating_point()
        else tensor
        for name, tensor in new.items()
    }
