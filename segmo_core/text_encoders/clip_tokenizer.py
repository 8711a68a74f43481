"""CLIP's byte-pair tokens. The vocabulary lies in the package open-clip-torch; only that file is read, no code is run.

So CLIP needs neither torchvision nor timm, which open_clip itself imports and whose builds must fit torch's.
"""

from __future__ import annotations

import functools
import gzip
import html
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from segmo_core.errors import FileFormatError, MissingDependencyError

INSTALL_LINE = "pip install --no-deps open-clip-torch"
VOCABULARY_FILE = "bpe_simple_vocab_16e6.txt.gz"
NUM_MERGES = 48894
WORD_END = "</w>"
START, END = "<start_of_text>", "<end_of_text>"
# What open_clip's text cleaning (ftfy) straightens that people do type: curly quotes, full-width letters.
STRAIGHTENED = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f"), '"'),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
}
PIECES = r"(?i)'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def clip_vocabulary() -> Path:
    """The vocabulary file of the installed open_clip; MissingDependencyError when it is not installed."""
    spec = importlib.util.find_spec("open_clip")
    path = Path(spec.origin).parent / VOCABULARY_FILE if spec is not None and spec.origin else None
    if path is None or not path.is_file():
        raise MissingDependencyError(f"The text encoder CLIP is not installed; install it with: {INSTALL_LINE}")
    return path


class ClipTokenizer:
    """Texts to token ids, start and end included, at most ``context_length`` of them."""

    def __init__(self, vocabulary: Path, context_length: int) -> None:
        merges = _read_merges(vocabulary)
        letters = list(_byte_letters())
        words = [*letters, *(letter + WORD_END for letter in letters), *(a + b for a, b in merges), START, END]
        ids = {word: number for number, word in enumerate(words)}
        self.vocabulary_size = len(words)
        self._start, self._end, self._length = ids[START], ids[END], context_length
        self._tokenizer = Tokenizer(
            models.BPE(vocab=ids, merges=merges, end_of_word_suffix=WORD_END, unk_token=END)  # every byte is known
        )
        self._tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
        self._tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(PIECES), behavior="removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, no padding; a text that is too long loses its tail."""
        cleaned = [" ".join(html.unescape(html.unescape(text.translate(STRAIGHTENED))).split()) for text in texts]
        encoded = self._tokenizer.encode_batch(cleaned, add_special_tokens=False)
        return [[self._start, *encoding.ids[: self._length - 2], self._end] for encoding in encoded]


def _read_merges(path: Path) -> list[tuple[str, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            lines = stream.read().split("\n")[1 : NUM_MERGES + 1]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: not readable ({error}); reinstall with: {INSTALL_LINE}") from None
    merges = [tuple(line.split()) for line in lines]
    if len(merges) != NUM_MERGES or any(len(merge) != 2 for merge in merges):
        raise FileFormatError(f"{path}: not CLIP's vocabulary; reinstall with: {INSTALL_LINE}")
    return [(first, second) for first, second in merges]


@functools.cache
def _byte_letters() -> tuple[str, ...]:
    """A printable letter for every byte, in the order of CLIP's vocabulary: printable bytes first (as in GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return tuple([chr(byte) for byte in printable] + [chr(256 + number) for number in range(len(others))])
