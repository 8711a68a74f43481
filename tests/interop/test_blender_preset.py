"""The preset for Blender does what an animator needs: in every Blender that is here, under every naming."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from blender_programs import blender_commands
from test_files_in_other_programs import MOTIONS

from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_studio.dialogs.export_presets import PRESETS

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent
BLENDERS = blender_commands()
PARTS = {"thigh": ("hip", "knee"), "shin": ("knee", "ankle"), "upper_arm": ("shoulder", "elbow"),
         "forearm": ("elbow", "wrist")}  # fmt: skip


@pytest.mark.skipif(not BLENDERS, reason="no Blender is here: tests/blender_programs.py")
@pytest.mark.parametrize("program", list(BLENDERS))
def test_retargeting_applying_and_ik(tmp_path: Path, program: str) -> None:
    options = next(preset.options for preset in PRESETS if preset.title == "Blender")
    assert (options.up_axis, options.unit, options.bone_axes, options.keys) == ("z", "m", "bone", "frame")
    jobs = []
    for naming, names in BONE_NAMES.items():
        called = dict(zip(SMPL_JOINT_NAMES, names, strict=True))
        sides = [(side, part, *joints) for side in ("left", "right") for part, joints in PARTS.items()]
        path = tmp_path / f"{naming}.fbx"
        write_motion(MOTIONS["walk that turns around twice"], path, options=replace(options, names=naming))
        jobs.append(
            {
                "file": str(path),
                "output": str(path.with_suffix(".json")),
                "frame_rate": options.frame_rate,
                "chain": {f"{side}_{part}": called[f"{side}_{first}"] for side, part, first, _ in sides},
                "ends": {f"{side}_{part}": called[f"{side}_{last}"] for side, part, _, last in sides},
            }
        )
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    command = [*BLENDERS[program], str(HERE / "preset_in_blender.py"), "--", str(tmp_path / "jobs.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    for job in jobs:
        output = Path(job["output"])
        assert output.exists(), (done.stdout + done.stderr)[-2000:]
        found = json.loads(output.read_text())
        assert "error" not in found, found["error"]
        where = f"{output.stem} in Blender {found['version']}: {found}"
        print(where)  # noqa: T201
        assert found["is_identity"], where
        assert found["retargeted"] < 1.0, where
        assert found["rest_apart"] < 1.0, where
        assert found["moved_by_applying"] < 1e-5, where
        assert found["ik"], where
