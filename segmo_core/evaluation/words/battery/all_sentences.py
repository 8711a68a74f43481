"""The battery as one list, in the order of its kinds."""

from __future__ import annotations

from segmo_core.evaluation.words.battery.acts import BOTH_AT_ONCE, FIGHT_AND_SPORT, SEQUENCE, STYLE
from segmo_core.evaluation.words.battery.bodies import ARMS, JUMP, POSTURE
from segmo_core.evaluation.words.battery.sentence import Sentence
from segmo_core.evaluation.words.battery.walking import AMOUNT, TURN, WALK

BATTERY: tuple[Sentence, ...] = (
    *WALK, *AMOUNT, *TURN, *POSTURE, *JUMP, *ARMS, *FIGHT_AND_SPORT, *BOTH_AT_ONCE, *SEQUENCE, *STYLE,
)  # fmt: skip
