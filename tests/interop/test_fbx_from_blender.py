"""FBX files written by Blender come back as the motion: armature on top, leaf bones, rest pose, facing, scale."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core"))
from sample_motions import turning_walk

from segmo_core.formats.fbx.fbx_files import read_fbx, write_fbx
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

SCRIPT = Path(__file__).with_name("write_fbx_in_blender.py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("blender") is None, reason="needs Blender (apt-get install blender)"),
]


@pytest.mark.parametrize("has_mesh", [True, False])
def test_comes_back_through_blender(tmp_path: Path, has_mesh: bool) -> None:
    pytest.importorskip("ufbx")
    walk = turning_walk(frame_rate=30.0)
    source, output = tmp_path / "walk.fbx", tmp_path / "blender.fbx"
    write_fbx(walk, source, ExportOptions(mesh=has_mesh))
    command = ["blender", "-b", "--factory-startup", "--python-exit-code", "3", "--python", str(SCRIPT), "--"]
    done = subprocess.run(
        [*command, str(source), str(output), "30"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    again = read_fbx(output)
    assert (again.frame_rate, again.num_frames) == (30.0, 60)
    assert "mixamorig:Head_end" in again.skeleton.joint_names
    columns = [again.skeleton.index(name) for name in BONE_NAMES["mixamo"]]
    assert np.linalg.norm(again.joint_positions[:, columns] - walk.joint_positions, axis=-1).max() < 1e-4
    assert again.local_rotations is not None
    result = to_model_skeleton(again)
    assert result.matched_by == "names"
    assert np.linalg.norm(result.motion.joint_positions - walk.joint_positions, axis=-1).max() < 1e-3
    if has_mesh:  # only then does Blender write the pose at rest
        offsets = again.skeleton.rest_offsets[columns[1:]]
        np.testing.assert_allclose(offsets, MODEL_SKELETON.rest_offsets[1:], atol=1e-4)
