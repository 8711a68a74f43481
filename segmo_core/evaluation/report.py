"""Measure a bundle on the test split and write the figures into its manifest and model card.

python -m segmo_core.evaluation.report BUNDLE --data MOCAP22 --cache DIR
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core import catalog
from segmo_core.bundle import load_bundle
from segmo_core.bundle_manifest import record_figures
from segmo_core.data.mocap22 import Mocap22, load_mocap22
from segmo_core.errors import SegmoError
from segmo_core.evaluation.action_classifier import (
    CLASS_NAMES,
    LEFT_RIGHT_PAIRS,
    TrainedClassifier,
    accuracy_on_clips,
    train_classifier,
)
from segmo_core.evaluation.grounding_figures import (
    BoundaryFigures,
    GroundingFigures,
    calibrate,
    measure_boundaries,
    measure_grounding,
)
from segmo_core.evaluation.motion_quality import foot_skating, jitter
from segmo_core.evaluation.segment_recognition import RecognitionReport, evaluate_recognition
from segmo_core.evaluation.tokenizer_error import reconstruction_error
from segmo_core.generation.durations import suggest_track
from segmo_core.generation.generator import MotionGenerator
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding.grounder import Grounder
from segmo_core.models.settings import MODEL_FRAME_RATE
from segmo_core.progress import CallbackProgress, Progress, SilentProgress

FloatArray = NDArray[np.floating]


def measure_movement(motion_generator: MotionGenerator, data: Mocap22, *, prompts: int = 24) -> dict[str, float]:
    """Foot skating (m/s) and jitter (m/s^2) of generated walks and waves beside real test clips of those actions."""
    labels = ("walk", "wave-right-hand", "raise-up-left-hand", "walk-turn-left", "run")
    clips = [c for c in data.select("test", only_shippable=True) if c.action in labels and not c.mirrored]
    real = [data.clip_joints(clip) for clip in clips]
    generator = np.random.default_rng(5)
    made = []
    for number in range(prompts):
        sentence = str(generator.choice(list(data.tables.templates[labels[number % len(labels)]])))
        text = sentence.format(subject="a person", style="")
        request = GenerationRequest(text, suggest_track([text], seconds=3.2), seed=900 + number)
        made.append(motion_generator.generate(request).motion.joint_positions)
    return {
        "skating_real": float(np.mean([foot_skating(joints, MODEL_FRAME_RATE) for joints in real])),
        "skating_generated": float(np.mean([foot_skating(joints, MODEL_FRAME_RATE) for joints in made])),
        "jitter_real": float(np.mean([jitter(joints, MODEL_FRAME_RATE) for joints in real])),
        "jitter_generated": float(np.mean([jitter(joints, MODEL_FRAME_RATE) for joints in made])),
    }


def measure_bundle(folder: Path, data: Mocap22, classifier: TrainedClassifier, progress: Progress | None = None) -> str:
    """Measure everything, record it in the bundle, and return the Markdown section."""
    progress = progress or SilentProgress()
    bundle = load_bundle(folder)
    encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", bundle.manifest.text_encoder)()
    motion_generator = MotionGenerator(bundle, encoder)
    clips = [clip for clip in data.select("test", only_shippable=True) if not clip.mirrored]
    errors = [reconstruction_error(bundle.tokenizer, data, clips, bundle.mean, bundle.std, q) for q in (0, 1)]
    real = accuracy_on_clips(classifier, data, data.select("test", only_shippable=False))
    recognised = evaluate_recognition(motion_generator, data, classifier, progress=progress)
    calibration = calibrate(Grounder(bundle, encoder), data)
    grounder = Grounder(replace(bundle, manifest=replace(bundle.manifest, grounding=calibration)), encoder)
    grounding = measure_grounding(grounder, data)
    boundaries = measure_boundaries(motion_generator, grounder, data)
    movement = measure_movement(motion_generator, data)
    figures = {
        "tokenizer_mpjpe_mm": errors[0],
        "tokenizer_base_mpjpe_mm": errors[1],
        "classifier_real_test_accuracy": real["all"],
        **{f"recognised_{count}_segments": share for count, share in recognised.share.items()},
        "grounding_recall_05": grounding.recall_05,
        "grounding_recall_07": grounding.recall_07,
        "grounding_mean_overlap": grounding.mean_overlap,
        "grounding_absent_auroc": grounding.absent_auroc,
        "motion_to_label_recall": grounding.label_recall,
        "boundary_error_frames": boundaries.generated,
        "boundary_error_real_frames": boundaries.real,
        **movement,
    }
    section = _section(errors, real, recognised, grounding, boundaries, movement, len(clips))
    record_figures(folder, {name: round(value, 4) for name, value in figures.items()}, section, calibration)
    return section


def _section(
    errors: Sequence[float],
    real: object,
    recognised: RecognitionReport,
    grounding: GroundingFigures,
    boundaries: BoundaryFigures,
    movement: dict[str, float],
    num_clips: int,
) -> str:
    shares = dict(real) if isinstance(real, dict) else {}
    mirror = {a: b for pair in LEFT_RIGHT_PAIRS for a, b in (pair, pair[::-1])}
    rows = []
    for name in CLASS_NAMES[:-1]:
        wrong_side = f"{recognised.left_right[name]:.0%}" if name in mirror and name in recognised.left_right else ""
        real_share = f"{shares[name]:.0%}" if name in shares else "no test clip"
        rows.append(f"| {name} | {recognised.by_class.get(name, 0):.0%} | {wrong_side} | {real_share} |")
    counts = ", ".join(
        f"{share:.0%} of {recognised.count[count]} ({count})" for count, share in sorted(recognised.share.items())
    )
    found_ends = f"{boundaries.generated:.1f} / {boundaries.real:.1f}"
    found = f"{grounding.recall_05:.0%} / {grounding.recall_07:.0%}, {grounding.mean_overlap:.2f}"
    return f"""## Measured on the test split

| figure | value |
|---|---|
| tokenizer, joint error of {num_clips} test clips (root-aligned MPJPE) | {errors[0]:.1f} mm |
| the same from base tokens alone | {errors[1]:.1f} mm |
| classifier on real test clips (13 actions and "other") | {shares.get("all", 0):.1%} |
| generated segments it recognises (segments in the prompt) | {counts} |
| grounding on joined test clips: R@1 at IoU 0.5 / 0.7, mean IoU | {found} |
| the same for an even cut that is told the order, IoU 0.5 | {grounding.uniform_05:.0%} |
| actions told from ones that are not in the motion, AUROC | {grounding.absent_auroc:.3f} |
| test clips whose own label is the best of {grounding.num_labels} | {grounding.label_recall:.0%} |
| boundaries found again, frames off: generated / joined real clips | {found_ends} |
| toe speed on the ground, generated / real | {movement["skating_generated"]:.2f} / {movement["skating_real"]:.2f} m/s |
| joint acceleration, generated / real | {movement["jitter_generated"]:.1f} / {movement["jitter_real"]:.1f} m/s² |

Per action, over prompts of one to three segments: recognised, taken for the other side, and what the classifier
recognises of real test clips.

| action | generated | wrong side | real |
|---|---|---|---|
{chr(10).join(rows)}

Prompts are sentences of the caption tables without style; 3.2 s a segment (2.8 s in threes). The classifier
(dilated convolutions, trained on real train clips in this run) is imperfect itself: read the columns together.
"""


def _print_progress(fraction: float, message: str) -> None:
    sys.stderr.write(f"{fraction:4.0%} {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="the mocap22 folder")
    parser.add_argument("--cache", type=Path, required=True, help="folder for its computed features")
    parser.add_argument("--classifier-steps", type=int, default=1000)
    options = parser.parse_args(arguments)
    progress = CallbackProgress(_print_progress)
    try:
        data = load_mocap22(options.data, options.cache, progress)
        bundle = load_bundle(options.bundle)
        classifier = train_classifier(data, bundle.mean, bundle.std, steps=options.classifier_steps, progress=progress)
        sys.stdout.write(measure_bundle(options.bundle, data, classifier, progress))
    except SegmoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
