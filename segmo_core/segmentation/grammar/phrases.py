"""Reading a subject, a verb group or both at one place of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from segmo_core.segmentation.grammar.lexicon import (
    ARTICLES,
    ATTACHING,
    BE,
    BODY_PARTS,
    DESCRIPTIVE_PERSONS,
    DIRECTIONS,
    EXERCISE_NOUNS,
    EXERCISES,
    GENERIC_PERSONS,
    HAVE,
    MODALS,
    MOSTLY_NOUNS,
    NEGATIONS,
    ORDER_WORDS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    SAME_PARTICIPLES,
)
from segmo_core.segmentation.grammar.verbs import (
    Form,
    VerbForm,
    any_verb_form,
    guessed_verb_form,
    is_adverb,
    is_determiner,
    is_known_other,
    third_person,
    verb_form,
)
from segmo_core.segmentation.grammar.words import Word, write

DEFAULT_SUBJECT = "A person"
GENERIC_POSSESSORS = frozenset(f"{person}'s" for person in GENERIC_PERSONS)
CONJUNCTIONS = frozenset(["and", "or", "but", "&", "+", "plus", "nor"])


@dataclass(frozen=True)
class Subject:
    """Who acts.

    end: word after it. text: how segments name it. activity: "walking" of "a walking person". is_plural: "a person's
    arms". is_pronoun: "he", named as the subject before.
    """

    end: int
    text: str
    activity: str = ""
    is_plural: bool = False
    is_pronoun: bool = False


@dataclass(frozen=True)
class Verb:
    """A verb group over words [start, end), rendered in the simple present by ``words``.

    form: that of its first verb, which tells what it can be coordinated with. state: "is crouched", "is in ...".
    """

    start: int
    end: int
    words: tuple[str, ...]
    base: str
    form: Form
    is_progressive: bool = False
    is_state: bool = False
    is_negated: bool = False


@dataclass(frozen=True)
class Action:
    """A verb with its subject, if one stands before it. front: word ranges before the verb to be moved behind."""

    verb: Verb
    subject: Subject | None = None
    fronts: tuple[tuple[int, int], ...] = field(default=())


def word_at(words: Sequence[Word], i: int) -> str:
    """Word i, or the empty string outside the sentence."""
    return words[i].spelling if 0 <= i < len(words) else ""


def read_subject(words: Sequence[Word], i: int) -> Subject | None:
    """A pronoun or a noun phrase naming a person that starts at i."""
    if word_at(words, i) in PRONOUNS:
        return Subject(i + 1, DEFAULT_SUBJECT, is_pronoun=True)
    first = i + 1 if word_at(words, i) in ARTICLES or word_at(words, i) in ("one", "two") else i
    for k in range(first, min(first + 4, len(words))):
        word = words[k].spelling
        if word in DESCRIPTIVE_PERSONS and _is_person(word_at(words, k + 1)):
            continue  # "a drunk person", "a robot dancer"
        if _is_person(word):
            if word in DESCRIPTIVE_PERSONS and first == i and i > 0:
                return None
            return _named(words[first:k], words[k], k + 1)
        form = verb_form(word)
        if words[k].is_mark or word in PREPOSITIONS or word in CONJUNCTIONS or word in ATTACHING:
            return None
        if form is not None and form.form == "past" and k == first > i and _is_person(word_at(words, k + 1)):
            continue  # "an injured soldier"
        if is_determiner(word) or (form is not None and form.form != "ing"):
            return None
    return None


def _is_person(word: str) -> bool:
    return word in GENERIC_PERSONS or word in DESCRIPTIVE_PERSONS


def _named(adjectives: Sequence[Word], noun: Word, end: int) -> Subject:
    activities = [t for t in adjectives if (form := verb_form(t.spelling)) is not None and form.form == "ing"]
    activity = write(list(adjectives)) if activities else ""
    dropped = ("same", "single", "other", "first", "second", "given", "main")
    kept = [] if activities else [t for t in adjectives if t.spelling not in dropped]
    if noun.spelling in GENERIC_PERSONS and not kept:
        return Subject(end, DEFAULT_SUBJECT, activity)
    text = write([*kept, noun])
    return Subject(end, ("An " if text[:1].lower() in "aeiou" else "A ") + text, activity)


def read_body_subject(words: Sequence[Word], i: int) -> Subject | None:
    """A part of the body as the subject: "the person's left arm", "their arms", "both hands"."""
    k = i
    while k < len(words) and (is_determiner(words[k].spelling) or words[k].spelling.endswith("'s")):
        k += 1
    while k > i and k < min(len(words), i + 6):
        if words[k].spelling in BODY_PARTS:
            is_plural = words[k].spelling.endswith("s") or words[k].spelling == "feet"
            first = i
            while words[first].spelling in ARTICLES | POSSESSIVES or words[first].spelling in GENERIC_POSSESSORS:
                first += 1
            return Subject(k + 1, "A person's " + write(list(words[first : k + 1])), is_plural=is_plural)
        if words[k].is_mark or words[k].spelling in PREPOSITIONS - DIRECTIONS or words[k].spelling in CONJUNCTIONS:
            return None
        k += 1
    return None


def _adverbs(words: Sequence[Word], i: int) -> int:
    while is_adverb(word_at(words, i)) or word_at(words, i) in ORDER_WORDS:
        i += 1
    return i


def _said(words: Sequence[Word], start: int, end: int) -> tuple[str, ...]:
    return tuple(t.surface for t in words[start:end] if t.spelling not in ORDER_WORDS and t.spelling != "just")


def read_verb(words: Sequence[Word], i: int, expected: bool) -> Verb | None:
    """A verb group, adverbs before it included, that starts at i.

    expected: a verb is due here (after a subject or "then"), so that an unknown or misspelt word can be one.
    """
    at = _adverbs(words, i)
    word = word_at(words, at)
    adverbs = _said(words, i, at)
    if word in BE:
        return _after_be(words, i, at, adverbs)
    if word in NEGATIONS or (word in ("do", "does", "did", *MODALS) and word_at(words, at + 1) in ("not", "never")):
        return _negated(words, i, at, adverbs)
    if word in MODALS:
        rest = read_verb(words, at + 1, expected=True)
        return rest and Verb(i, rest.end, adverbs + rest.words, rest.base, "third")
    if word in HAVE:
        return _after_have(words, i, at, adverbs)
    if (word, word_at(words, at + 1)) in EXERCISES or word in EXERCISE_NOUNS or _opens_compound(words, i, at):
        return None
    known = verb_form(word)
    if known is None and expected and _follows_person(words, i):
        known = _direction_as_verb(words, at)
    if known is None and not (expected and _could_be_verb(words, at, i)) and not _takes_object(words, at):
        return None
    if not expected and _is_rather_noun(words, at):
        return None
    verb = known or guessed_verb_form(word)
    skipped = _without_phase(words, i, at, adverbs, verb.base)
    if skipped is not None:
        return skipped
    return Verb(i, at + 1, (*adverbs, third_person(verb.base)), verb.base, verb.form)


def _opens_compound(words: Sequence[Word], i: int, at: int) -> bool:
    """ "tennis serve": an unknown word that opens the caption, right before the base form of a verb, here a noun."""
    if i != 0 or at != 0 or verb_form(words[0].spelling) is not None or not words[0].spelling.endswith("s"):
        return False
    after = verb_form(word_at(words, 1))
    return after is not None and after.form == "base"


def _follows_person(words: Sequence[Word], i: int) -> bool:
    word = word_at(words, i - 1)
    return _is_person(word) or word in PRONOUNS


def _direction_as_verb(words: Sequence[Word], at: int) -> VerbForm | None:
    """ "they then back up": a direction word where a verb is due, before another direction."""
    form = any_verb_form(word_at(words, at))
    return form if form is not None and word_at(words, at + 1) in DIRECTIONS else None


def _after_be(words: Sequence[Word], i: int, at: int, adverbs: tuple[str, ...]) -> Verb:
    """is walking -> walks; is slowly walking -> slowly walks; is pushed, is in ... stay."""
    own_form: Form = "ing" if word_at(words, at) in ("being", "been") else "third"
    to = _adverbs(words, at + 1)
    shown = adverbs + _said(words, at + 1, to)
    if word_at(words, to) in ("being", "been"):
        return _after_be(words, i, to, shown)
    if word_at(words, to) in ("going", "about") and word_at(words, to + 1) == "to":
        rest = read_verb(words, to + 2, expected=True)
        if rest is not None and rest.form == "base":
            return Verb(i, rest.end, shown + rest.words, rest.base, "third")
    form = verb_form(word_at(words, to))
    if form is None and word_at(words, to).endswith("ing") and not is_known_other(word_at(words, to)):
        form = guessed_verb_form(word_at(words, to))
    if form is not None and form.form == "ing":
        rest = read_verb(words, to, expected=True)
        if rest is not None:
            return Verb(i, rest.end, shown + rest.words, rest.base, own_form, is_progressive=True)
    if form is not None and form.form == "third" and not is_determiner(word_at(words, to - 1)):
        return Verb(i, to + 1, (*shown, third_person(form.base)), form.base, "third")
    if word_at(words, to) == "seated":
        return Verb(i, to + 1, (*shown, "sits"), "sit", "third", is_progressive=True)
    base = form.base if form is not None and form.form == "past" else "be"
    return Verb(i, at + 1, (*adverbs, "is"), base, own_form, is_state=True)


def _after_have(words: Sequence[Word], i: int, at: int, adverbs: tuple[str, ...]) -> Verb:
    """has been walking -> walks; has walked -> walks; has a limp stays."""
    own_form: Form = "ing" if word_at(words, at) == "having" else "third"
    to = _adverbs(words, at + 1)
    word = word_at(words, to)
    if word == "been":
        return replace(_after_be(words, i, to, adverbs), form=own_form)
    form = verb_form(word)
    if form is not None and (form.form == "past" or word in SAME_PARTICIPLES):
        shown = adverbs + _said(words, at + 1, to)
        return Verb(i, to + 1, (*shown, third_person(form.base)), form.base, own_form)
    return Verb(i, at + 1, (*adverbs, "has"), "have", own_form)


def _negated(words: Sequence[Word], i: int, at: int, adverbs: tuple[str, ...]) -> Verb:
    word = word_at(words, at)
    length = 1 if word in NEGATIONS else 2
    if word in ("not", "never"):
        shown: tuple[str, ...] = (word,)
    elif word.startswith(("do", "did", "would", "will", "won")):
        shown = ("does", "not")
    else:
        shown = ("is", "not") if word.startswith(("is", "are", "was")) else ("cannot",)
    return Verb(i, at + length, adverbs + shown, "be", "third", is_negated=True)


def _without_phase(words: Sequence[Word], i: int, at: int, adverbs: tuple[str, ...], base: str) -> Verb | None:
    """starts by walking, ends up sitting, proceeds to sit -> walks, sits, sits; "starts walking" stays."""
    to = at + 1
    if base in ("start", "begin", "end", "finish"):
        while word_at(words, to) in ("off", "out", "up", "by"):
            to += 1
        form = verb_form(word_at(words, _adverbs(words, to)))
        if to == at + 1 or form is None or form.form != "ing":
            return None
    elif (base == "proceed" or (base == "go" and word_at(words, to) == "on")) and "to" in (
        word_at(words, to),
        word_at(words, to + 1),
    ):
        to += 1 if word_at(words, to) == "to" else 2
        form = verb_form(word_at(words, _adverbs(words, to)))
        if form is None or form.form != "base":
            return None
    else:
        return None
    own = verb_form(word_at(words, at))
    rest = read_verb(words, to, expected=True)
    return rest and Verb(i, rest.end, adverbs + rest.words, rest.base, own.form if own else "third")


def _could_be_verb(words: Sequence[Word], at: int, start: int) -> bool:
    """Whether an unknown word in a verb's place looks like one."""
    word = word_at(words, at)
    if not word or words[at].is_mark or is_known_other(word) or word in CONJUNCTIONS | ATTACHING | {"who", "to"}:
        return False
    return (
        word.isalpha()
        and (word.endswith(("s", "ing", "ed")) or _follows_person(words, start))
        and not word.endswith("ss")
    )


def _takes_object(words: Sequence[Word], at: int) -> bool:
    """An unknown word in -s after a comma or conjunction, before an object: "..., unfastens the belt"."""
    word, after = word_at(words, at), word_at(words, at + 1)
    return (
        word_at(words, at - 1) in (",", "and", "then")
        and word.endswith("s")
        and not word.endswith("ss")
        and not is_known_other(word)
        and word not in CONJUNCTIONS | ATTACHING
        and (after in ARTICLES or after in POSSESSIVES or after in ("it", "something"))
    )


def _is_rather_noun(words: Sequence[Word], at: int) -> bool:
    """hands, faces, ...: a verb only before an object or direction ("faces the wall", "hands over")."""
    after = word_at(words, at + 1)
    if after == "or" or (after == "," and word_at(words, at + 2) == "or"):
        return True  # one of a list: "stairs, rocks, or ..."
    if word_at(words, at) in MOSTLY_NOUNS:
        return not (after in ARTICLES or after in POSSESSIVES or after in DIRECTIONS or after in ("it", "something"))
    return False


def read_action(words: Sequence[Word], i: int, expected: bool) -> Action | None:
    """[subject] verb group at i; with a subject the verb must be finite."""
    if word_at(words, i) in ("do", "does", "did") and (asked := read_subject(words, i + 1)) is not None:
        verb = read_verb(words, asked.end, expected=True)  # "only then do they raise"
        return Action(verb, asked) if verb is not None else None
    subject = read_subject(words, i)
    if subject is None:
        at = _adverbs(words, i)
        subject = read_subject(words, at) if at > i else None
    if subject is None:
        verb = read_verb(words, i, expected)
        return Action(verb) if verb is not None else None
    verb = read_verb(words, subject.end, expected=True)
    if verb is None or verb.form == "ing":
        return None
    return Action(verb, subject)
