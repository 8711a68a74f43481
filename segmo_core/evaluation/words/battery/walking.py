"""Walks, amounts and turns."""

from __future__ import annotations

from segmo_core.evaluation.words.battery.sentence import Sentence
from segmo_core.grounding.geometry.counting import times
from segmo_core.grounding.geometry.legs import heels_up, knee_lifts
from segmo_core.grounding.geometry.postures import assumes
from segmo_core.grounding.geometry.travel import (
    circles,
    is_still,
    rises,
    stays,
    steps,
    travels,
    turns,
    turns_either_way,
    zigzags,
)
from segmo_core.grounding.geometry.verdict import every

_UPRIGHT = assumes("standing", "throughout")

WALK = (
    Sentence("walk", "a person goes for a walk", every(travels("forward", (0.5, 1.8), (1.2, None)), _UPRIGHT),
             ("walk",)),
    Sentence("walk", "someone strolls along at ease", every(travels("forward", (0.35, 1.35), (1.0, None)), _UPRIGHT)),
    Sentence("walk", "a man steps backwards a few times", travels("backward", (0.2, 1.5), (0.5, None)),
             ("walk-back", "walk backward")),
    Sentence("walk", "a woman sidesteps to her left", travels("left", (0.15, 1.6), (0.5, None))),
    Sentence("walk", "a person steps sideways to the right", travels("right", (0.15, 1.6), (0.5, None))),
    Sentence("walk", "a person is running", travels("forward", (1.8, None), (2.5, None)), ("run", "dash")),
    Sentence("walk", "a woman goes jogging", travels("forward", (1.3, 3.4), (2.0, None)), ("run/jog",)),
    Sentence("walk", "somebody marches in place", every(stays(), knee_lifts(3, None, 0.55)), ("knee raises",)),
    Sentence("walk", "a person jogs on the spot", every(stays(0.7), steps(4)), ("jog in place",)),
    Sentence("walk", "he tiptoes forward", every(travels("forward", (None, 1.4), (0.6, None)), heels_up())),
    Sentence("walk", "a person walks up a flight of stairs", rises(0.35), ("climb stairs up",), leaves_floor=True),
    Sentence("walk", "somebody goes down some steps", rises(-6.0, -0.35), ("climb stairs down",), leaves_floor=True),
    Sentence("walk", "the person just stands there", every(is_still(), _UPRIGHT)),
    Sentence("walk", "a man runs backwards", travels("backward", (0.9, None), (1.0, None)), ("run backward",)),
)  # fmt: skip

AMOUNT = (
    Sentence("amount", "a person walks very slowly", travels("forward", (0.15, 0.8), (0.5, None))),
    Sentence("amount", "someone walks really fast", travels("forward", (1.5, 2.6), (2.0, None))),
    Sentence("amount", "a man sprints as fast as he can", travels("forward", (3.0, None), (4.0, None)), ("dash",)),
    Sentence("amount", "a person takes two steps forward", every(travels("forward", metres=(0.4, 2.0)), steps(2, 3))),
    Sentence("amount", "she takes five steps and stops", every(travels("forward", metres=(1.5, 5.0)), steps(5, 6))),
    Sentence("amount", "a person walks two metres", travels("forward", metres=(1.6, 2.4))),
    Sentence("amount", "walk five meters straight ahead", travels("forward", metres=(4.0, 6.0))),
    Sentence("amount", "a person jumps twice", times("jumps", 2)),
    Sentence("amount", "the man jumps up and down four times", times("jumps", 4)),
    Sentence("amount", "a person does three squats", times("squats", 3)),
    Sentence("amount", "someone bows two times", times("bows", 2)),
    Sentence("amount", "a person claps five times", times("claps", 5)),
    Sentence("amount", "a person kicks three times", times("kicks", 3)),
    Sentence("amount", "she waves her hand exactly three times", times("waves", 3)),
    Sentence("amount", "a person raises an arm twice", times("raises", 2)),
)  # fmt: skip

TURN = (
    Sentence("turn", "a person turns to the left", turns(45, 200)),
    Sentence("turn", "somebody turns right", turns(-200, -45)),
    Sentence("turn", "a person turns around", turns_either_way(140, 220)),
    Sentence("turn", "turn 90 degrees to the left", turns(70, 110)),
    Sentence("turn", "a person turns forty-five degrees to the right", turns(-65, -25)),
    Sentence("turn", "a girl spins around once", turns_either_way(300, 420)),
    Sentence("turn", "a man walks and then takes a left turn",
             every(travels(None, (0.4, None), (1.0, None)), turns(45, 150)), ("walk-turn-left",)),
    Sentence("turn", "someone walks round the corner to the right",
             every(travels(None, (0.4, None), (1.0, None)), turns(-150, -45)), ("walk-turn-right",)),
    Sentence("turn", "a person walks in a circle", circles()),
    Sentence("turn", "a person walks in a clockwise circle", circles("right")),
    Sentence("turn", "he paces a circle counterclockwise", circles("left")),
    Sentence("turn", "she runs in a big circle", every(circles(), travels(None, (1.5, None), (4.0, None)))),
    Sentence("turn", "a person walks in a zigzag", every(travels(None, metres=(1.5, None)), zigzags())),
    Sentence("turn", "a person makes a U-turn and walks back",
             every(travels(None, metres=(1.5, None)), turns_either_way(140, 220))),
)  # fmt: skip
