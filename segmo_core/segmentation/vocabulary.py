"""The acts that sentences name: what a training knew words for, and which words of a prompt it did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.segmentation.grammar.lexicon import ATTACHING, BODY_PARTS, EXERCISE_NOUNS, PREPOSITIONS
from segmo_core.segmentation.grammar.phrases import CONJUNCTIONS
from segmo_core.segmentation.grammar.splitter import split_clauses
from segmo_core.segmentation.grammar.verbs import is_adverb, is_determiner, third_person, verb_form
from segmo_core.segmentation.grammar.words import Word, into_words, sentences
from segmo_core.serialization import read_json, write_json

# Verbs that say nothing of how a body moves; what they do stands in their object, or nowhere.
_LIGHT = frozenset("do perform make practise practice execute play".split())
_SAY_NOTHING = _LIGHT | frozenset(
    """
    be have start begin continue keep stop end finish try go get come take put stay remain seem look appear use give
    act pretend let want need like repeat return proceed resume change become happen perform show wait
    """.split()
)

_FEW = 4


@dataclass(frozen=True)
class ActWord:
    """An act that a sentence names. word: as tables hold it, a verb's base or a noun in the singular. said: as one
    would name it to somebody ("swims", "cartwheel")."""

    word: str
    said: str


@dataclass(frozen=True)
class Vocabulary:
    """Acts and how many sentences of a training named them."""

    words: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Vocabulary:
        """What sentences name; each is counted as often as it is given. What the grammar does not know as a verb counts
        from a few sentences on: captions have slips of the fingers."""
        counts = Counter(texts)
        words: Counter[str] = Counter()
        for text, count in counts.items():
            for act in acts_in(text):
                words[act.word] += count
        is_sure = {word: count >= _FEW or verb_form(word) is not None for word, count in words.items()}
        return cls({word: count for word, count in sorted(words.items()) if is_sure[word]})

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """FileFormatError when the file is none."""
        plain = read_json(path)
        words = plain.get("words") if isinstance(plain, dict) else None
        if not isinstance(words, dict) or not all(isinstance(count, int) for count in words.values()):
            raise FileFormatError(f"{path}: no vocabulary, expected words with their numbers")
        return cls({str(word): count for word, count in words.items()})

    def write(self, path: Path) -> None:
        write_json(path, {"words": dict(self.words)})

    def with_words_of(self, other: Vocabulary) -> Vocabulary:
        """Both together."""
        words = Counter(self.words) + Counter(other.words)
        return Vocabulary(dict(sorted(words.items())))

    def unknown_in(self, text: str) -> tuple[ActWord, ...]:
        """The acts of a text that no sentence of the training named."""
        return tuple(act for act in acts_in(text) if act.word not in self.words)


def acts_in(text: str) -> tuple[ActWord, ...]:
    """The acts that a text names: its verbs, but of those that say nothing by themselves ("does a cartwheel") the
    object. None for a text without words."""
    found: dict[str, ActWord] = {}
    try:
        parts = sentences(into_words(text))
    except InvalidRequestError:
        return ()
    for words in parts:
        for clause in split_clauses(words):
            verb = clause.verb
            if verb is None or verb.base in _LIGHT:
                noun = _head_noun(words[clause.after_verb : clause.end])
                if noun is not None:
                    found.setdefault(noun.word, noun)
            elif verb.base not in _SAY_NOTHING and not verb.is_state:
                found.setdefault(verb.base, ActWord(verb.base, third_person(verb.base)))
            for word in words[clause.after_verb : clause.end]:
                form = verb_form(word.spelling)
                if form is not None and form.form == "ing" and form.base not in _SAY_NOTHING:
                    found.setdefault(form.base, ActWord(form.base, third_person(form.base)))
    return tuple(found.values())


def _head_noun(words: Sequence[Word]) -> ActWord | None:
    """ "a high kick with the left leg" is a kick: the last noun of the first noun phrase."""
    phrase: list[str] = []
    for word in words:
        if word.is_mark or word.spelling in PREPOSITIONS | CONJUNCTIONS | ATTACHING:
            break
        if not is_determiner(word.spelling) and not is_adverb(word.spelling) and word.spelling not in BODY_PARTS:
            phrase.append(word.spelling)
    while phrase and (phrase[-1].isdigit() or phrase[-1] in ("times", "time", "then")):
        phrase.pop()
    if not phrase:
        return None
    last = phrase[-1]
    form = verb_form(last)
    if form is not None and last not in EXERCISE_NOUNS:
        return None if form.base in _SAY_NOTHING else ActWord(form.base, last)
    singular = last[:-1] if last.endswith("s") and not last.endswith("ss") else last
    return ActWord(singular, last)
