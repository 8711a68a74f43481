"""Which joints of a file are fingers, by their names and by what hangs from its wrists.

Known are the names of Mixamo and HumanIK (LeftHandIndex1), Unreal (index_01_l, index_metacarpal_l), Unity and VRM
(LeftIndexProximal, leftLittleDistal), Rigify (f_index.01.L), SMPL-H (left_index1), Rokoko and MakeHuman (five fingers
by number), 3ds Max Biped (Finger0 is the thumb, Finger01 its second bone), Xsens (LeftFirstPP), Daz (lMid1), MMD, and
CMU's fingers that are all one (LeftFingerBase, lfingers).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from segmo_core.motion.hands.hand_shape import FINGER_JOINTS, NUM_PARTS
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting.joint_tree import subtree

_WORDS = (
    ("thumb", r"thumb|first(?=mc|pp|dp)|親指"),
    ("index", r"index|pointer|second(?=mc|pp|mp|dp)|人指|人差指"),
    ("ring", r"(?<!sp)(?<!st)ring|fourth(?=mc|pp|mp|dp)|薬指"),
    ("pinky", r"pinky|pinkie|little|fifth(?=mc|pp|mp|dp)|小指"),
    ("middle", r"middle|mid|third(?=mc|pp|mp|dp)|中指"),
)
_BY_NUMBER = ("thumb", "index", "middle", "ring", "pinky")
_NUMBERED = r"(?:finger|digit)[_ .-]?(\d)"
_ALL_IN_ONE = r"fingers?(base)?([_. ]?[lr])?$"
_OF_THE_PALM = r"metacarp|carpus|carpal|inhand|palm|mc$"
_OF_THE_WRIST = r"inhand|carpus|palm"
_NO_BONE = r"(?:^|[^a-z])(?:ik|ctrl|twist|helper|target|pole|mch|org)(?:[^a-z]|$)"
_END = r"(end|nub|tip|site)[ ._]*\d*$"


def finger_players(skeleton: Skeleton, side: str, wrist: int) -> dict[int, int]:
    """Index in FINGER_JOINTS -> index in ``skeleton``, for the hand that hangs from ``wrist``; none where it has none.

    Fingers that are all one in the file play the first bone of the four that no name tells of.
    """
    below = [joint for joint in subtree(skeleton, wrist)[1:] if not _says(_END, skeleton, joint)]
    below = [joint for joint in below if not _says(_NO_BONE, skeleton, joint)]
    is_from_zero = any(number == 0 for number in map(_number, (_plain(skeleton, joint) for joint in below)))
    of_finger: dict[str, list[int]] = {}
    for joint in below:  # parents before children
        finger = _finger(_plain(skeleton, joint), is_from_zero)
        if finger:
            of_finger.setdefault(finger, []).append(joint)
    together = next((joint for joint in below if _says(_ALL_IN_ONE, skeleton, joint)), None)
    players: dict[int, int] = {}
    for name in _BY_NUMBER:
        first = FINGER_JOINTS.index(f"{side}_{name}1")
        bones = _bones(skeleton, wrist, name, of_finger.get(name, []))
        players.update({first + part: bone for part, bone in enumerate(bones)})
        if not bones and together is not None and name != "thumb":
            players[first] = together
    return players


def _bones(skeleton: Skeleton, wrist: int, finger: str, joints: Sequence[int]) -> list[int]:
    """The three bones that turn, or as many as there are, of all ``joints`` that are called as this finger."""
    palm = _OF_THE_WRIST if finger == "thumb" else _OF_THE_PALM
    own = [joint for joint in joints if not _says(palm, skeleton, joint)]
    if not own:
        return []
    line = [own[0]]
    while following := [joint for joint in own if skeleton.parents[joint] == line[-1]]:
        line.append(max(following, key=lambda joint: float(skeleton.bone_lengths[joint])))
    if len(line) > NUM_PARTS and finger != "thumb" and _is_of_palm(skeleton, wrist, line):
        line = line[1:]
    return line[:NUM_PARTS]


def _is_of_palm(skeleton: Skeleton, wrist: int, line: Sequence[int]) -> bool:
    """True where the first of four bones begins nearer to the wrist than it is long, as those of the palm do."""
    return skeleton.parents[line[0]] == wrist and bool(skeleton.bone_lengths[line[0]] < skeleton.bone_lengths[line[1]])


def _finger(name: str, is_from_zero: bool) -> str:
    found = next((finger for finger, words in _WORDS if re.search(words, name)), "")
    number = _number(name)
    if found or number is None:
        return found
    place = number - (0 if is_from_zero else 1)
    return _BY_NUMBER[place] if 0 <= place < len(_BY_NUMBER) else ""


def _number(name: str) -> int | None:
    found = re.search(_NUMBERED, name)
    return int(found[1]) if found else None


def _plain(skeleton: Skeleton, joint: int) -> str:
    return re.split(r"[:|]", skeleton.joint_names[joint])[-1].lower()


def _says(words: str, skeleton: Skeleton, joint: int) -> bool:
    return re.search(words, _plain(skeleton, joint)) is not None
