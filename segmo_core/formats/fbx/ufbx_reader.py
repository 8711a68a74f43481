"""FBX files as the ufbx library sees them. Only for a process of its own: ufbx may crash on damaged files.

It also crashes when one of its Python objects is used after the one it came from is gone, and when they are taken
down; so every object is kept until the process ends, and the parent of a node is never asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, MissingDependencyError, in_short, shown
from segmo_core.formats.reading import files
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton

FloatArray = NDArray[np.floating]
T = TypeVar("T")

_MAX_POSES = 1_500_000  # frames times nodes; about half a GiB
_MAX_NODES = 5000
_USUAL_RATE = 30.0
_MAX_RATE = 1000.0
_kept: list[object] = []


def read_with_ufbx(path: Path) -> Motion:
    """The motion of the largest skeleton of an FBX file: metres, Y up, at the file's frame rate.

    Of several takes it is the longest that moves the skeleton. The rest pose is the bind pose, where there is one.
    Raises FileFormatError, or MissingDependencyError without ufbx.
    """
    try:
        import ufbx
    except ImportError:
        raise MissingDependencyError("Reading FBX needs the package ufbx: pip install 'segmo[fbx]'") from None
    files.check_file(path)
    try:
        scene = _keep(
            ufbx.load_file(
                str(path),
                file_format=ufbx.FileFormat.FBX,
                ignore_geometry=True,
                ignore_embedded=True,
                load_external_files=False,
            )
        )
    except (ufbx.UfbxError, OSError, ValueError) as error:
        raise FileFormatError(f"{path}: not a complete FBX file ({in_short(error)})") from None
    hierarchy = _Hierarchy(path, scene)
    take = _longest_take(path, scene, hierarchy)
    settings = _keep(scene.settings)
    rate = settings.frames_per_second
    rate = float(rate) if 0.0 < rate <= _MAX_RATE else _USUAL_RATE
    world = _world_matrices(path, ufbx, hierarchy, take, rate)
    axes = _axes(settings)
    return _motion(path, hierarchy, world, _rest_rotations(scene, hierarchy), axes, settings.unit_meters, rate)


def _keep(value: T) -> T:
    _kept.append(value)
    return value


def _items(values: Any) -> list[Any]:
    """The elements of an ufbx list, all of them kept."""
    _keep(values)
    return [_keep(values[index]) for index in range(len(values))]


class _Hierarchy:
    """nodes: the skeleton with all that stands above it, parents first. joints: which of them are the skeleton's."""

    def __init__(self, path: Path, scene: Any) -> None:
        everything = [_keep(scene.root_node)]
        parents = [-1]
        for index, node in enumerate(everything):  # grows while it is walked
            children = _items(node.children)
            everything += children
            parents += [index] * len(children)
            if len(everything) > _MAX_NODES:
                raise FileFormatError(f"{path}: more than {_MAX_NODES} nodes, expected one body")
        is_bone = [node.attrib_type.name == "BONE" for node in everything]
        bones_below = [int(bone) for bone in is_bone]
        for index in range(len(everything) - 1, 0, -1):
            bones_below[parents[index]] += bones_below[index]
        top_bones = [
            index
            for index, bone in enumerate(is_bone)
            if bone and not any(is_bone[above] for above in _above(parents, index))
        ]
        if not top_bones:
            raise FileFormatError(f"{path}: no skeleton, expected bones (LimbNode)")
        root = max(top_bones, key=lambda index: bones_below[index])
        above = _above(parents, root)[::-1]
        body = [
            index
            for index in range(len(everything))
            if bones_below[index] and (index == root or root in _above(parents, index))
        ]
        position = {index: new for new, index in enumerate(above + body)}
        self.nodes = [everything[index] for index in position]
        self.parents = [position.get(parents[index], -1) for index in position]
        self.joints = range(len(above), len(position))

    @property
    def joint_names(self) -> tuple[str, ...]:
        return tuple(str(self.nodes[joint].name) or f"bone {joint}" for joint in self.joints)

    @property
    def joint_parents(self) -> tuple[int, ...]:
        return tuple(max(self.parents[joint] - self.joints.start, -1) for joint in self.joints)


def _above(parents: list[int], index: int) -> list[int]:
    found = []
    while (index := parents[index]) >= 0:
        found.append(index)
    return found


def _longest_take(path: Path, scene: Any, hierarchy: _Hierarchy) -> Any:
    ours = {node.element_id for node in hierarchy.nodes}
    moving = []
    for stack in _items(scene.anim_stacks):
        animated = [each for layer in _items(stack.layers) for each in _items(layer.anim_props)]
        if any(_keep(each.element).element_id in ours for each in animated):
            moving.append(stack)
    if not moving:
        raise FileFormatError(f"{path}: no animation of its skeleton, expected a take with keys")
    return max(moving, key=lambda stack: stack.time_end - stack.time_begin)


def _world_matrices(path: Path, ufbx: Any, hierarchy: _Hierarchy, take: Any, rate: float) -> FloatArray:
    """(T, nodes, 3, 4) in the file's units and axes."""
    start, seconds = take.time_begin, take.time_end - take.time_begin
    if not 0.0 <= seconds * rate < _MAX_POSES / len(hierarchy.nodes):
        raise FileFormatError(
            f"{path}: take {shown(str(take.name))} lasts {seconds:.6g} s at {rate:g} frames per second with "
            f"{len(hierarchy.nodes)} bones, expected a shorter one"
        )
    num_frames = int(seconds * rate + 1e-3) + 1
    times = (start + np.arange(num_frames) / rate).tolist()
    animation = _keep(take.anim)
    world = np.empty((num_frames, len(hierarchy.nodes), 3, 4))
    for index, node in enumerate(hierarchy.nodes):
        poses = (ufbx.evaluate_transform(animation, node, time) for time in times)
        values = np.array([(*pose.translation, *pose.rotation, *pose.scale) for pose in poses])
        turned = rotations.to_matrix(values[:, [6, 3, 4, 5]])  # ufbx has w last
        local = np.concatenate([turned * values[:, None, 7:], values[:, :3, None]], axis=-1)
        parent = hierarchy.parents[index]
        if parent >= 0:
            above = world[:, parent]
            local = np.concatenate(
                [above[:, :, :3] @ local[:, :, :3], above[:, :, :3] @ local[:, :, 3:] + above[:, :, 3:]], axis=-1
            )
        world[:, index] = local
    return world


def _rest_rotations(scene: Any, hierarchy: _Hierarchy) -> FloatArray:
    """(J, 3, 3) of the bind pose, in the file's axes; bones without one hang on their parent as they do by default."""
    bound: dict[int, Any] = {}
    for pose in _items(scene.poses):
        if pose.is_bind_pose:
            for entry in _items(pose.bone_poses):
                bound[_keep(entry.bone_node).element_id] = entry.bone_to_world
    for cluster in _items(scene.skin_clusters):
        if (bone := _keep(cluster.bone_node)) is not None:
            bound[bone.element_id] = cluster.bind_to_world
    turned = np.empty((len(hierarchy.nodes), 3, 3))
    for index, node in enumerate(hierarchy.nodes):
        matrix, parent = bound.get(node.element_id), hierarchy.parents[index]
        turned[index] = _turn(_columns(node.node_to_parent if matrix is None else matrix))
        if matrix is None and parent >= 0:
            turned[index] = turned[parent] @ turned[index]
    return turned[hierarchy.joints.start :]


def _columns(matrix: Any) -> FloatArray:
    return np.array([matrix.c0, matrix.c1, matrix.c2], dtype=np.float64).T


def _turn(linear: FloatArray) -> FloatArray:
    """Rotations (..., 3, 3) of matrices that may also scale."""
    length = np.linalg.norm(linear, axis=-2, keepdims=True)
    return linear / np.where(length > 1e-12, length, 1.0)


def _axes(settings: Any) -> FloatArray:
    """(3, 3) matrix that takes the file's axes to X to the body's left, Y up, Z forward."""
    rows = np.eye(3)
    axes = settings.axes
    values = [int(axis) for axis in (axes.right, axes.up, axes.front)]
    if sorted(value // 2 for value in values) == [0, 1, 2]:
        rows = np.array([np.eye(3)[value // 2] * (-1.0 if value % 2 else 1.0) for value in values])
    return rows


def _motion(
    path: Path,
    hierarchy: _Hierarchy,
    world: FloatArray,
    rest: FloatArray,
    axes: FloatArray,
    unit: float,
    rate: float,
) -> Motion:
    """World matrices (T, nodes, 3, 4) as a motion whose rotations are those since the rest pose ``rest``."""
    world = world[:, hierarchy.joints.start :]
    files.require_finite(path, world, "bones")
    parents = hierarchy.joint_parents
    positions = world[..., 3] @ axes.T * unit
    turned = np.stack(
        [
            rotations.from_matrix(axes @ _turn(world[:, joint, :, :3]) @ rest[joint].T @ axes.T)
            for joint in range(len(parents))
        ],
        axis=1,
    )
    del world
    offsets, local = np.zeros((len(parents), 3)), turned.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            back = rotations.inverse(turned[:, parent])
            offsets[joint] = rotations.rotate(back, positions[:, joint] - positions[:, parent]).mean(axis=0)
            local[:, joint] = rotations.multiply(back, turned[:, joint])
    files.require_finite(path, np.concatenate([offsets.ravel(), positions.ravel()])[None], "bones")
    skeleton = Skeleton(hierarchy.joint_names, parents, offsets)
    local = rotations.continuous(rotations.normalize(local, rotations.IDENTITY_QUATERNION))
    rigid = kinematics.forward_kinematics(skeleton, local, positions[:, 0])
    is_rigid = np.abs(rigid - positions).max() <= 1e-5 * max(float(skeleton.bone_lengths.sum()), 1e-3)
    return files.build_motion(path, positions, rate, skeleton, local if is_rigid else None)
