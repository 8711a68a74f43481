"""Blender, three.js, assimp, ufbx, Autodesk's SDK and usd-core read what we wrote as the motion it was written from.

A small part of what `make interop` does: two motions that are hard on rotations, each format's usual names, and one
file with everything chosen at once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from client_programs import CLIENTS, Client, NotInstalledError
from export_grid import TELL_THE_AXES, grid_formats
from file_check import Case, clients_of, read_cases, write_cases
from scipy.spatial.transform import Rotation

from segmo_core.errors import MissingDependencyError
from segmo_core.formats.registry import FORMATS
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON

pytestmark = pytest.mark.slow


def turning_motion(turn: Rotation) -> Motion:
    """Joints swaying by 30 degrees while the root travels 2 m and turns by ``turn`` (T rotations)."""
    num_frames = len(turn)
    share = np.linspace(0, 1, num_frames)
    axes = np.random.default_rng(2).normal(size=(22, 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    sway = np.radians(30) * np.sin(12 * share[:, None] + np.arange(22))
    local = rotations.from_axis_angle(axes, sway)
    local[:, 0] = np.roll(turn.as_quat(), 1, axis=-1)
    root = np.stack([share, 0.9 + 0.1 * np.sin(9 * share), 2 * share], axis=-1)
    positions = kinematics.forward_kinematics(MODEL_SKELETON, local, root)
    return Motion(positions, 20.0, MODEL_SKELETON, local)


def turns(axes: str, *angles: tuple[float, float], num_frames: int) -> Rotation:
    columns = [np.linspace(first, last, num_frames) for first, last in angles]
    return Rotation.from_euler(axes, np.stack(columns, axis=-1), degrees=True)


MOTIONS = {
    "walk that turns around twice": turning_motion(turns("YX", (0, 720), (0, 0), num_frames=60)),
    "cartwheel and a somersault": turning_motion(turns("ZX", (0, 360), (20, 400), num_frames=45)),
}
EVERYTHING = {"names": "unreal", "root_bone": True, "bone_axes": "bone", "unit": "in"}


def cases_of(format_name: str) -> list[Case]:
    room = FORMATS[format_name].options
    has_mesh = "mesh" in room
    everything = {name: value for name, value in EVERYTHING.items() if name in room}
    if format_name in TELL_THE_AXES:
        everything["up_axis"] = "z"
    cases = [Case(format_name, name, 20.0, None, ExportOptions(), has_mesh) for name in MOTIONS]
    if "frame_rate" in room:
        options = ExportOptions(frame_rate=30.0, **everything)
        names = options.names
        cases.append(Case(format_name, "walk that turns around twice", 30.0, names, options, has_mesh))
    return cases


@pytest.mark.parametrize(
    ("format_name", "client"),
    [(row.name, client) for row in grid_formats() for client in clients_of(row.name)],
    ids=[f"{row.name} in {client.__name__}" for row in grid_formats() for client in clients_of(row.name)],
)
def test_every_joint_is_where_we_meant_it(tmp_path: Path, format_name: str, client: Client) -> None:
    try:
        results = read_cases(write_cases(cases_of(format_name), MOTIONS, tmp_path), client)
    except (NotInstalledError, MissingDependencyError) as error:
        pytest.skip(str(error))
    assert [result.problem for result in results] == [""] * len(results)
    if client in CLIENTS.get(format_name, ()):
        assert all(result.at_frames is not None for result in results)
