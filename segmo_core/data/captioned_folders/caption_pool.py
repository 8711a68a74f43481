"""Captioned motions, tokenised, with their captions and segments encoded once: HumanML3D and KIT-ML to train on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.captioned_motion import CaptionedClip, CaptionedDataset
from segmo_core.data.pools.token_pool import TokenPool, encode_motions, encode_sentences, read_pool, write_pool
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.progress import Progress, ProgressPart, SilentProgress
from segmo_core.segmentation.motion_segmenter import MotionSegmenter, token_rows
from segmo_core.segmentation.motion_uniform import UniformSegmenter
from segmo_core.text_encoders.text_encoder import TextEncoder

MAX_FRAMES = 196


@dataclass(frozen=True)
class CaptionPoolSettings:
    """max_segments: condition tokens of the model. max_frames: longer motions are cut, as published. crops: random
    crops of every motion, a row each; 0 takes motions from their first frame on."""

    max_segments: int = 5
    max_frames: int = MAX_FRAMES
    crops: int = 0


def tokenize_captions(
    data: CaptionedDataset,
    split: str,
    segments: CaptionSegments,
    tokenizer: RVQVAE,
    text_encoder: TextEncoder,
    cache: Path,
    *,
    settings: CaptionPoolSettings | None = None,
    segmenter: MotionSegmenter | None = None,
    progress: Progress | None = None,
) -> TokenPool:
    """One row for every caption of every clip of a split; read from ``cache`` (an .npz file) when it exists.

    Nobody marked where segments begin: ``segmenter`` cuts the motion, evenly unless given (paper section 3.4).
    Segments of the same words have the same label.
    """
    if not cache.is_file():
        settings, progress = settings or CaptionPoolSettings(), progress or SilentProgress()
        pool = _tokenize(
            data, split, segments, tokenizer, text_encoder, settings, segmenter or UniformSegmenter(), progress
        )
        write_pool(cache, pool)
    return read_pool(cache)


def pool_key(
    data: CaptionedDataset, segments: CaptionSegments, max_segments: int, segmenter: str, crops: int = 0
) -> str:
    """Changes with the clips, the files of segments, and how the motions are cut."""
    digest = hashlib.sha256(f"1 {data.name} {data.features.shape} {max_segments} {segmenter}".encode())
    digest.update(b"joined" if segments.join_rest else b"")
    digest.update(f"{crops} crops".encode() if crops else b"")
    for clip in data.clips:
        digest.update(f"{clip.name} {clip.start} {[c.text for c in clip.captions]}".encode())
    if segments.folder is not None:
        for path in sorted(segments.folder.glob("*.txt")):
            digest.update(f"{path.name} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


def _tokenize(
    data: CaptionedDataset,
    split: str,
    segments: CaptionSegments,
    tokenizer: RVQVAE,
    text_encoder: TextEncoder,
    settings: CaptionPoolSettings,
    segmenter: MotionSegmenter,
    progress: Progress,
) -> TokenPool:
    clips, unit = data.select(split), tokenizer.config.frames_per_token
    if settings.crops:
        clips = _cropped(clips, unit, settings)
    lengths = np.array([min(clip.num_frames, settings.max_frames) // unit for clip in clips])
    ids = encode_motions(
        tokenizer,
        lengths,
        lambda i: data.clip_features(clips[i])[: lengths[i] * unit],
        data.statistics,
        ProgressPart(progress, 0.0, 0.4),
    )
    told = _told(clips, segments, lengths, ProgressPart(progress, 0.4, 0.6))
    count = len(told)
    ends = np.zeros((count, settings.max_segments), dtype=np.int16)
    labels = np.full((count, settings.max_segments), -1, dtype=np.int32)
    sentence_rows = np.zeros((count, 1, settings.max_segments), dtype=np.int32)
    caption_rows = np.zeros((count, 1), dtype=np.int32)
    row_of: dict[str, int] = {}
    label_of: dict[str, int] = {}
    rows_of_clip: dict[int, NDArray[np.floating]] = {}
    for number, (index, caption, sentences) in enumerate(told):
        if index not in rows_of_clip:
            rows_of_clip = {index: token_rows(_features(data, clips[index]), data.statistics, data.layout, unit)}
        used = len(sentences)
        ends[number, :used] = segmenter.segment(rows_of_clip[index][: lengths[index]], used)
        caption_rows[number, 0] = row_of.setdefault(caption, len(row_of))
        for place, sentence in enumerate(sentences):
            sentence_rows[number, 0, place] = row_of.setdefault(sentence, len(row_of))
            labels[number, place] = label_of.setdefault(sentence.lower().strip(" ."), len(label_of))
    texts = [*row_of, ""]
    sentence_rows[:, 0][ends == 0] = len(texts) - 1
    indices = np.array([index for index, _, _ in told])
    return TokenPool(
        token_ids=ids[indices],
        num_tokens=lengths[indices].astype(np.int16),
        ends=ends,
        labels=labels,
        sentence_rows=sentence_rows,
        caption_rows=caption_rows,
        embeddings=encode_sentences(text_encoder, texts, ProgressPart(progress, 0.6, 1.0)),
        motions=indices // max(1, settings.crops),
    )


def _cropped(clips: Sequence[CaptionedClip], unit: int, settings: CaptionPoolSettings) -> list[CaptionedClip]:
    """Random crops of every clip, drawn as the published code draws them: whole tokens, in a third of them one less,
    from any frame. Which ones depends on the clip's place in the list alone."""
    found = []
    for number, clip in enumerate(clips):
        for crop in range(settings.crops):
            generator = np.random.default_rng([number, crop])
            tokens = min(clip.num_frames, settings.max_frames) // unit
            frames = unit * max(1, tokens - int(generator.integers(3) == 0))
            start = clip.start + int(generator.integers(clip.num_frames - frames + 1))
            found.append(replace(clip, start=start, stop=start + frames))
    return found


def _features(data: CaptionedDataset, clip: CaptionedClip) -> NDArray[np.floating]:
    return np.asarray(data.clip_features(clip))


def _told(
    clips: Sequence[CaptionedClip], segments: CaptionSegments, lengths: NDArray[np.integer], progress: Progress
) -> list[tuple[int, str, tuple[str, ...]]]:
    """(clip, caption, segments) of every caption; never more segments than the clip has tokens."""
    told = []
    for index, clip in enumerate(clips):
        progress.raise_if_cancelled()
        if index % 100 == 0:
            progress.report(index / len(clips), f"segments of motion {index} of {len(clips)}")
        for caption in clip.captions:
            told.append((index, caption.text, segments.of(clip, caption)[: int(lengths[index])]))
    return told
