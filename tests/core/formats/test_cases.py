"""Small files of kinds that were once read wrongly or refused, each with its right value; they lie beside the code."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from segmo_core import motion_files
from segmo_core.cli.app import main
from segmo_core.errors import FileFormatError
from segmo_core.formats.reading.choices import ReadingChoices
from segmo_core.retargeting.to_model_skeleton import RetargetResult

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="needs the reproductions that lie beside the checkout")


def opened(name: str, **options: object) -> RetargetResult:
    if name.endswith(".fbx"):
        pytest.importorskip("ufbx")
    return motion_files.open_retargeted(CASES / name, **options)  # type: ignore[arg-type]


def shoulders(result: RetargetResult) -> np.ndarray:
    return np.linalg.norm(result.motion.joint("left_shoulder") - result.motion.joint("right_shoulder"), axis=-1)


def is_left_on_the_left(result: RetargetResult) -> bool:
    toes = result.motion.joint("left_foot") - result.motion.joint("left_ankle")
    sides = [result.motion.joint(f"left_{part}") - result.motion.joint(f"right_{part}")
             for part in ("hip", "collar", "shoulder")]  # fmt: skip
    return all((np.sum(np.cross(across, [0.0, 1.0, 0.0]) * toes, axis=-1) > 0).all() for across in sides)


@pytest.mark.parametrize(
    "name",
    ["collars_cross_the_middle_by_half_a_mm.bvh", "ok_collars_apart.bvh", "cmu_hipjoint_names.bvh",
     "declares_one_frame_less.bvh", "one_metre_above_the_floor.bvh", "position_channels_all_zero.bvh",
     "position_channels_all_nearly_zero.bvh", "frame_time_is_a_rate.bvh", "toes_are_end_sites_turned_out_60.bvh",
     "fbx_plain.fbx", "fbx_segment_scale_compensate_0.5.fbx", "gltf_one_skin.gltf",
     "gltf_two_skins_upper_and_lower.gltf", "gltf_mirrored_armature.gltf", "gltf_three_animations.gltf",
     "person.vrma"],
)  # fmt: skip
def test_one_body_however_it_is_told(name: str) -> None:
    result = opened(name)
    assert np.allclose(shoulders(result), 0.409, atol=0.001)
    assert is_left_on_the_left(result)
    assert result.mean_error < 0.0525
    assert result.warnings == ()
    assert abs(float(np.percentile(result.motion.joint("left_foot")[:, 1], 5))) < 0.05


def test_the_hip_is_the_joint_with_the_thigh() -> None:
    result = opened("cmu_hipjoint_names.bvh")
    assert result.scale == pytest.approx(0.00971, abs=1e-5)
    assert result.joint_map.joints["left_hip"] == "LeftHip"


def test_frames_that_are_there_are_read() -> None:
    result = opened("declares_one_frame_less.bvh")
    assert result.motion.num_frames == 8
    assert "Declares 7 frames and holds 8: those were read." in result.repairs


def test_scale_that_joints_do_not_hand_on() -> None:
    plain, result = opened("fbx_plain.fbx"), opened("fbx_segment_scale_compensate_0.5.fbx")
    assert result.scale == pytest.approx(1.94, abs=0.005)
    assert np.allclose(result.motion.joint_positions - result.motion.joint_positions[:, :1],
                       plain.motion.joint_positions - plain.motion.joint_positions[:, :1], atol=1e-4)  # fmt: skip


@pytest.mark.parametrize("name", ["gltf_two_skins_upper_and_lower.gltf", "gltf_mirrored_armature.gltf", "person.vrma"])
def test_scenes_that_hold_the_same_motion(name: str) -> None:
    plain, result = opened("gltf_one_skin.gltf"), opened(name)
    assert np.allclose(result.motion.joint_positions, plain.motion.joint_positions, atol=1e-4)
    assert result.is_mirrored == (name == "gltf_mirrored_armature.gltf")


def test_toes_are_where_the_file_ends_them() -> None:
    result = opened("toes_are_end_sites_turned_out_60.bvh")
    for side, sign in (("left", 1.0), ("right", -1.0)):
        toes = result.motion.joint(f"{side}_foot") - result.motion.joint(f"{side}_ankle")
        assert np.degrees(np.arctan2(sign * toes[:, 0], toes[:, 2])) == pytest.approx(60.0, abs=1.0)


@pytest.mark.parametrize("name", ["position_channels_all_zero.bvh", "position_channels_all_nearly_zero.bvh"])
def test_deltas_are_added_to_bones(name: str) -> None:
    plain, result = opened("ok_collars_apart.bvh"), opened(name)
    assert result.scale == pytest.approx(plain.scale, rel=1e-3)
    assert np.allclose(result.motion.joint_positions, plain.motion.joint_positions, atol=2e-3)


def test_a_rate_that_stands_for_a_frame_time_is_questioned() -> None:
    result = opened("frame_time_is_a_rate.bvh")
    assert result.motion.frame_rate == 30.0
    assert any("taken for 30 frames a second" in sentence for sentence in result.repairs)


def test_the_floor_is_told_and_can_be_left_alone() -> None:
    result = opened("one_metre_above_the_floor.bvh")
    assert result.lowered == pytest.approx(0.971, abs=0.01)  # one metre of the file, which is larger than the model
    assert opened("one_metre_above_the_floor.bvh", keep_height=True).motion.joint("left_foot")[:, 1].min() > 0.9


def test_a_fox_is_refused_by_every_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    fox = str(CASES / "fox.bvh")
    for command in (["import", fox, "-o", str(tmp_path / "x.npz")], ["ground", fox, "a person walks"],
                    ["describe", fox], ["export", fox, "-o", str(tmp_path / "x.glb")]):  # fmt: skip
        assert main(command) == 2
        assert "fox.bvh: no person: it stands on four legs, expected a human body" in capsys.readouterr().err
    assert main(["inspect", fox]) == 0
    assert "Not on the model skeleton: no person: it stands on four legs" in capsys.readouterr().out


def test_clips_are_listed_and_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    path = CASES / "gltf_three_animations.gltf"
    assert main(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clips"] == ["clip0", "clip1", "clip2"]
    lengths = [
        opened(path.name, choices=ReadingChoices(clip=clip)).motion.num_frames for clip in ("clip0", "2", "clip2")
    ]
    assert lengths == sorted(lengths)
    assert opened(path.name).provenance.clip == "clip2"  # the longest


def test_normalised_features_are_recognised() -> None:
    with pytest.raises(FileFormatError, match="still normalised by a mean and a standard deviation"):
        opened("hml_norm_263.npy")


def test_smpl_with_y_up_stands() -> None:
    result = opened("smpl_72_yup.npz")
    assert (result.motion.joint("head")[:, 1] - result.motion.joint("left_ankle")[:, 1]).min() > 1.2


def test_smpl_without_a_rate_is_read_and_told() -> None:
    result = opened("smplh_no_rate.npz")
    assert result.motion.frame_rate == 30.0
    assert "The file says no frame rate: 30 frames a second were assumed." in result.repairs
    assert opened("smplh_no_rate.npz", choices=ReadingChoices(frame_rate=60.0)).motion.frame_rate == 60.0


@pytest.mark.parametrize("name", ["mdm_results.npy", "t2mgpt_1xTx22x3.npy", "T_x_66.npy", "T_24_3.npy"])
def test_what_text_to_motion_tools_write(name: str) -> None:
    result = opened(name)
    assert result.motion.num_frames == 156
    assert result.mean_error < 0.001
    assert result.missing_joints == ()
