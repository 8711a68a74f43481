"""Which words of a prompt a bundle knows nothing of, and what comes nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segmo_core.segmentation.grammar.verbs import third_person
from segmo_core.segmentation.vocabulary import ActWord, Vocabulary

if TYPE_CHECKING:
    from segmo_core.text_encoders.text_encoder import TextEncoder

# From this cosine of "a person leaps." and "a person jumps." on the text encoder takes one for the other.
SAME_ACT = 0.7


@dataclass(frozen=True)
class UnknownWord:
    """segment: index of the text it stands in. nearest: the act of the training that is told most alike."""

    segment: int
    word: str
    nearest: str

    @property
    def sentence(self) -> str:
        return f"“{self.word}” is in no training motion; the nearest is “{self.nearest}”."


class KnownWords:
    """A bundle's vocabulary, read through its text encoder: a synonym of what was trained is known."""

    def __init__(self, vocabulary: Vocabulary, encoder_of: Callable[[], TextEncoder]) -> None:
        self._vocabulary = vocabulary
        self._encoder_of = encoder_of
        self._words = tuple(vocabulary.words)
        self._vectors: NDArray[np.floating] | None = None

    def unknown_in(self, texts: Sequence[str]) -> tuple[UnknownWord, ...]:
        """Every act of the texts, each once a text, that the training named by no word of like meaning.

        The encoder is asked only where a word is not in the vocabulary.
        """
        found = []
        for index, text in enumerate(texts):
            for act in self._vocabulary.unknown_in(text):
                nearest, cosine = self._nearest(act)
                if cosine < SAME_ACT:
                    found.append(UnknownWord(index, act.said, nearest))
        return tuple(found)

    def _nearest(self, act: ActWord) -> tuple[str, float]:
        if not self._words:
            return "", -1.0
        if self._vectors is None:
            self._vectors = self._embedded([third_person(word) for word in self._words])
        said = act.said if act.said == third_person(act.word) else f"does a {act.word}"
        cosines = self._vectors @ self._embedded([said])[0]
        best = int(cosines.argmax())
        return third_person(self._words[best]), float(cosines[best])

    def _embedded(self, predicates: Sequence[str]) -> NDArray[np.floating]:
        vectors = np.asarray(self._encoder_of().encode([f"a person {said}." for said in predicates]))
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
