"""The programs that our files are read with, each by its own code: joints at given times, metres, Y up.

A program that is not installed raises NotInstalledError with the line that installs it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from blender_programs import blender_commands
from scipy.spatial.transform import Rotation, Slerp

HERE = Path(__file__).resolve().parent
NODE_MODULES = HERE / "node_modules"
SECONDS_A_FILE = 120.0


class NotInstalledError(Exception):
    """A program is not here."""


@dataclass(frozen=True)
class Job:
    """A file to read. times, vertex_times: seconds since its first frame. frame_rate: its own, which Blender's
    timeline takes. unit: metres of one unit, for formats that do not say (BVH)."""

    file: str
    times: list[float]
    frame_rate: float
    unit: float = 1.0
    vertex_times: list[float] = field(default_factory=list)
    automatic_bone_orientation: bool = False
    output: str = ""


@dataclass(frozen=True)
class Reading:
    """names of J joints; positions (T, J, 3), vertices (K, V, 3): metres, Y up. error: why nothing was read.

    extra: what else the program says (takes, findings of a validator, "not_offered": it has no reader for such files).
    """

    names: list[str]
    positions: np.ndarray
    vertices: np.ndarray
    program: str
    error: str
    extra: dict[str, Any]


def three(jobs: Sequence[Job]) -> list[Reading]:
    return _run(["node", str(_node_script("three", "read_in_three.mjs"))], jobs)


def gltf_validator(jobs: Sequence[Job]) -> list[Reading]:
    return _run(["node", str(_node_script("gltf-validator", "validate_gltf.mjs"))], jobs)


def ufbx(jobs: Sequence[Job]) -> list[Reading]:
    _require_module("ufbx", "fbx")
    script = str(HERE / "read_with_ufbx.py")
    return [reading for job in jobs for reading in _run([sys.executable, script], [job])]  # a crash takes one file


def usd_core(jobs: Sequence[Job]) -> list[Reading]:
    _require_module("pxr", "usd")
    return _run([sys.executable, str(HERE / "read_with_usd.py")], jobs)


def autodesk_sdk(jobs: Sequence[Job]) -> list[Reading]:
    """Autodesk's FBX SDK, inside fbx2gltf: FBX to glTF, which three.js then plays."""
    program = NODE_MODULES / "fbx2gltf" / "bin" / "Linux" / "FBX2glTF"
    if not program.is_file():
        raise NotInstalledError("fbx2gltf is not installed (npm install in tests/interop)")
    program.chmod(0o755)
    with tempfile.TemporaryDirectory() as folder:
        converted, errors = [], {}
        for number, job in enumerate(jobs):
            target = Path(folder) / str(number)
            command = [str(program), "-i", job.file, "-o", str(target), "-b", "--anim-framerate", "bake60"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_A_FILE, check=False)
            if done.returncode or not target.with_suffix(".glb").is_file():
                errors[number] = (done.stdout + done.stderr)[-800:]
            converted.append(replace(job, file=str(target.with_suffix(".glb")), unit=1.0))
        readings = three(converted)
    return [
        replace(reading, program="Autodesk FBX SDK (fbx2gltf 0.9.7)", error=errors.get(number, reading.error))
        for number, reading in enumerate(readings)
    ]


def assimp(jobs: Sequence[Job]) -> list[Reading]:
    if shutil.which("assimp") is None:
        raise NotInstalledError("assimp is not installed (apt-get install assimp-utils)")
    return [_assimp(job) for job in jobs]


Client = Callable[[Sequence[Job]], list[Reading]]


def _blenders() -> tuple[Client, ...]:
    """A client called "blender" for each that is here; where there is none, one that says so."""

    def client_of(command: list[str]) -> Client:
        def blender(jobs: Sequence[Job]) -> list[Reading]:
            if not command:
                raise NotInstalledError("no Blender is here (apt-get install blender, or SEGMO_BLENDERS)")
            return _run([*command, str(HERE / "read_in_blender.py"), "--"], jobs)

        return blender

    return tuple(client_of(command) for command in blender_commands().values()) or (client_of([]),)


BLENDERS = _blenders()
CLIENTS: dict[str, tuple[Client, ...]] = {
    "bvh": (*BLENDERS, three, assimp),
    "fbx": (*BLENDERS, three, assimp, ufbx, autodesk_sdk),
    "gltf": (*BLENDERS, three, assimp),
    "usd": (*BLENDERS, usd_core),
}
"""Format -> the programs that play its files."""

VALIDATORS: dict[str, Client] = {"gltf": gltf_validator}
"""Format -> the program that looks for faults; usd-core's validators run whenever it reads."""


def _node_script(package: str, script: str) -> Path:
    if shutil.which("node") is None or not (NODE_MODULES / package).is_dir():
        raise NotInstalledError(f"{package} is not installed (npm install in tests/interop)")
    return HERE / script


def _require_module(module: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise NotInstalledError(f"{module} is not installed (pip install 'segmo[{extra}]')")


def _run(command: Sequence[str], jobs: Sequence[Job]) -> list[Reading]:
    """Run ``command`` once on a file that lists the jobs; one Reading per job."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / f"{number}.json" for number in range(len(jobs))]
        listed = Path(folder) / "jobs.json"
        listed.write_text(
            json.dumps([asdict(replace(job, output=str(output))) for job, output in zip(jobs, outputs, strict=True)])
        )
        allowed = 60.0 + SECONDS_A_FILE * len(jobs)
        done = subprocess.run([*command, str(listed)], capture_output=True, text=True, timeout=allowed, check=False)
        said = (done.stdout + done.stderr)[-800:]
        return [
            _reading(json.loads(output.read_text()) if output.exists() else {"error": f"ended early: {said}"})
            for output in outputs
        ]


def _reading(found: dict[str, Any]) -> Reading:
    return Reading(
        names=found.pop("names", []),
        positions=np.array(found.pop("positions", []), dtype=np.float64),
        vertices=np.array(found.pop("vertices", []), dtype=np.float64),
        program=found.pop("program", ""),
        error=found.pop("error", ""),
        extra=found,
    )


def _assimp(job: Job) -> Reading:
    """assimp's own JSON of the file, played by its own rules: lines for positions, shortest arcs for rotations."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "scene.assjson"
        command = ["assimp", "export", job.file, str(output), "-fassjson"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_A_FILE, check=False)
        if done.returncode or not output.exists():
            return _reading({"error": (done.stdout + done.stderr)[-800:], "program": "assimp"})
        scene = json.loads(output.read_text())
    if not scene.get("animations"):
        return _reading({"error": "no animation", "program": "assimp"})
    (animation,) = scene["animations"]
    channels = {channel["name"]: channel for channel in animation["channels"]}
    ticks = np.array(job.times) * animation["tickspersecond"]
    names: list[str] = []
    positions: list[np.ndarray] = []

    def walk(node: dict[str, Any], parent: np.ndarray) -> None:
        local = np.tile(np.array(node["transformation"], dtype=float).reshape(4, 4), (len(ticks), 1, 1))
        if node["name"] in channels:
            channel = channels[node["name"]]
            turn = _turns(channel["rotationkeys"], ticks).as_matrix()
            local[:, :3, :3] = turn * _vectors(channel["scalingkeys"], ticks)[:, None, :]
            local[:, :3, 3] = _vectors(channel["positionkeys"], ticks)
        world = parent @ local
        names.append(node["name"])
        positions.append(world[:, :3, 3] * job.unit)
        for child in node.get("children") or []:
            walk(child, world)

    walk(scene["rootnode"], np.eye(4))
    return Reading(names, np.stack(positions, axis=1), np.zeros(0), "assimp", "", {"takes": [animation.get("name")]})


def _vectors(keys: list[Any], ticks: np.ndarray) -> np.ndarray:
    times, kept = np.unique([key[0] for key in keys], return_index=True)
    values = np.array([keys[index][1] for index in kept], dtype=float)
    ticks = _on_keys(times, ticks)
    return np.stack([np.interp(ticks, times, values[:, axis]) for axis in range(3)], axis=-1)


def _turns(keys: list[Any], ticks: np.ndarray) -> Rotation:
    times, kept = np.unique([key[0] for key in keys], return_index=True)  # in six digits, near keys look the same
    keys = [keys[index] for index in kept]
    turns = Rotation.from_quat(np.roll(np.array([key[1] for key in keys], dtype=float), -1, axis=-1))
    if len(keys) == 1:
        return turns[np.zeros(len(ticks), dtype=int)]
    return Slerp(times, turns)(np.clip(_on_keys(times, ticks), times[0], times[-1]))


def _on_keys(times: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """``ticks``, those on a key moved onto it: assimp writes times with six digits, and a foot may be fast."""
    nearest = times[np.abs(ticks[:, None] - times).argmin(axis=1)]
    last_digit = 10.0 ** (np.floor(np.log10(np.maximum(nearest, 1e-9))) - 5)
    return np.where(np.abs(ticks - nearest) <= 0.51 * last_digit, nearest, ticks)
