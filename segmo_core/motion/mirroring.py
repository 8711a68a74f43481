"""Left and right exchanged, in motion and in words."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion.skeleton import SMPL_JOINT_NAMES

FloatArray = NDArray[np.floating]


def _swapped_name(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    if name.startswith("right_"):
        return "left_" + name.removeprefix("right_")
    return name


_MIRROR_ORDER = [SMPL_JOINT_NAMES.index(_swapped_name(name)) for name in SMPL_JOINT_NAMES]


def mirror_joints(joint_positions: FloatArray) -> FloatArray:
    """Joints (..., 22, 3) reflected in the plane x = 0, left and right joints exchanged."""
    mirrored = joint_positions[..., _MIRROR_ORDER, :] * np.array([-1.0, 1.0, 1.0], dtype=joint_positions.dtype)
    return np.asarray(mirrored)


_CANONICAL = {
    "counter clockwise": "counterclockwise",
    "counter-clockwise": "counterclockwise",
    "counter-clock-wise": "counterclockwise",
    "anti-clockwise": "counterclockwise",
    "anti clockwise": "counterclockwise",
    "anticlockwise": "counterclockwise",
    "clock-wise": "clockwise",
}
_PAIRS = [
    ("left", "right"), ("lefts", "rights"), ("clockwise", "counterclockwise"), ("leftward", "rightward"),
    ("leftwards", "rightwards"), ("left-handed", "right-handed"), ("left-sided", "right-sided"),
    ("leftmost", "rightmost"),
]  # fmt: skip
_SWAP = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}
_KEEP = [
    "right angles", "right angle", "right away", "right now", "right after", "right before", "right in front",
    "right behind", "all right", "is left", "are left", "has left",
]  # fmt: skip
_PATTERN = re.compile(
    r"\b(" + "|".join(re.escape(w) for w in [*_KEEP, *sorted(_SWAP, key=len, reverse=True)]) + r")\b", re.IGNORECASE
)
_CANONICAL_PATTERN = re.compile(r"\b(" + "|".join(re.escape(w) for w in _CANONICAL) + r")\b", re.IGNORECASE)


def mirror_text(text: str) -> str:
    """The sentence for the mirrored motion: whole words left/right (and their kin) exchanged, case kept."""

    def swap(match: re.Match[str]) -> str:
        word = match.group(0)
        other = _SWAP.get(word.lower(), word)
        return other.capitalize() if word[0].isupper() and other is not word else other

    canonical = _CANONICAL_PATTERN.sub(lambda match: _CANONICAL[match.group(0).lower()], text)
    return _PATTERN.sub(swap, canonical)
