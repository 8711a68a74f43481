"""Which joint of a file plays which joint of the model: found by matching, changed by the user, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from segmo_core.errors import ConfigError, FileFormatError, InvalidRequestError, shown
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES, Skeleton
from segmo_core.retargeting.joint_tree import some_names
from segmo_core.serialization import read_json, write_json

SPINE_JOINTS = ("spine1", "spine2", "spine3")
REQUIRED_JOINTS = tuple(
    f"{side}_{part}" for side in ("left", "right") for part in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
)
"""Without these there is no body to speak of; besides them, a neck or a head is needed."""

_FORMAT = "segmo joint map"
_VERSION = 1
_MAX_NAME = 200


@dataclass(frozen=True)
class JointMap:
    """joints: name of a model joint (SMPL_JOINT_NAMES) -> name of the file's joint that plays it.

    Model joints that are left out are placed from their neighbours; so are the spine joints that are left out, along
    the file's own spine. Raises InvalidRequestError for unknown model joints, for one file joint given to two model
    joints, and for a map without the limbs.
    """

    joints: Mapping[str, str]

    def __post_init__(self) -> None:
        players: dict[str, str] = {}
        for model_joint, file_joint in self.joints.items():
            if model_joint not in SMPL_JOINT_NAMES:
                known = ", ".join(SMPL_JOINT_NAMES)
                raise InvalidRequestError(f"joint map: {shown(model_joint)} is no joint of the model, expected {known}")
            if not isinstance(file_joint, str) or not 0 < len(file_joint) <= _MAX_NAME:
                raise InvalidRequestError(f"joint map: {model_joint} has no joint name, expected the name of a joint")
            other = players.setdefault(file_joint, model_joint)
            if other != model_joint:
                raise InvalidRequestError(
                    f"joint map: {shown(file_joint)} plays both {other} and {model_joint}, expected one of them"
                )
        missing = [name for name in REQUIRED_JOINTS if name not in self.joints]
        if "neck" not in self.joints and "head" not in self.joints:
            missing.append("head")
        if missing:
            raise InvalidRequestError(f"joint map: nothing plays {', '.join(missing)}, expected a joint for each")
        ordered = {name: self.joints[name] for name in SMPL_JOINT_NAMES if name in self.joints}
        object.__setattr__(self, "joints", MappingProxyType(ordered))

    def __hash__(self) -> int:
        return hash(tuple(self.joints.items()))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Model joints that no joint of the file plays."""
        return tuple(name for name in SMPL_JOINT_NAMES if name not in self.joints)

    def with_joint(self, model_joint: str, file_joint: str | None) -> JointMap:
        """A copy in which ``file_joint`` plays ``model_joint``, or nothing does (None).

        A file joint that played another model joint changes over to this one. Raises InvalidRequestError for an unknown
        model joint, or when a limb is left without a player.

        Example:
            >>> joint_map = open_retargeted(folder / "walk.bvh").joint_map
            >>> joint_map.with_joint("left_foot", None).left_out
            ('left_foot',)
        """
        joints = {name: player for name, player in self.joints.items() if player != file_joint and name != model_joint}
        if file_joint is not None:
            joints[model_joint] = file_joint
        return JointMap(joints)

    def fits(self, skeleton: Skeleton) -> bool:
        """Whether ``skeleton`` has all joints that the map names. Raises nothing.

        Example:
            >>> joint_map.fits(MODEL_SKELETON)  # the file has Mixamo's names
            False
        """
        return set(self.joints.values()) <= set(skeleton.joint_names)

    def indices(self, skeleton: Skeleton) -> dict[str, int]:
        """Model joint -> index in ``skeleton``. Raises FileFormatError, which names the joints it has not.

        Example:
            >>> joint_map.indices(read(folder / "walk.bvh").motion.skeleton)["pelvis"]
            0
        """
        absent = [name for name in self.joints.values() if name not in skeleton.joint_names]
        if absent:
            raise FileFormatError(
                f"joint map: the file has no joint {some_names(absent)} among its {skeleton.num_joints} "
                f"({some_names(skeleton.joint_names)}), "
                "expected all that the map names"
            )
        return {name: skeleton.index(player) for name, player in self.joints.items()}


def read_joint_map(path: Path) -> JointMap:
    """The map in a JSON file. Raises FileFormatError for anything else than what ``write_joint_map`` writes."""
    content: Any = read_json(Path(path))
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise FileFormatError(f'{path}: not a joint map, expected JSON with "format": "{_FORMAT}"')
    unknown = sorted(set(content) - {"format", "version", "joints"})
    if unknown:
        raise FileFormatError(f"{path}: unknown key {shown(unknown[0])}, expected format, version and joints")
    if content.get("version") != _VERSION:
        raise FileFormatError(f"{path}: version {shown(content.get('version'))}, expected {_VERSION}")
    joints = content.get("joints")
    if not isinstance(joints, dict):
        raise FileFormatError(f"{path}: joints is {type(joints).__name__}, expected an object of joint names")
    try:
        return JointMap(joints)
    except (InvalidRequestError, ConfigError) as error:
        raise FileFormatError(f"{path}: {error}") from None


def write_joint_map(joint_map: JointMap, path: Path) -> None:
    """Write ``joint_map`` as JSON, atomically. Raises FileFormatError when that cannot be done."""
    write_json(Path(path), {"format": _FORMAT, "version": _VERSION, "joints": dict(joint_map.joints)})
