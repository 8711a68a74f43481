"""Postures, jumps and arms."""

from __future__ import annotations

from segmo_core.evaluation.words.battery.sentence import Sentence
from segmo_core.grounding.geometry.arms import (
    arm_circles,
    arms_crossed,
    arms_swing,
    hands,
    hands_lower,
    shrugs,
)
from segmo_core.grounding.geometry.counting import times
from segmo_core.grounding.geometry.flight import hops_on_one_leg, jumps
from segmo_core.grounding.geometry.postures import assumes, goes
from segmo_core.grounding.geometry.travel import stays, travels, turns_either_way
from segmo_core.grounding.geometry.verdict import every

POSTURE = (
    Sentence("posture", "a person takes a seat on a chair", goes("standing", "on a chair"), ("sit down",)),
    Sentence("posture", "a person sits down on the ground", goes("standing", "on the floor")),
    Sentence("posture", "someone lies down", goes("standing", "lying"), ("lie down",)),
    Sentence("posture", "a man is lying on his back", assumes("on the back", "throughout")),
    Sentence("posture", "a person gets up from the floor", goes("down", "standing"), ("get up", "Get Up From Ground")),
    Sentence("posture", "a person gets up off a chair", goes("seated", "standing"), ("stand up",)),
    Sentence("posture", "a woman kneels down", goes("standing", "kneeling")),
    Sentence("posture", "he goes down on one knee", goes("standing", "kneeling")),
    Sentence("posture", "a person squats and stays down", goes("standing", "squatting")),
    Sentence("posture", "someone crouches", assumes("crouching", "sometime", 0.5), ("crouch",)),
    Sentence("posture", "a person bends over and touches the toes",
             every(assumes("bent", "sometime"), hands_lower(0.4)), ("toe touch",)),
    Sentence("posture", "a gentleman takes a bow",
             every(assumes("bent", "sometime", 0.2), assumes("standing", "end")), ("bow",)),
    Sentence("posture", "a child crawls on hands and knees",
             every(assumes("on all fours", "throughout"), travels(None, metres=(0.4, None))), ("crawl",)),
    Sentence("posture", "a person does some push-ups", assumes("in a plank", "sometime", 1.0), ("push-up",)),
    Sentence("posture", "she balances on one leg", assumes("on one leg", "sometime", 1.0), ("balance on one leg",)),
    Sentence("posture", "a man collapses onto the floor", goes("standing", "down"), ("fall", "fall on face")),
)  # fmt: skip

JUMP = (
    Sentence("jump", "a person makes a jump", jumps(), ("jump", "forward jump")),
    Sentence("jump", "a man jumps as high as he can", jumps(rise=0.22)),
    Sentence("jump", "someone does a standing long jump", jumps(towards="forward", metres=0.6), ("forward jump",)),
    Sentence("jump", "a person hops on one foot", hops_on_one_leg(), ("jump up and down, hop on one foot",)),
    Sentence("jump", "a person does jumping jacks",
             every(jumps((2, None)), hands("up", "both", 0.1)), ("jumping jacks",)),
    Sentence("jump", "she leaps over a puddle", jumps(towards="forward", metres=0.7), ("run, leap", "Run Jump Over")),
    Sentence("jump", "a kid jumps up and down on the spot", every(jumps((2, None)), stays(0.8))),
    Sentence("jump", "a person jumps backwards", jumps(towards="backward", metres=0.2)),
    Sentence("jump", "a person jumps to the left", jumps(towards="left", metres=0.2)),
    Sentence("jump", "someone takes a run and jumps",
             every(travels("forward", (1.2, None), (2.0, None)), jumps(towards="forward", metres=0.7)),
             ("run, jump", "Run Jump Over")),
    Sentence("jump", "a person turns around in the air", every(jumps(), turns_either_way(120, 420)), ("JumpTwist",)),
    Sentence("jump", "a girl skips rope", every(jumps((3, None)), stays(0.8))),
    Sentence("jump", "a person skips along happily", every(jumps((2, None)), travels("forward", metres=(1.0, None))),
             ("skip",)),
)  # fmt: skip

ARMS = (
    Sentence("arms", "somebody puts up the left hand", hands("up", "left"), ("raise-up-left-hand",)),
    Sentence("arms", "a person lifts the right arm above the head", hands("up", "right"), ("raise-up-right-hand",)),
    Sentence("arms", "a person throws both arms up in the air", hands("up", "both"), ("raise-up-both-hands",)),
    Sentence("arms", "a person waves hello", times("waves", 2, 99),
             ("wave-left-hand", "wave-right-hand", "wave-both-hands")),
    Sentence("arms", "a person claps", times("claps", 2, 99), ("clap",)),
    Sentence("arms", "a person points straight ahead", hands("ahead", "one", 0.4)),
    Sentence("arms", "a woman stands with her hands on her hips", hands("hip", "both", 0.8)),
    Sentence("arms", "a man crosses his arms", arms_crossed()),
    Sentence("arms", "a person puts both hands on the head", hands("head", "both", 0.4)),
    Sentence("arms", "a soldier salutes", hands("head", "one", 0.4)),
    Sentence("arms", "a person holds the arms out to the sides", hands("out", "both", 0.5)),
    Sentence("arms", "a person drinks from a cup", hands("face", "any", 0.4), ("drink",)),
    Sentence("arms", "somebody talks on the phone", hands("face", "one", 1.0)),
    Sentence("arms", "a person makes big circles with the arms", arm_circles(), ("arm circles",)),
    Sentence("arms", "a person shrugs", shrugs()),
    Sentence("arms", "someone swings the arms back and forth", arms_swing(0.5)),
)  # fmt: skip
