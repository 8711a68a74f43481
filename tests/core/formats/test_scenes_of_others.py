"""Scenes with several clips, skins in pieces, mirrors and scales that are not handed on, built node by node."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_motions import standing

from segmo_core import motion_files
from segmo_core.errors import InvalidRequestError
from segmo_core.formats.fbx.ufbx_reader import compose
from segmo_core.formats.reading.choices import ReadingChoices
from segmo_core.formats.registry import read_motion, write_motion
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.motion import Motion

STANDING = standing(12, slide=0.2)


def document(folder: Path) -> dict[str, Any]:
    """Our own scene of STANDING under Mixamo's names, as JSON with its buffer in the text."""
    write_motion(STANDING, folder / "own.glb", None, ExportOptions(names="mixamo", mesh=False))
    raw = (folder / "own.glb").read_bytes()
    (length,) = struct.unpack_from("<I", raw, 12)
    content: dict[str, Any] = json.loads(raw[20 : 20 + length])
    data = base64.b64encode(raw[28 + length :]).decode("ascii")
    content["buffers"][0]["uri"] = f"data:application/octet-stream;base64,{data}"
    return content


def saved(folder: Path, content: dict[str, Any], name: str = "x.gltf") -> Path:
    (folder / name).write_text(json.dumps(content))
    return folder / name


def placed(path: Path) -> Motion:
    return motion_files.open_retargeted(path, keep_height=True).motion


def is_standing(motion: Motion) -> bool:
    return bool(np.abs(motion.joint_positions - STANDING.joint_positions).max() < 2e-3)


def test_clips_are_listed_and_chosen(tmp_path: Path) -> None:
    content = document(tmp_path)
    first = content["animations"][0]
    content["animations"] = [{**first, "name": "idle"}, {**first, "name": "idle"}, {**first}]
    content["animations"][2].pop("name", None)
    path = saved(tmp_path, content)
    told = read_motion(path).provenance
    assert told.clips == ("idle", "idle (2)", "clip 3")
    assert told.clip == "idle"  # the first of equals
    for clip in ("idle (2)", "2", "IDLE (2)"):
        assert read_motion(path, ReadingChoices(clip=clip)).provenance.clip == "idle (2)"
    with pytest.raises(InvalidRequestError, match=r"no clip 'run', expected one of idle, idle \(2\), clip 3"):
        read_motion(path, ReadingChoices(clip="run"))


@pytest.mark.parametrize("named", [["Head", "Spine2"], ["LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToeBase"]])
def test_a_skin_that_names_a_part_is_not_the_body(tmp_path: Path, named: list[str]) -> None:
    content = document(tmp_path)
    numbers = {node["name"].split(":")[-1]: number for number, node in enumerate(content["nodes"]) if "name" in node}
    others = [number for name, number in numbers.items() if name not in named][:3]
    content["skins"] = [{"joints": [numbers[name] for name in named]}, {"joints": others[:1]}]
    assert is_standing(placed(saved(tmp_path, content)))


def test_a_mirrored_armature(tmp_path: Path) -> None:
    content = document(tmp_path)
    roots = content["scenes"][0]["nodes"]
    content["nodes"].append({"name": "Armature", "children": roots, "scale": [-1, 1, 1]})
    content["scenes"][0]["nodes"] = [len(content["nodes"]) - 1]
    result = motion_files.open_retargeted(saved(tmp_path, content), keep_height=True)
    assert result.is_mirrored
    assert "Left and right are exchanged as in a mirror: that was undone." in result.repairs
    assert is_standing(result.motion)


def test_a_vrm_animation_names_its_human_bones(tmp_path: Path) -> None:
    content = document(tmp_path)
    names = {node["name"].split(":")[-1]: number for number, node in enumerate(content["nodes"]) if "name" in node}
    vrm = {"hips": "Hips", "spine": "Spine", "chest": "Spine1", "upperChest": "Spine2", "neck": "Neck", "head": "Head"}
    parts = {"UpperLeg": "UpLeg", "LowerLeg": "Leg", "Foot": "Foot", "Toes": "ToeBase", "Shoulder": "Shoulder",
             "UpperArm": "Arm", "LowerArm": "ForeArm", "Hand": "Hand"}  # fmt: skip
    vrm |= {f"{side}{ours}": f"{side.title()}{theirs}" for side in ("left", "right") for ours, theirs in parts.items()}
    bones = {bone: {"node": names[name]} for bone, name in vrm.items()}
    content["extensions"] = {"VRMC_vrm_animation": {"specVersion": "1.0", "humanoid": {"humanBones": bones}}}
    content["skins"] = []
    for number, node in enumerate(content["nodes"]):
        node["name"] = f"n{number}"
    result = motion_files.open_retargeted(saved(tmp_path, content, "x.vrma"), keep_height=True)
    assert result.matched_by == "names"
    assert result.joint_map.joints["left_knee"] == "leftLowerLeg"
    assert is_standing(result.motion)


@pytest.mark.parametrize(("mode", "scale"), [(0, 0.25), (1, 0.5), (2, 0.25)], ids=["RSrs", "Rrs", "RrSs"])
def test_scale_goes_down_by_the_rule_of_the_format(mode: int, scale: float) -> None:
    """Three joints one unit apart, two of them scaled by a half: the third stands by its parent's whole scale."""
    still = [0.0, 0.0, 0.0, 1.0]
    joint = [1.0, 0.0, 0.0, *still]
    poses = np.array([[[*joint, 0.5, 0.5, 0.5], [*joint, 0.5, 0.5, 0.5], [*joint, 1.0, 1.0, 1.0]]])
    world = compose(poses, [-1, 0, 1], [0, mode, mode])
    assert world[0, 1, 0, 3] == pytest.approx(1.5)
    assert world[0, 1, 0, 0] == pytest.approx(scale)
    assert world[0, 2, 0, 3] == pytest.approx(1.5 + scale)
