"""Ways up and down a tree of joints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from segmo_core.errors import in_short
from segmo_core.motion.skeleton import Skeleton

_MAX_NAME = 180
_SOME = 6


def ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    """``joint`` and all above it, upwards."""
    line = [joint]
    while skeleton.parents[line[-1]] >= 0:
        line.append(skeleton.parents[line[-1]])
    return line


def common_ancestor(skeleton: Skeleton, first: int, second: int) -> int:
    """The lowest joint that both hang from; one of the two where the other hangs from it."""
    above = set(ancestors(skeleton, first))
    return next(joint for joint in ancestors(skeleton, second) if joint in above)


def chain(skeleton: Skeleton, start: int, end: int) -> tuple[int, ...]:
    """From ``start`` to ``end``, both included, without joints above ``start`` (some rigs hang the spine beside it)."""
    above_start = set(ancestors(skeleton, start))
    between = [joint for joint in ancestors(skeleton, end) if joint not in above_start]
    return (start, *reversed(between))


def subtree(skeleton: Skeleton, joint: int) -> list[int]:
    """``joint`` and all that hang from it."""
    found = [joint]
    for each in found:  # grows while it is walked
        found.extend(skeleton.children[each])
    return found


def with_unique_names(skeleton: Skeleton) -> Skeleton:
    """``skeleton`` itself, or one whose joint names are printable, of at most 180 letters, and told apart.

    Joints of the same name are told apart by numbers (hand, hand.001, ...).
    """
    plain = [_printable(name) for name in skeleton.joint_names]
    if len(set(plain)) == skeleton.num_joints:
        return skeleton if tuple(plain) == skeleton.joint_names else replace(skeleton, joint_names=tuple(plain))
    names: dict[str, None] = {}
    taken, counts = set(plain), Counter[str]()
    for name in plain:
        unique = name
        while unique in names or (unique != name and unique in taken):
            counts[name] += 1
            unique = f"{name}.{counts[name]:03d}"
        names[unique] = None
    return replace(skeleton, joint_names=tuple(names))


def some_names(names: Sequence[str]) -> str:
    """The first few of ``names`` for a sentence."""
    few = ", ".join(in_short(name, 24) for name in names[:_SOME])
    return few if len(names) <= _SOME else f"{few}, ..."


def _printable(name: str) -> str:
    short = name[:_MAX_NAME]
    return (short if short.isprintable() else "".join(filter(str.isprintable, short))) or "joint"
