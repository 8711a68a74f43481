"""Motion files that commands read: their joint maps, and what putting them on the model skeleton found and cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segmo_core.retargeting.joint_map import JointMap
    from segmo_core.retargeting.to_model_skeleton import RetargetResult


def load_joint_map(given: str | None) -> JointMap | None:
    """The map in a .json file, or the preset of that name; None where nothing was given."""
    if given is None:
        return None
    from segmo_core.retargeting.joint_map import read_joint_map
    from segmo_core.retargeting.joint_map_presets import load_preset

    return read_joint_map(Path(given)) if given.lower().endswith(".json") else load_preset(given)


def save_joint_map(joint_map: JointMap, given: str) -> Path:
    """Keep a map in a .json file or as a preset; returns the file."""
    from segmo_core.retargeting.joint_map import write_joint_map
    from segmo_core.retargeting.joint_map_presets import save_preset

    if not given.lower().endswith(".json"):
        return save_preset(given, joint_map)
    write_joint_map(joint_map, Path(given))
    return Path(given)


def describe_retargeting(result: RetargetResult) -> dict[str, Any]:
    """For --json: what was found, put right and doubtful, and the millimetres that joints are away from the file's.

    floor_m: how far above the floor the body was that it was put on. rate: where the frame rate is from.
    finger_joints_kept: none where fingers never bend, or their rest pose is none.
    """
    from segmo_core.formats.inspection import facing_degrees

    return {
        "matched_by": result.matched_by,
        "joint_map": dict(result.joint_map.joints),
        "by_structure": list(result.by_structure),
        "missing_joints": list(result.missing_joints),
        "up_axis": result.up_axis,
        "scale": result.scale,
        "uses_rotations": result.uses_rotations,
        "finger_joints_found": result.num_finger_joints,
        "finger_joints_kept": 0 if result.motion.hands is None else result.motion.hands.num_found,
        "dropped_frames": result.dropped_frames,
        "facing_degrees": round(facing_degrees(result.motion), 1),
        "floor_m": round(result.lowered, 4),
        "is_mirrored": result.is_mirrored,
        "clip": result.provenance.clip,
        "clips": list(result.provenance.clips),
        "rate": result.provenance.rate_origin,
        "repairs": list(result.repairs),
        "warnings": list(result.warnings),
        "mean_error_mm": round(1000 * result.mean_error, 3),
        "worst_error_mm": round(1000 * result.worst_error, 3),
        "joint_errors_mm": {name: round(1000 * error, 3) for name, error in result.joint_errors.items()},
    }
