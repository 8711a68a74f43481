"""`segmo bench export`: what it times, and the one limit that can be held on a busy machine."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import numpy as np
import pytest

from segmo_core.benchmarks.export_speed import measure_export, swaying_motion
from segmo_core.cli import main
from segmo_core.errors import InvalidRequestError
from segmo_core.formats.registry import write_motion
from segmo_core.motion import kinematics


def test_the_motion_that_is_written_is_a_whole_one() -> None:
    motion = swaying_motion(199)
    assert motion.local_rotations is not None
    posed = kinematics.forward_kinematics(motion.skeleton, motion.local_rotations, motion.joint_positions[:, 0])
    np.testing.assert_allclose(posed, motion.joint_positions, atol=1e-5)
    speed = np.linalg.norm(np.diff(motion.joint_positions, axis=0), axis=-1) * motion.frame_rate
    assert 0.1 < speed.mean() < 3.0  # metres a second: neither still nor wild


def test_both_lengths_are_timed_at_the_rates_they_were_asked_for() -> None:
    speed = measure_export(["bvh", "npz"], rounds=1)
    found = [(each.format_name, each.frames, each.frame_rate) for each in speed.times]
    assert found == [("bvh", 199, 20.0), ("npz", 199, 20.0), ("bvh", 3598, 60.0), ("npz", 1200, 20.0)]
    for each in speed.times:
        assert each.processor_seconds > 0
        assert each.seconds > 0
        assert each.read_seconds is not None
        assert each.ratio == pytest.approx(each.processor_seconds / speed.savez_seconds[each.frames != 199])
    with pytest.raises(InvalidRequestError, match="format 'vhs' is unknown"):
        measure_export(["vhs"])


def test_the_command_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "export", "--format", "joints", "--rounds", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [each["format_name"] for each in answer["times"]] == ["joints", "joints"]
    assert main(["bench", "export", "--rounds", "0"]) == 2


def test_a_bvh_of_199_frames_takes_less_than_50_ms_of_the_processor(tmp_path: Path) -> None:
    motion = swaying_motion(199)
    seconds = []
    for _ in range(8):
        started = time.process_time()  # the processor's own time: other programs do not count
        write_motion(motion, tmp_path / "motion.bvh")
        seconds.append(time.process_time() - started)
    assert statistics.median(seconds[1:]) < 0.05
