"""The file given to ``segmo ablate``: one training configuration, rows that change it, seeds, tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segmo_core.errors import ConfigError, SegmoError
from segmo_core.evaluation.samples.bundle_sampler import TIMINGS
from segmo_core.serialization import from_plain, read_json, real_path, to_plain
from segmo_core.shipped import config_file
from segmo_core.training.config import STARTED_PARTS, TrainingConfig

GridSteps = tuple[str, ...]


@dataclass(frozen=True)
class GridEvaluation:
    """How every run is measured: as ``segmo evaluate text-to-motion`` does it, with the same motions for all.

    limit, repeats, split, seed, timing: see there. segmentations: to report ISC with; None takes what is there.
    evaluator, glove: what measures; None as there.
    """

    limit: int | None = None
    repeats: int = 20
    split: str = "test"
    seed: int = 0
    timing: str = "even"
    segmentations: tuple[str, ...] | None = None
    evaluator: str | None = None
    glove: str | None = None
    batch: int = 32

    def __post_init__(self) -> None:
        if self.timing not in TIMINGS:
            raise ConfigError(f"evaluation.timing: {self.timing!r}, expected one of {', '.join(TIMINGS)}")


@dataclass(frozen=True)
class GridTable:
    """rows: by name. reference: the row that the others are held against; empty holds none against another."""

    title: str
    rows: tuple[str, ...]
    reference: str = ""


@dataclass(frozen=True)
class Grid:
    """config: a file of ``segmo train --config``, beside the grid's own or one that ships.

    rows: by name, the keys of the configuration that differ, nested as there. seeds: of each row, at least two to
    compare anything. shared: stages that are trained once, from the configuration as it is; every run takes their
    weights. beginning: keys of the configuration for one more training whose masked transformer all rows begin with,
    but for what theirs has besides; None begins with random weights. tables: the rows that stand
    together. consistency: rows of the table of ISC, training segmentation by evaluation segmentation.
    """

    name: str
    config: str
    seeds: tuple[int, ...]
    rows: dict[str, dict[str, Any]]
    tables: tuple[GridTable, ...] = ()
    consistency: tuple[str, ...] = ()
    shared: tuple[str, ...] = ("tokenizer", "residual")
    beginning: dict[str, Any] | None = None
    evaluation: GridEvaluation = field(default_factory=GridEvaluation)

    def __post_init__(self) -> None:
        if not self.rows or not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ConfigError(
                f"grid: {len(self.rows)} rows, seeds {list(self.seeds)}, expected rows, and seeds once each"
            )
        if "tokenizer" not in self.shared or "masked" in self.shared or set(self.shared) - set(STARTED_PARTS):
            raise ConfigError(
                f"grid: shared {list(self.shared)}, expected tokenizer, or tokenizer and residual: tokens must mean "
                "the same in all rows, and the masked transformer is what they are about"
            )
        named = [name for table in self.tables for name in (*table.rows, *([table.reference] * bool(table.reference)))]
        unknown = [name for name in (*named, *self.consistency) if name not in self.rows]
        if unknown:
            raise ConfigError(f"grid: a table names the row {unknown[0]!r}, expected one of {', '.join(self.rows)}")
        if len({folder_name(name) for name in self.rows}) < len(self.rows):
            raise ConfigError("grid: two rows have names of the same letters and digits, expected others")


@dataclass(frozen=True)
class OpenedGrid:
    """A grid with the configurations of its shared stages and of its rows, all of them read and sound."""

    grid: Grid
    base: TrainingConfig
    rows: dict[str, TrainingConfig]
    beginning: TrainingConfig | None

    def config_of(self, row: str, seed: int, begun: Path) -> dict[str, Any]:
        """The plain configuration of one run: the row's, its own stages with this seed. begun: where ``beginning`` was
        trained."""
        plain: dict[str, Any] = to_plain(self.rows[row])
        for stage in self.own_stages:
            plain["stages"][stage]["seed"] = seed
        if self.beginning is not None:
            plain |= {"start_from": str(real_path(begun)), "start_parts": ["tokenizer", "masked"]}
            plain |= {"keep_tokenizer": True}
        return plain | {"name": f"{self.grid.name}, {row}, seed {seed}"}

    @property
    def own_stages(self) -> GridSteps:
        """What every run trains itself, in order."""
        return tuple(part for part in STARTED_PARTS if part not in self.grid.shared)


def read_grid(path: Path) -> OpenedGrid:
    """Parse a grid and the configurations of all its rows; ConfigError names the file, the row and the key."""
    try:
        grid = from_plain(Grid, read_json(path), "grid")
        base_file = _base_file(path, grid.config)
        plain = read_json(base_file)
        base = from_plain(TrainingConfig, plain, str(base_file))
        rows = {name: _changed_config(plain, base, grid, grid.rows[name], f"row {name!r}") for name in grid.rows}
        start = grid.beginning
        beginning = None if start is None else _changed_config(plain, base, grid, start, "beginning")
    except SegmoError as error:
        message = str(error)
        raise ConfigError(message if message.startswith(str(path)) else f"{path}: {message}") from None
    return OpenedGrid(grid, base, rows, beginning)


def folder_name(row: str) -> str:
    """The folder of a row: its name in small letters, with dashes for what is no letter or digit."""
    return re.sub(r"[^\w]+", "-", row.lower()).strip("-") or "row"


def changed(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``plain`` with the values of ``changes``, object by object."""
    merged = dict(plain)
    for name, value in changes.items():
        before = merged.get(name)
        merged[name] = changed(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _base_file(path: Path, config: str) -> Path:
    beside = path.parent / config
    return beside if beside.is_file() else config_file(Path(config))


def _changed_config(
    plain: Mapping[str, Any], base: TrainingConfig, grid: Grid, changes: Mapping[str, Any], where: str
) -> TrainingConfig:
    try:
        config = from_plain(TrainingConfig, changed(plain, changes), where)
    except ConfigError as error:
        told = str(error)
        raise ConfigError(told if told.startswith(where) else f"{where}: {told}") from None
    for part in grid.shared:
        if getattr(config, part) != getattr(base, part):
            raise ConfigError(f"{where}: changes {part}, which all rows share, expected that of the configuration")
    return config
