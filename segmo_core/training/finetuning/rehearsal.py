"""What a bundle already does, made by itself, so that it can practise that beside what is new.

The recordings a bundle was trained on are rarely at hand. Its own motions of sentences it knows stand in for them:
without these, some hundred steps on twenty clips leave it able to do little else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from segmo_core import catalog
from segmo_core.bundle import load_bundle
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest
from segmo_core.progress import Progress, ProgressPart
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE
from segmo_core.training.finetuning.own_clips import LEAST_FRAMES, OwnClip

_LONGEST = 120  # frames of a motion
_SEED = 41


def rehearsed_clips(
    bundle_folder: Path, sentences: Sequence[str], takes: int, device: str, progress: Progress
) -> list[OwnClip]:
    """``takes`` motions of every sentence, as the bundle generates them alone, of the length it finds natural."""
    bundle = load_bundle(bundle_folder, device, ProgressPart(progress, 0.0, 0.05))
    encoder: TextEncoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", bundle.manifest.text_encoder)()
    generator = MotionGenerator(bundle, encoder)
    durations = UsualDurations(bundle_folder, lambda _name: encoder).of(sentences, progress)
    clips = []
    with torch.inference_mode():
        for number, (sentence, duration) in enumerate(zip(sentences, durations, strict=True)):
            frames = min(max(round(duration.typical * MODEL_FRAME_RATE / 4) * 4, LEAST_FRAMES), _LONGEST)
            for take in range(takes):
                progress.raise_if_cancelled()
                progress.report(
                    0.05 + 0.95 * (number + take / takes) / len(sentences), f"rehearsing “{sentence.rstrip('.')}”"
                )
                track = SegmentTrack.from_durations([sentence], [frames])
                seed = _SEED + takes * number + take
                motion = generator.generate(GenerationRequest(sentence, track, seed)).motion
                clips.append(OwnClip(f"rehearsal-{number:03d}-{take}", motion.joint_positions, (sentence,)))
    return clips
