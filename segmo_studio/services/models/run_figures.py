"""The curves of a run: figures over steps from the logs of a training's stages, or how far it is over time."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from segmo_core.cli.watching.run_folder import ProgressLine

_NO_FIGURES = ("step", "seconds", "validation")
_LARGEST_LOG = 64 << 20
DONE_SHARE = "done, %"


@dataclass(frozen=True)
class Curve:
    """steps and values alike long. is_validation: measured on motions that are not trained on."""

    steps: tuple[float, ...]
    values: tuple[float, ...]
    is_validation: bool = False


@dataclass(frozen=True)
class StageFigures:
    """curves: by figure, training first. unit: of the steps. changed: when its log was last written to, in seconds."""

    unit: str = "step"
    curves: dict[str, list[Curve]] = field(default_factory=dict)
    changed: float = 0.0


def figures_of(out: Path | None, progress: list[ProgressLine]) -> dict[str, StageFigures]:
    """By stage: what the logs below ``out`` hold; else how far the run is over time, as stage "progress"."""
    logs = [] if out is None else sorted(out.glob("*/log.jsonl"))
    found = {log.parent.name: _read(log) for log in logs}
    found = {stage: figures for stage, figures in found.items() if figures.curves}
    if found or not progress:
        return found
    curve = Curve(tuple(line.seconds for line in progress), tuple(100 * line.fraction for line in progress))
    return {"progress": StageFigures("second", {DONE_SHARE: [curve]})}


def present_stage(stages: dict[str, StageFigures]) -> str:
    """The one that was written to last; empty without any."""
    return max(stages, key=lambda name: stages[name].changed, default="")


def _read(log: Path) -> StageFigures:
    rows: list[dict[str, object]] = []
    changed = 0.0
    with suppress(OSError):
        changed = log.stat().st_mtime
        with log.open("rb") as stream:
            for line in stream.read(_LARGEST_LOG).decode("utf-8", "replace").splitlines():
                with suppress(ValueError):  # the last line may be half written
                    row = json.loads(line)
                    rows += [row] if isinstance(row, dict) and isinstance(row.get("step"), int) else []
    points: dict[tuple[str, bool], dict[float, float]] = {}
    for row in rows:
        for name, value in row.items():
            if name not in _NO_FIGURES and isinstance(value, int | float):
                points.setdefault((name, bool(row.get("validation"))), {})[float(str(row["step"]))] = float(value)
    curves: dict[str, list[Curve]] = {}
    for (name, is_validation), values in sorted(points.items(), key=lambda item: item[0][1]):
        curves.setdefault(name, []).append(Curve(tuple(values), tuple(values.values()), is_validation))
    return StageFigures("step", curves, changed)
