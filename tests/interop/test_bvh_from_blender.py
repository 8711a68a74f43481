"""BVH files written by Blender from our own GLB and FBX come back as the motion: facing, scale, up axis, twist."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core"))
from sample_motions import turning_walk

from segmo_core.formats.bvh.bvh_files import read_bvh
from segmo_core.formats.registry import write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

SCRIPT = Path(__file__).with_name("write_bvh_in_blender.py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("blender") is None, reason="needs Blender (apt-get install blender)"),
]


@pytest.mark.parametrize(("extension", "axis", "unit"), [("glb", "z", 1.0), ("fbx", "y", 0.01)])
def test_comes_back_through_blender(tmp_path: Path, extension: str, axis: str, unit: float) -> None:
    walk = turning_walk(frame_rate=24.0)  # Blender's own rate
    source, output = tmp_path / f"walk.{extension}", tmp_path / "blender.bvh"
    write_motion(walk, source, options=ExportOptions(names="mixamo", mesh=False))
    command = [
        "blender",
        "-b",
        "--factory-startup",
        "--python-exit-code",
        "3",
        "--python",
        SCRIPT,
        "--",
        source,
        output,
    ]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    result = to_model_skeleton(read_bvh(output))
    assert (result.matched_by, result.up_axis, result.dropped_frames) == ("names", axis, 0)
    assert result.scale == pytest.approx(unit, rel=1e-4)
    assert result.motion.frame_rate == 24.0
    assert result.uses_rotations
    assert np.linalg.norm(result.motion.joint_positions - walk.joint_positions, axis=-1).max() < 1e-4
