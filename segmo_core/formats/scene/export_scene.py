"""A motion as it will stand in a file: names, units, axes, rate and bones as chosen. All scene writers start here.

The writers of BVH, FBX, glTF and USD only put an ExportScene down; what an option means is decided in this module.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.body.floor import SOLE_DEPTH
from segmo_core.body.mannequin import SkinnedMesh, fits_mannequin, load_mannequin
from segmo_core.body.smpl import fitted_mesh, load_smpl_body
from segmo_core.errors import InvalidRequestError
from segmo_core.formats.scene.added_bones import with_fingers, with_more_spine
from segmo_core.formats.scene.bone_axes import bone_axes, rest_bends, with_rest_bends
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import UNITS, ExportOptions
from segmo_core.formats.scene.ground_bone import GroundPath, ground_path, headings, with_ground_bone
from segmo_core.formats.scene.key_times import exact_key_times, frame_times
from segmo_core.formats.scene.rig import Rig, to_global, to_local
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import hands_at, pose_at
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES, Skeleton
from segmo_core.timeline.segment_track import SegmentTrack

FloatArray = NDArray[np.floating]

_Y_UP_TO_Z_UP = rotations.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(np.pi / 2))
# Between keys the turns of a ground bone and of the pelvis above it add up to another path than the body's own.
_LONGEST_WITH_ROOT_BONE = 1.0 / 120.0


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
    (J, 3): local rest pose, which is also the bind pose; the feet stand on the ground. key_times (K,): seconds, all
    frames from 0 to the last at ``frame_rate`` Hz, and times between them where ``exact`` is true and the motion bends
    there. local_rotations (K, J, 4) and local_translations (K, J, 3): local pose at those times, complete (rest
    orientation and offset included), signs continuous in time; the translation changes over time only for the joints
    in ``moving`` (root, pelvis). mesh: vertices, normals and rest joints in this scene's unit and axes, joint indices
    of this scene; None without one.
    """

    joint_names: tuple[str, ...]
    parents: tuple[int, ...]
    rest_rotations: FloatArray
    rest_translations: FloatArray
    key_times: FloatArray
    local_rotations: FloatArray
    local_translations: FloatArray
    moving: tuple[int, ...]
    frame_rate: float
    exact: bool
    unit: str
    up_axis: str
    title: str
    segments: tuple[SceneSegment, ...]
    mesh: SkinnedMesh | None

    @property
    def num_frames(self) -> int:
        """Of the whole frames, whatever keys stand between them."""
        return round(float(self.key_times[-1]) * self.frame_rate) + 1

    @property
    def key_frames(self) -> FloatArray:
        """(K,) key times in frames; those on a frame are whole numbers."""
        frames = self.key_times * self.frame_rate
        whole = np.round(frames)
        return np.where(np.abs(frames - whole) < 1e-6, whole, frames)

    @property
    def metres_per_unit(self) -> float:
        return UNITS[self.unit]

    def global_rest(self) -> tuple[FloatArray, FloatArray]:
        """World rotations (J, 4) and positions (J, 3) of the rest pose."""
        turned, placed = to_global(self.parents, self.rest_rotations[None], self.rest_translations[None])
        return turned[0], placed[0]

    def global_pose(self) -> tuple[FloatArray, FloatArray]:
        """World rotations (K, J, 4) and positions (K, J, 3) at every key."""
        return to_global(self.parents, self.local_rotations, self.local_translations)


def build_export_scene(
    motion: Motion,
    options: ExportOptions,
    track: SegmentTrack | None = None,
    *,
    unit: str = "m",
    up_axis: str = "y",
    names: str = "smpl",
    keys_between: bool = False,
    with_mesh: bool = True,
) -> ExportScene:
    """The scene of ``motion`` under ``options``; the keywords are what the format has where an option is None.

    keys_between: the format has room for keys between frames, which are there unless one a frame is asked for.
    ``track`` is in frames of ``motion``. A motion without rotations becomes the rigid one that follows its positions.
    Raises InvalidRequestError for bone names that the motion's skeleton has no joints for.
    """
    motion = kinematics.ensure_rotations(motion)
    joint_names = _named(motion.skeleton, options.names, names)
    frame_rate = options.frame_rate or motion.frame_rate
    exact = keys_between and options.keys == "exact"
    segments = _seconds(track, motion.frame_rate)
    if options.from_origin:
        motion = _from_origin(motion)
    if exact:
        longest = _LONGEST_WITH_ROOT_BONE if options.root_bone else None
        times = exact_key_times(motion.num_frames, motion.frame_rate, frame_rate, longest)
    else:
        times = frame_times(motion.num_frames, motion.frame_rate, frame_rate)
    rig, mesh = _rig(motion, joint_names, options.names or names, times, options, with_mesh)

    turn = _Y_UP_TO_Z_UP if (options.up_axis or up_axis) == "z" else rotations.IDENTITY_QUATERNION
    chosen_unit = options.unit or unit
    scale = 1.0 / UNITS[chosen_unit]
    offsets = rotations.rotate(turn, rig.offsets) * scale
    placed = rotations.rotate(turn, rig.placed) * scale
    bones = np.tile(rotations.IDENTITY_QUATERNION, (len(rig.parents), 1))
    if options.bone_axes == "bone":
        bones = bone_axes(replace(rig, offsets=offsets))
    # Of the node: rest orientation first, then the turn since rest.
    world = rotations.multiply(rotations.multiply(turn, rig.turned), rotations.inverse(turn))
    world = rotations.multiply(world, bones)
    local_rotations, rest_rotations = to_local(rig.parents, world), to_local(rig.parents, bones[None])[0]
    # A joint's offset stands in its parent's axes; the root's positions are those of the world.
    local_translations, rest_translations = placed.copy(), offsets.copy()
    for joint, parent in enumerate(rig.parents):
        if parent >= 0:
            into_parent = rotations.inverse(bones[parent])
            rest_translations[joint] = rotations.rotate(into_parent, offsets[joint])
            local_translations[:, joint] = rotations.rotate(into_parent, placed[:, joint])
    return ExportScene(
        joint_names=rig.names,
        parents=rig.parents,
        rest_rotations=rest_rotations,
        rest_translations=rest_translations,
        key_times=times,
        local_rotations=rotations.continuous(rotations.normalize(local_rotations, rotations.IDENTITY_QUATERNION)),
        local_translations=local_translations,
        moving=rig.moving,
        frame_rate=frame_rate,
        exact=exact,
        unit=chosen_unit,
        up_axis=options.up_axis or up_axis,
        title=options.title or "motion",
        segments=segments,
        mesh=None if mesh is None else _moved_mesh(mesh, turn, scale),
    )


def in_axes(vectors: FloatArray, up_axis: str) -> FloatArray:
    """(N, 3) float32 with Y up in the axes of a scene: as they are, or x, -z, y where Z is up."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.stack([x, -z, y] if up_axis == "z" else [x, y, z], axis=-1).astype(np.float32)


def _rig(
    motion: Motion,
    joint_names: tuple[str, ...],
    naming: str,
    times: FloatArray,
    options: ExportOptions,
    with_mesh: bool,
) -> tuple[Rig, SkinnedMesh | None]:
    """The bones of ``motion`` at ``times`` under ``options``, and what is skinned to them; metres, Y up."""
    skeleton = motion.skeleton
    local, root = pose_at(motion, times)
    if options.in_place:
        root = root * [0.0, 1.0, 0.0] + root[0] * [1.0, 0.0, 1.0]
    offsets = np.array(skeleton.rest_offsets)
    placed = np.broadcast_to(offsets, (len(times), *offsets.shape)).copy()
    placed[:, 0] = root
    every = tuple(range(skeleton.num_joints))
    turned = kinematics.global_rotations(skeleton, local)
    rig = Rig(joint_names, skeleton.parents, offsets, turned, placed, every)
    if skeleton.joint_names == SMPL_JOINT_NAMES:
        rig = with_more_spine(rig, naming)
        if options.fingers or (options.fingers is None and motion.hands is not None):
            rig = with_fingers(rig, naming, hands_at(motion, times))
    bends = np.tile(rotations.IDENTITY_QUATERNION, (len(rig.parents), 1))
    if options.bone_axes == "bone" and skeleton.joint_names == SMPL_JOINT_NAMES:
        bends = rest_bends(rig)
        rig = with_rest_bends(rig, bends)
    rig.offsets[0, 1] = SOLE_DEPTH - rig.rest_positions()[:, 1].min()
    mesh = _mesh(skeleton, rig, bends, options.body) if with_mesh and options.mesh else None
    if options.root_bone:
        path = _path(motion, in_place=options.in_place)
        rig = with_ground_bone(rig, path, times)
    if mesh is not None:
        indices = np.array(rig.body)[mesh.joint_indices].astype(mesh.joint_indices.dtype)
        mesh = replace(mesh, joint_indices=indices)
    return rig, mesh


def _path(motion: Motion, *, in_place: bool) -> GroundPath:
    assert motion.local_rotations is not None  # ensure_rotations gave them
    root = motion.joint_positions[:, 0].astype(np.float64)
    if in_place:
        root = np.broadcast_to(root[:1], root.shape)
    return ground_path(motion.local_rotations[:, 0], root, motion.frame_rate)


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
    turn = rotations.from_axis_angle(np.array([0.0, 1.0, 0.0]), -headings(motion.local_rotations[:1, 0])[0])
    start = motion.joint_positions[0, 0].astype(np.float64) * [1.0, 0.0, 1.0]
    local = np.array(motion.local_rotations)
    local[:, 0] = rotations.multiply(turn, local[:, 0])
    positions = rotations.rotate(turn, motion.joint_positions.astype(np.float64) - start)
    return replace(motion, joint_positions=positions.astype(np.float32), local_rotations=local)


def _mesh(skeleton: Skeleton, rig: Rig, bends: FloatArray, body: str) -> SkinnedMesh | None:
    """The mannequin or the user's own body in the rest pose of ``rig``, metres, Y up; None where it misfits.

    bends: (J, 4) turns in the world from the T-pose to that rest pose.
    """
    directions = rotations.normalize(skeleton.rest_offsets)
    if not fits_mannequin(skeleton) or not np.allclose(
        directions, rotations.normalize(MODEL_SKELETON.rest_offsets), atol=0.02
    ):
        return None
    mesh = fitted_mesh(load_smpl_body(Path(body))) if body else load_mannequin()
    of_body = list(rig.body)
    joints = rig.rest_positions()[of_body]
    posed = mesh.pose_with_normals(bends[of_body], joints)
    return replace(mesh, vertices=posed.vertices, normals=posed.normals, rest_joints=joints)


def _moved_mesh(mesh: SkinnedMesh, turn: FloatArray, scale: float) -> SkinnedMesh:
    return replace(
        mesh,
        vertices=(rotations.rotate(turn, mesh.vertices.astype(np.float64)) * scale).astype(np.float32),
        normals=rotations.rotate(turn, mesh.normals.astype(np.float64)).astype(np.float32),
        rest_joints=rotations.rotate(turn, np.asarray(mesh.rest_joints, dtype=np.float64)) * scale,
    )
