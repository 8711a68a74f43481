"""The skeleton and animation of a USD file, read by usd-core, which may crash on damaged ones.

Meant for a process of its own: ``usd.read_usd`` calls ``read_skeleton`` there.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Tf, Usd, UsdGeom, UsdSkel

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.reading import files
from segmo_core.formats.reading.posed_nodes import key_rate, motion_of_nodes, plain_rotations, unique_names
from segmo_core.formats.scene.export_options import MAX_FRAME_RATE
from segmo_core.formats.usd.animations import animated_skeleton
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.serialization import real_path

FloatArray = NDArray[np.floating]

_MAX_LAYERS = 1000
_Z_UP_TO_Y_UP = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(-np.pi / 2))


def read_skeleton(path: Path, clip: str | None = None) -> Motion:
    """The chosen animation, or that of the first animated skeleton, as ``usd.read_usd`` says. Raises FileFormatError,
    and InvalidRequestError for a clip that the file has not.
    """
    path = Path(path)
    try:
        return _read(path, clip)
    except (Tf.ErrorException, RuntimeError, OverflowError):
        _fail(path, "is damaged, expected a complete USD file")


def _fail(path: Path, message: str) -> NoReturn:
    raise FileFormatError(f"{path}: {message}")


def _read(path: Path, clip: str | None) -> Motion:
    layer = Sdf.Layer.FindOrOpen(str(real_path(path)))
    if layer is None:
        _fail(path, "cannot be opened, expected a USD file")
    _check_references(path, layer)
    stage = Usd.Stage.Open(layer)
    query, skeleton, told = animated_skeleton(path, stage, clip)
    order = [str(joint) for joint in query.GetJointOrder()]
    parents = [int(parent) for parent in query.GetTopology().GetParentIndices()]
    if not order or any(parent >= joint for joint, parent in enumerate(parents)):
        _fail(path, "a skeleton whose joints are out of order, expected parents before their children")
    codes_per_second, metres = stage.GetTimeCodesPerSecond(), UsdGeom.GetStageMetersPerUnit(stage)
    if not (np.isfinite([codes_per_second, metres]).all() and 0 < codes_per_second <= 1e6 and 0 < metres <= 1e6):
        _fail(path, f"{codes_per_second:g} time codes per second, {metres:g} metres per unit, expected usual numbers")
    animation = query.GetAnimQuery()
    num_moving = len(animation.GetJointOrder())
    codes = np.array(animation.GetJointTransformTimeSamples(), dtype=np.float64)
    codes = codes[np.isfinite(codes)]
    rate = _told_rate(stage, codes) or key_rate(codes / codes_per_second)
    num_frames = int((codes[-1] - codes[0]) / codes_per_second * rate + 1e-3) + 1 if len(codes) else 1
    files.check_size(path, num_frames, len(order))
    start = float(codes[0]) if len(codes) else 0.0
    poses, above = np.empty((num_frames, len(order), 4, 4)), np.empty((num_frames, 1, 4, 4))
    xform = UsdGeom.Xformable(skeleton)
    for frame in range(num_frames):
        code = Usd.TimeCode(start + frame * codes_per_second / rate)
        above[frame] = xform.ComputeLocalToWorldTransform(code)
        # Where a pose is incomplete, the library silently takes the skeleton's rest pose.
        if any(len(part) != num_moving for part in animation.ComputeJointLocalTransformComponents(code) or [()]):
            _fail(path, f"the pose of frame {frame} is incomplete, expected {num_moving} joints")
        matrices = query.ComputeJointSkelTransforms(code)
        if matrices is None or len(matrices) != len(order):
            _fail(path, f"{len(matrices or ())} joints in frame {frame}, expected {len(order)}")
        poses[frame] = matrices
    files.require_finite(path, poses, "joints")
    files.require_finite(path, above, "transforms")
    world = poses @ above
    files.require_finite(path, world, "joints")
    rest = _rest_matrices(query, skeleton)
    files.require_finite(path, rest[None], "the rest pose: transforms")
    names = [str(name) for name in skeleton.GetJointNamesAttr().Get() or ()]
    if len(names) != len(order):
        names = [joint.rsplit("/", 1)[-1] for joint in order]
    if parents.count(-1) > 1:
        names, parents = ["scene", *names], [-1, *(parent + 1 for parent in parents)]
        world = np.concatenate([np.broadcast_to(np.eye(4), (num_frames, 1, 4, 4)), world], axis=1)
        rest = np.concatenate([np.eye(4)[None], rest])
    turn = _Z_UP_TO_Y_UP if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else rotations.IDENTITY_QUATERNION
    motion = motion_of_nodes(
        path,
        unique_names(names),
        tuple(parents),
        rotations.multiply(turn, _turned(world)),
        rotations.rotate(turn, world[..., 3, :3]) * metres,
        rotations.multiply(turn, _turned(rest)),
        rate,
    )
    return replace(motion, provenance=told)


def _told_rate(stage: Usd.Stage, codes: FloatArray) -> float | None:
    """Frames a second where the file tells them and each of them is a key, whatever keys stand between; else None."""
    rate, per_second = stage.GetFramesPerSecond(), stage.GetTimeCodesPerSecond()
    if len(codes) < 2 or not stage.HasAuthoredMetadata("framesPerSecond") or not 1.0 <= rate <= MAX_FRAME_RATE:
        return None
    num_frames = int((codes[-1] - codes[0]) / per_second * rate + 1e-6) + 1
    if num_frames > len(codes):
        return None
    frames = codes[0] + np.arange(num_frames) * per_second / rate
    after = np.searchsorted(codes, frames).clip(max=len(codes) - 1)
    gap = np.minimum(np.abs(codes[after] - frames), np.abs(codes[np.maximum(after - 1, 0)] - frames))
    return float(rate) if gap.max() < 1e-6 * max(1.0, float(np.abs(codes).max())) else None


def _check_references(path: Path, layer: Sdf.Layer) -> None:
    """Raise FileFormatError when the file is composed of others that are not in its folder."""
    folder = real_path(path).parent
    waiting, seen = [layer], {layer.identifier}
    while waiting:
        current = waiting.pop()
        for asset in current.GetCompositionAssetDependencies():
            address = current.ComputeAbsolutePath(asset)
            outer = Sdf.Layer.SplitIdentifier(address)[0].split("[", 1)[0]
            if "://" in outer or not real_path(Path(outer)).is_relative_to(folder):
                _fail(path, f"refers to {shown(asset)}, expected only files in its folder")
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > _MAX_LAYERS:
                _fail(path, f"is composed of more than {_MAX_LAYERS} layers, expected one body")
            found = Sdf.Layer.FindOrOpen(address)
            if found is not None:
                waiting.append(found)


def _rest_matrices(query: UsdSkel.SkeletonQuery, skeleton: UsdSkel.Skeleton) -> FloatArray:
    """(J, 4, 4) world transforms of the bind pose; of the rest pose where there is none."""
    bind = query.GetJointWorldBindTransforms()
    if bind is not None and len(bind) == len(query.GetJointOrder()):
        return np.array(bind)
    above = np.array(UsdGeom.Xformable(skeleton).ComputeLocalToWorldTransform(Usd.TimeCode.Default()))
    rest = query.ComputeJointSkelTransforms(Usd.TimeCode.Default(), True)
    if rest is None or len(rest) != len(query.GetJointOrder()):
        return np.tile(np.eye(4), (len(query.GetJointOrder()), 1, 1))
    placed: FloatArray = np.array(rest) @ above
    return placed


def _turned(matrices: FloatArray) -> FloatArray:
    """World rotations (..., 4) of USD's matrices (..., 4, 4), which are for row vectors."""
    return plain_rotations(np.swapaxes(matrices[..., :3, :3], -1, -2))
