"""BVH motion files: ``read_bvh`` takes any hierarchy, ``write_bvh`` writes what other programs read as we mean it.

Written files are in centimetres, Y up, unless something else is chosen, with ZXY channels. A joint that moves (the
root) has a zero OFFSET and its position in the channels, because three.js adds the offset to the channels while
Blender and assimp do not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.bvh import parser
from segmo_core.formats.bvh.parser import BvhJoint
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices, chosen_clip, clip_names
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import ExportScene, build_export_scene
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.motion.skeleton import Skeleton
from segmo_core.progress import Progress
from segmo_core.retargeting.joint_tree import with_unique_names
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_ROTATION_ORDER = "ZXY"
_ROTATION_CHANNELS = "Zrotation Xrotation Yrotation"
_MOVING_CHANNELS = f"Xposition Yposition Zposition {_ROTATION_CHANNELS}"
# Where the last bone of a limb ends, metres from its joint; other leaf joints continue their bone by half.
_HEAD_TOP = np.array([0.0, 0.18, 0.0])
_NEARLY_NOTHING, _SEVERAL = 0.1, 8


def read_bvh(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion of a BVH file on its own skeleton: its units, its axes, its joint order; of several people the first,
    or the one that is chosen.

    Joints with position channels take them in place of their OFFSET, as Blender does, unless they hold what is to be
    added to it. A root that only carries a moving body (the ground bone of game engines) is left out. Where position
    channels make other bones change their length, ``local_rotations`` is None. Raises FileFormatError with the line
    number.
    """
    path = Path(path)
    content = parser.parse(path, files.read_bytes(path, parser.MAX_BYTES), choices.frame_rate)
    joints, values, provenance = _person(path, content, choices)
    num_frames, num_joints = len(values), len(joints)
    local_rotations = np.broadcast_to(rotations.IDENTITY_QUATERNION, (num_frames, num_joints, 4)).copy()
    local_offsets = np.broadcast_to([joint.offset for joint in joints], (num_frames, num_joints, 3)).copy()
    ends = np.array([joint.end for joint in joints])
    column = 0
    for index, joint in enumerate(joints):
        own = values[:, column : column + len(joint.channels)]
        column += len(joint.channels)
        turning = [i for i, (kind, _) in enumerate(joint.channels) if kind == "rotation"]
        order = "".join(joint.channels[i][1] for i in turning)
        local_rotations[:, index] = rotations.from_euler(np.radians(own[:, turning]), order)
        for i, (kind, axis) in enumerate(joint.channels):
            if kind == "position":
                local_offsets[:, index, "XYZ".index(axis)] = own[:, i]
    local_rotations = rotations.continuous(local_rotations)
    parents = tuple(joint.parent for joint in joints)
    local_offsets = _with_deltas(joints, local_offsets)
    rest_offsets = local_offsets.mean(axis=0)
    rest_offsets[0] = 0.0
    change = np.abs(local_offsets - rest_offsets).max(axis=(0, 2))
    change[0] = 0.0
    stretched = change > 1e-5 * np.linalg.norm(rest_offsets, axis=-1).sum()
    skeleton = with_unique_names(Skeleton(tuple(joint.name for joint in joints), parents, rest_offsets, ends))
    positions = _positions(skeleton, local_rotations, local_offsets)
    if parents.count(0) == 1 and parents.count(1) > 1 and stretched[1] and not stretched[2:].any():
        local_rotations[:, 1] = rotations.multiply(local_rotations[:, 0], local_rotations[:, 1])
        rest_offsets[1], stretched[1] = 0.0, False
        below = tuple(parent - 1 for parent in parents[1:])
        skeleton = Skeleton(skeleton.joint_names[1:], below, rest_offsets[1:], ends[1:])
        positions, local_rotations = positions[:, 1:], local_rotations[:, 1:]
    motion = files.build_motion(
        path, positions, content.timing.frame_rate, skeleton, None if stretched.any() else local_rotations
    )
    return replace(motion, provenance=provenance)


def _person(
    path: Path, content: parser.BvhContent, choices: ReadingChoices
) -> tuple[tuple[BvhJoint, ...], FloatArray, Provenance]:
    """The joints, the values and what is to be told of one person of the file."""
    bounds = [*content.roots, len(content.joints)]
    people = clip_names([content.joints[root].name for root in content.roots], "person")
    several = people if len(people) > 1 else ()
    number = chosen_clip(path, several, choices.clip)
    first, last = bounds[number], bounds[number + 1]
    before = sum(len(joint.channels) for joint in content.joints[:first])
    joints = tuple(
        replace(joint, parent=joint.parent - first if joint.parent >= 0 else -1) for joint in content.joints[first:last]
    )
    width = sum(len(joint.channels) for joint in joints)
    if width == 0:
        raise FileFormatError(f"{path}: no joint of {shown(people[number])} has channels, expected some that move")
    told = Provenance(several[number] if several else "", several, content.repairs, rate_doubt=content.timing.doubt)
    return joints, content.timing.values[:, before : before + width], told


def _with_deltas(joints: tuple[BvhJoint, ...], local_offsets: FloatArray) -> FloatArray:
    """Offsets (T, J, 3) with OFFSET added where position channels hold deltas, which would leave no bone of it.

    A joint whose channels are nearly nothing against its OFFSET; and all of the body's, where most of its bones would
    lose their length. The root's are its place.
    """
    declared = np.array([joint.offset for joint in joints])
    moves = np.array([any(kind == "position" for kind, _ in joint.channels) for joint in joints])
    moves &= (np.linalg.norm(declared, axis=-1) > 0) & (np.array([joint.parent for joint in joints]) >= 0)
    if not moves.any():
        return local_offsets
    added = np.linalg.norm(local_offsets, axis=-1).mean(axis=0)
    replaced = np.linalg.norm(local_offsets - declared, axis=-1).mean(axis=0)
    deltas = moves & (added < _NEARLY_NOTHING * np.linalg.norm(declared, axis=-1))
    if np.median(added[moves] / np.maximum(replaced[moves], 1e-12)) < 1.0 and moves.sum() >= _SEVERAL:
        deltas = moves
    return np.where(deltas[None, :, None], local_offsets + declared, local_offsets)


def _positions(skeleton: Skeleton, local_rotations: FloatArray, local_offsets: FloatArray) -> FloatArray:
    """World positions (T, J, 3) where a bone's offset (T, J, 3) may change over time."""
    turned = kinematics.global_rotations(skeleton, local_rotations)
    positions = local_offsets.copy()
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            positions[:, joint] = positions[:, parent] + rotations.rotate(turned[:, parent], local_offsets[:, joint])
    return positions


def write_bvh(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` so that forward kinematics of the file gives its joint positions; the same bytes every time.

    A motion without rotations is written as the rigid motion that follows its positions. Euler angles are
    unrolled over time, so that curves between the keys stay on the motion. BVH has no place for segments.
    """
    scene = build_export_scene(motion, options or ExportOptions(), unit="cm", with_mesh=False)
    order = _depth_first(scene)
    angles = np.degrees(rotations.unroll_euler(rotations.to_euler(scene.local_rotations, _ROTATION_ORDER)))
    channels = []
    for joint in order:
        if joint in scene.moving:
            channels.append(scene.local_translations[:, joint])
        channels.append(angles[:, joint])
    values = np.concatenate(channels, axis=1)
    header = [*_hierarchy(scene), "MOTION", f"Frames: {scene.num_frames}", f"Frame Time: {1.0 / scene.frame_rate:.10g}"]
    row = " ".join(["%.6f"] * values.shape[1]) + "\n"
    rounded = np.round(values, 6) + 0.0  # adding zero turns -0.0 into 0.0
    text = "\n".join(header) + "\n" + (row * scene.num_frames) % tuple(rounded.ravel().tolist())
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(text.encode("ascii")))


def _children(scene: ExportScene, joint: int) -> list[int]:
    return [child for child, parent in enumerate(scene.parents) if parent == joint]


def _depth_first(scene: ExportScene) -> list[int]:
    order, stack = [], [0]
    while stack:
        joint = stack.pop()
        order.append(joint)
        stack.extend(reversed(_children(scene, joint)))
    return order


def _hierarchy(scene: ExportScene) -> list[str]:
    names = _safe_names(scene.joint_names)
    lines = ["HIERARCHY"]
    depths = {0: 0}
    open_depth = -1
    for joint in _depth_first(scene):
        depth = depths.setdefault(joint, depths.get(scene.parents[joint], -1) + 1)
        lines += _closing(open_depth, depth)
        indent = "\t" * depth
        moves = joint in scene.moving
        lines += [
            f"{indent}{'JOINT' if depth else 'ROOT'} {names[joint]}",
            f"{indent}{{",
            f"{indent}\tOFFSET {_numbers(np.zeros(3) if moves else scene.rest_translations[joint])}",
            f"{indent}\tCHANNELS {f'6 {_MOVING_CHANNELS}' if moves else f'3 {_ROTATION_CHANNELS}'}",
        ]
        if not _children(scene, joint):
            end = _end_site(scene, joint)
            lines += [
                f"{indent}\tEnd Site", f"{indent}\t{{", f"{indent}\t\tOFFSET {_numbers(end)}", f"{indent}\t}}",
            ]  # fmt: skip
        open_depth = depth
    return lines + _closing(open_depth, 0)


def _closing(open_depth: int, depth: int) -> list[str]:
    return ["\t" * level + "}" for level in range(open_depth, depth - 1, -1)]


def _numbers(offset: FloatArray) -> str:
    return " ".join(f"{value:.6f}" for value in np.round(offset, 6) + 0.0)


def _end_site(scene: ExportScene, joint: int) -> FloatArray:
    if scene.joint_names[joint].lower().endswith("head"):
        return (_HEAD_TOP if scene.up_axis == "y" else _HEAD_TOP[[0, 2, 1]]) / scene.metres_per_unit
    half_a_bone: FloatArray = 0.5 * scene.rest_translations[joint]
    return half_a_bone


def _safe_names(joint_names: tuple[str, ...]) -> list[str]:
    """Names that every reader binds: no namespace, none of the characters three.js reserves, no two alike."""
    names: list[str] = []
    for joint_name in joint_names:
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", joint_name.rsplit(":", 1)[-1]) or "joint"
        unique, number = name, 2
        while unique in names:
            unique, number = f"{name}_{number}", number + 1
        names.append(unique)
    return names
