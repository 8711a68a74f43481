"""What a bundle already does, made by itself, so that it can practise that beside what is new.

The recordings a bundle was trained on are rarely at hand. Its own motions of sentences it knows stand in for them:
without these, some hundred steps on twenty clips leave it able to do little else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from segmo_core import catalog
from segmo_core.bundle import load_bundle
from segmo_core.bundle_manifest import read_vocabulary
from segmo_core.data.captions.action_words import all_actions, predicate
from segmo_core.data.captions.telling import tell
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding import description
from segmo_core.progress import Progress, ProgressPart
from segmo_core.runtimes.torch_models import TorchModels
from segmo_core.text_encoders.text_encoder import TextEncoder
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MODEL_FRAME_RATE
from segmo_core.training.finetuning.own_clips import LEAST_FRAMES, OwnClip

_LONGEST = 120  # frames of a motion
_SEED = 41
_WORDINGS = 4


def known_acts(bundle_folder: Path) -> list[tuple[str, ...]]:
    """What the bundle knows, an act each, in several wordings: the built-in sentences, and the acts of the table of
    words for which it knows every word."""
    vocabulary = read_vocabulary(bundle_folder)
    acts: list[tuple[str, ...]] = [(sentence,) for sentence in description.vocabulary()]
    if vocabulary is None:
        return acts
    generator = np.random.default_rng(_SEED)
    for name, action in all_actions().items():
        sides = ("left", "right") if any("{side}" in line for line in action.predicates) else (None,)
        for side in sides if action.labels else ():
            said = {predicate(name, generator, side=side) for _ in range(4 * _WORDINGS)}
            texts = [tell(line, generator) for line in sorted(line for line in said if line is not None)]
            known = tuple(dict.fromkeys(text for text in texts if not vocabulary.unknown_in(text)))[:_WORDINGS]
            if known:
                acts.append(known)
    return acts


def rehearsed_clips(
    bundle_folder: Path, acts: Sequence[tuple[str, ...]], takes: int, device: str, progress: Progress
) -> list[OwnClip]:
    """``takes`` motions of every act, as the bundle generates them alone, of the length it finds natural; each of
    another wording, but told in all of them, since they mean the same."""
    bundle = load_bundle(bundle_folder, device, ProgressPart(progress, 0.0, 0.05))
    encoder: TextEncoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", bundle.manifest.text_encoder)()
    generator = MotionGenerator(TorchModels(bundle), encoder)
    firsts = [texts[0] for texts in acts]
    durations = UsualDurations(bundle_folder, lambda _name: encoder).of(firsts, progress)
    clips = []
    with torch.inference_mode():
        for number, (texts, duration) in enumerate(zip(acts, durations, strict=True)):
            whole = round(duration.typical * MODEL_FRAME_RATE / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN
            frames = min(max(whole, LEAST_FRAMES), _LONGEST)
            for take in range(takes):
                progress.raise_if_cancelled()
                done = (number + take / takes) / len(acts)
                progress.report(0.05 + 0.95 * done, f"rehearsing “{texts[0].rstrip('.')}”")
                said = texts[take % len(texts)]
                track = SegmentTrack.from_durations([said], [frames])
                motion = generator.generate(GenerationRequest(said, track, _SEED + takes * number + take)).motion
                clips.append(OwnClip(f"rehearsal-{number:03d}-{take}", motion.joint_positions, tuple(texts)))
    return clips
