"""How often something happens: a signal that comes up over one threshold after having been below another.

No peaks or prominences: those cut and repeat cycles when training motion is made, and what cuts must not count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.grounding.geometry.body import (
    ANKLES,
    PELVIS,
    SHOULDERS,
    WRISTS,
    Body,
    smoothed,
)
from segmo_core.grounding.geometry.flight import flights
from segmo_core.grounding.geometry.verdict import Check, Verdict

FloatArray = NDArray[np.floating]


def crossings(signal: FloatArray, least_range: float, low: float = 0.35, high: float = 0.65) -> int:
    """How often ``signal`` (T,) rises through its upper after its lower threshold (shares of its range); 0 where the
    range is below ``least_range``. A signal that begins high has begun there once."""
    bottom, top = float(np.percentile(signal, 2)), float(np.percentile(signal, 98))
    if top - bottom < least_range:
        return 0
    lower, upper = bottom + low * (top - bottom), bottom + high * (top - bottom)
    count, is_up = 0, False
    for value in signal.tolist():
        if not is_up and value > upper:
            count, is_up = count + 1, True
        elif is_up and value < lower:
            is_up = False
    return count


def squats_of(body: Body) -> int:
    return crossings(smoothed(-body.heights[:, PELVIS], 1.0), 0.15)


def bows_of(body: Body) -> int:
    return crossings(smoothed(body.trunk_tilt, 1.0), 18.0)


def claps_of(body: Body) -> int:
    """Hands that come together from apart."""
    gap = np.linalg.norm(body.joints[:, WRISTS[0]] - body.joints[:, WRISTS[1]], axis=-1)
    if float(gap.min()) > 0.3:
        return 0
    return crossings(-smoothed(gap, 0.5), 0.06)


def jumps_of(body: Body) -> int:
    return len(flights(body))


def kicks_of(body: Body) -> int:
    """Of the foot that rises more."""
    rises = [crossings(smoothed(body.heights[:, ankle], 0.7), 0.3, 0.3, 0.6) for ankle in ANKLES]
    return max(rises)


def punches_of(body: Body) -> int:
    """Arms that stretch from bent, both sides together."""
    count = 0
    for wrist, shoulder in zip(WRISTS, SHOULDERS, strict=True):
        place = body.in_body(wrist, shoulder)
        reach = np.linalg.norm(place, axis=-1)
        is_ahead = (place[:, 2] > 0.2 * body.arm) & (place[:, 1] > -0.6 * body.arm)  # a hanging arm is no punch
        count += crossings(smoothed(np.where(is_ahead, reach, reach.min()), 0.5), 0.15)
    return count


def raises_of(body: Body) -> int:
    """Hands, the higher one of each frame, that come up over the shoulders from hanging down."""
    up = (body.heights[:, WRISTS] - body.heights[:, SHOULDERS]).max(axis=1)
    return crossings(smoothed(up, 1.0), 0.45)


def waves_of(body: Body, side: str | None = None) -> int:
    """Swings of a raised hand to its side and back, of the hand that swings more."""
    counts = []
    for place, wrist in enumerate(WRISTS):
        if side is not None and side != ("left", "right")[place]:
            continue
        outward = 1.0 if place == 0 else -1.0
        sideways = smoothed(outward * body.in_body(wrist, SHOULDERS[place])[:, 0], 0.5)
        is_up = body.heights[:, wrist] > body.heights[:, SHOULDERS[place]] - 0.15
        if is_up.sum() < 8:
            counts.append(0)
            continue
        first, last = int(np.argmax(is_up)), len(is_up) - int(np.argmax(is_up[::-1]))
        drift = smoothed(sideways[first:last], 6.0)
        counts.append(crossings(sideways[first:last] - drift, 0.05))
    return max(counts)


def dribbles_of(body: Body) -> int:
    """Bobs of a hand before the body, below the chest, that go more up and down than to and fro."""
    counts = []
    for wrist, shoulder in zip(WRISTS, SHOULDERS, strict=True):
        place = body.in_body(wrist)
        moved = smoothed(place - smoothed(place, 6.0), 0.5)
        is_before = float(place[:, 2].mean()) > 0.05 and float(moved[:, 1].std()) > float(moved[:, 2].std())
        is_low = float((body.heights[:, shoulder] - body.heights[:, wrist]).mean()) > 0.2
        counts.append(crossings(moved[:, 1], 0.06) if is_before and is_low else 0)
    return max(counts)


_COUNTERS = {
    "squats": squats_of, "bows": bows_of, "claps": claps_of, "jumps": jumps_of, "kicks": kicks_of,
    "punches": punches_of, "raises": raises_of, "waves": waves_of,
    "dribbles": dribbles_of,
}  # fmt: skip


def count_of(act: str, body: Body) -> int:
    """How often ``act`` (a key such as "jumps") is done."""
    return _COUNTERS[act](body)


def times(act: str, low: int, high: int | None = None) -> Check:
    """Done so often; exactly ``low`` times where no ``high`` is given."""
    most = low if high is None else high

    def check(body: Body) -> Verdict:
        found = count_of(act, body)
        wanted = str(low) if most == low else f"{low} or more" if most > 99 else f"{low} to {most}"
        return Verdict(low <= found <= most, f"{found} {act}, asked {wanted}")

    return check
