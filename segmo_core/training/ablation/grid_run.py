"""One run of a grid: trained, measured, its figures kept beside it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import MANIFEST_NAME, read_manifest
from segmo_core.data.folders import DataFolders
from segmo_core.errors import ConfigError
from segmo_core.evaluation.published_protocol.protocol_figures import (
    GENERATED,
    REAL,
    EvaluationReport,
    ProtocolSettings,
)
from segmo_core.evaluation.published_protocol.text_to_motion import EvaluationRequest, run_text_to_motion
from segmo_core.progress import Progress, ProgressPart
from segmo_core.serialization import from_plain, read_json, write_json
from segmo_core.training.ablation.grid import Grid, GridEvaluation, OpenedGrid, folder_name
from segmo_core.training.processes import is_first, wait_for_all
from segmo_core.training.run import part_file, train

_TRAINING = 0.8  # share of a run's time, about
# Of the test motions, by tokenizer: all runs of a process measure the same ones.
_KNOWN_TOKENS: dict[str, dict[str, NDArray[np.integer]]] = {}


@dataclass(frozen=True)
class RunFigures:
    """metrics, real: by name of ``METRICS``, of generated and of real motions. consistency: by evaluation
    segmentation, ISC of "real" and "generated" motions; empty for rows without alignment. validation: losses of the
    masked transformer after its last step. evaluation: how it was measured. evaluator, data, num_motions: with what.
    """

    row: str
    seed: int
    metrics: dict[str, float]
    real: dict[str, float]
    consistency: dict[str, dict[str, float]]
    validation: dict[str, float]
    evaluation: GridEvaluation
    evaluator: str
    data: str
    num_motions: int


@dataclass(frozen=True)
class GridRun:
    """One row of a grid with one seed. data: of the training and of the evaluation. out: the grid's folder."""

    opened: OpenedGrid
    data: DataFolders
    out: Path
    row: str
    seed: int

    @property
    def folder(self) -> Path:
        return self.out / "runs" / folder_name(self.row) / f"seed-{self.seed}"

    def kept(self) -> RunFigures | None:
        """What was measured before with these settings; None when there is something to do.

        ConfigError when the folder is of another training.
        """
        begun = self.out / "beginning"
        keep_config(self.folder, self.opened.config_of(self.row, self.seed, begun), f"row {self.row!r}")
        path = self.folder / "figures.json"
        if not path.is_file():
            return None
        figures = from_plain(RunFigures, read_json(path), str(path))
        return figures if figures.evaluation == self.opened.grid.evaluation else None

    def perform(self, device: str, progress: Progress) -> RunFigures | None:
        """Train what is not trained yet, from the last checkpoint on, and measure; None in processes but the first."""
        bundle = self.folder / "bundle"
        if not (bundle / MANIFEST_NAME).is_file():
            self._train(ProgressPart(progress, 0.0, _TRAINING))
        figures = None
        if is_first():
            figures = self._measured(bundle, device, ProgressPart(progress, _TRAINING, 1.0))
            write_json(self.folder / "figures.json", figures)
        wait_for_all()
        return figures

    def _train(self, progress: Progress) -> None:
        grid, stages = self.opened.grid, self.opened.own_stages
        take_shared(grid, self.out, self.folder)
        for number, stage in enumerate(stages):
            part = ProgressPart(progress, number / len(stages), (number + 1) / len(stages))
            train(
                stage,
                self.data,
                self.folder / "config.json",
                self.folder,
                resume=True,
                cache=self.out / "cache",
                progress=part,
            )
        if is_first():  # the bundle has them all
            for name in (*grid.shared, *stages):
                (self.folder / part_file(name)).unlink()
                (self.folder / name / "checkpoint.pt").unlink(missing_ok=True)

    def _measured(self, bundle: Path, device: str, progress: Progress) -> RunFigures:
        settings, config = self.opened.grid.evaluation, self.opened.rows[self.row]
        request = EvaluationRequest(
            data=self.data,
            cache=self.out / "cache",
            bundle=bundle,
            evaluator=None if settings.evaluator is None else Path(settings.evaluator),
            glove=None if settings.glove is None else Path(settings.glove),
            split=settings.split,
            settings=ProtocolSettings(settings.repeats, settings.limit, 0, settings.seed, tokenizer_row=False),
            timing=settings.timing,  # type: ignore[arg-type]  # was looked at when the grid was read
            segments_model=config.segments_model,
            segmentations=settings.segmentations,
            batch_size=settings.batch,
            device=device,
            composition=config.composition,
            known_tokens=_KNOWN_TOKENS.setdefault(read_manifest(bundle).token_origin.fingerprint, {}),
        )
        report = run_text_to_motion(request, progress)
        log = self.folder / "masked" / "log.jsonl"
        return _figures(self.row, self.seed, settings, report, _last_validation(log))


def keep_config(folder: Path, plain: dict[str, Any], whose: str) -> None:
    """Write the configuration that is trained in ``folder``; ConfigError when another one was."""
    path = folder / "config.json"
    if path.is_file():
        if read_json(path) != json.loads(json.dumps(plain)):
            raise ConfigError(
                f"{path}: was trained with other settings than {whose} has now, expected the same or another --output"
            )
        return
    if is_first():
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, plain)
    wait_for_all()


def take_shared(grid: Grid, out: Path, folder: Path) -> None:
    """The weights of the shared stages into a training's folder."""
    if is_first():
        for part in grid.shared:
            _same_file(out / "shared" / part_file(part), folder / part_file(part))
    wait_for_all()


def _same_file(source: Path, target: Path) -> None:
    """``source`` under another name, or a copy where a file can have one name only."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _figures(
    row: str, seed: int, settings: GridEvaluation, report: EvaluationReport, validation: dict[str, float]
) -> RunFigures:
    found = {method.name: {name: value.mean for name, value in method.metrics.items()} for method in report.methods}
    return RunFigures(
        row=row,
        seed=seed,
        metrics=found[GENERATED],
        real=found[REAL],
        consistency={
            one.segmentation: {"real": one.real.mean, "generated": one.generated.mean} for one in report.consistency
        },
        validation=validation,
        evaluation=settings,
        evaluator=report.evaluator,
        data=report.data,
        num_motions=report.num_motions,
    )


def _last_validation(log: Path) -> dict[str, float]:
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    last = [row for row in rows if row.get("validation")][-1]
    return {name: float(value) for name, value in last.items() if name not in ("step", "validation")}
