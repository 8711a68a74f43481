"""The joints of a body found by shape alone, for files whose names say nothing (joint_0, Knochen.L, 左腕).

Two legs and two arms are the pairs of equally long limbs with the longest two consecutive bones; the legs hang nearer
to the root. Head and neck are what rises from the joint between the arms. Left is told from right by names that at
least say that much, else by where feet, knees and elbows point.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import Skeleton
from segmo_core.retargeting import joint_tree as tree

FloatArray = NDArray[np.floating]

_MOST_POSES = 40
_LIMB_JOINTS = 3
_MOST_BRANCHES = 16
_TINY = 0.02  # of the path's length: two joints nearer than that are one place
_ALIKE = 0.2  # how much two limbs of a pair may differ in length
_LEAST_RATIO = 0.35  # of the two bones of a limb, the shorter to the longer
_ABOUT = 0.93  # of the longest: limbs about as long
_TWISTED = 1.2  # how much longer limbs become when twist bones are passed over
_STRAIGHT = np.radians(4.0)  # a joint that never bends more is a twist bone
_CLEAR = 0.01  # of a leg's length: below it, feet and knees say nothing about the front

_LEFT_WORDS = ("left", "links", "gauche", "izquierd", "izq", "sinistr", "vanster", "hidari", "左", "lewa", "esquerd")
_RIGHT_WORDS = ("right", "rechts", "droit", "derech", "der", "destr", "hoger", "migi", "右", "prawa", "direit")


@dataclass(frozen=True)
class Structure:
    """joints: model joint -> index. sides: how left was told from right, a phrase for people."""

    joints: dict[str, int]
    sides: str


@dataclass(frozen=True)
class _Limb:
    """path: joints from the branch outwards. first: where the two long bones begin. reach: their lengths."""

    path: tuple[int, ...]
    first: int
    reach: tuple[float, float]

    @property
    def length(self) -> float:
        return sum(self.reach)

    def joint(self, place: int) -> int:
        """0: hip or shoulder, 1: knee or elbow, 2: ankle or wrist."""
        return self.path[self.first + place]


@dataclass(frozen=True)
class _Pair:
    branch: int
    limbs: tuple[_Limb, _Limb]

    @property
    def length(self) -> float:
        return self.limbs[0].length + self.limbs[1].length


@dataclass(frozen=True, eq=False)
class _Ways:
    """Where the longest way from every joint leads.

    lengths: (J,) bone to the parent, mean over the poses. extents: (J,) length of the longest way down to a leaf.
    onward: (J,) the child on that way, -1 at leaves. straight: what is known of three joints in line.
    """

    lengths: FloatArray
    extents: FloatArray
    onward: NDArray[np.intp]
    straight: dict[tuple[int, ...], bool] = field(default_factory=dict)


def find_structure(motion: Motion) -> Structure | None:
    """The body in ``motion``; None where two legs, two arms and something to bear them are not to be seen."""
    poses = motion.joint_positions[_spread(motion.num_frames)].astype(np.float64)
    skeleton = motion.skeleton
    pairs = _pairs(skeleton, poses)
    if len(pairs) < 2:
        return None
    first = pairs[0]
    inside = {joint for limb in first.limbs for joint in tree.subtree(skeleton, limb.path[0])}
    second = next((pair for pair in pairs[1:] if pair.branch not in inside and not _share_joints(pair, first)), None)
    if second is None or second.length < 0.3 * first.length:
        return None
    legs, arms = (first, second)
    if legs.branch != arms.branch and arms.branch in tree.ancestors(skeleton, legs.branch):
        legs, arms = arms, legs
    joints: dict[str, int] = {"pelvis": legs.branch}
    _add_head(skeleton, poses, joints, legs, arms)
    if "head" not in joints and "neck" not in joints:
        return None
    up = _up(poses, joints, legs, arms)
    sides = _side_names(skeleton, legs, arms)
    legs_swapped, arms_swapped, phrase = sides or _facing_sides(poses, up, legs, arms)
    for side, limb in zip(("left", "right"), _ordered(legs, legs_swapped), strict=True):
        joints |= {f"{side}_{name}": limb.joint(place) for place, name in enumerate(("hip", "knee", "ankle"))}
        if len(limb.path) > limb.first + 3:
            joints[f"{side}_foot"] = limb.joint(3)
    for side, limb in zip(("left", "right"), _ordered(arms, arms_swapped), strict=True):
        joints |= {f"{side}_{name}": limb.joint(place) for place, name in enumerate(("shoulder", "elbow", "wrist"))}
        if limb.first > 0:
            joints[f"{side}_collar"] = limb.joint(-1)
    return Structure(joints, phrase)


def _spread(num_frames: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, num_frames - 1, min(num_frames, _MOST_POSES)).round().astype(np.intp))


def _share_joints(first: _Pair, second: _Pair) -> bool:
    return bool({limb.path[0] for limb in first.limbs} & {limb.path[0] for limb in second.limbs})


def _ordered(pair: _Pair, is_swapped: bool) -> tuple[_Limb, _Limb]:
    return (pair.limbs[1], pair.limbs[0]) if is_swapped else pair.limbs


def _pairs(skeleton: Skeleton, poses: FloatArray) -> list[_Pair]:
    """All pairs of limbs that hang from one joint and are equally long, the longest first."""
    ways = _find_ways(skeleton, poses)
    pairs = []
    for branch, children in enumerate(skeleton.children):
        longest = sorted(children, key=lambda child: -ways.extents[child])[:_MOST_BRANCHES]
        paths = [_path(ways, child) for child in sorted(longest)] if len(children) > 1 else []
        for one, other in itertools.combinations(paths, 2):
            pair = _pair(poses, branch, (one, other), ways)
            if pair is not None:
                pairs.append(pair)
    return sorted(pairs, key=lambda pair: -pair.length)


def _pair(poses: FloatArray, branch: int, paths: tuple[list[int], list[int]], ways: _Ways) -> _Pair | None:
    """Two paths as limbs; None where they are not alike or have no two bones of similar length.

    In-line twist bones are passed over where that makes longer limbs.
    """
    if min(map(len, paths)) < _LIMB_JOINTS:
        return None
    whole = _best_bones(poses, branch, paths)
    bent = _best_bones(poses, branch, tuple(_bending(poses, path, ways) for path in paths))
    if whole is None or (bent is not None and bent.length > _TWISTED * whole.length):
        return bent
    return whole


def _best_bones(poses: FloatArray, branch: int, paths: tuple[list[int], ...]) -> _Pair | None:
    """The two long bones of both limbs at the same place; the outermost where several are about as long.

    (A collar and an upper arm can be as long as an upper arm and a forearm.)
    """
    found = []
    for first in range(min(map(len, paths)) - 2):
        one, other = (_limb(poses, path, first) for path in paths)
        gaps = [abs(a - b) / max(a, b, 1e-9) for a, b in zip(one.reach, other.reach, strict=True)]
        ratios = [min(limb.reach) / max(*limb.reach, 1e-9) for limb in (one, other)]
        if max(gaps) <= _ALIKE and min(ratios) >= _LEAST_RATIO:
            found.append(_Pair(branch, (one, other)))
    longest = max((pair.length for pair in found), default=0.0)
    return next((pair for pair in reversed(found) if pair.length >= _ABOUT * longest), None)


def _limb(poses: FloatArray, path: list[int], first: int) -> _Limb:
    ends, starts = np.array(path[first + 1 : first + 3]), np.array(path[first : first + 2])
    reach = _lengths(poses, ends, starts)
    return _Limb(tuple(path), first, (float(reach[0]), float(reach[1])))


def _find_ways(skeleton: Skeleton, poses: FloatArray) -> _Ways:
    lengths = _lengths(poses, np.arange(skeleton.num_joints), np.maximum(np.array(skeleton.parents), 0))
    extents, onward = np.zeros(skeleton.num_joints), np.full(skeleton.num_joints, -1)
    for joint in range(skeleton.num_joints - 1, 0, -1):
        parent, reach = skeleton.parents[joint], extents[joint] + lengths[joint]
        if reach >= extents[parent]:
            extents[parent], onward[parent] = reach, joint
    return _Ways(lengths, extents, onward)


def _lengths(poses: FloatArray, joints: NDArray[np.intp], others: NDArray[np.intp]) -> FloatArray:
    return np.asarray(np.linalg.norm(poses[:, joints] - poses[:, others], axis=-1).mean(axis=0))


def _path(ways: _Ways, start: int) -> list[int]:
    """From ``start`` along the longest way to a leaf; of joints at one place only the last."""
    path = [start]
    while ways.onward[path[-1]] >= 0:
        path.append(int(ways.onward[path[-1]]))
    lengths = ways.lengths[path[1:]]
    keep = [i for i in range(len(path)) if i == len(path) - 1 or lengths[i] > _TINY * lengths.sum()]
    return [path[i] for i in keep]


def _bending(poses: FloatArray, path: list[int], ways: _Ways) -> list[int]:
    """``path`` without the joints between bones that always lie in one line."""
    return [joint for i, joint in enumerate(path)
            if i in (0, len(path) - 1) or not _is_straight(poses, path[i - 1 : i + 2], ways)]  # fmt: skip


def _is_straight(poses: FloatArray, joints: list[int], ways: _Ways) -> bool:
    key = tuple(joints)
    if key not in ways.straight:  # many branches may go on along the same way
        before, here, after = (poses[:, joint] for joint in joints)
        cosine = np.sum(rotations.normalize(here - before) * rotations.normalize(after - here), axis=-1)
        ways.straight[key] = bool(np.arccos(cosine.clip(-1, 1)).max() < _STRAIGHT)
    return ways.straight[key]


def _add_head(skeleton: Skeleton, poses: FloatArray, joints: dict[str, int], legs: _Pair, arms: _Pair) -> None:
    """Neck and head, from the branch that rises highest between the arms."""
    chest = arms.branch
    limb_starts = {limb.path[0] for pair in (legs, arms) for limb in pair.limbs}
    toward_legs = set(tree.ancestors(skeleton, legs.branch))
    others = [c for c in skeleton.children[chest] if c not in limb_starts and c not in toward_legs]
    knees = (poses[:, legs.limbs[0].joint(1)] + poses[:, legs.limbs[1].joint(1)]) / 2
    up = rotations.normalize(poses[:, chest] - knees)
    heights = [_rise(poses, up, chest, tree.subtree(skeleton, child)) for child in others]
    if not heights or max(heights) <= 0:
        if chest != legs.branch:
            joints["neck"] = chest
        return
    path = _path(_find_ways(skeleton, poses), others[int(np.argmax(heights))])
    head = _head_place(skeleton, poses, path)
    joints["head"] = path[head]
    if head > 0:
        starts = np.array([limb.path[max(limb.first - 1, 0)] for limb in arms.limbs])
        is_at_collars = _lengths(poses, np.array([path[0]] * 2), starts).max() < 0.05 * arms.limbs[0].length
        joints["neck"] = path[1] if is_at_collars and head > 1 else path[0]
    elif chest != legs.branch:
        joints["neck"] = chest


def _rise(poses: FloatArray, up: FloatArray, start: int, joints: list[int]) -> float:
    return float(np.sum((poses[:, joints] - poses[:, [start]]) * up[:, None], axis=-1).mean(axis=0).max())


def _head_place(skeleton: Skeleton, poses: FloatArray, path: list[int]) -> int:
    """Which joint of neck, head, top is the head: the one that bears eyes, or the one below a longer last bone."""
    last = len(path) - 1
    for place, joint in enumerate(path[1:], start=1):
        if len(skeleton.children[joint]) > 1:
            return place
    if last < 2:
        return last
    lengths = _lengths(poses, np.array(path[1:]), np.array(path[:-1]))
    return last - 1 if lengths[-1] > lengths[-2] else last


def _up(poses: FloatArray, joints: dict[str, int], legs: _Pair, arms: _Pair) -> FloatArray:
    """(P, 3) from between the hips to the chest or, where the arms hang from there too, to the head."""
    hips = (poses[:, legs.limbs[0].joint(0)] + poses[:, legs.limbs[1].joint(0)]) / 2
    top = arms.branch if arms.branch != legs.branch else joints.get("head", joints.get("neck", arms.branch))
    return rotations.normalize(poses[:, top] - hips)


def _side_names(skeleton: Skeleton, legs: _Pair, arms: _Pair) -> tuple[bool, bool, str] | None:
    """Whether legs and arms are swapped, by what the names say of sides; None where they say nothing."""
    votes = [[sum(_side(skeleton.joint_names[joint]) for joint in limb.path) for limb in pair.limbs]
             for pair in (legs, arms)]  # fmt: skip
    if any(one * other >= 0 for one, other in votes):
        return None
    return votes[0][0] < 0, votes[1][0] < 0, "left and right by name"


def _side(name: str) -> int:
    """1 for a name that says left, -1 for right, 0 for neither."""
    word = name.lower()
    letters = set(re.split(r"[^a-z]+", word)) | set(re.findall(r"^[lr](?=[A-Z])", name))
    is_left = "l" in letters or any(part in word for part in _LEFT_WORDS)
    is_right = "r" in letters or any(part in word for part in _RIGHT_WORDS)
    return int(is_left) - int(is_right)


def _facing_sides(poses: FloatArray, up: FloatArray, legs: _Pair, arms: _Pair) -> tuple[bool, bool, str]:
    """Sides by the front that feet, knees and elbows show; where none does, by the usual front of a rest pose."""
    size = legs.limbs[0].length
    signs = {}
    for name, pair, sign in (("knees", legs, 1.0), ("elbows", arms, -1.0)):
        signs[name] = sum(sign * _bend(poses, limb) for limb in pair.limbs) / size
    toes = [limb for limb in legs.limbs if len(limb.path) > limb.first + 3]
    if toes:
        signs["feet"] = sum(poses[:, limb.joint(3)] - poses[:, limb.joint(2)] for limb in toes) / size
    across = [rotations.normalize(poses[:, pair.limbs[0].joint(0)] - poses[:, pair.limbs[1].joint(0)])
              for pair in (legs, arms)]  # fmt: skip
    body = rotations.normalize(across[0] * np.where(np.sum(across[0] * across[1], -1, keepdims=True) < 0, -1, 1)
                               + across[1])  # fmt: skip
    shown = {name: float(np.sum(np.cross(up, sign) * body, axis=-1).mean()) for name, sign in signs.items()}
    total = sum(shown.values())
    if abs(total) > _CLEAR:
        seen = [name for name, value in shown.items() if value * total > 0 and abs(value) > _CLEAR / 2]
        phrase = "left and right by where the " + " and the ".join(sorted(seen)) + " point"
    else:
        upward = up.mean(axis=0)
        front = np.array([0.0, 0.0, 1.0]) if abs(upward[1]) >= abs(upward[2]) else np.array([0.0, -1.0, 0.0])
        total = float(np.sum(np.cross(upward, front) * body.mean(axis=0)))
        phrase = "left and right assumed, nothing shows where the front is"
    arms_swapped = total < 0
    legs_agree = float(np.sum(across[0] * across[1], axis=-1).mean()) >= 0
    return (arms_swapped if legs_agree else not arms_swapped), arms_swapped, phrase


def _bend(poses: FloatArray, limb: _Limb) -> FloatArray:
    """(P, 3) from the straight line between a limb's ends to its middle joint."""
    start, middle, end = (poses[:, limb.joint(place)] for place in range(3))
    along = rotations.normalize(end - start)
    offset: FloatArray = (middle - start) - np.sum((middle - start) * along, axis=-1, keepdims=True) * along
    return offset
