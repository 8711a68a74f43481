"""The many ways in which people tell the same sequence of actions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmo_core.data.captions.clip_sentences import without_subject
from segmo_core.data.captions.telling import divided, freely_said, in_form, with_a_slip

STILL_SENTENCES = (
    "stands still", "stands still for a moment", "pauses", "pauses for a moment", "waits", "waits a moment",
    "does not move", "stands there", "stands in place", "stays still", "stops and stands", "stands idle",
    "rests for a moment, standing", "stands without moving", "keeps standing", "comes to a halt", "stops",
)  # fmt: skip

_CONNECTIVES = (
    ", then ", " and then ", ", and then ", " and ", ", after that ", ". then ", ", next ", ", and ", " then ", ", ",
    ". after that, {restated} ", ". {restated} then ", ". next, {restated} ", ", followed by {ing}", " and afterwards ",
    ", before {ing}", " before {ing}", "; then ", " and finally ",
)  # fmt: skip
_RESTATED = ("the person", "he", "she", "this person", "the figure")
_REVERSED = (
    "{subject} {second} after {first_ing}", "before {second_ing}, {subject} {first}",
    "{subject} {second}, but first {first}", "{subject} {second} once done {first_ing}",
)  # fmt: skip
_AFTER = ("after {first_ing}, {subject} {second}", "having finished {first_ing}, {subject} {second}")
_LIST_SHARE = 0.15  # of captions of several actions, told as a list of orders or doings: "walk forward, then sit down"
_SLIP_SHARE = 0.03
_PAIR_SHARE = 0.2


def compose_caption(sentences: Sequence[str], generator: np.random.Generator) -> str:
    """One caption telling ``sentences``, which are in the order of time; the caption need not name them in it."""
    if len(sentences) == 1:
        return freely_said(sentences[0].rstrip(". ") + ".", generator)
    told = [sentence.rstrip(". ") for sentence in sentences]
    if generator.random() < _LIST_SHARE:
        return _list(told, generator)
    pair = int(generator.integers(len(told) - 1)) if generator.random() < _PAIR_SHARE else None
    caption, number = "", 0
    while number < len(told):
        if number == pair:
            part = _pair(told[number], told[number + 1], generator)
            if part is not None:
                caption += (". " if caption else "") + part
                number += 2
                continue
        caption += told[number] if not caption else _continued(told[number], generator)
        number += 1
    return with_a_slip(caption + ".", generator) if generator.random() < _SLIP_SHARE else caption + "."


def _list(told: Sequence[str], generator: np.random.Generator) -> str:
    """ "walk forward, then sit down." or "walking forward, then sitting down.", as far as the verbs are known."""
    form = str(generator.choice(["base", "base", "ing", "third"]))
    parts = [in_form(divided(sentence)[1], form) or divided(sentence)[1] for sentence in told]
    caption = parts[0]
    for part in parts[1:]:
        caption += str(generator.choice([", then ", " then ", " and then ", ", ", " and ", ". then ", ", and "])) + part
    return caption + "."


def _continued(sentence: str, generator: np.random.Generator) -> str:
    predicate = without_subject(sentence)
    connective = str(generator.choice(_CONNECTIVES)).replace("{restated}", str(generator.choice(_RESTATED)))
    if "{ing}" in connective:
        ing = in_form(predicate, "ing")
        if ing is None:
            return ", then " + predicate
        return connective.replace("{ing}", ing)
    return connective + predicate


def _pair(first: str, second: str, generator: np.random.Generator) -> str | None:
    """Two sentences told by an order word; None where the grammar does not know the verbs."""
    forms = _two_predicates(first, second)
    if forms is None:
        return None
    subject, thirds, gerunds = forms
    pattern = str(generator.choice(_REVERSED if generator.random() < 0.6 else _AFTER))
    return pattern.format(
        subject=subject, first=thirds[0], second=thirds[1], first_ing=gerunds[0], second_ing=gerunds[1]
    )


def _two_predicates(first: str, second: str) -> tuple[str, tuple[str, str], tuple[str, str]] | None:
    """The first one's subject, both predicates in the third person, both as gerunds; None where the grammar does not
    know the verbs."""
    (subject, one), (_, other) = divided(first), divided(second)
    forms = [in_form(predicate, form) for form in ("third", "ing") for predicate in (one, other)]
    known = [form for form in forms if form is not None]
    return (subject, (known[0], known[1]), (known[2], known[3])) if len(known) == len(forms) else None


def continued(sentence: str, generator: np.random.Generator) -> str:
    """A sentence for the same action again: "keeps walking", "goes on walking", "continues walking"."""
    subject, predicate = divided(sentence)
    form = in_form(predicate, "ing")
    if form is None or form.startswith(("keeping", "going on", "continuing")):
        return sentence
    return f"{subject} {generator.choice(['keeps', 'continues', 'goes on', 'is still'])} {form}."


def at_the_same_time(first: str, second: str, generator: np.random.Generator) -> str | None:
    """One sentence for two actions done at once; None where the grammar does not know the verbs."""
    forms = _two_predicates(first, second)
    if forms is None:
        return None
    subject, thirds, gerunds = forms
    pattern = str(
        generator.choice(
            [
                "{subject} {a} while {b_ing}", "{subject} {b} while {a_ing}", "{subject} {a} and {b} at the same time",
                "{subject} {a}, {b_ing}", "while {a_ing}, {subject} {b}", "{subject} {b} as they {a_base}",
            ]
        )
    )  # fmt: skip
    return (
        pattern.format(
            subject=subject,
            a=thirds[0],
            b=thirds[1],
            a_ing=gerunds[0],
            b_ing=gerunds[1],
            a_base=in_form(thirds[0], "base"),
        )
        + "."
    )
