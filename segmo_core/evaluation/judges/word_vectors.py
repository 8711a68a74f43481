"""Captions as the evaluator reads them: one vector and one word class for every word."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.errors import FileFormatError
from segmo_core.segmentation.grammar.verbs import verb_form
from segmo_core.segmentation.grammar.words import into_words
from segmo_core.text_encoders.word_pieces import WordPieces

PUBLISHED_MAX_WORDS = 20
WORD_CLASSES = (
    "VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV", "Loc_VIP", "Body_VIP", "Obj_VIP", "Act_VIP",
    "Desc_VIP", "OTHER",
)  # fmt: skip
# Words that the published evaluator gives a class of their own, whatever their part of speech (T2M).
_SPECIAL_WORDS = {
    "Loc_VIP": "left right clockwise counterclockwise anticlockwise forward back backward up down straight curve",
    "Body_VIP": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
    "Obj_VIP": "stair dumbbell chair window floor car ball handrail baseball basketball",
    "Act_VIP": "walk run swing pick bring kick put squat throw hop dance jump turn stumble stop sit lift lower raise "
    "wash stand kneel stroll rub bend balance flap jog shuffle lean rotate spin spread climb",
    "Desc_VIP": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
}
_CLASS_OF = {name: index for index, name in enumerate(WORD_CLASSES)}
_SPECIAL_CLASS = {word: _CLASS_OF[name] for name, words in _SPECIAL_WORDS.items() for word in words.split()}


@dataclass(frozen=True)
class WordBatch:
    """vectors: (B, L, W). classes: (B, L, 15) one-hot, all zero where not told. lengths: (B,) words, ends included."""

    vectors: Tensor
    classes: Tensor
    lengths: Tensor


class WordVectors(Protocol):
    """name: for the table of results, empty for the published vectors."""

    name: str
    width: int

    def encode(self, captions: Sequence[Caption]) -> WordBatch: ...


class GloveWords:
    """The published vectors: ``our_vab_data.npy``, ``our_vab_words.pkl`` and ``our_vab_idx.pkl`` of T2M.

    A caption is cut after 20 words, put between "sos" and "eos", and filled up to 22 with "unk". Its words are the
    tags of the data set ("walk/VERB"); captions without tags are cut into words here, verbs in their base form.
    """

    name = ""
    width = 300

    def __init__(self, folder: Path) -> None:
        vectors = _array(folder / "our_vab_data.npy")
        words, index = _plain_pickle(folder / "our_vab_words.pkl"), _plain_pickle(folder / "our_vab_idx.pkl")
        if not isinstance(words, list) or not isinstance(index, dict):
            raise FileFormatError(f"{folder}: our_vab_words.pkl and our_vab_idx.pkl, expected a list and a dictionary")
        rows: dict[Any, Any] = {word: index.get(word) for word in words}
        if vectors.ndim != 2 or vectors.shape[1] != self.width or "unk" not in rows:
            raise FileFormatError(f"{folder}: vectors {vectors.shape}, expected words with 300 numbers each, and 'unk'")
        if not all(isinstance(row, int) and 0 <= row < len(vectors) for row in rows.values()):
            raise FileFormatError(f"{folder / 'our_vab_idx.pkl'}: a word has no vector, expected one for each")
        self._rows = {str(word): int(row) for word, row in rows.items()}
        self._vectors = torch.from_numpy(vectors.astype(np.float32))

    def encode(self, captions: Sequence[Caption]) -> WordBatch:
        length = PUBLISHED_MAX_WORDS + 2
        rows = torch.full((len(captions), length), self._rows["unk"])
        classes = torch.full((len(captions), length), _CLASS_OF["OTHER"])
        lengths = torch.zeros(len(captions), dtype=torch.int64)
        for number, caption in enumerate(captions):
            tags = (caption.tags or tags_of(caption.text))[:PUBLISHED_MAX_WORDS]
            for place, tag in enumerate(("sos/OTHER", *tags, "eos/OTHER")):
                word, _, part = tag.rpartition("/")
                if word in self._rows:
                    rows[number, place] = self._rows[word]
                    classes[number, place] = _SPECIAL_CLASS.get(word, _CLASS_OF.get(part, _CLASS_OF["OTHER"]))
            lengths[number] = len(tags) + 2
        one_hot = torch.nn.functional.one_hot(classes, len(WORD_CLASSES)).float()
        return WordBatch(self._vectors[rows], one_hot, lengths)


class PieceWords:
    """MiniLM's word-piece vectors, for evaluators trained here; parts of speech are left out.

    max_words: longer captions are cut; the published evaluator reads 22.
    """

    name = "word pieces of MiniLM instead of GloVe"
    width = WordPieces.width

    def __init__(self, max_words: int = PUBLISHED_MAX_WORDS + 2) -> None:
        self._pieces = WordPieces()
        self._max_words = max_words
        self._ids: dict[str, list[int]] = {}

    def encode(self, captions: Sequence[Caption]) -> WordBatch:
        ids = [self._ids_of(caption.text) for caption in captions]
        lengths = torch.tensor([len(found) for found in ids])
        vectors = torch.zeros(len(ids), int(lengths.max()), self.width)
        for number, found in enumerate(ids):
            vectors[number, : len(found)] = self._pieces.vectors(found)
        return WordBatch(vectors, torch.zeros(*vectors.shape[:2], len(WORD_CLASSES)), lengths)

    def _ids_of(self, text: str) -> list[int]:
        if text not in self._ids:
            self._ids[text] = self._pieces.ids(text, self._max_words)
        return self._ids[text]


def tags_of(text: str) -> tuple[str, ...]:
    """Words of an untagged caption in the form of the data sets, "walk/VERB"; only verbs are told apart."""
    tags = []
    for word in into_words(text):
        if word.is_mark:
            continue
        form = verb_form(word.spelling)
        tags.append(f"{word.spelling}/OTHER" if form is None else f"{form.base}/VERB")
    return tuple(tags)


def _array(path: Path) -> np.ndarray[Any, Any]:
    try:
        found: np.ndarray[Any, Any] = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file, expected the word vectors of the published evaluator") from None
    except (OSError, ValueError, EOFError) as error:
        raise FileFormatError(f"{path}: not readable as an array ({str(error).splitlines()[0]})") from None
    return found


class _PlainUnpickler(pickle.Unpickler):
    """Builds lists, dictionaries, strings and numbers; whatever would call code is refused."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        raise pickle.UnpicklingError(f"it calls {module_name}.{global_name}")


def _plain_pickle(path: Path) -> Any:
    try:
        with path.open("rb") as stream:
            return _PlainUnpickler(stream).load()
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file, expected the words of the published evaluator") from None
    except (pickle.UnpicklingError, EOFError, ValueError, IndexError, KeyError, AttributeError, OSError) as error:
        raise FileFormatError(f"{path}: not a plain list or dictionary of words ({error})") from None
