"""What a tokenizer gives back of clips: how far joints are off, by source and by attitude, and where the root ends.

Joints are compared as the body sees them (over the root, facing ahead, at their height), so that a heading that is a
little off is not counted once more in every joint; where it leads is the drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.measures.tables import Table
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.motion.attitudes import ATTITUDES, attitudes
from segmo_core.motion.features import FeatureLayout, joints_from_features
from segmo_core.progress import Progress, SilentProgress

FloatArray = NDArray[np.floating]

_MAX_FRAMES = 400
_WALK_FRAMES = 196  # after which the drift of the root is measured


@dataclass(frozen=True)
class TokenizerRow:
    """Mean error of joints (mm), with all codes and with base tokens alone, over ``frames`` of ``clips``. drift: metres
    from where the root is to where it should be at the end of a clip (after 9.8 s at most); None by attitude."""

    error: float
    base_error: float
    clips: int
    frames: int
    drift: float | None = None


@dataclass(frozen=True)
class TokenizerFigures:
    """by_source, by_attitude; mean: over the sources, each counted alike."""

    bundle: str
    split: str
    by_source: dict[str, TokenizerRow]
    by_attitude: dict[str, TokenizerRow]
    mean: TokenizerRow


def measure_tokenizer(
    tested: TestedBundle,
    data: Mocap22,
    *,
    split: str = "test",
    limit: int | None = None,
    progress: Progress | None = None,
) -> TokenizerFigures:
    """limit: of clips of each source, evenly picked; None takes all."""
    if limit is not None and limit < 1:
        raise InvalidRequestError(f"limit: {limit}, expected at least 1")
    progress = progress or SilentProgress()
    by_source: dict[str, list[Clip]] = defaultdict(list)
    for clip in data.select(split, only_shippable=True):
        if not clip.mirrored:
            by_source[clip.source].append(clip)
    sums: dict[str, list[tuple[float, float, int]]] = defaultdict(list)
    drifts: dict[str, list[float]] = defaultdict(list)
    for number, (source, clips) in enumerate(sorted(by_source.items())):
        chosen = clips[:: -(-len(clips) // limit)] if limit else clips
        for clip in chosen:
            progress.raise_if_cancelled()
            progress.report(number / len(by_source), source)
            error, base_error, drift = _errors(tested, data, clip)
            kinds = attitudes(data.clip_joints(clip)[: len(error)])
            sums[source].append((float(error.sum()), float(base_error.sum()), len(error)))
            drifts[source].append(drift)
            for kind in np.unique(kinds):
                where = kinds == kind
                sums[str(kind)].append((float(error[where].sum()), float(base_error[where].sum()), int(where.sum())))
    sources = {name: _row(sums[name], float(np.mean(drifts[name]))) for name in sorted(drifts)}
    if not sources:
        raise InvalidRequestError(f"split: {split!r} has no clips, expected some to measure on")
    mean = TokenizerRow(
        error=float(np.mean([row.error for row in sources.values()])),
        base_error=float(np.mean([row.base_error for row in sources.values()])),
        clips=sum(row.clips for row in sources.values()),
        frames=sum(row.frames for row in sources.values()),
        drift=float(np.mean([row.drift for row in sources.values() if row.drift is not None])),
    )
    by_attitude = {name: _row(sums[name], None) for name in ATTITUDES if name in sums}
    return TokenizerFigures(tested.name, split, sources, by_attitude, mean)


def tokenizer_tables(figures: TokenizerFigures) -> list[Table]:
    """One row for each source and their mean, one for each attitude."""

    def cells(name: str, row: TokenizerRow) -> tuple[str, ...]:
        drift = "-" if row.drift is None else f"{row.drift:.2f}"
        return name, f"{row.error:.1f}", f"{row.base_error:.1f}", drift, str(row.clips), str(row.frames)

    rows = [cells(name, row) for name, row in figures.by_source.items()]
    rows.append(cells("mean over sources", figures.mean))
    rows += [cells(name, row) for name, row in figures.by_attitude.items()]
    return [
        Table(
            f"{figures.bundle}: what the tokenizer gives back, {figures.split} clips",
            ("source or attitude", "joints, mm", "base tokens, mm", "root at the end, m", "clips", "frames"),
            tuple(rows),
            (
                "Joints as the body sees them: over the root, facing ahead, at their height. Sitting has the trunk "
                "upright and the pelvis below 0.7 m (squats and kneeling too); acrobatics is upside down or no joint "
                "within 30 cm of the floor.",
            ),
        )
    ]


@torch.inference_mode()
def _errors(tested: TestedBundle, data: Mocap22, clip: Clip) -> tuple[FloatArray, FloatArray, float]:
    """Error (T,) mm of each frame with all codes and with base tokens, and the drift (m)."""
    bundle, tokenizer = tested.bundle, tested.bundle.tokenizer
    unit = tokenizer.config.frames_per_token
    length = min(clip.num_frames, _MAX_FRAMES) // unit * unit
    real = np.asarray(data.clip_features(clip)[:length], dtype=np.float32)
    ids = tokenizer.encode(torch.from_numpy(bundle.statistics.normalised(real))[None].to(bundle.device))
    found = []
    for layers in (ids, ids[..., :1]):
        found.append(bundle.statistics.restored(tokenizer.decode(layers)[0].float().cpu().numpy()))
    error, base_error = (
        np.linalg.norm(_seen_from_body(real, data.layout) - _seen_from_body(rows, data.layout), axis=-1).mean(axis=1)
        * 1000.0
        for rows in found
    )
    there, here = (joints_from_features(rows[:_WALK_FRAMES], data.layout)[-1, 0, [0, 2]] for rows in (real, found[0]))
    return error, base_error, float(np.linalg.norm(there - here))


def _seen_from_body(features: FloatArray, layout: FeatureLayout) -> FloatArray:
    """(T, J, 3) joints over the root, facing ahead, at their height, of feature rows (T, D)."""
    joints = np.zeros((len(features), layout.num_joints, 3))
    joints[:, 0, 1] = features[:, layout.positions.start - 1]
    joints[:, 1:] = features[:, layout.positions].reshape(len(features), -1, 3)
    return joints


def _row(sums: Sequence[tuple[float, float, int]], drift: float | None) -> TokenizerRow:
    error, base_error, frames = (sum(column) for column in zip(*sums, strict=True))
    return TokenizerRow(float(error / frames), float(base_error / frames), len(sums), int(frames), drift)
