"""Whether what was put on the model skeleton is a person: refused, or warned about, in the same way everywhere.

Reading goes wrong in silence where a file is no person, holds damaged or foreign numbers, or was read on the wrong
axes. The limits are far from what people of any size do: sprinters run at 12 m/s, captured bodies of other proportions
than the model's are 2 to 7 cm away from it on average, and pose estimates change their bones by a tenth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.motion.skeleton import SMPL_JOINT_INDEX as _INDEX

FloatArray = NDArray[np.floating]

_SIDES = ("left", "right")
_LIMBS = ("knee", "ankle", "elbow", "wrist")
_SMALLEST_LEG, _LARGEST_LEG = 1e-4, 1e5  # of the file's units
_MOST_ERROR, _LARGE_ERROR = 0.20, 0.10  # metres, mean
_MOST_STRETCH, _LARGE_STRETCH = 0.5, 0.2  # of a bone's length, between the 5th and the 95th percentile
_BROKEN_BONE = 0.5  # of its median length: a frame in which joints are out of place
_RATIOS = {"arms to legs": (0.3, 1.8), "trunk to legs": (0.2, 2.5), "thighs to shins": (0.4, 2.5),
           "upper arms to forearms": (0.4, 2.5), "left to right limbs": (0.6, 1.67)}  # fmt: skip
_FOUR_LEGGED = (0.5, 0.7)  # cosines: of trunk and legs at most, of arms and legs at least, in a rest pose
_LEAP, _FLIGHT = 1.0, 20.0  # metres from frame to frame besides what a sprinter makes
_SPRINT = 15.0  # m/s
_FAST = 8.0  # m/s, median of the pelvis
_SLOW_RATE, _FAST_RATE = 5.0, 1000.0
_LYING, _UPSIDE_DOWN = 0.3, -0.5  # of the trunk's length that it rises
_BACKWARDS, _OFTEN = np.sin(np.radians(30.0)), 0.4  # of knees; share of the frames


@dataclass(frozen=True)
class Acceptance:
    """refusal: why this is no person, a sentence without its full stop; "" where it may be one. warnings: what a person
    should look at, a sentence each.
    """

    refusal: str
    warnings: tuple[str, ...] = ()


def accept(
    motion: Motion, source: FloatArray, rest: FloatArray | None, *, scale: float, mean_error: float
) -> Acceptance:
    """Judge a motion on the model skeleton by itself and by the joints (T, 22, 3) of the file that it follows.

    source: scaled to the model's legs, Y up. rest: (22, 3) the file's rest pose, of any orientation; None where there
    is none. scale: metres per unit. mean_error: metres between ``source`` and the motion.
    """
    refusal = (
        _unbelievable_size(scale)
        or _no_body(source)
        or _four_legs(rest, source)
        or _unlike(mean_error)
        or _flight(motion)
    )
    if refusal:
        return Acceptance(refusal)
    found = (_large_error(mean_error), _stretching(source), *_out_of_place(source, motion), _posture(motion),
             _knees(motion), _pace(motion))  # fmt: skip
    return Acceptance("", tuple(sentence for sentence in found if sentence))


def _unbelievable_size(scale: float) -> str:
    leg = float(MODEL_SKELETON.bone_lengths[[_INDEX["right_knee"], _INDEX["right_ankle"]]].sum()) / scale
    if _SMALLEST_LEG <= leg <= _LARGEST_LEG:
        return ""
    return f"a leg of {leg:.3g} units, expected the size of a person in some unit"


def _lengths(joints: FloatArray, name: str) -> FloatArray:
    index = _INDEX[name]
    return np.asarray(np.linalg.norm(joints[:, index] - joints[:, MODEL_SKELETON.parents[index]], axis=-1))


def _limb_lengths(joints: FloatArray) -> dict[str, FloatArray]:
    return {f"{side}_{part}": _lengths(joints, f"{side}_{part}") for side in _SIDES for part in _LIMBS}


def _stretch(joints: FloatArray) -> float:
    """By how much of their length the limbs' bones change: the median of the eight."""
    low, middle, high = np.percentile(np.stack(list(_limb_lengths(joints).values())), (5, 50, 95), axis=1)
    return float(np.median((high - low) / np.maximum(middle, 1e-9)))


def _no_body(joints: FloatArray) -> str:
    stretch = _stretch(joints)
    if stretch > _MOST_STRETCH:
        return (
            f"its bones change their length by {stretch:.0%}, expected a body with constant bones (are these features "
            "still normalised, or no joints at all?)"
        )
    middle = {name: float(np.median(lengths)) for name, lengths in _limb_lengths(joints).items()}
    if min(middle.values()) < 1e-3:
        return "a limb of no length, expected a body"
    thigh, shin, upper, lower = (
        (middle[f"left_{part}"] + middle[f"right_{part}"]) / 2 for part in ("knee", "ankle", "elbow", "wrist")
    )
    trunk = float(np.median(np.linalg.norm(joints[:, _INDEX["neck"]] - joints[:, _INDEX["pelvis"]], axis=-1)))
    uneven = max(
        (middle[f"left_{part}"] / middle[f"right_{part}"] for part in _LIMBS), key=lambda ratio: abs(np.log(ratio))
    )
    ratios = {"arms to legs": (upper + lower) / (thigh + shin), "trunk to legs": trunk / (thigh + shin),
              "thighs to shins": thigh / shin, "upper arms to forearms": upper / lower,
              "left to right limbs": uneven}  # fmt: skip
    for what, ratio in ratios.items():
        least, most = _RATIOS[what]
        if not least <= ratio <= most:
            return f"{what} are as {ratio:.2g} to 1, expected a human body ({least:g} to {most:g})"
    return ""


def _four_legs(rest: FloatArray | None, source: FloatArray) -> str:
    if rest is None or not (_is_four_legged(rest[None]) and _is_four_legged(source)):
        return ""
    return "it stands on four legs, expected a human body"


def _is_four_legged(joints: FloatArray) -> bool:
    """True when legs and arms of joints (T, 22, 3) point the same way, and the trunk across."""
    trunk = rotations.normalize(joints[:, _INDEX["neck"]] - joints[:, _INDEX["pelvis"]])
    legs, arms = (
        rotations.normalize(np.sum([joints[:, _INDEX[f"{side}_{end}"]] - joints[:, _INDEX[f"{side}_{start}"]]
                                    for side in _SIDES], axis=0))
        for start, end in (("hip", "ankle"), ("shoulder", "wrist"))
    )  # fmt: skip
    along, across, alike = (
        float(np.median(np.sum(one * other, axis=-1))) for one, other in ((trunk, legs), (trunk, arms), (arms, legs))
    )
    most, least = _FOUR_LEGGED
    return abs(along) < most and abs(across) < most and alike > least


def _unlike(mean_error: float) -> str:
    if mean_error <= _MOST_ERROR:
        return ""
    return (
        f"its joints are {100 * mean_error:.0f} cm away from a person's on average, expected a human body (at most "
        f"{100 * _MOST_ERROR:.0f} cm) whose joints play the right parts"
    )


def _steps(motion: Motion) -> FloatArray:
    """(T - 1,) metres that the pelvis goes from frame to frame."""
    return np.asarray(np.linalg.norm(np.diff(motion.joint_positions[:, 0].astype(np.float64), axis=0), axis=-1))


def _flight(motion: Motion) -> str:
    steps, reach = _steps(motion), _SPRINT / motion.frame_rate
    away = steps > _LEAP + reach
    spikes = away[:-1] & away[1:]  # there and back
    if len(steps) and steps.max() > _FLIGHT + reach:
        return f"jumps by {steps.max():.4g} m at frame {int(steps.argmax()) + 1}, expected the way of a person"
    if spikes.any():
        frame = int(np.flatnonzero(spikes)[0]) + 1
        return f"frame {frame} is {steps[frame - 1]:.3g} m away from those before and after, expected no such gap"
    return ""


def _large_error(mean_error: float) -> str:
    if mean_error <= _LARGE_ERROR:
        return ""
    return (
        f"The joints are {100 * mean_error:.0f} cm away from a person's on average: is this a person, and do the right "
        "joints play the parts?"
    )


def _stretching(source: FloatArray) -> str:
    stretch = _stretch(source)
    return f"Bones change their length by {stretch:.0%} over time." if stretch > _LARGE_STRETCH else ""


def _out_of_place(source: FloatArray, motion: Motion) -> tuple[str, ...]:
    """Frames in which joints are not where their bones can be, and leaps between frames."""
    found = []
    broken = np.zeros(len(source), dtype=bool)
    for lengths in _limb_lengths(source).values():
        middle = float(np.median(lengths))
        broken |= np.abs(lengths - middle) > _BROKEN_BONE * middle
    if broken.any():
        found.append(_frames(broken, "have bones of other lengths than the rest: damaged?"))
    leaps = _steps(motion) > _LEAP + _SPRINT / motion.frame_rate
    if leaps.any():
        found.append(_frames(np.append(False, leaps), "are more than a metre away from those before: a cut or damage?"))
    return tuple(found)


def _frames(which: NDArray[np.bool_], what: str) -> str:
    count, first = int(which.sum()), int(np.flatnonzero(which)[0])
    return f"{count} of {len(which)} frames (first: {first}) {what}"


def _rise(motion: Motion, top: str, bottom: tuple[str, ...]) -> FloatArray:
    """(T,) by how much ``top`` is above the middle of ``bottom``, as a share of their distance."""
    joints = motion.joint_positions.astype(np.float64)
    along = joints[:, _INDEX[top]] - joints[:, [_INDEX[name] for name in bottom]].mean(axis=1)
    return np.asarray(along[:, 1] / np.maximum(np.linalg.norm(along, axis=-1), 1e-9))


def _posture(motion: Motion) -> str:
    whole, trunk = _rise(motion, "head", ("left_ankle", "right_ankle")), _rise(motion, "neck", ("pelvis",))
    if np.percentile(whole, 90) < _UPSIDE_DOWN and np.percentile(trunk, 90) < _UPSIDE_DOWN:
        return "The body is upside down all the time: is the up axis right?"
    if np.percentile(np.abs(whole), 90) < _LYING and np.percentile(np.abs(trunk), 90) < _LYING:
        return "The body lies all the time: is the up axis right?"
    return ""


def _knees(motion: Motion) -> str:
    joints = motion.joint_positions.astype(np.float64)
    left = rotations.normalize(joints[:, _INDEX["left_hip"]] - joints[:, _INDEX["right_hip"]])
    wrong = np.zeros(len(joints), dtype=bool)
    for side in _SIDES:
        hip, knee, ankle = (joints[:, _INDEX[f"{side}_{part}"]] for part in ("hip", "knee", "ankle"))
        bend = np.cross(rotations.normalize(knee - hip), rotations.normalize(ankle - knee))
        wrong |= np.sum(bend * left, axis=-1) < -_BACKWARDS
    share = float(wrong.mean())
    return (
        f"Knees bend backwards in {share:.0%} of the frames: are left and right as they should be?"
        if share > _OFTEN
        else ""
    )


def _pace(motion: Motion) -> str:
    if not _SLOW_RATE <= motion.frame_rate <= _FAST_RATE:
        return f"{motion.frame_rate:.4g} frames a second: is that the rate of this file?"
    steps = _steps(motion)
    speed = float(np.median(steps)) * motion.frame_rate if len(steps) else 0.0
    return f"The body moves at {speed:.0f} m/s: is the frame rate right?" if speed > _FAST else ""
