"""The word-piece vectors that MiniLM begins with: one fixed vector a piece, as GloVe has one a word."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from safetensors import SafetensorError, safe_open
from tokenizers import Tokenizer
from torch import Tensor

from segmo_core.errors import FileFormatError
from segmo_core.text_encoders.minilm import INSTALL_LINE, minilm_folder


class WordPieces:
    """Looks up vectors of width 384. MissingDependencyError when MiniLM is not installed."""

    width = 384

    def __init__(self) -> None:
        folder = minilm_folder()
        path = folder / "model.safetensors"
        try:
            with safe_open(path, framework="pt") as weights:
                self._table: Tensor = weights.get_tensor("embeddings.word_embeddings.weight").float()
        except (OSError, SafetensorError) as error:
            raise FileFormatError(
                f"{path}: not readable as safetensors ({error}); reinstall with: {INSTALL_LINE}"
            ) from None
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def ids(self, text: str, limit: int) -> list[int]:
        """Ids of the pieces of ``text``, at most ``limit``, a begin and an end among them."""
        found: list[int] = self._tokenizer.encode(text).ids
        return found if len(found) <= limit else [*found[: limit - 1], found[-1]]

    def vectors(self, ids: Sequence[int]) -> Tensor:
        """(L, 384) float32."""
        return self._table[torch.tensor(ids)]
