"""Motions of a bundle for prompts alone, as somebody types them: cut by the rules, timed by the bundle, in batches.

They are kept in the cache, under the bundle's own files and everything that was asked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.bundle_manifest import BOUNDARY_MODEL, JOINT_JUDGE, VOCABULARY_FILE, weights_file
from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.data.text_motion_set import TextMotion
from segmo_core.durations.suggested_track import suggest_track
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.durations.words import without_stated_time
from segmo_core.evaluation.samples.bundle_sampler import BundleSampler
from segmo_core.evaluation.samples.tested_bundle import TestedBundle
from segmo_core.generation.decoding import motion_from_features
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.serialization import to_plain, write_atomically
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE, WINDOW_TOKENS, token_ends

FloatArray = NDArray[np.floating]

_VERSION = 1  # of how prompts become motions here
# Files of a bundle that look at motions and make none.
_ONLY_LOOK = (*(weights_file(name) for name in (BOUNDARY_MODEL, JOINT_JUDGE, "evaluator")), VOCABULARY_FILE)


@dataclass(frozen=True, eq=False)
class PromptedMotion:
    """What a prompt gave. joints: (T, 22, 3) metres. seed: which of the seeds it is of, from 0."""

    prompt: str
    seed: int
    track: SegmentTrack
    joints: FloatArray

    @property
    def motion(self) -> Motion:
        return Motion(self.joints, MODEL_FRAME_RATE, MODEL_SKELETON)


def prompt_track(tested: TestedBundle, prompt: str) -> SegmentTrack:
    """The segments of a prompt and their lengths, as ``segmo generate`` makes them when nothing else is said."""
    texts = [segment.text for segment in RulesSegmenter().segment(prompt).segments]
    folder = tested.bundle.folder
    usual = UsualDurations(folder, lambda _: tested.text_encoder).of(texts, SilentProgress())
    return suggest_track(texts, tested.generator.estimated_seconds(prompt), None, usual)


def prompted_motions(
    tested: TestedBundle, prompts: Sequence[str], seeds: int, seed: int, cache: Path, progress: Progress | None = None
) -> list[list[PromptedMotion]]:
    """For every prompt its motions of ``seeds`` seeds; from the cache where they were made before."""
    progress = progress or SilentProgress()
    tracks = [prompt_track(tested, prompt) for prompt in prompts]
    path = cache / f"prompted-{_key(tested, prompts, tracks, seeds, seed)}.npz"
    if not path.is_file():
        joints = _generated(tested, prompts, tracks, seeds, seed, progress)
        cache.mkdir(parents=True, exist_ok=True)
        lengths = np.array([len(rows) for rows in joints])
        block = np.concatenate(joints).astype(np.float32)
        write_atomically(path, lambda target: np.savez(target, joints=block, lengths=lengths))
    with np.load(path, allow_pickle=False) as archive:
        block, ends = archive["joints"], np.cumsum(archive["lengths"])
    rows = np.split(block, ends[:-1])
    return [
        [PromptedMotion(prompt, number, track, rows[place * seeds + number]) for number in range(seeds)]
        for place, (prompt, track) in enumerate(zip(prompts, tracks, strict=True))
    ]


def _generated(
    tested: TestedBundle,
    prompts: Sequence[str],
    tracks: Sequence[SegmentTrack],
    seeds: int,
    seed: int,
    progress: Progress,
) -> list[FloatArray]:
    """Joints of every prompt and seed, the seeds of a prompt together."""
    found: list[FloatArray] = [np.zeros((0, 22, 3))] * (len(prompts) * seeds)
    max_segments = tested.bundle.masked_transformer.config.max_segments
    in_batches = [
        place
        for place, track in enumerate(tracks)
        if token_ends(track)[-1] <= WINDOW_TOKENS
        and len(track) <= max(max_segments, 1)
        and tested.bundle.manifest.frame_rate == MODEL_FRAME_RATE
    ]
    sampler = BundleSampler(tested.bundle, tested.text_encoder, tested.sampling, "true")
    items = [_item(prompts[place], tracks[place]) for place in in_batches]
    for number in range(seeds):
        features, _ = sampler.generate(items, seed + number) if items else ([], [])
        for place, rows in zip(in_batches, features, strict=True):
            progress.raise_if_cancelled()
            motion = motion_from_features(rows, MODEL_FRAME_RATE, feet_stand=True)
            found[place * seeds + number] = motion.joint_positions
        progress.report((number + 1) / seeds, f"battery, seed {number + 1} of {seeds}")
    for place in sorted(set(range(len(prompts))) - set(in_batches)):
        for number in range(seeds):
            progress.raise_if_cancelled()
            request = GenerationRequest(prompts[place], tracks[place], seed + number, tested.sampling)
            found[place * seeds + number] = tested.generator.generate(request).motion.joint_positions
    return found


def _item(prompt: str, track: SegmentTrack) -> TextMotion:
    ends = tuple(end * FRAMES_PER_TOKEN for end in token_ends(track))
    texts = tuple(without_stated_time(text) for text in track.texts)
    return TextMotion(np.zeros((ends[-1], 1)), Caption(without_stated_time(prompt)), texts, ends, prompt)


def _key(tested: TestedBundle, prompts: Sequence[str], tracks: Sequence[SegmentTrack], seeds: int, seed: int) -> str:
    """Changes with the bundle's weights and settings, the prompts, their tracks and how motions are made of them."""
    manifest = tested.bundle.manifest
    asked: list[Any] = [
        _VERSION,
        {name: to_plain(record) for name, record in manifest.files.items() if name not in _ONLY_LOOK},
        to_plain(tested.sampling),
        list(prompts),
        [[track.texts, track.ends] for track in tracks],
        seeds,
        seed,
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:12]
