"""Ways up and down a tree of joints."""

from __future__ import annotations

from dataclasses import replace

from segmo_core.motion.skeleton import Skeleton


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


def with_unique_names(skeleton: Skeleton) -> Skeleton:
    """``skeleton`` itself, or one in which joints of the same name are told apart by numbers (hand, hand.001, ...)."""
    if len(set(skeleton.joint_names)) == skeleton.num_joints:
        return skeleton
    names: list[str] = []
    taken = set(skeleton.joint_names)
    for name in skeleton.joint_names:
        unique, number = name, 1
        while unique in names or (number > 1 and unique in taken):
            unique, number = f"{name}.{number:03d}", number + 1
        names.append(unique)
    return replace(skeleton, joint_names=tuple(names))
