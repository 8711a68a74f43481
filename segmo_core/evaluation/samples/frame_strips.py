"""Frame strips of a few prompts, for people to look at: does the body do what the words say?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from segmo_core.durations.suggested_track import suggest_track
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.evaluation.samples.tested_bundle import open_tested
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.rendering.overlay import captioned
from segmo_core.rendering.renderer import MotionRenderer
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

PROMPTS = (
    "a person walks forward.",
    "a person runs forward, then bows.",
    "a person walks forward and turns left, then waves the right hand.",
    "a person raises both hands, then walks backward.",
    "a person waves the left hand, stands still, then raises the right hand.",
    "a person jumps forward.",
    "a person sits down, then stands up.",
    "a person dances.",
    "a person kicks, then punches.",
    "before waving both hands, a person walks and turns right.",
    "a person walks forward while waving the right hand.",
    "an old man walks slowly, then bows, then waves goodbye.",
)
POSES = 10
TILE = (200, 230)  # pixels, width and height
SEED = 1


def write_strips(bundle: Path, out: Path, progress: Progress | None = None) -> list[Path]:
    """One JPEG a prompt: POSES poses evenly spaced in time, side by side, generated with seed SEED as a user would."""
    progress = progress or SilentProgress()
    tested, segmenter = open_tested(bundle), RulesSegmenter()
    usual = UsualDurations(bundle, lambda name: tested.text_encoder)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for number, prompt in enumerate(PROMPTS, start=1):
        progress.raise_if_cancelled()
        progress.report((number - 1) / len(PROMPTS), f"prompt {number} of {len(PROMPTS)}")
        texts = [segment.text for segment in segmenter.segment(prompt).segments]
        result, _ = tested.make(
            GenerationRequest(prompt, suggest_track(texts, usual=usual.of(texts, SilentProgress())), seed=SEED)
        )
        written.append(out / f"strip-{number:02d}.jpg")
        write_strip(result.motion, result.track, written[-1])
    return written


def write_strip(motion: Motion, track: SegmentTrack, path: Path) -> None:
    """A JPEG of POSES poses of a motion, evenly spaced in time, side by side, each with the text of its segment."""
    renderer = MotionRenderer(motion, captioned(list(track.texts), list(track.ends)), *TILE)
    chosen = np.linspace(0, renderer.num_frames - 1, POSES).round().astype(int)
    picture = Image.fromarray(np.concatenate([renderer.frame(int(frame)) for frame in chosen], axis=1))
    write_atomically(path, lambda temporary: picture.save(temporary, "JPEG", quality=82))
