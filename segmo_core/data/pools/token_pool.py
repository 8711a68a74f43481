"""Composed sequences, tokenised and with their sentences encoded once, ready to be drawn in batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from segmo_core.data.composition.sequences import Composer, CompositionSettings
from segmo_core.data.editing.edited_clips import EDITING_VERSION, EditedClip, kept_edited_clips
from segmo_core.data.mocap22 import Mocap22
from segmo_core.data.pools.resident_pool import ResidentPool, TokenBatch
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import FeatureLayout
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.serialization import to_plain, write_atomically
from segmo_core.text_encoders.text_encoder import TextEncoder, word_encoder

FloatArray = NDArray[np.floating]

POOL_VERSION = 10


@dataclass(frozen=True, eq=False)
class SequencePool:
    """Composed sequences before tokenising.

    features: (rows, 263) float16 un-normalised; sequence i is rows offsets[i]:offsets[i+1]. ends: per sequence,
    segment ends in frames. sentences, captions: per sequence, per wording. key: says what it was composed from, and by
    which version of composition.
    """

    features: FloatArray
    offsets: NDArray[np.integer]
    ends: list[list[int]]
    sentences: list[list[list[str]]]
    captions: list[list[str]]
    actions: list[list[str]]
    key: str = ""

    def __len__(self) -> int:
        return len(self.ends)


def compose_pool(
    data: Mocap22,
    split: str,
    settings: CompositionSettings,
    cache: Path,
    *,
    only_shippable: bool,
    progress: Progress | None = None,
) -> SequencePool:
    """Compose ``settings.num_sequences`` sequences of a split, or read them from ``cache`` when already done."""
    progress = progress or SilentProgress()
    key_parts = [POOL_VERSION, to_plain(settings), split, only_shippable, data.fingerprint]
    key_parts += [EDITING_VERSION] if settings.edited_share else []
    key = hashlib.sha256(json.dumps(key_parts).encode()).hexdigest()[:12]
    folder = cache / f"sequences-{split}-{key}"
    if not (folder / "index.json").is_file():
        clips = data.select(split, only_shippable=only_shippable)
        edited: Sequence[EditedClip] = ()
        if settings.edited_share:
            count = min(settings.edited_clips, settings.num_sequences)
            edited = kept_edited_clips(data, clips, count, settings.seed, cache, progress)
        composer = Composer(data, clips, settings, edited)
        folder.mkdir(parents=True, exist_ok=True)
        blocks, index = [], []
        for number in range(settings.num_sequences):
            progress.raise_if_cancelled()
            if number % 100 == 0:
                progress.report(number / settings.num_sequences, f"sequence {number} of {settings.num_sequences}")
            sequence = composer.compose(number)
            blocks.append(sequence.features.astype(np.float16))
            index.append([sequence.ends, sequence.sentences, sequence.captions, sequence.actions])
        rows = np.concatenate(blocks)
        write_atomically(folder / "features.npy", lambda path: np.save(path, rows))
        write_atomically(folder / "index.json", lambda path: path.write_text(json.dumps(index)))
    index = json.loads((folder / "index.json").read_text())
    offsets = np.concatenate([[0], np.cumsum([row[0][-1] for row in index])])
    return SequencePool(
        features=np.load(folder / "features.npy", mmap_mode="r"),
        offsets=offsets,
        ends=[row[0] for row in index],
        sentences=[row[1] for row in index],
        captions=[row[2] for row in index],
        actions=[row[3] for row in index],
        key=key,
    )


@dataclass(frozen=True)
class SequenceClip:
    """A composed sequence as a clip: rows [start, stop) of the pools' features, drawn by ``group`` like clips."""

    start: int
    stop: int
    group: str
    mirrored: bool = False

    @property
    def num_frames(self) -> int:
        return self.stop - self.start


class SequenceClips:
    """Composed sequences of the train and the val split as clips (``FeatureClips``), for what is trained on motion
    alone.

    Sequences are one group for each action they begin with, so that rare ones are not too rare.
    """

    def __init__(self, pools: tuple[SequencePool, SequencePool], layout: FeatureLayout) -> None:
        self.layout = layout
        self._clips: dict[str, list[SequenceClip]] = {}
        first = 0
        for split, pool in zip(("train", "val"), pools, strict=True):
            bounds = pool.offsets + first
            self._clips[split] = [
                SequenceClip(int(start), int(stop), actions[0])
                for start, stop, actions in zip(bounds[:-1], bounds[1:], pool.actions, strict=True)
            ]
            first = int(bounds[-1])
        self.features: FloatArray = np.concatenate([pool.features for pool in pools])

    def select(self, split: str, *, only_shippable: bool) -> list[SequenceClip]:
        """The sequences of a split; which clips they are made of was decided when they were composed."""
        return self._clips[split]

    def clip_features(self, clip: SequenceClip) -> FloatArray:
        """(T, D) float16, un-normalised."""
        return self.features[clip.start : clip.stop]


@dataclass(frozen=True, eq=False)
class TokenPool:
    """Everything training needs, as arrays: M sequences, V wordings, U distinct sentences.

    token_ids: (M, N, Q) int16, -1 beyond the end. num_tokens: (M,). ends: (M, S) in tokens, 0 where absent.
    labels: (M, S) number of each segment's action, -1 where absent. sentence_rows: (M, V, S) int32 rows of
    embeddings, caption_rows: (M, V). embeddings: (U, W) float16, the last row is the empty sentence. words: (T, W)
    float16, the words of segments' sentences one after the other; those of sentence u are rows word_offsets[u] to
    word_offsets[u + 1]. Empty where no model reads words. motions: (M,) number of the motion that each sequence is told
    of; empty where every sequence is one of its own.
    """

    token_ids: NDArray[np.integer]
    num_tokens: NDArray[np.integer]
    ends: NDArray[np.integer]
    labels: NDArray[np.integer]
    sentence_rows: NDArray[np.integer]
    caption_rows: NDArray[np.integer]
    embeddings: FloatArray
    words: FloatArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float16))
    word_offsets: NDArray[np.integer] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    motions: NDArray[np.integer] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.token_ids)

    def on(self, device: torch.device) -> ResidentPool:
        """The pool on the device that trains on it."""
        arrays = {name: array for name, array in vars(self).items() if name != "motions"}
        return ResidentPool(**arrays, device=device)

    def batch(self, rows: NDArray[np.integer], generator: np.random.Generator) -> TokenBatch:
        """The given sequences, each with a random one of its wordings; N is that of the longest."""
        return self.on(torch.device("cpu")).batch(rows, generator)


def tokenize_pool(
    pool: SequencePool,
    tokenizer: RVQVAE,
    statistics: FeatureStatistics,
    text_encoder: TextEncoder,
    cache: Path,
    *,
    reads_words: bool = False,
    progress: Progress | None = None,
) -> TokenPool:
    """Encode motions and sentences of a pool, or read them from ``cache``, an .npz file of this pool.

    reads_words: encode the words of segments' sentences too.
    """
    if not cache.is_file():
        progress = progress or SilentProgress()
        write_pool(cache, _tokenize(pool, tokenizer, statistics, text_encoder, reads_words, progress))
    return read_pool(cache)


def write_pool(path: Path, pool: TokenPool) -> None:
    """Save a pool as an .npz file, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda temporary: np.savez(temporary, allow_pickle=False, **vars(pool)))


def read_pool(path: Path) -> TokenPool:
    """The pool that ``write_pool`` saved."""
    with np.load(path, allow_pickle=False) as archive:
        return TokenPool(**{name: archive[name] for name in archive.files})


@torch.no_grad()
def encode_motions(
    tokenizer: RVQVAE,
    lengths: NDArray[np.integer],
    features_of: Callable[[int], FloatArray],
    statistics: FeatureStatistics,
    progress: Progress,
) -> NDArray[np.integer]:
    """Token ids (M, N, Q) int16, -1 beyond the end, of motions of ``lengths`` (M,) tokens; features un-normalised."""
    count = len(lengths)
    ids = np.full((count, int(lengths.max()), tokenizer.config.num_quantizers), -1, dtype=np.int16)
    tokenizer.eval()
    device = next(tokenizer.parameters()).device
    order = np.argsort(lengths, kind="stable")
    for start in range(0, count, 32):  # equal lengths together, so that no padding enters the convolutions
        progress.raise_if_cancelled()
        progress.report(start / count, f"tokens of sequence {start} of {count}")
        chunk = order[start : start + 32]
        for length in np.unique(lengths[chunk]):
            same = chunk[lengths[chunk] == length]
            stacked = np.stack([features_of(int(i)) for i in same])
            features = statistics.normalised(stacked.astype(np.float32))
            ids[same, :length] = tokenizer.encode(torch.from_numpy(features).to(device)).cpu().numpy()
    return ids


def encode_sentences(text_encoder: TextEncoder, texts: Sequence[str], progress: Progress) -> FloatArray:
    """Vectors (U, W) float16 of the sentences."""
    blocks = []
    for start in range(0, len(texts), 512):
        progress.raise_if_cancelled()
        progress.report(start / len(texts), f"sentence {start} of {len(texts)}")
        blocks.append(text_encoder.encode(texts[start : start + 512]).astype(np.float16))
    return np.concatenate(blocks)


def encode_words(
    text_encoder: TextEncoder, texts: Sequence[str], progress: Progress
) -> tuple[FloatArray, NDArray[np.integer]]:
    """Word vectors (T, W) float16 of sentences, one after the other, and where those of each begin (U + 1)."""
    encoder = word_encoder(text_encoder)
    blocks, counts = [np.zeros((0, text_encoder.width), dtype=np.float16)], [0]
    for start in range(0, len(texts), 512):
        progress.raise_if_cancelled()
        progress.report(start / len(texts), f"words of sentence {start} of {len(texts)}")
        found = encoder.encode_words(texts[start : start + 512])
        blocks += [words.astype(np.float16) for words in found]
        counts += [len(words) for words in found]
    return np.concatenate(blocks), np.cumsum(counts)


def _tokenize(
    pool: SequencePool,
    tokenizer: RVQVAE,
    statistics: FeatureStatistics,
    text_encoder: TextEncoder,
    reads_words: bool,
    progress: Progress,
) -> TokenPool:
    unit, count = tokenizer.config.frames_per_token, len(pool)
    lengths = np.diff(pool.offsets) // unit
    ids = encode_motions(
        tokenizer,
        lengths,
        lambda i: pool.features[pool.offsets[i] : pool.offsets[i + 1]],
        statistics,
        ProgressPart(progress, 0.0, 0.5),
    )
    most = max(len(ends) for ends in pool.ends)
    ends = np.zeros((count, most), dtype=np.int16)
    labels = np.full((count, most), -1, dtype=np.int16)
    label_of: dict[str, int] = {}
    wordings = len(pool.captions[0])
    rows_of: dict[str, int] = {}
    sentence_rows = np.zeros((count, wordings, most), dtype=np.int32)
    caption_rows = np.zeros((count, wordings), dtype=np.int32)
    for i in range(count):
        ends[i, : len(pool.ends[i])] = np.array(pool.ends[i]) // unit
        for s, action in enumerate(pool.actions[i]):
            labels[i, s] = label_of.setdefault(action, len(label_of))
        for v in range(wordings):
            caption_rows[i, v] = rows_of.setdefault(pool.captions[i][v], len(rows_of))
            for s, sentence in enumerate(pool.sentences[i][v]):
                sentence_rows[i, v, s] = rows_of.setdefault(sentence, len(rows_of))
    texts = [*rows_of, ""]
    for i in range(count):
        sentence_rows[i, :, len(pool.ends[i]) :] = len(texts) - 1
    embeddings = encode_sentences(text_encoder, texts, ProgressPart(progress, 0.5, 0.75))
    words: FloatArray = np.zeros((0, 0), dtype=np.float16)
    word_offsets: NDArray[np.integer] = np.zeros(0, dtype=np.int64)
    if reads_words:
        is_sentence = np.zeros(len(texts), dtype=bool)
        is_sentence[np.unique(sentence_rows)] = True
        wanted = [text if used else "" for text, used in zip(texts, is_sentence, strict=True)]
        words, word_offsets = encode_words(text_encoder, wanted, ProgressPart(progress, 0.75, 1.0))
    return TokenPool(
        token_ids=ids,
        num_tokens=lengths.astype(np.int16),
        ends=ends,
        labels=labels,
        sentence_rows=sentence_rows,
        caption_rows=caption_rows,
        embeddings=embeddings,
        words=words,
        word_offsets=word_offsets,
    )
