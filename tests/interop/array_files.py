"""Array files read with NumPy and the standard library alone, as a stranger would who was told what is in them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from client_programs import Job, Reading

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES


def numpy_alone(jobs: Sequence[Job]) -> list[Reading]:
    """Frames at the times of the jobs, which must be on frames: arrays have nothing between."""
    return [_read(job) for job in jobs]


def _read(job: Job) -> Reading:
    path = Path(job.file)
    names = list(SMPL_JOINT_NAMES)
    if path.suffix == ".csv":
        with path.open(newline="") as stream:
            header, *rows = csv.reader(stream)
        values = np.array(rows, dtype=np.float64)
        names = [column.removesuffix(".x") for column in header[1::3]]
        rate, positions = 1.0 / np.diff(values[:, 0]).mean(), values[:, 1:].reshape(len(values), -1, 3)
    elif path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            rate, positions = float(archive["frame_rate"]), archive["joint_positions"].astype(np.float64)
            names = [str(name) for name in archive["joint_names"]]
    else:
        rate, positions = job.frame_rate, np.load(path, allow_pickle=False).astype(np.float64)
    frames = np.array(job.times) * rate
    if len(frames) and (abs(frames - frames.round()).max() > 1e-3 or frames[-1] > len(positions) - 0.999):
        return Reading([], np.zeros(0), np.zeros(0), "NumPy", f"{len(positions)} frames at {rate:g} fps", {})
    positions = positions[frames.round().astype(int)]
    return Reading(names, positions, np.zeros(0), f"NumPy {np.__version__}", "", {})
