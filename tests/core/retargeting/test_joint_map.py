"""Maps of joints: made by matching, changed by hand, kept as files and presets, refused when they are no maps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from foreign_bodies import A_POSE, NAMINGS, body_of
from sample_motions import turning_walk

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.formats.bvh.bvh_files import read_bvh
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.retargeting import joint_map_presets as presets
from segmo_core.retargeting.joint_map import JointMap, read_joint_map, write_joint_map
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

MIXAMO = JointMap(dict(zip(SMPL_JOINT_NAMES, NAMINGS["Mixamo"].split(), strict=True)))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(presets.platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def foreign(tmp_path: Path) -> Motion:
    """The walk under names that say nothing; "odd" is a second joint on the way to the left hand."""
    body = body_of(turning_walk(), [f"bone{index}" for index in range(22)], A_POSE)
    body.append("odd", "bone20", (0.07, -0.07, 0))
    (tmp_path / "foreign.bvh").write_text(body.text())
    return read_bvh(tmp_path / "foreign.bvh")


def test_what_matching_found_can_be_changed_and_used_again(foreign: Motion, tmp_path: Path) -> None:
    found = to_model_skeleton(foreign)
    assert found.matched_by == "structure"
    again = to_model_skeleton(foreign, found.joint_map)
    assert again.matched_by == "map"
    assert again.by_structure == ()
    np.testing.assert_array_equal(again.motion.joint_positions, found.motion.joint_positions)
    changed = found.joint_map.with_joint("left_wrist", "odd").with_joint("head", None)
    assert changed.joints["left_wrist"] == "odd"
    assert changed.left_out == ("head",)
    result = to_model_skeleton(foreign, changed)
    assert result.missing_joints == ("head",)
    # The forearm now reaches up to 0.099 m farther, less where the wrist bends: the model's does not; that is told.
    assert 0.09 < result.joint_errors["left_wrist"] < 0.099
    assert "head" not in result.joint_errors
    write_joint_map(changed, tmp_path / "map.json")
    assert read_joint_map(tmp_path / "map.json") == changed
    exchanged = JointMap({**found.joint_map.joints, "left_foot": "bone11", "right_foot": "bone10"})
    assert to_model_skeleton(foreign, exchanged).worst_error > 0.1


def test_a_joint_that_changes_over_leaves_its_part() -> None:
    moved = MIXAMO.with_joint("spine3", "mixamorig:Spine1")
    assert moved.left_out == ("spine2",)
    assert moved.joints["spine3"] == "mixamorig:Spine1"


def test_spine_joints_given_by_hand_are_taken_as_they_are(foreign: Motion) -> None:
    found = to_model_skeleton(foreign).joint_map
    only_chest = found.with_joint("spine1", None).with_joint("spine2", None)
    result = to_model_skeleton(foreign, only_chest)
    assert result.missing_joints == ()  # the file has three, the two others are placed along them
    assert result.joint_errors["spine3"] < 0.02
    assert result.worst_error < 0.04


@pytest.mark.parametrize(
    ("joints", "sentence"),
    [
        ({**MIXAMO.joints, "tail": "Tail"}, "'tail' is no joint of the model"),
        ({**MIXAMO.joints, "head": ""}, "head has no joint name"),
        ({**MIXAMO.joints, "head": 7}, "head has no joint name"),
        ({**MIXAMO.joints, "head": "mixamorig:Hips"}, "'mixamorig:Hips' plays both"),
        ({k: v for k, v in MIXAMO.joints.items() if "knee" not in k}, "nothing plays left_knee, right_knee"),
        ({k: v for k, v in MIXAMO.joints.items() if k not in ("neck", "head")}, "nothing plays head"),
    ],
)
def test_maps_that_are_none(tmp_path: Path, joints: dict, sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        JointMap(joints)
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"format": "segmo joint map", "version": 1, "joints": joints}))
    with pytest.raises(FileFormatError, match=rf"map\.json: .*{sentence}"):
        read_joint_map(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[1, 2]", "not a joint map"),
        ("{", r"line 1: not valid JSON"),
        ('{"format": "segmo joint map", "version": 2, "joints": {}}', "version 2, expected 1"),
        ('{"format": "segmo joint map", "version": 1, "joints": []}', "joints is list"),
        ('{"format": "segmo joint map", "version": 1, "joints": {}, "more": 1}', "unknown key 'more'"),
        ("[" * 100_000, "map.json"),
    ],
)
def test_files_that_are_no_maps(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "map.json").write_text(content)
    with pytest.raises(FileFormatError, match=sentence):
        read_joint_map(tmp_path / "map.json")


def test_a_map_of_another_body_is_refused_by_name(foreign: Motion) -> None:
    assert not MIXAMO.fits(foreign.skeleton)
    with pytest.raises(FileFormatError, match=r"the file has no joint mixamorig:Hips, .* among its 23 \(bone0"):
        to_model_skeleton(foreign, MIXAMO)


def test_presets_are_kept_listed_and_forgotten(config: Path, foreign: Motion) -> None:
    assert presets.list_presets() == ()
    found = to_model_skeleton(foreign).joint_map
    path = presets.save_preset("my rig", found)
    assert path.is_relative_to(config)
    presets.save_preset("Mixamo 2", MIXAMO)
    assert presets.list_presets() == ("Mixamo 2", "my rig")
    assert presets.load_preset("my rig") == found
    (presets.preset_folder() / "broken.json").write_text("{}")
    assert presets.fitting_presets(foreign.skeleton.joint_names) == ("my rig",)
    (presets.preset_folder() / "my rig.json").unlink()
    assert presets.list_presets() == ("Mixamo 2", "broken")
    with pytest.raises(InvalidRequestError, match="no such preset, expected one of: Mixamo 2, broken"):
        presets.load_preset("my rig")
    with pytest.raises(FileFormatError, match="not a joint map"):
        presets.load_preset("broken")


@pytest.mark.parametrize("name", ["", "../evil", "a/b", ".hidden", " padded ", "x" * 61, "nul\0"])
def test_names_that_are_no_file_names(config: Path, name: str) -> None:
    with pytest.raises(InvalidRequestError, match="not a name for a preset"):
        presets.save_preset(name, MIXAMO)
