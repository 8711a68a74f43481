"""A motion as it will stand in a file: names, units, axes, rate and bones as chosen. All scene writers start here.

The writers of BVH, FBX, glTF and USD only put an ExportScene down; what an option means is decided in this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from segmo_core.body.floor import SOLE_DEPTH
from segmo_core.body.mannequin import SkinnedMesh, fits_mannequin, load_mannequin
from segmo_core.body.smpl import fitted_mesh, load_smpl_body
from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.bone_names import BONE_NAMES, ROOT_BONE_NAME
from segmo_core.formats.scene.export_options import UNITS, ExportOptions
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.motion.rest_pose import rest_positions
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_Y_UP_TO_Z_UP = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(np.pi / 2))
_HEADING_SECONDS = 0.25  # how smoothly the ground bone turns
_LEVEL = 0.3  # the pelvis' forward axis has no heading where less than this of it is level (lying down, somersaults)


@dataclass(frozen=True)
class SceneSegment:
    """One segment of the track: its words and its half-open stretch in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class ExportScene:
    """Lengths in ``unit`` (a key of UNITS), axes as ``up_axis`` says, quaternions (w, x, y, z).

    joint_names, parents: J joints, root first, parents before children. rest_rotations (J, 4) and rest_translations
    (J, 3): local rest pose, which is also the bind pose; the feet stand on the ground. local_rotations (T, J, 4) and
    local_translations (T, J, 3): local pose of every frame, complete (rest orientation and offset included), signs
    continuous in time; the translation changes over time only for the joints in ``moving`` (root, pelvis). frame_rate:
    of the frames given here. display_rate: what the user asked for; frame_rate is a multiple of it. mesh: vertices,
    normals and rest joints in this scene's unit and axes, joint indices of this scene; None without one.
    """

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    rest_rotations: FloatArray
    rest_translations: FloatArray
    local_rotations: FloatArray
    local_translations: FloatArray
    moving: tuple[int, ...]
    frame_rate: float
    display_rate: float
    unit: str
    up_axis: str
    title: str
    segments: tuple[SceneSegment, ...]
    mesh: SkinnedMesh | None

    @property
    def num_frames(self) -> int:
        return len(self.local_rotations)

    @property
    def metres_per_unit(self) -> float:
        return UNITS[self.unit]

    def global_rest(self) -> tuple[FloatArray, FloatArray]:
        """World rotations (J, 4) and positions (J, 3) of the rest pose."""
        turned, placed = _global(self.parents, self.rest_rotations[None], self.rest_translations[None])
        return turned[0], placed[0]

    def global_pose(self) -> tuple[FloatArray, FloatArray]:
        """World rotations (T, J, 4) and positions (T, J, 3) of every frame."""
        return _global(self.parents, self.local_rotations, self.local_translations)


def build_export_scene(
    motion: Motion,
    options: ExportOptions,
    track: SegmentTrack | None = None,
    *,
    unit: str = "m",
    up_axis: str = "y",
    names: str = "smpl",
    least_key_rate: float = 0.0,
    with_mesh: bool = True,
) -> ExportScene:
    """The scene of ``motion`` under ``options``; the keywords are what the format has where an option is None.

    least_key_rate: Hz; frames come at the smallest multiple of the frame rate that reaches it. ``track`` is in frames
    of ``motion``. A motion without rotations becomes the rigid one that follows its positions. Raises
    InvalidRequestError for bone names that the motion's skeleton has no joints for.
    """
    motion = kinematics.ensure_rotations(motion)
    joint_names = _named(motion.skeleton, options.names, names)
    segments = _seconds(track, motion.frame_rate)
    display_rate = options.frame_rate or motion.frame_rate
    key_rate = display_rate * max(1, int(np.ceil(least_key_rate / display_rate - 1e-9)))
    motion = resample_motion(motion, key_rate)
    if options.from_origin:
        motion = _from_origin(motion)
    skeleton = motion.skeleton
    assert motion.local_rotations is not None  # ensure_rotations gave them
    world = kinematics.global_rotations(skeleton, motion.local_rotations)
    root = motion.joint_positions[:, 0].astype(np.float64)
    if options.in_place:
        root = root * [0.0, 1.0, 0.0] + root[0] * [1.0, 0.0, 1.0]
    rest_root = np.array([0.0, SOLE_DEPTH - rest_positions(skeleton)[:, 1].min(), 0.0])
    parents, offsets = skeleton.parents, np.array(skeleton.rest_offsets)
    offsets[0] = rest_root
    positions = np.broadcast_to(offsets, (len(root), *offsets.shape)).copy()
    positions[:, 0] = root
    has_root_bone = options.root_bone
    if has_root_bone:
        heading = _headings(world[:, 0], motion.frame_rate)
        ground = root * [1.0, 0.0, 1.0]
        positions[:, 0] = root - ground
        parents, joint_names = (-1, *(parent + 1 for parent in parents)), (ROOT_BONE_NAME, *joint_names)
        offsets = np.concatenate([np.zeros((1, 3)), offsets])
        positions = np.concatenate([ground[:, None], positions], axis=1)
        world = np.concatenate([heading[:, None], world], axis=1)
    mesh = _mesh(skeleton, rest_root, int(has_root_bone), options.body) if with_mesh and options.mesh else None

    turn = _Y_UP_TO_Z_UP if (options.up_axis or up_axis) == "z" else rotations.IDENTITY_QUATERNION
    chosen_unit = options.unit or unit
    scale = 1.0 / UNITS[chosen_unit]
    offsets = rotations.rotate(turn, offsets) * scale
    positions = rotations.rotate(turn, positions) * scale
    world = rotations.multiply(rotations.multiply(turn, world), rotations.inverse(turn))
    bones = _bone_axes(parents, offsets, options.bone_axes, int(has_root_bone))

    world = rotations.multiply(world, bones)  # of the node: rest orientation first, then the turn since rest
    local_rotations, rest_rotations = _local(parents, world), _local(parents, bones[None])[0]
    # A joint's offset stands in its parent's axes; the root's positions are those of the world.
    local_translations, rest_translations = positions.copy(), offsets.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            into_parent = rotations.inverse(bones[parent])
            rest_translations[joint] = rotations.rotate(into_parent, offsets[joint])
            local_translations[:, joint] = rotations.rotate(into_parent, positions[:, joint])
    return ExportScene(
        joint_names=joint_names,
        parents=parents,
        rest_rotations=rest_rotations,
        rest_translations=rest_translations,
        local_rotations=rotations.continuous(rotations.normalize(local_rotations, rotations.IDENTITY_QUATERNION)),
        local_translations=local_translations,
        moving=(0, 1) if has_root_bone else (0,),
        frame_rate=motion.frame_rate,
        display_rate=display_rate,
        unit=chosen_unit,
        up_axis=options.up_axis or up_axis,
        title=options.title or "motion",
        segments=segments,
        mesh=None if mesh is None else _moved_mesh(mesh, turn, scale),
    )


def _named(skeleton: Skeleton, chosen: str | None, usual: str) -> tuple[str, ...]:
    if skeleton.joint_names == SMPL_JOINT_NAMES:
        return BONE_NAMES[chosen or usual]
    if chosen is not None:
        raise InvalidRequestError(
            f"bone names {chosen!r}: the motion has {skeleton.num_joints} joints ({skeleton.joint_names[0]}, ...), "
            "expected the 22 of the model skeleton"
        )
    return skeleton.joint_names


def _seconds(track: SegmentTrack | None, frame_rate: float) -> tuple[SceneSegment, ...]:
    if track is None:
        return ()
    return tuple(SceneSegment(part.text, part.start / frame_rate, part.end / frame_rate) for part in track)


def _from_origin(motion: Motion) -> Motion:
    """Turned and moved so that the first frame stands at the origin facing +Z; heights stay."""
    assert motion.local_rotations is not None
    world = kinematics.global_rotations(motion.skeleton, motion.local_rotations[:1])[0, 0]
    turn = rotations.inverse(_headings(world[None], motion.frame_rate)[0])
    start = motion.joint_positions[0, 0].astype(np.float64) * [1.0, 0.0, 1.0]
    local = np.array(motion.local_rotations)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    positions = rotations.rotate(turn, motion.joint_positions.astype(np.float64) - start)
    return replace(motion, joint_positions=positions.astype(np.float32), local_rotations=local)


def _headings(pelvis: FloatArray, frame_rate: float) -> FloatArray:
    """Smooth turns about Y (T, 4) that follow the way a pelvis of world rotations (T, 4) faces.

    Frames without a heading (lying, upside down) take what the frames around them say.
    """
    forward = rotations.rotate(pelvis, np.array([0.0, 0.0, 1.0]))
    upright = rotations.rotate(pelvis, np.array([0.0, 1.0, 0.0]))[..., 1]
    level = np.hypot(forward[:, 0], forward[:, 2])
    angle = np.arctan2(forward[:, 0], forward[:, 2])
    known = np.flatnonzero((level > _LEVEL) & (upright > 0.0))
    if len(known) == 0:
        known = np.array([int(level.argmax())])
    angle = np.interp(np.arange(len(angle)), known, np.unwrap(angle[known]))
    if len(angle) > 1:
        angle = gaussian_filter1d(angle, _HEADING_SECONDS * frame_rate, mode="nearest")
    return rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), angle)


def _mesh(skeleton: Skeleton, rest_root: FloatArray, first_joint: int, body: str) -> SkinnedMesh | None:
    """The mannequin or the user's own body in the rest pose of ``skeleton``, metres, Y up; None where it misfits."""
    directions = rotations.normalize(skeleton.rest_offsets)
    if not fits_mannequin(skeleton) or not np.allclose(
        directions, rotations.normalize(MODEL_SKELETON.rest_offsets), atol=0.02
    ):
        return None
    mesh = fitted_mesh(load_smpl_body(Path(body))) if body else load_mannequin()
    joints = rest_positions(skeleton) + rest_root
    still = np.broadcast_to(rotations.IDENTITY_QUATERNION, (skeleton.num_joints, 4))
    return replace(
        mesh,
        vertices=mesh.pose(still, joints),
        rest_joints=joints,
        joint_indices=(mesh.joint_indices + first_joint).astype(mesh.joint_indices.dtype),
    )


def _moved_mesh(mesh: SkinnedMesh, turn: FloatArray, scale: float) -> SkinnedMesh:
    return replace(
        mesh,
        vertices=(rotations.rotate(turn, mesh.vertices.astype(np.float64)) * scale).astype(np.float32),
        normals=rotations.rotate(turn, mesh.normals.astype(np.float64)).astype(np.float32),
        rest_joints=rotations.rotate(turn, np.asarray(mesh.rest_joints, dtype=np.float64)) * scale,
    )


def _bone_axes(parents: tuple[int, ...], offsets: FloatArray, kind: str, first_body_joint: int) -> FloatArray:
    """World rotations (J, 4) of the joints in the rest pose: none, or Y turned onto the bone by the shortest arc.

    A joint with several children points at the one nearest to its own direction (the spine, not a hip); a joint
    without children goes on as its parent's bone does. The ground bone keeps the world's axes.
    """
    result = np.tile(rotations.IDENTITY_QUATERNION, (len(parents), 1))
    if kind == "world":
        return result
    up = np.array([0.0, 1.0, 0.0])
    for joint in range(first_body_joint, len(parents)):
        children = [child for child, parent in enumerate(parents) if parent == joint]
        along = offsets[joint]
        if children:
            wanted = along if joint > first_body_joint else _mean_direction(offsets[children])
            along = max((offsets[child] for child in children), key=lambda offset: _cosine(offset, wanted))
        if np.linalg.norm(along) > 1e-9:
            result[joint] = rotations.between(up, rotations.normalize(along))
    return result


def _mean_direction(offsets: FloatArray) -> FloatArray:
    """Of a pelvis: against its legs, which all but the spine are."""
    direction: FloatArray = -np.sum(offsets, axis=0)
    return direction


def _cosine(a: FloatArray, b: FloatArray) -> float:
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))


def _local(parents: tuple[int, ...], world: FloatArray) -> FloatArray:
    local = world.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            local[:, joint] = rotations.multiply(rotations.inverse(world[:, parent]), world[:, joint])
    return local


def _global(
    parents: tuple[int, ...], local_rotations: FloatArray, local_translations: FloatArray
) -> tuple[FloatArray, FloatArray]:
    turned, placed = local_rotations.copy(), local_translations.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            turned[:, joint] = rotations.multiply(turned[:, parent], local_rotations[:, joint])
            placed[:, joint] = placed[:, parent] + rotations.rotate(turned[:, parent], local_translations[:, joint])
    return turned, placed
