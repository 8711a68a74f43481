"""One predicate told the way people type it: subjects, tenses, orders, endings left out, slips of the fingers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.data.captions.clip_sentences import without_subject
from segmo_core.segmentation.grammar.verbs import inflected, past_form, verb_form
from segmo_core.serialization import read_json

FREE_FORM_SHARE = 0.35
SLIP_SHARE = 0.04
_PLAIN_SUBJECT = "a person"
_PLAIN_SUBJECT_SHARE = 0.6


@cache
def _people() -> dict[str, Any]:
    """subjects, ways to order somebody to do it, and how words are mistyped."""
    table: dict[str, Any] = read_json(Path(__file__).with_name("people.json"))
    return table


def any_subject(generator: np.random.Generator) -> str:
    """ "a person", or now and then somebody else."""
    if generator.random() < _PLAIN_SUBJECT_SHARE:
        return _PLAIN_SUBJECT
    return str(generator.choice(_people()["subjects"]))


def tell(predicate: str, generator: np.random.Generator, subject: str | None = None) -> str:
    """ "waves twice" as a sentence: "a person waves twice." """
    subject = any_subject(generator) if subject is None else subject
    if subject == "they":
        predicate = in_form(predicate, "base") or predicate
        subject = subject if in_form(predicate, "third") else _PLAIN_SUBJECT
    return f"{subject} {predicate.rstrip('. ')}."


def divided(sentence: str) -> tuple[str, str]:
    """Subject ("a person" where none is told) and predicate, without the full stop."""
    predicate = without_subject(sentence).rstrip(". ")
    return sentence[: sentence.find(predicate)].strip().removesuffix(" is") or _PLAIN_SUBJECT, predicate


def in_form(predicate: str, form: str) -> str | None:
    """ "walks and turns left" as "ing": "walking and turning left"; None where the first word is no verb it knows.

    form: "base", "third", "ing" or "past". Verbs are the first word and those after "and", "then" and commas.
    """
    words = predicate.split()
    if not words or (first := verb_form(words[0].strip(","))) is None or first.form not in ("third", "ing", "base"):
        return None
    told = first.form
    result = []
    for position, word in enumerate(words):
        bare = word.rstrip(",")
        opens = position == 0 or words[position - 1].rstrip(",") in ("and", "then") or words[position - 1].endswith(",")
        known = verb_form(bare) if opens else None
        if known is not None and known.form == told:
            changed = past_form(known.base) if form == "past" else inflected(known.base, form)
            result.append(changed + word[len(bare) :])
        else:
            result.append(word)
    return " ".join(result)


def freely_said(sentence: str, generator: np.random.Generator) -> str:
    """The sentence, or now and then what people type instead: "walk forward", "walking forward", "he walked forward",
    "make the character walk forward", with a slip here and there."""
    said = sentence
    if generator.random() < FREE_FORM_SHARE:
        said = _said_otherwise(sentence, generator)
    return with_a_slip(said, generator) if generator.random() < SLIP_SHARE else said


def _said_otherwise(sentence: str, generator: np.random.Generator) -> str:
    subject, predicate = divided(sentence)
    kind = int(generator.integers(9))
    if kind == 0:
        return predicate + "."
    forms = {name: in_form(predicate, name) for name in ("base", "ing", "past", "third")}
    base, ing, past, third = (forms[name] for name in ("base", "ing", "past", "third"))
    if base is None or ing is None or past is None or third is None:
        return sentence
    order = str(generator.choice(_people()["orders"])).format(base=base, ing=ing)
    return (
        f"{base}.", f"{base}.", f"{ing}.", f"{subject} is {ing}.", f"{subject} starts {ing}.", f"{subject} {past}.",
        f"{order}.", tell(third, generator),
    )[kind - 1]  # fmt: skip


def with_a_slip(sentence: str, generator: np.random.Generator) -> str:
    """One word mistyped: as people do with it, or two neighbouring letters exchanged, or one left out."""
    words = sentence.split(" ")
    known = [place for place, word in enumerate(words) if word.strip(".,") in _people()["slips"]]
    if known:
        place = int(generator.choice(known))
        bare = words[place].strip(".,")
        words[place] = words[place].replace(bare, str(generator.choice(_people()["slips"][bare])))
        return " ".join(words)
    long = [place for place, word in enumerate(words) if re.fullmatch(r"[a-z]{5,}[.,]?", word)]
    if not long:
        return sentence
    place = int(generator.choice(long))
    word = words[place]
    letter = 1 + int(generator.integers(len(word.strip(".,")) - 2))
    if generator.random() < 0.5:
        words[place] = word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :]
    else:
        words[place] = word[:letter] + word[letter + 1 :]
    return " ".join(words)
