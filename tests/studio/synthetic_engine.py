"""A stand-in for the engine: the facade's calls with made-up motion, for tests of the window alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from segmo_core.formats import registry
from segmo_core.generation.request import (
    FRAMES_PER_TOKEN,
    MODEL_FRAME_RATE,
    GenerationRequest,
    GenerationResult,
    GroundingResult,
    token_ends,
)
from segmo_core.motion import rotations
from segmo_core.motion.kinematics import forward_kinematics
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import Progress, SilentProgress
from segmo_core.segmentation.segments import SegmentTrack, TextSegment
from segmo_core.segmentation.text_segmenter import SegmentedText

NUM_QUANTIZERS = 3


def synthetic_walk(num_frames: int, frame_rate: float = MODEL_FRAME_RATE) -> Motion:
    """A figure that swings its limbs and walks along +Z at about one metre a second."""
    seconds = np.arange(num_frames) / frame_rate
    phase = 2 * np.pi * seconds
    names = MODEL_SKELETON.joint_names
    angles = np.zeros((num_frames, MODEL_SKELETON.num_joints, 3))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        angles[:, names.index(f"{side}_hip"), 0] = -0.45 * sign * np.sin(phase)
        angles[:, names.index(f"{side}_knee"), 0] = 0.35 * (1 + sign * np.cos(phase))
        angles[:, names.index(f"{side}_shoulder"), 2] = -1.2 * sign
        angles[:, names.index(f"{side}_elbow"), 1] = -0.5 * sign
    half = angles / 2
    quaternions = rotations.IDENTITY_QUATERNION
    local = np.broadcast_to(quaternions, (num_frames, MODEL_SKELETON.num_joints, 4))
    for axis in range(3):
        turn = np.zeros((num_frames, MODEL_SKELETON.num_joints, 4))
        turn[..., 0], turn[..., axis + 1] = np.cos(half[..., axis]), np.sin(half[..., axis])
        local = rotations.multiply(local, turn)
    root = np.stack([np.zeros(num_frames), np.full(num_frames, 0.93), seconds], axis=-1)
    return Motion(forward_kinematics(MODEL_SKELETON, local, root), frame_rate, MODEL_SKELETON, local)


class SyntheticEngine:
    """``hold``: while set, generation waits and reports progress, so that a test can look at or cancel it."""

    def __init__(self) -> None:
        self.is_loaded = False
        self.hold = threading.Event()
        self.error: Exception | None = None
        self.calls: list[tuple[str, object]] = []

    def load(self, progress: Progress | None = None) -> None:
        self.is_loaded = True

    def segment(self, prompt: str, segmenter: str = "rules", progress: Progress | None = None) -> SegmentedText:
        segments = []
        for match in re.finditer(r"[^,]+?(?=,? (?:and )?then |$)", prompt):
            text = match.group().strip(" ,")
            start = prompt.index(text, match.start())
            words = text.removeprefix("and ").removeprefix("then ")
            subject = "" if words.startswith(("a person", "someone")) else "a person "
            segments.append(TextSegment(subject + words, start, start + len(text)))
        notice = "" if segmenter == "rules" else "Ollama did not answer, so the built-in rules were used."
        return SegmentedText(prompt, tuple(segments), "rules", notice)

    def suggest_track(self, texts: Sequence[str]) -> SegmentTrack:
        return SegmentTrack.from_durations(list(texts), [48 if index == 0 else 40 for index in range(len(texts))])

    def generate(
        self,
        request: GenerationRequest,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        self.calls.append(("generate", request))
        progress = progress or SilentProgress()
        if self.error is not None:
            raise self.error
        if preview is not None:
            preview(synthetic_walk(request.num_tokens * FRAMES_PER_TOKEN))
        for step in range(1, 11):
            progress.raise_if_cancelled()
            progress.report(step / 20, "Deciding tokens")
        while self.hold.is_set():
            progress.raise_if_cancelled()
            threading.Event().wait(0.01)
        token_ids = np.random.default_rng(request.seed).integers(0, 512, (request.num_tokens, NUM_QUANTIZERS))
        ends = request.token_ends
        for index in request.kept_segments:
            span = slice(0 if index == 0 else ends[index - 1], ends[index])
            token_ids[span] = request.kept_token_ids[span]  # type: ignore[index]
        track = SegmentTrack.from_durations(
            request.track.texts, [FRAMES_PER_TOKEN * int(n) for n in np.diff([0, *ends])]
        )
        plain = replace(request, kept_segments=(), kept_token_ids=None)
        return GenerationResult(plain, synthetic_walk(track.num_frames), track, token_ids, 0.1)

    def regenerate(
        self,
        result: GenerationResult,
        track: SegmentTrack,
        changed: Sequence[int],
        seed: int | None = None,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        self.calls.append(("regenerate", tuple(changed)))
        kept = tuple(index for index in range(len(track)) if index not in changed)
        old, new = (0, *token_ends(result.track)), (0, *token_ends(track))
        token_ids = np.zeros((new[-1], NUM_QUANTIZERS), dtype=np.int64)
        for index in kept:
            token_ids[new[index] : new[index + 1]] = result.token_ids[old[index] : old[index + 1]]
        seed = result.request.seed + 1000 if seed is None else seed
        request = GenerationRequest(result.request.prompt, track, seed, None, kept, token_ids)
        new_result = self.generate(request, progress, None)
        self.calls.pop()
        return replace(new_result, request=replace(new_result.request, seed=result.request.seed))

    def ground_all(
        self, motion: Motion, queries: Sequence[str], progress: Progress | None = None
    ) -> list[GroundingResult]:
        self.calls.append(("ground", tuple(queries)))
        found = []
        frames = motion.num_frames
        for number, query in enumerate(queries):
            centre = frames * (2 * number + 1) / (2 * len(queries))
            width = frames / len(queries) / 2
            curve = 0.1 + 0.6 * np.exp(-(((np.arange(frames) - centre) / width) ** 2))
            start, end = int(max(centre - width, 0)), int(min(centre + width, frames))
            found.append(GroundingResult(query, start, end, float(curve.max()) - 0.05 * number, curve))
        return found

    def open_motion(self, path: Path) -> Motion:
        return registry.read_motion(path)

    def export(self, motion: Motion, path: Path, track: SegmentTrack | None = None) -> None:
        registry.write_motion(motion, path, track)
