"""Every format that is written and read: what comes back is within 0.1 mm of what went in, whatever was chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_motions import somersault, turning_walk

from segmo_core.errors import MissingDependencyError
from segmo_core.formats.registry import FORMATS, MotionFormat, read_motion, write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.features import HUMANML3D_LAYOUT, on_floor_facing_forward
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

TOLERANCE = 1e-4  # metres
MOTIONS = {"turning walk": turning_walk(num_frames=41), "somersault": somersault()}
BOTH_WAYS = [row for row in FORMATS.values() if row.writer and row.reader]


def there_and_back(row: MotionFormat, motion: Motion, options: ExportOptions, folder: Path) -> Motion:
    path = folder / f"motion{row.extensions[0]}"
    try:
        write_motion(motion, path, None, options, format_name=row.name)
        return to_model_skeleton(read_motion(path)).motion
    except MissingDependencyError as error:
        pytest.skip(str(error))


def largest_error(found: Motion, expected: Motion, row: MotionFormat) -> float:
    positions, wanted = found.joint_positions.astype(np.float64), expected.joint_positions.astype(np.float64)
    if row.name == "features":  # hold neither the last frame nor where on the floor the body stood
        wanted = wanted[: len(positions)]
        positions, wanted = (on_floor_facing_forward(each, HUMANML3D_LAYOUT) for each in (positions, wanted))
    assert positions.shape == wanted.shape
    return float(np.linalg.norm(positions - wanted, axis=-1).max())


RATES = [(row, rate) for row in BOTH_WAYS for rate in (20.0, 30.0, 60.0) if rate == 20.0 or "frame_rate" in row.options]


@pytest.mark.parametrize(("row", "rate"), RATES, ids=[f"{row.name} {rate:g} fps" for row, rate in RATES])
@pytest.mark.parametrize("motion", MOTIONS.values(), ids=MOTIONS)
def test_what_was_written_is_read_back(tmp_path: Path, row: MotionFormat, motion: Motion, rate: float) -> None:
    can_resample, has_mesh = "frame_rate" in row.options, "mesh" in row.options
    found = there_and_back(row, motion, ExportOptions(rate if can_resample else None, mesh=not has_mesh), tmp_path)
    assert found.frame_rate == (motion.frame_rate if row.name == "joints" else rate)  # .npy has no place for a rate
    assert largest_error(found, resample_motion(motion, rate), row) < TOLERANCE


CHOICES = [
    {"names": "unreal", "root_bone": True}, {"names": "mixamo", "bone_axes": "bone"}, {"names": "unity", "unit": "in"},
    {"names": "vrm", "up_axis": "z"},
    {"names": "smpl", "up_axis": "z", "root_bone": True, "bone_axes": "bone", "unit": "mm"},
]  # fmt: skip
# Of each set what the format has room for; .npy does not say which axis is up.
WITH_CHOICES = [
    (row, fitting)
    for row in BOTH_WAYS
    for choice in CHOICES
    if row.name != "joints" and (fitting := {name: choice[name] for name in choice if name in row.options})
]


@pytest.mark.parametrize(("row", "choice"), WITH_CHOICES, ids=[f"{row.name} {given}" for row, given in WITH_CHOICES])
def test_choices_change_the_file_and_not_the_motion(tmp_path: Path, row: MotionFormat, choice: dict[str, Any]) -> None:
    motion, options = MOTIONS["turning walk"], ExportOptions(mesh="mesh" not in row.options, **choice)
    assert largest_error(there_and_back(row, motion, options, tmp_path), motion, row) < TOLERANCE
