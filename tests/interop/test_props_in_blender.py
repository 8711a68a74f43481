"""A prop beside the body is where its file says in every Blender that is here, in all three kinds of scene."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import trimesh
from blender_programs import blender_commands
from test_files_in_other_programs import MOTIONS

from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
BLENDERS = blender_commands()


@pytest.mark.skipif(not BLENDERS, reason="no Blender is here: tests/blender_programs.py")
@pytest.mark.parametrize("program", list(BLENDERS))
def test_a_box_stands_where_it_stood(tmp_path: Path, program: str) -> None:
    mesh = trimesh.creation.box((1.0, 0.5, 2.0))
    mesh.apply_translation((2.0, 0.25, 0.0))
    mesh.export(tmp_path / "crate.obj")
    motion = MOTIONS["walk that turns around twice"]
    jobs = []
    for kind in ("fbx", "glb", "usdc"):
        for up_axis in ("y",) if kind == "glb" else ("y", "z"):
            path = tmp_path / f"{up_axis}-up.{kind}"
            chosen = None if kind == "glb" else up_axis
            options = ExportOptions(props=(str(tmp_path / "crate.obj"),), up_axis=chosen)
            write_motion(motion, path, options=options)
            jobs.append({"file": str(path), "output": f"{path}.json"})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    command = [*BLENDERS[program], str(HERE / "props_in_blender.py"), "--", str(tmp_path / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    for job in jobs:
        output = Path(job["output"])
        assert output.exists(), (done.stdout + done.stderr)[-2000:]
        found = json.loads(output.read_text())
        assert "error" not in found, found["error"]
        if "not_offered" in found:  # Debian's Blender is built without USD
            continue
        where = f"{Path(job['file']).name} in Blender {found['version']}: {found['meshes']}"
        print(where)  # noqa: T201
        assert found["bones"] >= 22, where
        (low, high, faces) = found["meshes"]["crate"]
        np.testing.assert_allclose([low, high], [[1.5, -1.0, 0.0], [2.5, 1.0, 0.5]], atol=1e-5, err_msg=where)
        assert faces == 12, where
