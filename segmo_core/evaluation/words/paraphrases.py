"""The same acts in words of the training's tables and in words that stand in none of them.

What is listed as held out here must never be put into a table of captions: a test looks for it there.
"""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.grounding.geometry.arms import hands
from segmo_core.grounding.geometry.counting import times
from segmo_core.grounding.geometry.flight import jumps
from segmo_core.grounding.geometry.legs import kicks
from segmo_core.grounding.geometry.manner import is_lively
from segmo_core.grounding.geometry.postures import assumes, goes
from segmo_core.grounding.geometry.travel import stays, travels, turns
from segmo_core.grounding.geometry.verdict import Check, either, every


@dataclass(frozen=True)
class Paraphrased:
    """table: a sentence as the caption tables tell the act. held_out: others that stand in no table."""

    table: str
    held_out: tuple[str, ...]
    check: Check


_LOW = either(assumes("down", "sometime"), assumes("on a chair", "sometime"), assumes("crouching", "sometime"))

PARAPHRASES: tuple[Paraphrased, ...] = (
    Paraphrased("a person walks forward.", ("a person ambles ahead", "a lad makes his way onward on foot",
                "a person wanders up front"), travels("forward", (0.3, 1.8))),
    Paraphrased("a person runs forward.", ("a person races onward", "a guy legs it", "a person bolts straight on"),
                travels("forward", (1.7, None), (1.5, None))),
    Paraphrased("a person walks backward.", ("a person retreats on foot", "a man reverses a few paces",
                "a person goes rearward step by step"), travels("backward", metres=(0.5, None))),
    Paraphrased("a person walks and turns left.", ("a person heads out and veers round leftward",
                "a person strides on, then bears left", "a man proceeds and swings round to his left side"),
                turns(40, 200)),
    Paraphrased("a person walks and turns right.", ("a person heads out and veers round rightward",
                "a person strides on, then bears right", "a man proceeds and swings round to his right side"),
                turns(-200, -40)),
    Paraphrased("a person waves the right hand.", ("a person signals hi using the right arm",
                "a person greets with right hand motions", "a lad flaps his right palm in greeting"),
                times("waves", 1, 99)),
    Paraphrased("a person waves both hands.", ("a person flags down a plane using both arms",
                "a person shakes both palms overhead in greeting", "a fan swishes both arms about up high"),
                times("waves", 1, 99)),
    Paraphrased("a person raises the left hand.", ("a person's left palm goes upward and stays there",
                "a pupil sticks his left arm in the air", "a person hoists the left arm skyward"),
                hands("up", "left")),
    Paraphrased("a person raises the right hand.", ("a pupil sticks his right arm in the air",
                "a person hoists the right arm skyward", "a person reaches for the sky with the right hand"),
                hands("up", "right")),
    Paraphrased("a person raises both hands.", ("a robbery victim surrenders with palms high",
                "a person hoists both arms skyward", "a person reaches for the ceiling with both palms"),
                hands("up", "both")),
    Paraphrased("a person bows.", ("a butler inclines his upper body politely",
                "a person bends at the waist in respect",
                "a performer thanks the crowd with a deep bend"),
                assumes("bent", "sometime", 0.15)),
    Paraphrased("a person jumps.", ("a person springs up off the ground", "a lad bounds into the air",
                "a person hops up with both feet leaving the floor"), jumps()),
    Paraphrased("a person kicks.", ("a person boots the air", "a person lashes out with a foot",
                "a fighter swings a leg at an enemy"), kicks(0.35)),
    Paraphrased("a person throws a punch.", ("a person jabs at a foe", "a person's fist shoots out",
                "a fighter hits out with his knuckles"), times("punches", 1, 99)),
    Paraphrased("a person dances.", ("a person grooves to a beat", "a clubber boogies",
                "a person busts some moves"), every(is_lively(0.2), stays(3.0))),
    Paraphrased("a person sits down.", ("a person plops into an armchair", "a tired guy settles onto a bench",
                "a person lowers the bottom onto a seat"), every(goes("standing", "seated"))),
    Paraphrased("a person stands up.", ("a person gets out of an armchair", "a guest leaves his seat",
                "a person comes to their feet off a bench"), goes("seated", "standing")),
    Paraphrased("a person gets up from the ground.", ("a fallen guy picks himself up off the floor",
                "a person hauls themselves upright after lying there", "a sleeper on the ground gets to his feet"),
                every(_LOW, assumes("standing", "end"))),
    Paraphrased("a person crawls.", ("a toddler goes along on all fours",
                "a soldier moves along low upon hands and knees",
                "a person scuttles on palms and knees"),
                assumes("on all fours", "sometime", 1.0)),
    Paraphrased("a person squats.", ("a person drops into a deep knee bend", "an athlete sinks low with bent legs",
                "a person hunkers low on their haunches"), times("squats", 1, 99)),
)  # fmt: skip
