"""The motion of an export scene as FBX objects: one take of curves that go straight from key to key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.fbx.binary import Int64, PackedArray, pack_array
from segmo_core.formats.fbx.curves import rotation_curve
from segmo_core.formats.fbx.objects import ObjectTable, Properties
from segmo_core.formats.scene.export_scene import ExportScene
from segmo_core.progress import Progress

FloatArray = NDArray[np.floating]

TICKS_PER_SECOND = 46_186_158_000

# KFCURVE flags as the SDK writes them: linear interpolation (4), automatic tangents, time independent, clamped.
_LINEAR_KEYS = np.array([0x4 | 0x100 | 0x2000 | 0x4000], dtype=np.int32)
# No slopes, and both tangent weights at their default of a third, in ten-thousandths (0x0D05 = 3333).
_TANGENTS = np.array([0, 0, 0x0D05_0D05, 0], dtype=np.int32).view(np.float32)


def key_ticks(seconds: FloatArray) -> NDArray[np.int64]:
    """Times (K,) in FBX ticks."""
    return np.round(seconds * TICKS_PER_SECOND).astype(np.int64)


def last_tick(scene: ExportScene) -> int:
    return int(key_ticks(scene.key_times[-1:])[0])


def add_animation(table: ObjectTable, scene: ExportScene, bones: list[Int64], take: str, progress: Progress) -> None:
    """Add the stack called ``take`` with rotation curves of all bones and translation curves of the moving ones."""
    stack, node = table.add("AnimationStack", take, "AnimStack", "")
    properties = Properties(node)
    for name in ("Local", "Reference"):
        properties.time(f"{name}Start", 0)
        properties.time(f"{name}Stop", last_tick(scene))
    layer, node = table.add("AnimationLayer", "BaseLayer", "AnimLayer", "")
    Properties(node)
    table.connect(layer, stack)
    times = pack_array(key_ticks(scene.key_times))
    for joint, bone in enumerate(bones):
        progress.raise_if_cancelled()
        if joint in scene.moving:
            _add_curves(table, layer, bone, "Lcl Translation", "T", times, scene.local_translations[:, joint])
        curve = rotation_curve(scene.key_times, scene.local_rotations[:, joint], more_keys=scene.exact)
        own_times = times if len(curve.seconds) == len(scene.key_times) else pack_array(key_ticks(curve.seconds))
        _add_curves(table, layer, bone, "Lcl Rotation", "R", own_times, curve.degrees)
        progress.report((joint + 1) / len(bones))


def _add_curves(
    table: ObjectTable, layer: Int64, bone: Int64, target: str, name: str, times: PackedArray, values: FloatArray
) -> None:
    """Three curves of values (K, 3) that drive the property ``target`` of ``bone``."""
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
