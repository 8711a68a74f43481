"""Frame strips of a few prompts, for people to look at: does the body do what the words say?

python -m segmo_core.evaluation.samples.frame_strips --out FOLDER [--bundle BUNDLE]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from segmo_core.durations.suggested_track import suggest_track
from segmo_core.durations.usual_durations import UsualDurations
from segmo_core.errors import SegmoError
from segmo_core.evaluation.samples.tested_bundle import open_tested
from segmo_core.generation.request import GenerationRequest
from segmo_core.progress import SilentProgress
from segmo_core.rendering.overlay import captioned
from segmo_core.rendering.renderer import MotionRenderer
from segmo_core.segmentation.text_rules import RulesSegmenter
from segmo_core.serialization import write_atomically
from segmo_core.shipped import shipped_folder

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


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for strip-01.jpg and so on")
    parser.add_argument("--bundle", type=Path, default=None, help="folder of a bundle; the starter if left out")
    options = parser.parse_args(arguments)
    try:
        write_strips(options.bundle or shipped_folder("bundles/starter"), options.out)
    except SegmoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def write_strips(bundle: Path, out: Path) -> None:
    """One JPEG a prompt: POSES poses evenly spaced in time, side by side, generated with seed SEED as a user would."""
    tested, segmenter = open_tested(bundle), RulesSegmenter()
    usual = UsualDurations(bundle, lambda name: tested.text_encoder)
    out.mkdir(parents=True, exist_ok=True)
    for number, prompt in enumerate(PROMPTS, start=1):
        texts = [segment.text for segment in segmenter.segment(prompt).segments]
        result, _ = tested.make(
            GenerationRequest(prompt, suggest_track(texts, usual=usual.of(texts, SilentProgress())), seed=SEED)
        )
        renderer = MotionRenderer(result.motion, captioned(list(result.track.texts), list(result.track.ends)), *TILE)
        chosen = np.linspace(0, renderer.num_frames - 1, POSES).round().astype(int)
        picture = Image.fromarray(np.concatenate([renderer.frame(int(frame)) for frame in chosen], axis=1))
        write_atomically(
            out / f"strip-{number:02d}.jpg",
            lambda path, picture=picture: picture.save(path, "JPEG", quality=82),  # type: ignore[misc]
        )


if __name__ == "__main__":
    sys.exit(main())
