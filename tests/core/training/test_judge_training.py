"""``segmo train judge``: a judge from a small data set, in a bundle, in the check."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from captioned_folders import small_mocap22

from segmo_core.bundle import load_joint_judge
from segmo_core.bundle_manifest import read_manifest
from segmo_core.cli import main
from segmo_core.training.judge.judge_run import JudgeSettings, train_judge


def test_a_judge_is_trained_kept_and_put_into_a_bundle(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = small_mocap22(tmp_path / "data"), tmp_path / "out"
    bundle = shutil.copytree(tiny_bundle, tmp_path / "mine")
    assert load_joint_judge(bundle) is None
    settings = JudgeSettings(steps=4, batch_size=6, pool_size=12, edited=0, calibrated_on=8)
    trained = train_judge(data, out, settings=settings)
    assert 0.0 <= trained.figures["joint_judge_beats_spoilt"] <= 1.0
    arguments = ["train", "judge", "--data", str(data), "--output", str(out), "--bundle", str(bundle), "--resume"]
    assert main(arguments) == 0
    assert f"Put what was trained for judge into {bundle}" in capsys.readouterr().out
    judge = load_joint_judge(bundle)
    assert judge is not None
    assert judge.config == trained.model.config
    manifest = read_manifest(bundle)
    assert manifest.figures["joint_judge_beats_spoilt"] == trained.figures["joint_judge_beats_spoilt"]
    assert manifest.files["joint_judge.safetensors"].bytes < 2_000_000
