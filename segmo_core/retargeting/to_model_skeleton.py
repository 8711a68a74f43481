"""Any human motion on the model skeleton: joints matched, scaled by leg length, bones of the model's length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.branch_turns import branch_turn
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.motion.hands.hand_shape import SIDES
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import PLAIN, Provenance
from segmo_core.motion.rest_pose import rest_positions
from segmo_core.motion.skeleton import MODEL_SKELETON, SMPL_JOINT_NAMES
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as INDEX
from segmo_core.retargeting.acceptance import accept
from segmo_core.retargeting.end_joints import with_end_joints
from segmo_core.retargeting.fingers.finger_names import finger_players
from segmo_core.retargeting.fingers.finger_turns import hands_of_joints, hands_of_poses
from segmo_core.retargeting.floor import height_above_floor
from segmo_core.retargeting.joint_map import REQUIRED_JOINTS, JointMap
from segmo_core.retargeting.matching import JointMatch, match_joints
from segmo_core.retargeting.mirroring import is_mirrored, mirrored_positions, mirrored_rotations
from segmo_core.retargeting.placement import Body, find_body, leg_scale, place_model_joints
from segmo_core.retargeting.source_turns import SourceTurns, has_level_arms, source_turns
from segmo_core.retargeting.up_axis import checked_axis, find_up_axis, to_y_up

FloatArray = NDArray[np.floating]

_FEET = ("left_ankle", "right_ankle", "left_foot", "right_foot")
# A first frame that is a T-pose set before the motion: arms level within this, and a leap to the second frame.
_LEAP = 0.15  # metres
_LEAP_RATIO = 8.0  # times the usual change from frame to frame; a first frame that is the rest pose needs no such
_UNTURNED = np.cos(np.radians(0.5))  # of half an angle


@dataclass(frozen=True, eq=False)
class RetargetResult:
    """motion: on MODEL_SKELETON, rigid, at the source's frame rate and facing, Y up, metres.

    mean_error, worst_error: metres between the scaled source joints and the result, over the joints that the
    source has; they hold what different proportions cost. joint_errors: the mean of every such joint, model joint ->
    metres. missing_joints: model joints the source lacks, placed from their neighbours.
    joint_map: which joint of the source played which. matched_by: "names", "structure", "names and structure", "map"
    (given by the caller) or "same skeleton". by_structure: the model joints found by shape alone. sides: what told left
    from right then, a phrase for people. scale: metres of the result per unit of the source. up_axis: which axis of
    the source was taken for up ("y", "z", "-y", ...). uses_rotations: the source's rotations gave the twist of limbs,
    hands and head; else only its positions count. dropped_frames: 1 when the first frame was a T-pose before the
    motion and was left out. lowered: metres that the motion was moved down to stand on the floor, negative for up.
    is_mirrored: the file has left and right exchanged as in a mirror, which was undone.
    warnings: what makes the result doubtful, a sentence each. provenance, num_source_joints: the source's.
    source_joints: names of the source's joints and ends, as a joint map may call them.
    num_finger_joints: how many joints of fingers the file has; ``motion.hands`` is what they do, None where that is
    nothing, or their rest pose is no body's.
    """

    motion: Motion
    mean_error: float
    worst_error: float
    missing_joints: tuple[str, ...]
    joint_errors: Mapping[str, float]
    joint_map: JointMap
    matched_by: str
    by_structure: tuple[str, ...] = ()
    sides: str = ""
    scale: float = 1.0
    up_axis: str = "y"
    uses_rotations: bool = True
    dropped_frames: int = 0
    lowered: float = 0.0
    is_mirrored: bool = False
    warnings: tuple[str, ...] = ()
    provenance: Provenance = PLAIN
    num_source_joints: int = len(SMPL_JOINT_NAMES)
    num_finger_joints: int = 0
    source_joints: tuple[str, ...] = ()

    @property
    def repairs(self) -> tuple[str, ...]:
        """All that was put right on the way from the file to here, a sentence each."""
        found = [*self.provenance.repairs]
        if self.provenance.rate_origin == "assumed":
            found.append(f"The file says no frame rate: {self.motion.frame_rate:g} frames a second were assumed.")
        if self.provenance.rate_doubt:
            found.append(self.provenance.rate_doubt)
        if self.dropped_frames:
            found.append("The T-pose in the first frame was left out.")
        if self.is_mirrored:
            found.append("Left and right are exchanged as in a mirror: that was undone.")
        if self.lowered:
            way = "above" if self.lowered > 0 else "below"
            found.append(f"The body was {abs(self.lowered):.2f} m {way} the floor and was put on it.")
        return tuple(found)

    @property
    def told_fingers(self) -> str:
        """A phrase for people: how many joints of fingers the file has, and what became of them."""
        if self.motion.hands is not None:
            return f"{self.num_finger_joints} finger joints kept"
        why = "bend in no frame" if self.uses_rotations else "say nothing without a body's rest pose"
        return f"{self.num_finger_joints} finger joints that {why}" if self.num_finger_joints else "no finger joints"

    @property
    def summary(self) -> str:
        """One line for people: how the joints were matched, what was assumed, and the error."""
        if self.matched_by == "same skeleton":
            return "already on the model's skeleton"
        parts = [f"{len(SMPL_JOINT_NAMES) - len(self.missing_joints)} of 22 joints matched by {self.matched_by}"]
        if self.sides:
            parts.append(self.sides)
        if self.missing_joints:
            parts.append(f"placed from their neighbours: {', '.join(self.missing_joints)}")
        if self.num_finger_joints:
            parts.append(self.told_fingers)
        parts.append(f"{self.up_axis.upper()} up")
        parts.append(f"1 unit = {self.scale:.4g} m")
        if self.provenance.clip:
            parts.insert(0, f"{self.provenance.clip!r} of {len(self.provenance.clips)} clips")
        if self.dropped_frames:
            parts.append("T-pose in the first frame left out")
        if self.is_mirrored:
            parts.append("left and right exchanged as in a mirror, undone")
        if self.lowered:
            way = "above" if self.lowered > 0 else "below"
            parts.append(f"{abs(self.lowered):.2f} m {way} the floor, put on it")
        worst = max(self.joint_errors, key=lambda name: self.joint_errors[name])
        mean, most = self.mean_error * 100, self.worst_error * 100
        parts.append(f"error {mean:.1f} cm on average, at most {most:.1f} cm (largest at {worst})")
        return "; ".join(parts)


def to_model_skeleton(
    motion: Motion,
    joint_map: JointMap | None = None,
    *,
    up_axis: str | None = None,
    on_floor: bool = False,
    is_foreign: bool = True,
) -> RetargetResult:
    """``motion`` of any human hierarchy, unit, rest pose and up axis, on the model skeleton.

    joint_map: who plays whom; None finds out by name and by structure. up_axis: "x", "y", "z" or one with a minus; None
    finds out. on_floor: put the body on the floor where the file has it elsewhere. A rigid motion that is already on
    the model skeleton comes back as it is. is_foreign: False for what a model made, which is no file to be doubted: it
    is neither refused nor taken for a mirror image. Raises FileFormatError when joints of a body cannot be found or
    what they do is no person's (``acceptance``), InvalidRequestError for another up axis.
    """
    if joint_map is None and motion.skeleton.same_as(MODEL_SKELETON) and motion.local_rotations is not None:
        return _unchanged(motion)
    told, num_source_joints = motion.provenance, motion.skeleton.num_joints
    match = match_joints(motion) if joint_map is None else JointMatch(joint_map)
    motion = with_end_joints(motion)
    body = find_body(motion.skeleton, match.joint_map)
    axis = checked_axis(up_axis) if up_axis else _up_axis(motion, body)
    turn = to_y_up(axis)
    positions = rotations.rotate(turn, motion.joint_positions.astype(np.float64))
    mirrored = is_foreign and is_mirrored(positions, body.joints)
    if mirrored:
        motion, positions, turn = _unmirrored(motion, turn)
    rigid = motion.local_rotations is not None
    scale = leg_scale(positions, body)
    placed = place_model_joints(positions * scale, body)
    source, missing = placed.positions, placed.missing
    rest = place_model_joints(rest_positions(motion.skeleton)[None] * scale, body).positions[0] if rigid else None
    turns = source_turns(motion, turn, rest, source[0], positions)
    base = {} if turns is None else turns.of(motion, body, missing)
    fingers = _finger_players(motion, body)
    hands = _hands(motion, body, turns, fingers)
    dropped = int(_begins_with_t_pose(motion, source))
    source = source[dropped:]
    base = {joint: each[dropped:] for joint, each in base.items()}
    result = _follow(source, base, motion.frame_rate)
    if hands is not None:
        result = replace(result, hands=hands.frames(dropped, hands.num_frames))
    feet = [INDEX[name] for name in _FEET if name not in missing]
    sunk = source[:, feet, 1].min() - result.joint_positions[:, feet, 1].min()
    result = _raised(result, float(sunk))
    height = height_above_floor(result) if on_floor else 0.0
    distances = np.linalg.norm(result.joint_positions - source, axis=-1)
    errors = {name: float(distances[:, i].mean()) for name, i in INDEX.items() if name not in missing}
    present = [INDEX[name] for name in errors]
    mean_error = float(distances[:, present].mean())
    verdict = accept(result, source, rest, scale=scale, mean_error=mean_error)
    if verdict.refusal and is_foreign:
        raise FileFormatError(f"no person: {verdict.refusal}")
    return RetargetResult(
        motion=_raised(result, -height) if height else result,
        mean_error=mean_error,
        worst_error=float(distances[:, present].max()),
        missing_joints=missing,
        joint_errors=MappingProxyType(errors),
        joint_map=match.joint_map,
        matched_by="map" if joint_map is not None else _way(match),
        by_structure=match.by_structure,
        sides=match.sides,
        scale=scale,
        up_axis=axis,
        uses_rotations=bool(base),
        dropped_frames=dropped,
        lowered=height,
        is_mirrored=mirrored,
        warnings=verdict.warnings,
        provenance=told,
        num_source_joints=num_source_joints,
        num_finger_joints=len(set(fingers.values())) if motion.hands is None else motion.hands.num_found,
        source_joints=motion.skeleton.joint_names,
    )


def _unmirrored(motion: Motion, turn: FloatArray) -> tuple[Motion, FloatArray, FloatArray]:
    """``motion`` turned Y up and seen in a mirror, its positions, and the turn that is left to do: none."""
    positions = mirrored_positions(rotations.rotate(turn, motion.joint_positions.astype(np.float64)))
    offsets = mirrored_positions(rotations.rotate(turn, motion.skeleton.rest_offsets))
    local = motion.local_rotations
    if local is not None:
        local = mirrored_rotations(rotations.multiply(rotations.multiply(turn, local), rotations.inverse(turn)))
    skeleton = replace(motion.skeleton, rest_offsets=offsets)
    hands = motion.hands
    if hands is not None:
        hands = replace(hands, local_rotations=mirrored_rotations(hands.seen_from(turn).local_rotations))
    mirrored = Motion(positions, motion.frame_rate, skeleton, local, hands=hands)
    return mirrored, positions, rotations.IDENTITY_QUATERNION


def _unchanged(motion: Motion) -> RetargetResult:
    own = JointMap({name: name for name in SMPL_JOINT_NAMES})
    errors = MappingProxyType(dict.fromkeys(SMPL_JOINT_NAMES, 0.0))
    num_fingers = 0 if motion.hands is None else motion.hands.num_found
    return RetargetResult(
        motion, 0.0, 0.0, (), errors, own, "same skeleton", provenance=motion.provenance, num_finger_joints=num_fingers
    )


def _way(match: JointMatch) -> str:
    if not match.by_structure:
        return "names"
    limbs = [name for name in match.joint_map.joints if name in REQUIRED_JOINTS]
    return "structure" if set(limbs) <= set(match.by_structure) else "names and structure"


def _up_axis(motion: Motion, body: Body) -> str:
    ankles = (body.joints["left_ankle"], body.joints["right_ankle"])
    rest = rest_positions(motion.skeleton)
    positions = motion.joint_positions.astype(np.float64)
    return find_up_axis(positions, rest, body.spine[-1], ankles, list(body.joints.values()))


def _finger_players(motion: Motion, body: Body) -> dict[int, int]:
    return {
        finger: joint
        for side in SIDES
        for finger, joint in finger_players(motion.skeleton, side, body.joints[f"{side}_wrist"]).items()
    }


def _hands(motion: Motion, body: Body, turns: SourceTurns | None, players: Mapping[int, int]) -> HandPoses | None:
    """What the fingers do, as the file tells it by joints or beside them; None where it does not."""
    if turns is None:
        return None
    if motion.hands is not None:
        return hands_of_poses(motion.hands, turns)
    wrists = {side: body.joints[f"{side}_wrist"] for side in SIDES}
    return hands_of_joints(motion.skeleton, turns, wrists, players)


def _follow(source: FloatArray, base: Mapping[int, FloatArray], frame_rate: float) -> Motion:
    """Joints (T, 22, 3) followed bone by bone: every bone of the model has the direction of the source's.

    base: rotations that joints start from; what they leave wrong is turned away by the shortest arc. A joint without
    one starts from its parent's. Joints with several bones follow those (``branch_turn``).
    """
    world = np.empty((len(source), MODEL_SKELETON.num_joints, 4))
    for joint, parent in enumerate(MODEL_SKELETON.parents):
        inherited = world[:, parent] if parent >= 0 else rotations.IDENTITY_QUATERNION
        start = base.get(joint, inherited)
        children = list(MODEL_SKELETON.children[joint])
        bones = rotations.normalize(source[:, children] - source[:, [joint]])
        rest = rotations.normalize(MODEL_SKELETON.rest_offsets[children])
        if not children:
            world[:, joint] = start
        elif len(children) == 1:
            world[:, joint] = rotations.multiply(
                rotations.between(rotations.rotate(start, rest[0]), bones[:, 0]), start
            )
        else:
            world[:, joint] = branch_turn(joint, source, base.get(joint))
    local: FloatArray = world.copy()
    for joint, parent in enumerate(MODEL_SKELETON.parents):
        if parent >= 0:
            local[:, joint] = rotations.multiply(rotations.inverse(world[:, parent]), world[:, joint])
    local = rotations.continuous(rotations.normalize(local, rotations.IDENTITY_QUATERNION))
    return Motion(kinematics.forward_kinematics(MODEL_SKELETON, local, source[:, 0]), frame_rate, MODEL_SKELETON, local)


def _begins_with_t_pose(motion: Motion, source: FloatArray) -> bool:
    """True for a first frame that is a T-pose, far from the second one, as in CMU's files for animators."""
    if len(source) < 4 or motion.skeleton.joint_names == SMPL_JOINT_NAMES:
        return False
    hands_and_feet = source[:, [INDEX[f"{side}_{end}"] for side in ("left", "right") for end in ("wrist", "ankle")]]
    hips = source[:, [INDEX["left_hip"], INDEX["right_hip"]]]
    distances = np.linalg.norm(hands_and_feet[:, :, None] - hips[:, None], axis=-1)  # the same however the body turns
    steps = np.abs(np.diff(distances, axis=0)).max(axis=(1, 2))
    is_rest = motion.local_rotations is not None and bool(np.abs(motion.local_rotations[0, :, 0]).min() > _UNTURNED)
    leap = _LEAP if is_rest else max(_LEAP, _LEAP_RATIO * float(np.median(steps[1:])))
    return bool(steps[0] > leap) and has_level_arms(source[0])


def _raised(motion: Motion, height: float) -> Motion:
    """Moved up, so that the feet meet the floor where the source's do whatever the proportions of the hips."""
    return replace(motion, joint_positions=motion.joint_positions + np.array([0.0, height, 0.0], dtype=np.float32))
