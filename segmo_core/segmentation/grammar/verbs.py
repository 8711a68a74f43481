"""English verb forms: from any form to the base, and from the base to the third person singular present."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from segmo_core.segmentation.grammar.lexicon import (
    ADVERBS,
    ARTICLES,
    BODY_PARTS,
    COMMON_VERBS,
    DIRECTIONS,
    IRREGULAR_PAST,
    NOT_ADVERBS,
    NUMBERS,
    POSSESSIVES,
    PREPOSITIONS,
    VERBS,
)

Form = Literal["third", "base", "ing", "past"]
VOWELS = "aeiou"


@dataclass(frozen=True)
class VerbForm:
    base: str
    form: Form


def third_person(base: str) -> str:
    """walk -> walks, carry -> carries, push -> pushes."""
    if base in ("be", "have"):
        return {"be": "is", "have": "has"}[base]
    if base.endswith(("s", "x", "z", "ch", "sh", "o")) and base != "tiptoe":
        return base + "es"
    if base.endswith("y") and base[-2:-1] not in VOWELS:
        return base[:-1] + "ies"
    return base + "s"


def _doubles(base: str) -> bool:
    """stop -> stopping: one vowel between consonants, one syllable (and begin)."""
    if base == "begin":
        return True
    vowels = [letter in VOWELS for letter in base.replace("qu", "qw")]
    return len(base) >= 3 and vowels[-3:] == [False, True, False] and sum(vowels) == 1 and base[-1] not in "wxy"


def _endings(base: str) -> list[tuple[str, Form]]:
    stem = base + base[-1] if _doubles(base) else base
    if base.endswith("ie"):
        ing = base[:-2] + "ying"
    elif base.endswith("e") and not base.endswith(("ee", "oe", "ye")) and base != "be":
        ing = base[:-1] + "ing"
    else:
        ing = stem + "ing"
    if base.endswith("e"):
        past = base + "d"
    elif base.endswith("y") and base[-2] not in VOWELS:
        past = base[:-1] + "ied"
    else:
        past = stem + "ed"
    return [(third_person(base), "third"), (base, "base"), (ing, "ing"), (past, "past")]


def inflected(base: str, form: str) -> str:
    """walk, "ing" -> walking; form: "third", "base", "ing" or "past" (regular verbs)."""
    return next(word for word, name in _endings(base) if name == form)


_UNCHANGED_PAST = {"put", "set", "hit", "let", "cut", "shut", "spread", "beat", "hurt", "thrust"}
_PARTICIPLES = {
    "begun", "broken", "done", "drawn", "driven", "eaten", "fallen", "flown", "frozen", "given", "gone", "gotten",
    "lain", "ridden", "risen", "seated", "shaken", "sprung", "swum", "taken", "thrown", "written", "knelled", "leant",
}  # fmt: skip


@cache
def _simple_pasts() -> dict[str, str]:
    found = {base: word for word, base in IRREGULAR_PAST.items() if word not in _PARTICIPLES}
    return found | {base: base for base in _UNCHANGED_PAST} | {"be": "was", "have": "had", "lie": "lay"}


def past_form(base: str) -> str:
    """walk -> walked, take -> took, put -> put."""
    return _simple_pasts().get(base) or inflected(base, "past")


@cache
def _known_forms() -> dict[str, VerbForm]:
    forms: dict[str, VerbForm] = {}
    for base in sorted(VERBS):
        for word, form in _endings(base):
            forms.setdefault(word, VerbForm(base, form))
    for word, base in IRREGULAR_PAST.items():
        forms[word] = VerbForm(base, "past")
    return forms


def any_verb_form(word: str) -> VerbForm | None:
    """The reading of ``word`` as a known verb, though it mostly be a direction ("back")."""
    return _known_forms().get(word)


def verb_form(word: str) -> VerbForm | None:
    """The reading of ``word`` as a known verb, or None."""
    form = any_verb_form(word)
    return None if form is not None and form.form == "base" and word in DIRECTIONS else form


def guessed_verb_form(word: str) -> VerbForm:
    """The reading of a word that stands where a verb must be: a misspelt known verb, or a new one."""
    known = verb_form(word)
    if known is not None:
        return known
    if len(word) >= 5:
        for candidate, form in _known_forms().items():
            if form.base in COMMON_VERBS and candidate[0] == word[0] and _one_slip_apart(candidate, word):
                return form
    if word.endswith("ing") and len(word) > 5:
        return VerbForm(_unknown_base(word[:-3]), "ing")
    if word.endswith("ied") and len(word) > 4:
        return VerbForm(word[:-3] + "y", "past")
    if word.endswith("ed") and len(word) > 4:
        return VerbForm(_unknown_base(word[:-2]), "past")
    if word.endswith("ies") and len(word) > 4:
        return VerbForm(word[:-3] + "y", "third")
    if word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return VerbForm(word[:-2], "third")
    if word.endswith("s") and not word.endswith("ss"):
        return VerbForm(word[:-1], "third")
    return VerbForm(word, "base")


def _unknown_base(stem: str) -> str:
    """Stem of an unknown -ing or -ed word as a base: undo doubling, give back a dropped e."""
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    if stem[-1] in "vcuz" or (stem[-1] in "gs" and stem[-2] in VOWELS) or stem.endswith(("at", "bl", "dl", "tl", "gl")):
        return stem + "e"
    return stem


def _one_slip_apart(a: str, b: str) -> bool:
    """One letter added or left out, or two neighbours swapped. (One changed is too often another word.)"""
    if abs(len(a) - len(b)) > 1:
        return False
    i = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        return i + 1 < len(a) and a[i] == b[i + 1] and a[i + 1] == b[i] and a[i + 2 :] == b[i + 2 :]
    return a[i + 1 :] == b[i:] if len(a) > len(b) else a[i:] == b[i + 1 :]


def is_adverb(word: str) -> bool:
    """A word that may stand between subject and verb ("slowly", "very", "again")."""
    return word in ADVERBS or (word.endswith("ly") and len(word) > 4 and word not in NOT_ADVERBS)


def is_determiner(word: str) -> bool:
    """A word that opens a noun phrase: article, possessive, number."""
    return word in ARTICLES or word in POSSESSIVES or word in NUMBERS or word[:1].isdigit()


def is_known_other(word: str) -> bool:
    """A word known to be no verb."""
    return word in PREPOSITIONS or word in DIRECTIONS or word in BODY_PARTS or is_determiner(word) or is_adverb(word)
