"""What the words of a segment say about its time: "for five seconds", "three times", "slowly", "briefly".

A sentence vector hardly knows such words, so they are read here, and left out of what the duration model is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_NUMBERS: dict[str, float] = {word: float(value) for value, word in enumerate(_WORDS.split())}
_NUMBERS |= {"twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0}
_NUMBERS |= {"a couple of": 2.0, "a few": 3.0, "some": 3.0, "several": 4.0, "a": 1.0, "an": 1.0, "half a": 0.5}

_NUMBER = r"(\d+(?:[.,]\d+)?|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")( and a half)?"
_UNIT = r"(seconds?|secs?|s|minutes?|mins?)"
_ABOUT = r"(?:about |around |roughly |approximately |exactly |almost |nearly |at least |another |the next )?"
_TIME = re.compile(
    rf",?\s*\b(?:for|during|over|within|in|lasting|takes|taking) {_ABOUT}{_NUMBER}(?:\s+|-)?(?:more )?{_UNIT}"
    r"(?: long)?\b"
    rf"|,?\s*\b{_NUMBER}(?:\s+|-)?{_UNIT}(?: long)\b"
    rf"|\b{_NUMBER}-(second|minute)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(rf",?\s*\b(?:(once|twice|thrice)|{_NUMBER} times)\b", re.IGNORECASE)
_REPEATED = re.compile(r",?\s*\b(?:repeatedly|again and again|over and over(?: again)?|many times)\b", re.IGNORECASE)
# "A person waves" and "a few steps" count nothing.
_COUNTED = re.compile(
    rf"\b(\d+|{'|'.join(_WORDS.split()[2:])}|a couple of) (?:\w+ )?(steps|paces|strides|jumps|hops|leaps|kicks|punches|"
    r"jabs|claps|nods|bows|waves|swings|squats|lunges|push-ups|pushups|sit-ups|jumping jacks|cartwheels|flips|rolls|"
    r"spins|turns|circles|strokes)\b",
    re.IGNORECASE,
)
_STEPS = ("steps", "paces", "strides")
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}

# Cycles of the slow (1.4 s) and brisk (0.85 s) walks of the CMU database against its ordinary ones (1.1 s), a little
# less for slowness: the rest of the sentence ("like an elderly person") may say it once more.
_PACES = (
    (re.compile(r",?\s*\b(?:very |really )?(?:slowly|carefully|leisurely|sluggishly)\b", re.IGNORECASE), 1.2),
    (re.compile(r",?\s*\b(?:very |really )?(?:quickly|rapidly|fast|hurriedly|swiftly)\b", re.IGNORECASE), 0.8),
)
_BRIEFLY = re.compile(
    r",?\s*\b(?:briefly|shortly|momentarily|for a (?:brief |short |little )?(?:moment|instant)"
    r"|for a (?:short|little) (?:while|time)|for a bit)\b",
    re.IGNORECASE,
)
_LONG = re.compile(r",?\s*\b(?:for (?:a|quite a|a good) while|for (?:a long|some) time)\b", re.IGNORECASE)


@dataclass(frozen=True)
class DurationWords:
    """rest: the text without the words that were understood. seconds: what it says outright; None when it does not.

    repetitions: how many times the act is done; None when that is open. is_repeated: several times, but it does not say
    how many. pace: factor of all times. is_brief, is_long: shorter, or longer, than when nothing is said.
    """

    rest: str
    seconds: float | None = None
    repetitions: float | None = None
    is_repeated: bool = False
    pace: float = 1.0
    is_brief: bool = False
    is_long: bool = False


def read_duration_words(text: str) -> DurationWords:
    """What ``text`` says about its own time."""
    rest, seconds, repetitions, pace = text, None, None, 1.0
    if found := _TIME.search(rest):
        seconds, rest = _seconds(found), _without(rest, found)
    if found := _COUNT.search(rest):
        repetitions, rest = _times(found), _without(rest, found)
    elif found := _COUNTED.search(rest):
        count = _number(found[1], None)
        repetitions = count / 2 if found[2].lower() in _STEPS else count  # a cycle of walking is two steps
    repeated = _REPEATED.search(rest)
    if repeated:
        rest = _without(rest, repeated)
    for words, factor in _PACES:
        if found := words.search(rest):
            pace, rest = pace * factor, _without(rest, found)
    brief, long = _BRIEFLY.search(rest), _LONG.search(rest)
    if found := brief or long:
        rest = _without(rest, found)
    has_words = any(character.isalpha() for character in rest)
    return DurationWords(
        rest=rest if has_words else text,
        seconds=seconds,
        repetitions=repetitions,
        is_repeated=repeated is not None,
        pace=pace,
        is_brief=brief is not None,
        is_long=long is not None,
    )


def without_stated_time(text: str) -> str:
    """``text`` without "for three seconds" and the like, wherever it stands: a model that is told how long a segment
    lasts has not seen such words in training. Unchanged where nothing else would be left."""
    rest = text
    while found := _TIME.search(rest):
        rest = _without(rest, found)
    return rest if any(character.isalpha() for character in rest) else text


def _seconds(found: re.Match[str]) -> float:
    groups = [group for group in found.groups() if group is not None]
    and_a_half = next((group for group in groups if group.endswith("and a half")), None)
    amount, unit = (group for group in groups if group is not and_a_half)
    return _number(amount, and_a_half) * (60.0 if unit.lower().startswith("m") else 1.0)


def _times(found: re.Match[str]) -> float:
    word, amount, and_a_half = found.groups()
    return _TIMES[word.lower()] if word else _number(amount, and_a_half)


def _number(amount: str, and_a_half: str | None) -> float:
    value = _NUMBERS.get(amount.lower())
    return (float(amount.replace(",", ".")) if value is None else value) + (0.5 if and_a_half else 0.0)


def _without(text: str, found: re.Match[str]) -> str:
    left = re.sub(r"\s+", " ", f"{text[: found.start()]} {text[found.end() :]}")
    return re.sub(r" ([.,;!?])", r"\1", left).strip()
