"""Fight and sport, two things at once, one after the other, and manners."""

from __future__ import annotations

from segmo_core.evaluation.words.battery.sentence import Sentence
from segmo_core.grounding.geometry.arms import (
    arms_crossed,
    arms_swing,
    hand_speed,
    hand_travels,
    hands,
    hands_lower,
    hands_together,
)
from segmo_core.grounding.geometry.counting import times
from segmo_core.grounding.geometry.flight import jumps
from segmo_core.grounding.geometry.legs import (
    feet_over_head,
    heels_up,
    kicks,
    knee_lifts,
    limps,
    lunges,
    step_length,
    swings_a_foot,
)
from segmo_core.grounding.geometry.manner import bounces, head_hangs, is_lively, is_low, leans, sways
from segmo_core.grounding.geometry.postures import assumes, goes
from segmo_core.grounding.geometry.travel import is_still, stays, travels, turns, turns_either_way
from segmo_core.grounding.geometry.verdict import either, every, in_turn

_WALKS = travels("forward", (0.3, 1.9), (0.8, None))
_RUNS = travels("forward", (1.7, None), (1.2, None))
_WAVES = times("waves", 1, 99)

FIGHT_AND_SPORT = (
    Sentence("fight and sport", "a person throws punches", every(times("punches", 1, 99), hand_speed(2.0)),
             ("punch", "box")),
    Sentence("fight and sport", "a boxer boxes in the air", every(times("punches", 2, 99), hand_speed(2.0)), ("box",)),
    Sentence("fight and sport", "a person kicks with the right leg", kicks(0.4, "right"), ("Front Kick",)),
    Sentence("fight and sport", "a fighter does a high kick", kicks(0.85), ("Mawashigeri", "Yokogeri")),
    Sentence("fight and sport", "a person kicks a ball", swings_a_foot(), ("soccer - kick ball",)),
    Sentence("fight and sport", "a person throws a ball",
             every(hand_speed(2.0), either(hand_travels("along", 0.5), hand_travels("up", 0.6))), ("throw",)),
    Sentence("fight and sport", "a player dribbles a basketball", times("dribbles", 2, 99),
             ("basketball - forward dribble",)),
    Sentence("fight and sport", "a man swings a golf club", every(hands_together(0.5), hand_travels("across", 0.6),
             hand_speed(2.0))),
    Sentence("fight and sport", "tennis serve", every(hands("up", "any", 0.15), hand_speed(4.0))),
    Sentence("fight and sport", "a person does a lunge", lunges(), ("lunge", "side lunge")),
    Sentence("fight and sport", "a person does squats", times("squats", 1, 99), ("squat",)),
    Sentence("fight and sport", "a fighter strikes with the knee", knee_lifts(1, None, 0.75), ("elbow to knee",)),
    Sentence("fight and sport", "somebody practices karate moves", either(kicks(0.4), every(times("punches", 1, 99),
             hand_speed(2.0))), ("martial arts", "Heiansyodan", "Empi")),
    Sentence("fight and sport", "a person does a cartwheel",
             every(hands_lower(0.3), feet_over_head()), ("cartwheel",)),
)  # fmt: skip

BOTH_AT_ONCE = (
    Sentence("both at once", "a person walks while waving", every(_WALKS, times("waves", 2, 99))),
    Sentence("both at once", "a person walks with both arms up", every(_WALKS, hands("up", "both", 1.0))),
    Sentence("both at once", "someone sits and waves", every(assumes("seated", "end"), _WAVES)),
    Sentence("both at once", "a man walks with his hands on his hips", every(_WALKS, hands("hip", "both", 1.0))),
    Sentence("both at once", "a person runs with the arms raised", every(_RUNS, hands("up", "both", 0.8))),
    Sentence("both at once", "a person kneels with one hand up", every(assumes("kneeling", "sometime", 0.5),
             hands("up", "any", 0.3))),
    Sentence("both at once", "someone walks along clapping", every(_WALKS, times("claps", 2, 99))),
    Sentence("both at once", "a person stands on one leg with the arms out", every(assumes("on one leg", "sometime",
             0.7), hands("out", "both", 0.5))),
    Sentence("both at once", "a person squats with both arms stretched forward",
             every(times("squats", 1, 99), hands("ahead", "both", 0.3))),
    Sentence("both at once", "she walks backwards and waves", every(travels("backward", metres=(0.5, None)), _WAVES)),
    Sentence("both at once", "a person jumps and claps the hands", every(jumps(), times("claps", 1, 99))),
    Sentence("both at once", "a man walks while talking on the phone", every(_WALKS, hands("face", "one", 1.0))),
    Sentence("both at once", "a person walks with crossed arms", every(_WALKS, arms_crossed(1.0))),
)  # fmt: skip

SEQUENCE = (
    Sentence("sequence", "a person walks forward, then sits down", in_turn(_WALKS, goes("standing", "seated"))),
    Sentence("sequence", "someone gets up from a chair and walks off", in_turn(goes("seated", "standing"), _WALKS)),
    Sentence("sequence", "a person waves and bows", in_turn(_WAVES, assumes("bent", "sometime", 0.2))),
    Sentence("sequence", "a person jumps, then turns around", in_turn(jumps(), turns_either_way(130, 230))),
    Sentence("sequence", "he walks a bit and breaks into a run", in_turn(_WALKS, _RUNS), ("walk, run", "Walk to Run")),
    Sentence("sequence", "a person runs and comes to a stop", in_turn(_RUNS, is_still(0.6)), ("Run to Quick Stop",)),
    Sentence("sequence", "raise the left hand, then the right hand", in_turn(hands("up", "left", 0.2),
             hands("up", "right", 0.2))),
    Sentence("sequence", "a person squats down and jumps up", in_turn(assumes("crouching", "sometime", 0.15), jumps())),
    Sentence("sequence", "a person walks forwards and then backwards",
             in_turn(_WALKS, travels("backward", metres=(0.5, None)))),
    Sentence("sequence", "turn left, then walk straight on", in_turn(turns(40, 200), _WALKS)),
    Sentence("sequence", "a person kneels down and gets back up", in_turn(goes("standing", "kneeling"),
             goes("kneeling", "standing"))),
    Sentence("sequence", "someone kicks and then throws a punch", in_turn(kicks(0.35), every(times("punches", 1, 99),
             hand_speed(1.5)))),
    Sentence("sequence", "she claps, then waves", in_turn(times("claps", 1, 99), _WAVES)),
    Sentence("sequence", "after sitting for a moment, a man stands up", goes("seated", "standing"),
             ("stand up",)),
    Sentence("sequence", "a person picks something up and walks away", in_turn(hands_lower(0.45), _WALKS)),
)  # fmt: skip

STYLE = (
    Sentence("style", "an old man shuffles along", every(travels("forward", (0.1, 1.05), (0.5, None)), leans(4))),
    Sentence("style", "a drunk staggers about", every(travels(None, metres=(0.5, None)), sways(6.0))),
    Sentence("style", "a thief sneaks forward", every(travels("forward", (0.1, 1.3), (0.5, None)),
             either(is_low(0.86), heels_up(0.4), leans(12))), ("sneak",)),
    Sentence("style", "a sad person trudges along with a hanging head",
             every(travels("forward", (0.2, 1.1), (0.6, None)), either(head_hangs(0.1), leans(8)))),
    Sentence("style", "a soldier marches with high knees", every(travels("forward", metres=(0.8, None)),
             knee_lifts(2, None, 0.62))),
    Sentence("style", "a zombie walks with the arms held out in front",
             every(travels("forward", (0.1, 1.3), (0.4, None)), hands("ahead", "any", 0.8))),
    Sentence("style", "a person limps", every(travels("forward", (0.1, 1.4), (0.5, None)), limps())),
    Sentence("style", "a giant walks with huge strides", every(travels("forward", metres=(1.5, None)),
             step_length(0.75, None))),
    Sentence("style", "a person walks with tiny steps", every(travels("forward", metres=(0.4, None)),
             step_length(0.08, 0.4))),
    Sentence("style", "a person dances", every(is_lively(0.2), stays(2.5)), ("dance", "salsa dance")),
    Sentence("style", "a man walks swinging his arms widely", every(_WALKS, arms_swing(0.65))),
    Sentence("style", "somebody walks bent over", every(travels("forward", metres=(0.5, None)), leans(18))),
    Sentence("style", "a proud man struts along", every(travels("forward", (0.6, 1.9), (1.0, None)), leans(-25, 5))),
    Sentence("style", "a happy child bounces along", every(travels("forward", metres=(1.0, None)), bounces(0.08))),
)  # fmt: skip
