"""Blender, three.js and assimp read an exported BVH as the motion it was written from."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from segmo_core.formats.bvh import write_bvh
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-4  # metres; the requirement is 1e-3

pytestmark = pytest.mark.slow


def turning_motion(turn: Rotation, frame_rate: float) -> Motion:
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
    return Motion(positions, frame_rate, MODEL_SKELETON, local)


MOTIONS = {
    "walk that turns around twice": turning_motion(
        Rotation.from_euler("YX", np.stack([np.linspace(0, 720, 60), np.zeros(60)], -1), degrees=True), 20.0
    ),
    "cartwheel and a somersault at 30 fps": turning_motion(
        Rotation.from_euler("ZX", np.stack([np.linspace(0, 360, 45), np.linspace(20, 400, 45)], -1), degrees=True), 30.0
    ),
}


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


def blender(file: Path) -> dict[str, Any]:
    if shutil.which("blender") is None:
        pytest.skip("Blender is not installed (apt-get install blender python3-numpy)")
    output = file.with_suffix(".json")
    script = HERE / "read_in_blender.py"
    run("blender", "-b", "--factory-startup", "--python-exit-code", "3", "--python", script, "--", file, output)
    return json.loads(output.read_text())


def three(file: Path) -> dict[str, Any]:
    if shutil.which("node") is None or not (HERE / "node_modules" / "three").is_dir():
        pytest.skip("three.js is not installed (npm install in tests/interop)")
    output = file.with_suffix(".json")
    run("node", HERE / "read_in_three.mjs", file, output)
    return json.loads(output.read_text())


def assimp(file: Path) -> dict[str, Any]:
    if shutil.which("assimp") is None:
        pytest.skip("assimp is not installed (apt-get install assimp-utils)")
    output = file.with_suffix(".assjson")
    run("assimp", "export", file, output, "-fassjson")
    scene = json.loads(output.read_text())
    animation = scene["animations"][0]
    channels = {channel["name"]: channel for channel in animation["channels"]}
    times = [key[0] / animation["tickspersecond"] for key in next(iter(channels.values()))["rotationkeys"]]
    names: list[str] = []
    positions: list[np.ndarray] = []

    def walk(node: dict[str, Any], parent: np.ndarray) -> None:
        local = np.tile(np.array(node["transformation"], dtype=float).reshape(4, 4), (len(times), 1, 1))
        if node["name"] in channels:
            channel = channels[node["name"]]
            turns = np.array([key[1] for key in channel["rotationkeys"]])
            local[:, :3, :3] = Rotation.from_quat(np.roll(turns, -1, axis=-1)).as_matrix()
            local[:, :3, 3] = np.array([key[1] for key in channel["positionkeys"]])
        world = parent @ local
        names.append(node["name"])
        positions.append(world[:, :3, 3])
        for child in node.get("children", []):
            walk(child, world)

    walk(scene["rootnode"], np.eye(4))
    return {"names": names, "times": times, "positions": np.stack(positions, axis=1)}


@pytest.mark.parametrize("client", [blender, three, assimp], ids=lambda client: client.__name__)
@pytest.mark.parametrize("motion", MOTIONS.values(), ids=MOTIONS)
def test_every_joint_is_where_we_meant_it(tmp_path: Path, motion: Motion, client: Any) -> None:
    write_bvh(motion, tmp_path / "motion.bvh")
    found = client(tmp_path / "motion.bvh")
    np.testing.assert_allclose(found["times"], np.arange(motion.num_frames) / motion.frame_rate, atol=1e-5)
    positions = np.array(found["positions"], dtype=np.float64) / 100  # the file is in centimetres
    columns = [found["names"].index(name) for name in MODEL_SKELETON.joint_names]
    error = np.linalg.norm(positions[:, columns] - motion.joint_positions, axis=-1)
    assert error.max() < TOLERANCE
