"""What words count or measure, and what they leave open."""

from __future__ import annotations

import numpy as np
import pytest
from made_bodies import at, carried, spun, standing

from segmo_core.grounding.facts.word_facts import word_facts
from segmo_core.grounding.geometry.body import Body


def waving(times: int, side: str = "right") -> Body:
    frames = 16 * times
    swing = (1 if side == "left" else -1) * (0.35 + 0.15 * np.sin(2 * np.pi * np.arange(frames) / 16))
    joints = standing(frames)
    joints[:, at(f"{side}_wrist")] = np.stack([swing, 1.7 + 0 * swing, 0.1 + 0 * swing], axis=-1)
    return Body.of(joints)


def gliding(x: float = 0.0, z: float = 0.0, frames: int = 60) -> Body:
    seconds = np.arange(frames) / 20.0
    way = np.stack([x * seconds, 0 * seconds, z * seconds], axis=-1)
    return Body.of(carried(standing(frames), way))


@pytest.mark.parametrize(
    ("text", "body", "holds"),
    [
        ("A person waves three times.", waving(3), True),
        ("A person waves three times.", waving(2), False),
        ("A person waves the right hand.", waving(2, "right"), True),
        ("A person waves the left hand.", waving(2, "right"), False),
        ("A person walks forward.", gliding(z=1.2), True),
        ("A person walks forward.", gliding(z=-1.2), False),
        ("A person walks backward.", gliding(z=-0.8), True),
        ("A person walks very slowly.", gliding(z=1.2), False),
        ("A person walks fast.", gliding(z=1.7), True),
        ("A person walks two metres.", gliding(z=0.7), True),
        ("A person walks five meters.", gliding(z=0.7), False),
        ("A person sidesteps to the left.", gliding(x=0.7), True),
        ("A person sidesteps to the right.", gliding(x=0.7), False),
        ("A person runs.", gliding(z=1.2), False),
        ("A person stands still.", Body.of(standing(40)), True),
        ("A person turns 90 degrees to the left.", Body.of(spun(standing(60), np.linspace(0, 90, 60))), True),
        ("A person turns 90 degrees to the right.", Body.of(spun(standing(60), np.linspace(0, 90, 60))), False),
        ("A person turns forty-five degrees to the left.", Body.of(spun(standing(60), np.linspace(0, 90, 60))), False),
        ("A person turns around.", Body.of(spun(standing(60), np.linspace(0, -180, 60))), True),
        ("A person sits down on a chair.", Body.of(standing(60)), False),
        ("A person raises both hands.", Body.of(standing(60)), False),
    ],
)
def test_words_are_measured(text: str, body: Body, holds: bool) -> None:
    verdict = word_facts(text).judge(body)
    assert verdict is not None
    assert verdict.passed == holds, verdict.told


@pytest.mark.parametrize("text", ["A person swims.", "A person plays the guitar.", "A person is happy.", ""])
def test_other_words_are_left_open(text: str) -> None:
    facts = word_facts(text)
    assert facts.groups == ()
    assert facts.judge(Body.of(standing(40))) is None


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("A person walks while waving.", {"gait", "hands"}),
        ("A person jumps and turns in the air.", {"jump"}),
        ("A person rotates the right shoulder.", set()),
        ("A person draws a bow.", set()),
        ("A person kicks a ball.", {"fight"}),
        ("A person sits and waves.", {"posture", "hands"}),
        ("A person takes a seat.", {"posture"}),
    ],
)
def test_which_rules_apply(text: str, groups: set[str]) -> None:
    assert set(word_facts(text).groups) == groups
