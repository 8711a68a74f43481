"""FBX files as the ufbx library sees them. Only for a process of its own: ufbx may crash on damaged files.

It also crashes when one of its Python objects is used after the one it came from is gone, and when they are taken
down; so every object is kept until the process ends, and the parent of a node is never asked for.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, MissingDependencyError, in_short, shown
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import chosen_clip, clip_names
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting.matching import holds_body

FloatArray = NDArray[np.floating]
T = TypeVar("T")

_MAX_POSES = 1_500_000  # frames times nodes; about half a GiB
_MAX_NODES = 5000
_USUAL_RATE = 30.0
_MAX_RATE = 1000.0
_COMPONENTWISE = 2
_kept: list[object] = []


def read_with_ufbx(path: Path, clip: str | None = None) -> Motion:
    """The motion of the largest skeleton of an FBX file: metres, Y up, at the file's frame rate.

    Where that makes no body, of all its bones and what they hang from. Of several takes it is the one called ``clip``,
    or the longest that moves the skeleton. The rest pose is the bind pose, where there is one.
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
    motion = _read(path, ufbx, scene, clip, whole=False)
    if holds_body(motion):
        return motion
    whole = _read(path, ufbx, scene, clip, whole=True)
    return whole if holds_body(whole) else motion


def _read(path: Path, ufbx: Any, scene: Any, clip: str | None, *, whole: bool) -> Motion:
    hierarchy = _Hierarchy(path, scene, whole=whole)
    take, told = _take(path, scene, hierarchy, clip)
    settings = _keep(scene.settings)
    rate = settings.frames_per_second
    rate = float(rate) if 0.0 < rate <= _MAX_RATE else _USUAL_RATE
    world = _world_matrices(path, ufbx, hierarchy, take, rate)
    axes = _axes(settings)
    rest = _rest_rotations(scene, hierarchy)
    return replace(_motion(path, hierarchy, world, rest, axes, settings.unit_meters, rate), provenance=told)


def _keep(value: T) -> T:
    _kept.append(value)
    return value


def _items(values: Any) -> list[Any]:
    """The elements of an ufbx list, all of them kept."""
    _keep(values)
    return [_keep(values[index]) for index in range(len(values))]


class _Hierarchy:
    """nodes: the skeleton with all that stands above it, parents first. joints: which of them are the skeleton's.

    whole: all bones and the nodes between them, below what they all hang from; else the largest tree of bones.
    """

    def __init__(self, path: Path, scene: Any, *, whole: bool) -> None:
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
        if whole:
            root = next(index for index in (root, *_above(parents, root)) if bones_below[index] == bones_below[0])
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


def _take(path: Path, scene: Any, hierarchy: _Hierarchy, clip: str | None) -> tuple[Any, Provenance]:
    """The take to read, and what there is to tell of it."""
    ours = {node.element_id for node in hierarchy.nodes}
    moving = []
    for stack in _items(scene.anim_stacks):
        animated = [each for layer in _items(stack.layers) for each in _items(layer.anim_props)]
        if any(_keep(each.element).element_id in ours for each in animated):
            moving.append(stack)
    if not moving:
        raise FileFormatError(f"{path}: no animation of its skeleton, expected a take with keys")
    names = clip_names([str(stack.name) for stack in moving], "take") if len(moving) > 1 else ()
    longest = max(range(len(moving)), key=lambda index: moving[index].time_end - moving[index].time_begin)
    number = chosen_clip(path, names, clip, longest)
    return moving[number], Provenance(clip=names[number] if names else "", clips=names)


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
    poses = np.empty((num_frames, len(hierarchy.nodes), 10))  # translation, rotation (w last), scale
    for index, node in enumerate(hierarchy.nodes):
        transforms = (ufbx.evaluate_transform(animation, node, time) for time in times)
        poses[:, index] = [(*pose.translation, *pose.rotation, *pose.scale) for pose in transforms]
    return compose(poses, hierarchy.parents, [int(node.inherit_mode) for node in hierarchy.nodes])


def compose(poses: FloatArray, parents: list[int], inheritance: list[int]) -> FloatArray:
    """World matrices (T, nodes, 3, 4) of local poses (T, nodes, 10): translation, rotation (x, y, z, w), scale.

    inheritance: how each node takes its parent's scale (FBX's InheritType, in ufbx's numbers): 0, "RSrs", as a product
    of matrices does; 1, "Rrs", not at all (Maya's segment scale compensate); 2, "RrSs", axis by axis beside its own.
    Where a node stands, its parent's scale always tells.
    """
    world = np.empty((*poses.shape[:2], 3, 4))
    turned: list[FloatArray] = []  # the linear maps without the node's own scale
    scales: list[FloatArray] = []
    for index, (parent, mode) in enumerate(zip(parents, inheritance, strict=True)):
        linear, scale = rotations.to_matrix(poses[:, index, [6, 3, 4, 5]]), poses[:, index, 7:]
        place = poses[:, index, :3, None]
        if parent >= 0:
            above = world[:, parent]
            linear = (above[:, :, :3] if mode == 0 else turned[parent]) @ linear
            scale = scale * scales[parent] if mode == _COMPONENTWISE else scale
            place = above[:, :, :3] @ place + above[:, :, 3:]
        world[:, index] = np.concatenate([linear * scale[:, None, :], place], axis=-1)
        turned.append(linear)
        scales.append(scale)
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
