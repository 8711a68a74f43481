"""Numbers that the words of a segment say, and what they hold it to: "walks 4 m", "turns ninety degrees left"."""

from __future__ import annotations

import re

import numpy as np

from segmo_core.control.constraints import Constraint, Distance, Turn
from segmo_core.formats.scene.ground_bone import headings
from segmo_core.motion.kinematics import ensure_rotations
from segmo_core.motion.motion import Motion
from segmo_core.timeline.segment_track import SegmentTrack

LEFT, RIGHT = r"\bleft\b", r"\bright\b"
LEFT_ROUND = LEFT + r"|counter ?clockwise|anticlockwise"
RIGHT_ROUND = RIGHT + r"|\bclockwise"
_NUMBER = r"one|two|three|four|five|six|seven|eight|nine|ten"
_METRES = re.compile(rf"(\d+(?:\.\d+)?|half an?|an?|{_NUMBER}) (?:met(?:er|re)s?|m)\b")
_TENS = {"fifteen": 15, "thirty": 30, "forty five": 45, "sixty": 60, "ninety": 90, "a hundred and eighty": 180,
         "one hundred eighty": 180, "a hundred eighty": 180}  # fmt: skip
_DEGREES = re.compile(rf"(\d+|{'|'.join(_TENS)}) ?(?:degrees?|°)")
_NUMBERS = {
    "a": 1.0, "an": 1.0, "half a": 0.5, "half an": 0.5, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0,
    "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0,
}  # fmt: skip
_GOES = r"\b(?:walk|run|jog|sprint|march|stroll|step|sneak|tiptoe|crawl|back|pace|move|go|stride|sidestep|shuffle)\w*\b"
_TURNS = r"\b(?:turn|rotat|pivot|swivel|spin|face)\w*\b"
_OTHER_TURNS = r"jump|leap|\barms?\b|shoulder|wrist|upper body|torso|trunk|waist|head|forearm|knee|elbow|\bleg\b"
_LONGEST, _LARGEST = 100.0, 1080.0  # metres, degrees
_STRETCH = (0.4, 1.9)  # how much shorter or longer than drawn a way may be made: steps of a body of one size


def spoken(text: str) -> str:
    """A text as the patterns of words read it: small letters, no hyphens, single spaces, no full stop."""
    return " ".join(text.lower().replace("-", " ").rstrip(". ").split())


def stated_metres(said: str) -> float | None:
    """How far ``said`` (of ``spoken``) goes; None where it does not say."""
    found = _METRES.search(said)
    if found is None:
        return None
    return _NUMBERS[found[1]] if found[1] in _NUMBERS else float(found[1])


def stated_degrees(said: str) -> float | None:
    """By how much ``said`` (of ``spoken``) turns; None where it does not say."""
    found = _DEGREES.search(said)
    return None if found is None else float(_TENS.get(found[1], 0) or int(found[1]))


def stated_constraints(track: SegmentTrack, motion: Motion) -> tuple[Constraint, ...]:
    """Distances and turns that the texts of ``track`` say, for the ``motion`` they were made into.

    A turn to no side goes the way the motion does. A distance that would take steps of another body size is left as it
    is made.
    """
    rate = motion.frame_rate
    made: list[Constraint] = []
    for segment in track:
        start, end = segment.start / rate, min(segment.end, motion.num_frames - 1) / rate
        if end - start < 0.2:
            continue
        said = spoken(segment.text)
        metres = stated_metres(said) if re.search(_GOES, said) else None
        if metres is not None and 0.0 < metres <= _LONGEST:
            path = motion.joint_positions[segment.start : segment.end + 1, 0][:, [0, 2]].astype(np.float64)
            way = float(np.linalg.norm(np.diff(path, axis=0), axis=-1).sum())
            if way > 0.05 and _STRETCH[0] <= metres / way <= _STRETCH[1]:
                made.append(Distance(start, end, metres))
        degrees = stated_degrees(said) if re.search(_TURNS, said) and not re.search(_OTHER_TURNS, said) else None
        if degrees is not None and 0.0 < degrees <= min(_LARGEST, 400.0 * (end - start)):
            made.append(Turn(start, end, degrees * _side(said, motion, segment.start, segment.end)))
    return tuple(made)


def _side(said: str, motion: Motion, first: int, last: int) -> float:
    """1 to the left, -1 to the right."""
    if re.search(LEFT_ROUND, said):
        return 1.0
    if re.search(RIGHT_ROUND, said):
        return -1.0
    local = ensure_rotations(motion).local_rotations
    assert local is not None
    faced = headings(local[first : last + 1, 0])
    return 1.0 if faced[-1] >= faced[0] else -1.0
