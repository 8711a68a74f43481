"""Is a caption English? Told by letters and by small words, without a model; in doubt, yes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from segmo_core.segmentation.grammar.lexicon import (
    ADVERBS,
    ATTACHING,
    BODY_PARTS,
    DESCRIPTIVE_PERSONS,
    DIRECTIONS,
    GENERIC_PERSONS,
    PREPOSITIONS,
    PRONOUNS,
)
from segmo_core.segmentation.grammar.verbs import is_determiner, verb_form
from segmo_core.segmentation.grammar.words import Word, into_words

NOT_ENGLISH = "The prompt does not read as English, the only language the model knows: expect another motion."

# Articles, pronouns, prepositions and a few verbs of German, French, Spanish, Italian, Portuguese, Dutch, Swedish,
# Polish, Turkish and Indonesian that are no English words.
_FOREIGN = frozenset(
    """
    der das ein eine einen einem einer und mit nach dann auf dem den sich er sie geht läuft steht sitzt springt mann
    frau jemand im zur zum langsam schnell vorwärts rückwärts links rechts hand
    le la les un une des du et avec puis il elle vers dans sur sa ses homme femme personne quelqu'un marche avant
    el los las una unas y con luego después hacia su se persona hombre mujer camina corre salta adelante atrás
    uno lo gli della con poi verso sua uomo donna cammina corre avanti indietro
    um uma e com depois para seu sua pessoa homem mulher anda
    het een en met dan naar zijn haar man vrouw loopt rent springt vooruit achteruit zich
    ett och sedan mot går springer hoppar framåt
    i na się potem idzie biegnie człowiek osoba do przodu
    bir ve sonra adam kadın kişi yürüyor koşuyor ileri geri
    seorang orang dan lalu berjalan ke depan
    """.split()
) - frozenset(["hand", "man", "i", "do", "dan", "e", "y", "per", "den", "links", "la", "en", "des", "sie", "met"])
_SHORT_FOREIGN = frozenset(["y", "e", "la", "en", "des", "met", "den"])  # count beside others alone


def reads_as_english(text: str) -> bool:
    """As ``is_english`` for a text; True for one without words."""
    return is_english(into_words(text))


def is_english(words: Sequence[Word]) -> bool:
    """False where other letters or the small words of another language outweigh the English ones."""
    spellings = [word.spelling for word in words if not word.is_mark]
    letters = [letter for word in spellings for letter in word if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if letters and latin < 0.5 * len(letters):
        return False
    foreign = sum(word in _FOREIGN or _is_accented(word) for word in spellings)
    foreign += sum(word in _SHORT_FOREIGN for word in spellings) if foreign else 0
    return foreign == 0 or foreign <= sum(_is_english_word(word) for word in spellings)


def _is_accented(word: str) -> bool:
    return any(ord(letter) > 127 and letter.isalpha() for letter in word) and word not in ("arrière", "plié")


def _is_english_word(word: str) -> bool:
    return word not in _FOREIGN and (
        word in GENERIC_PERSONS | DESCRIPTIVE_PERSONS | PRONOUNS | PREPOSITIONS | DIRECTIONS | BODY_PARTS | ADVERBS
        or word in ATTACHING
        or word in ("and", "or", "but", "is", "are", "was", "then", "to")
        or is_determiner(word)
        or verb_form(word) is not None
    )
