"""The motion of an export scene as FBX objects: one take of linear curves over all keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.export_scene import ExportScene
from segmo_core.formats.fbx_binary import Int64, PackedArray, pack_array
from segmo_core.formats.fbx_objects import ObjectTable, Properties
from segmo_core.motion import rotations
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

TICKS_PER_SECOND = 46_186_158_000

# KFCURVE flags as the SDK writes them: linear interpolation (4), automatic tangents, time independent, clamped.
_LINEAR_KEYS = np.array([0x4 | 0x100 | 0x2000 | 0x4000], dtype=np.int32)
# No slopes, and both tangent weights at their default of a third, in ten-thousandths (0x0D05 = 3333).
_TANGENTS = np.array([0, 0, 0x0D05_0D05, 0], dtype=np.int32).view(np.float32)


def key_ticks(scene: ExportScene) -> NDArray[np.int64]:
    """(T,) times of the frames in FBX ticks."""
    return np.round(np.arange(scene.num_frames) * (TICKS_PER_SECOND / scene.frame_rate)).astype(np.int64)


def euler_degrees(quaternions: FloatArray) -> FloatArray:
    """(..., 4) as FBX's XYZ angles (..., 3) in degrees: first about X, then Y, then Z of the parent."""
    return np.degrees(rotations.to_euler(quaternions, "ZYX"))[..., ::-1]


def rotation_curves(scene: ExportScene) -> FloatArray:
    """(T, J, 3) degrees since the rest pose, every key the triplet nearest to the one before, the first nearest to 0.

    Only so do curves that are interpolated between the keys stay on the motion.
    """
    since_rest = rotations.multiply(rotations.inverse(scene.rest_rotations), scene.local_rotations)
    angles = rotations.to_euler(since_rest, "ZYX")
    unrolled = rotations.unroll_euler(np.concatenate([np.zeros_like(angles[:1]), angles]))[1:]
    return np.degrees(unrolled)[..., ::-1]


def add_animation(table: ObjectTable, scene: ExportScene, bones: list[Int64], take: str, progress: Progress) -> None:
    """Add the stack called ``take`` with rotation curves of all bones and translation curves of the moving ones."""
    ticks = key_ticks(scene)
    stack, node = table.add("AnimationStack", take, "AnimStack", "")
    properties = Properties(node)
    properties.time("LocalStart", 0)
    properties.time("LocalStop", int(ticks[-1]))
    properties.time("ReferenceStart", 0)
    properties.time("ReferenceStop", int(ticks[-1]))
    layer, node = table.add("AnimationLayer", "BaseLayer", "AnimLayer", "")
    Properties(node)
    table.connect(layer, stack)
    times = pack_array(ticks)
    angles = rotation_curves(scene)
    for joint, bone in enumerate(bones):
        progress.raise_if_cancelled()
        if joint in scene.moving:
            _add_curves(table, layer, bone, "Lcl Translation", "T", times, scene.local_translations[:, joint])
        _add_curves(table, layer, bone, "Lcl Rotation", "R", times, angles[:, joint])
        progress.report((joint + 1) / len(bones))


def _add_curves(
    table: ObjectTable, layer: Int64, bone: Int64, target: str, name: str, times: PackedArray, values: FloatArray
) -> None:
    """Three curves of values (T, 3) that drive the property ``target`` of ``bone``."""
    curve_node, node = table.add("AnimationCurveNode", name, "AnimCurveNode", "")
    properties = Properties(node)
    for axis, first in zip("XYZ", values[0], strict=True):
        properties.channel(f"d|{axis}", first)
    table.connect(curve_node, layer)
    table.connect_property(curve_node, bone, target)
    for axis, column in zip("XYZ", values.T, strict=True):
        curve, node = table.add("AnimationCurve", "", "AnimCurve", "")
        node.add("Default", float(column[0]))
        node.add("KeyVer", 4008)
        node.add("KeyTime", times)
        node.add("KeyValueFloat", column.astype(np.float32))
        node.add("KeyAttrFlags", _LINEAR_KEYS)
        node.add("KeyAttrDataFloat", _TANGENTS)
        node.add("KeyAttrRefCount", np.array([len(column)], dtype=np.int32))
        table.connect_property(curve, curve_node, f"d|{axis}")
