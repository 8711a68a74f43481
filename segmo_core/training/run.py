"""``segmo train``: one stage or all, from a data set folder to a bundle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from segmo_core import catalog
from segmo_core.bundle import save_bundle
from segmo_core.bundle_folder import changed_folder
from segmo_core.bundle_manifest import BOUNDARY_MODEL, MANIFEST_NAME, add_vocabulary, read_vocabulary, weights_file
from segmo_core.data.folders import DataFolders, is_mocap22
from segmo_core.data.pools.token_pool import SequenceClips, TokenPool
from segmo_core.errors import ConfigError, DataError
from segmo_core.models.estimators.boundary_model import BoundaryModel
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.vocabulary import Vocabulary
from segmo_core.serialization import write_atomically
from segmo_core.shipped import bundle_folder
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN
from segmo_core.training.config import TrainingConfig, read_config
from segmo_core.training.duration_run import put_into, train_durations, trained_durations
from segmo_core.training.judge.judge_run import put_judge_into, train_judge, trained_judge_of
from segmo_core.training.loop import Objective
from segmo_core.training.loop import train as run_loop
from segmo_core.training.objectives.boundary_detection import BoundaryObjective
from segmo_core.training.objectives.decoder import DecoderObjective
from segmo_core.training.objectives.tokenizer import TokenizerObjective
from segmo_core.training.objectives.tokens import MaskedObjective, ResidualObjective
from segmo_core.training.processes import first_goes_first, is_first, joined_processes, wait_for_all
from segmo_core.training.sources import open_source
from segmo_core.training.stage_settings import StageSettings
from segmo_core.training.starting import begun, renormalise, statistics_of, with_weights

M = TypeVar("M", bound=nn.Module)

STAGES = ("tokenizer", "masked", "residual", "decoder", "boundaries", "all")
_PARTS = {
    "tokenizer": "tokenizer.safetensors",
    "masked": "masked_transformer.safetensors",
    "residual": "residual_transformer.safetensors",
}
_BOUNDARY_MODEL = weights_file(BOUNDARY_MODEL)
_FILES = _PARTS | {"decoder": _PARTS["tokenizer"], "boundaries": _BOUNDARY_MODEL}


def part_file(stage: str) -> str:
    """The file in a training's folder that a finished stage leaves."""
    return _FILES[stage]


@dataclass(frozen=True)
class TrainingReport:
    """out: the training folder. bundle: the finished bundle when all three stages are done, else None.

    notices: sentences on what of the data was left out or made up.
    """

    out: Path
    bundle: Path | None
    notices: tuple[str, ...] = ()


def train(
    stage: str,
    data: DataFolders,
    config_path: Path,
    out: Path,
    *,
    resume: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> TrainingReport:
    """Train one stage ("tokenizer", "masked", "residual", "decoder", "boundaries") or "all" into ``out``.

    data: a folder, or several of mocap22's layout that are one data set.
    Caches lie in ``cache``, by default out/cache, each stage's checkpoint and log in out/<stage>; when all three stages
    are there, the bundle out/bundle is written, with the duration model and the joint judge where they were trained, as
    "all" does on clips with labels. ``resume`` goes on from checkpoints. Of several processes that torchrun started
    each trains on its share of every batch, and the first one writes. Raises ConfigError or DataError.
    """
    if stage not in STAGES:
        raise ConfigError(f"stage: {stage!r}, expected one of {', '.join(STAGES)}")
    config = read_config(config_path)
    frames = config.tokenizer.frames_per_token
    if stage != "tokenizer" and frames != FRAMES_PER_TOKEN:
        raise ConfigError(
            f"{config_path}: {frames} frames a token, expected {FRAMES_PER_TOKEN} for all but a tokenizer"
        )
    with joined_processes(config.device) as device:
        progress = progress if progress is not None and is_first() else SilentProgress()
        with first_goes_first():
            run = _Run(replace(config, device=device), data, out, resume, cache or out / "cache", progress)
        parts = [*_PARTS, *(["boundaries"] if config.stages.boundaries is not None else [])]
        for name in parts if stage == "all" else (stage,):
            getattr(run, f"train_{name}")()
        if not is_first():
            return TrainingReport(out, None)
        if stage == "all" and is_mocap22(data):
            train_durations(
                data,
                out,
                text_encoder=config.text_encoder,
                only_shippable=config.only_shippable,
                leave_out=config.leave_out,
                resume=resume,
                progress=progress,
            )
            train_judge(
                data,
                out,
                text_encoder=config.text_encoder,
                only_shippable=config.only_shippable,
                leave_out=config.leave_out,
                resume=resume,
                progress=progress,
            )
        return TrainingReport(out, run.write_bundle(), run.source.notices)


class _Run:
    """What the stages of one training share."""

    def __init__(
        self,
        config: TrainingConfig,
        data: DataFolders,
        out: Path,
        resume: bool,
        cache: Path,
        progress: Progress,
    ) -> None:
        self.config, self.out, self.resume, self.progress = config, out, resume, progress
        if config.threads:
            torch.set_num_threads(config.threads)
        self.cache = cache
        self.source = open_source(config, data, cache, progress)
        self._pools: tuple[TokenPool, TokenPool] | None = None

    def train_tokenizer(self) -> None:
        settings = self.config.stages.tokenizer
        torch.manual_seed(settings.seed)
        model = self._begun("tokenizer", RVQVAE(self.config.tokenizer))
        if self.config.keep_tokenizer:
            self._write("tokenizer", model)
            return
        objective = self._tokenizer_objective(TokenizerObjective, model, settings)
        self._run("tokenizer", objective, settings.of_items(objective.num_items))

    def train_decoder(self) -> None:
        """Train the decoder of the finished tokenizer on, in its place."""
        settings = self.config.stages.decoder
        if settings is None:
            raise ConfigError("training config: stages.decoder is missing, expected its steps and batch_size")
        model = self._trained("tokenizer", RVQVAE(self.config.tokenizer))
        objective = self._tokenizer_objective(DecoderObjective, model, settings)
        self._run("decoder", objective, settings.of_items(objective.num_items))

    def _tokenizer_objective(
        self, kind: type[TokenizerObjective], model: RVQVAE, settings: StageSettings
    ) -> TokenizerObjective:
        statistics = self.source.statistics()
        pools = self.source.sequences() if self.config.sequence_share else None
        return kind(
            model,
            self.source.clips,
            only_shippable=self.config.only_shippable,
            batch_size=settings.batch_size,
            statistics=statistics,
            max_validation=self.source.max_validation,
            sequences=None if pools is None else SequenceClips(pools, self.source.clips.layout),
            sequence_share=self.config.sequence_share,
            for_gestures=self.config.for_gestures,
            rare_poses=self.config.rare_poses,
        )

    def train_masked(self) -> None:
        settings = self.config.stages.masked
        training, validation = self._token_pools()
        torch.manual_seed(settings.seed)
        model = self._begun("masked", MaskedTransformer(self.config.masked))
        config = self.config
        objective = MaskedObjective(
            model,
            training,
            validation,
            settings.batch_size,
            config.rare_actions,
            config.draw_motions,
            config.mask_over_padding,
        )
        self._run("masked", objective, settings.of_items(objective.num_items))

    def train_residual(self) -> None:
        settings = self.config.stages.residual
        training, validation = self._token_pools()
        torch.manual_seed(settings.seed)
        model = self._begun("residual", ResidualTransformer(self.config.residual))
        objective = ResidualObjective(
            model, training, validation, settings.batch_size, self.config.rare_actions, self.config.draw_motions
        )
        self._run("residual", objective, settings.of_items(objective.num_items))

    def train_boundaries(self) -> None:
        """Train the boundary model; the tokenizer must be there."""
        settings = self.config.stages.boundaries
        if settings is None:
            raise ConfigError("training config: stages.boundaries is missing, expected its steps and batch_size")
        sequences = self.source.sequences()
        if sequences is None:
            raise DataError(
                "boundaries: those of this data set are not known, expected mocap22, whose clips are joined"
            )
        statistics = self.source.statistics()
        torch.manual_seed(settings.seed)
        objective = BoundaryObjective(
            BoundaryModel(self.config.boundary_model),
            self._trained("tokenizer", RVQVAE(self.config.tokenizer)).to(self.config.device),
            sequences,
            self._token_pools(),
            batch_size=settings.batch_size,
            statistics=statistics,
        )
        self._run("boundaries", objective, settings)

    def write_bundle(self) -> Path | None:
        """The bundle of all finished stages, or None while one is missing."""
        if not all((self.out / name).is_file() for name in _PARTS.values()):
            return None
        config = self.config
        statistics = self.source.statistics()
        folder = self.out / "bundle"
        save_bundle(
            folder,
            name=config.name,
            description=self.source.description,
            licence=self.source.licence(),
            text_encoder=config.text_encoder,
            tokenizer=self._trained("tokenizer", RVQVAE(config.tokenizer)),
            masked_transformer=self._trained("masked", MaskedTransformer(config.masked)),
            residual_transformer=self._trained("residual", ResidualTransformer(config.residual)),
            statistics=statistics,
            model_card=self.source.model_card(self.out),
            sampling=config.sampling,
            boundary_model=self._boundary_model(),
            frame_rate=self.source.frame_rate,
        )
        with changed_folder(folder) as changed:
            add_vocabulary(changed, self._vocabulary())
        durations = trained_durations(self.out, config.text_encoder)
        if durations is not None:
            put_into(folder, durations)
        judge = trained_judge_of(self.out, config.text_encoder)
        if judge is not None:
            put_judge_into(folder, judge)
        return folder

    def _vocabulary(self) -> Vocabulary:
        """The acts that training named, and those that the bundle it goes on from knows."""
        named = Vocabulary.of(self.source.sentences())
        if self.config.start_from is None or not self.config.keep_tokenizer:
            return named
        folder = bundle_folder(Path(self.config.start_from))
        before = read_vocabulary(folder) if (folder / MANIFEST_NAME).is_file() else None
        return named if before is None else named.with_words_of(before)

    def _boundary_model(self) -> BoundaryModel | None:
        """The trained one, if there is any."""
        if not (self.out / _BOUNDARY_MODEL).is_file():
            return None
        expected = "a boundary model of the sizes in the config"
        return with_weights(BoundaryModel(self.config.boundary_model), self.out / _BOUNDARY_MODEL, expected)

    def _token_pools(self) -> tuple[TokenPool, TokenPool]:
        if self._pools is None:
            tokenizer = self._trained("tokenizer", RVQVAE(self.config.tokenizer)).to(self.config.device).eval()
            encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", self.config.text_encoder)()
            key = self._tokenizer_key()
            with first_goes_first():
                self._pools = self.source.token_pools(
                    tokenizer, encoder, lambda name: self.cache / f"tokens-{name}-{key}.npz"
                )
        return self._pools

    def _tokenizer_key(self) -> str:
        """Changes with what decides tokens: the encoder and the codebooks, not the decoder."""
        state = load_file(self.out / _PARTS["tokenizer"])
        digest = hashlib.sha256()
        for name in sorted(state):
            if not name.startswith("decoder."):
                digest.update(name.encode() + state[name].numpy().tobytes())
        return digest.hexdigest()[:12]

    def _run(self, name: str, objective: Objective, settings: StageSettings) -> None:
        model = run_loop(
            objective,
            settings,
            self.out / name,
            resume=self.resume,
            progress=self.progress,
            device=self.config.device,
        )
        self._write(name, model)

    def _write(self, name: str, model: nn.Module) -> None:
        """Keep the weights of a finished stage."""
        state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
        if is_first():
            write_atomically(self.out / _FILES[name], lambda path: save_file(state, path))
        wait_for_all()

    def _begun(self, name: str, model: M) -> M:
        """``model`` with the weights that training begins with."""
        if self.config.start_from is None or name not in self.config.start_parts:
            return model
        folder = bundle_folder(Path(self.config.start_from))
        model = begun(model, folder, _PARTS[name])
        statistics = statistics_of(folder)
        if isinstance(model, RVQVAE) and statistics is not None and not self.config.keep_tokenizer:
            renormalise(model, statistics, self.source.statistics())
        return model

    def _trained(self, name: str, model: M) -> M:
        expected = f"the result of `segmo train {name}` with this --output"
        return with_weights(model, self.out / _PARTS[name], expected)
