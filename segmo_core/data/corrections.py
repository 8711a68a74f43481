"""Labels of the data sets that are known to be wrong, and what the clips show instead.

A folder of data stays as it was given; what is put right here is put right whenever it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# ACCAD calls these walk, kneel; both feet stay on the ground and the body goes down into a deep squat.
_CORRECTIONS: Mapping[str, Mapping[str, Any]] = {
    "accad_Male1_B24_WalkToCrouch": {
        "action": "walk, squat",
        "description": "a person walks forward and squats down low",
        "captions": [
            "a person walks forward and squats down low.",
            "a person walks, then goes down into a deep squat and stays there.",
            "a person stops walking and crouches low on both feet.",
            "someone walks a few steps and squats down.",
        ],
        "segments": ["walk", "squat down"],
    },
    "accad_Male1_B25_CrouchToWalk": {
        "action": "stand up, walk",
        "description": "a person gets up from a deep squat and walks forward",
        "captions": [
            "a person gets up from a deep squat and walks forward.",
            "a person is squatting low, then rises and walks away.",
            "a person stands up from crouching and starts to walk.",
            "someone rises from a squat and walks.",
        ],
        "segments": ["squat low", "walk"],
    },
}


def corrected(row: dict[str, Any]) -> dict[str, Any]:
    """A line of clips.jsonl with what is known better of that clip."""
    return {**row, **_CORRECTIONS.get(str(row["id"]), {})}
