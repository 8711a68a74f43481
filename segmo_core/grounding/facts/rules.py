"""Which words ask for which test: an ordered table, the first rule of a group that matches counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from segmo_core.grounding.facts.makers import (
    bow,
    circle,
    counted,
    get_up,
    hands,
    jump,
    kick,
    lie,
    out_to_the_side,
    posture,
    punch,
    raised_hands,
    run,
    sidestep,
    sit,
    squat,
    turn,
    walk,
    wave,
)
from segmo_core.grounding.geometry import arms, flight, legs, manner, travel
from segmo_core.grounding.geometry.postures import assumes, goes
from segmo_core.grounding.geometry.verdict import Check, either, every


@dataclass(frozen=True)
class Rule:
    """One kind of doing. pattern: what the text must hold; unless: what it must not. group: of rules in one group the
    first that matches counts. make: the test, from the text."""

    group: str
    pattern: str
    make: Callable[[str], Check | None]
    unless: str = r"(?!)"

    def applies(self, said: str) -> bool:
        return re.search(self.pattern, said) is not None and re.search(self.unless, said) is None


_TURN_WORDS = r"\b(?:turn(?:s|ing)?|rotat\w+|pivots?|swivels?|spins?|twirls?|pirouette|about turn|face the other)\b"
RULES: tuple[Rule, ...] = (
    Rule("gait", r"\bstairs?\b|staircase|upstairs|\bladder\b",
          lambda said: travel.rises(-9.0, -0.3) if "down" in said or "descend" in said else travel.rises(0.3)),
    Rule("gait", r"(?:up|down) (?:some|the|a few|several) (?:steps|stairs)",
         lambda said: travel.rises(-9.0, -0.3) if "down" in said else travel.rises(0.3)),
    Rule("gait", r"\b(?:walk|run|pac|jog|circl)\w*\b.*\bcircle|circles? (?:to|around)|\blaps\b", circle),
    Rule("gait", r"zig ?zag|slalom|weaves", lambda _: travel.zigzags()),
    Rule("gait", r"u turn|turns? (?:around|back) and walk", lambda _: travel.turns_either_way(125, 235)),
    Rule("gait", r"march\w* (?:in place|on the spot)|high knees", lambda said: every(
        legs.knee_lifts(2, None, 0.55), *([travel.stays()] if re.search("place|spot", said) else []))),
    Rule("gait", r"\bskip(?:s|ping)?\b", lambda _: every(flight.jumps((2, None)), travel.travels(None)),
          unless=r"rope"),
    Rule("gait", r"\b(?:tiptoes?|on (?:the )?(?:tip ?)?toes)\b", lambda _: legs.heels_up(0.25), unless="touch"),
    Rule("gait", r"\blimps?\b|hobbl", lambda _: every(travel.travels(None, metres=(0.4, None)), legs.limps(1.2))),
    Rule("gait", r"stagger|drunk|wobbl|sways from side", lambda _: every(
        travel.travels(None, metres=(0.4, None)), manner.sways(5.0))),
    Rule("gait", r"\bjump.*(?:jack)|jumping jacks|star jumps", lambda _: every(
        flight.jumps((2, None)), arms.hands("up", "both", 0.1))),
    Rule("gait", r"\b(?:runs?|running|jogs?|jogging|sprints?|dash(?:es)?|trots?)\b", run),
    Rule("gait", r"\bside ?steps?\b|sideways|strafes?",
          sidestep,
          unless=r"\b(?:arms?|hands?|kicks?|hurdle|sword|weapon|swings?|slash\w*|collaps\w*|falls?|lunges?)\b"),
    Rule("gait", r"\b(?:walk(?:s|ing)?|strolls?|paces?|steps?|strides?|struts?|shuffles?|trudges?|marches|sneaks?|"
          r"creeps?|wanders?|saunters?|lurches|bounces along|backs? (?:up|away))\b", walk,
          unless=r"steps? (?:over|into|out)|hurdle|\ball fours|on (?:the )?hands\b|seat|danc|salsa|ballet|stance"),
    Rule("turn", _TURN_WORDS, turn, unless=r"jump|leap|in the air|cartwheel|u turn|without |"
         r"\barms?\b|shoulder|wrist|upper body|torso|trunk|waist|head|forearm"),
    Rule("posture", r"push ?ups?|press ups|plank", posture("in a plank", 0.6)),
    Rule("posture", r"\bon (?:one|the (?:left|right)) (?:leg|foot)\b|balanc\w+ on", posture("on one leg", 0.7),
          unless=r"\bhops?\b|\bjumps?\b"),
    Rule("posture", r"\bkneels?\b|on(?:to)? (?:one|a|his|her|the|both|\w+) knees?\b", posture("kneeling", 0.5),
          unless=r"hands and knees|all fours"),
    Rule("posture", r"\bcrawls?\b|all fours|hands and knees", posture("on all fours", 0.6)),
    Rule("posture", r"\bstays? (?:down|low)\b|remains? (?:down|low)", lambda _: assumes("crouching", "throughout")),
    Rule("posture", r"\bsquats?\b", squat),
    Rule("posture", r"\bcrouch\w*|\bducks?\b|gets low", posture("crouching", 0.2)),
    Rule("posture", r"\b(?:gets?|stands?|rises?|jumps?) (?:back )?up\b(?! and down)|\brises\b|"
         r"to (?:the|his|her|their) feet\b",
          get_up, unless=r"jumps? up|touch|reach|down to"),
    Rule("posture", r"\blies?\b|\blying\b|\blays? down", lie),
    Rule("posture", r"\bfalls?\b|collapses?|topples", lambda _: goes("standing", "down"), unless="fall over laughing"),
    Rule("posture", r"\bsits?\b|\bsitting\b|\bseat\b|seated", sit, unless=r"sit ?ups?"),
    Rule("posture", r"\bbows?\b", bow, unless=r"\bholds?|string|draws?|drawn|arrow|aim|shoot"),
    Rule("posture", r"touch\w* the toes|toe touch", lambda _: arms.hands_lower(0.45)),
    Rule("posture", r"\bbends? (?:over|down|forward)|bent over|hunched|stooped", lambda said:
          manner.leans(12) if "walk" in said else assumes("bent", "sometime", 0.2)),
    Rule("posture", r"\bstands? (?:still|there|around|in place)|\bstanding still|does not move|\bwaits\b|\bpauses\b",
          lambda _: travel.is_still(0.5)),
    Rule("jump", r"\bhops?\b.*one|one (?:leg|foot).*hop", lambda _: flight.hops_on_one_leg(1)),
    Rule("jump", r"\b(?:jumps?|leaps?|hops?|jumping)\b", jump, unless=r"jumping jacks|star jump"),
    Rule("jump", r"turns? .*in the air", lambda _: every(flight.jumps(), travel.turns_either_way(90, 420))),
    Rule("jump", r"rope", lambda _: every(flight.jumps((3, None)), travel.stays(0.9))),
    Rule("hands", r"\bwav(?:es?|ing)\b|says? (?:hi|hello|bye)", wave),
    Rule("hands", r"\bclaps?|clapping|applauds?", counted("claps")),
    Rule("hands", r"cross\w* (?:the |both |his |her )?arms|arms crossed|crossed arms|"
         r"folds? the arms|folded arms|arms folded",
          lambda _: arms.arms_crossed(0.4)),
    Rule("hands", r"hands? on (?:the |his |her |their )?(?:hips?|waist)|akimbo|hands at the waist",
         hands("hip", "both", 0.5)),
    Rule("hands", r"hands? (?:on|behind) (?:the |his |her |their )?head|hold\w* the head", hands("head", "any", 0.3)),
    Rule("hands", r"salut", hands("head", "any", 0.3)),
    Rule("hands", r"\bphone\b", hands("face", "any", 0.7)),
    Rule("hands", r"\bdrinks?\b|\bsip\b", hands("face", "any", 0.3)),
    Rule("hands", r"\bpoints?\b", lambda said: either(arms.hands("ahead", "any", 0.3), arms.hands("out", "any", 0.3),
          arms.hands("up", "any", 0.3))),
    Rule("hands", r"arms? (?:held )?out (?:to the sides?|sideways)|spreads? the arms|t pose|arms (?:spread|like wings)|"
          r"(?:out|arms) to the sides", out_to_the_side),
    Rule("hands", r"arms? (?:stretched |held |out )*(?:in front|forward|ahead)|out in front|stretched forward",
          hands("ahead", "any", 0.3)),
    Rule("hands", r"circles? (?:with )?the arms|arm circles|arms in circles|windmill", lambda _: arms.arm_circles(280)),
    Rule("hands", r"shrug", lambda _: arms.shrugs()),
    Rule("hands", r"\b(?:rais|lift)\w* .*\b(?:hands?|arms?)\b|raised (?:arms|hands)|(?:hands|arms) raised|"
          r"\b(?:put|hold|throw|stretch|reach|stick)\w* .*\b(?:up|over(?:head)?|above|air|high)\b|"
          r"(?:hands?|arms?) up\b|arms over",
          raised_hands, unless=r"\bhips?\b|forward|front|\bsides?\b|sideways|down\b|cross|ball\b|swing|knee|"
          r"throws? (?:a|the)|punch"),
    Rule("fight", r"\bkicks?\b|kicking", kick),
    Rule("fight", r"\bpunch\w*|\bbox(?:es|ing|er)?\b|uppercut", punch,
          unless=r"\ba box\b|the box\b"),
    Rule("fight", r"\bthrows? (?:a |the |something|an )|tosses|hurls", lambda _: every(arms.hand_speed(2.0), either(
          arms.hand_travels("along", 0.45), arms.hand_travels("up", 0.55))), unless=r"punch|kick"),
    Rule("fight", r"\blunges?\b", lambda _: legs.lunges(0.45, 0.1)),
    Rule("fight", r"cartwheel|handstand|\bflips?\b", lambda _: legs.feet_over_head()),
    Rule("fight", r"knee strike|strikes? with the knee|lifts? (?:the |one )?(?:left |right )?knee",
         lambda _: legs.knee_lifts(1, None, 0.65)),
    Rule("fight", r"picks? (?:\w+ )?up|picks something|from the (?:floor|ground)$", lambda _: arms.hands_lower(0.5),
          unless=r"gets? up|stands? up|rises"),
    Rule("style", r"\bdanc(?:es?|ing)\b", lambda _: manner.is_lively(0.18)),
)  # fmt: skip
