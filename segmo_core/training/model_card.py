"""The model card: data, licences, steps, hardware and measured figures of a bundle, written by the training."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from segmo_core.bundle_manifest import FIGURES_MARKER
from segmo_core.data.captioned_folders.captioned_motion import CaptionedDataset
from segmo_core.data.mocap22 import Clip
from segmo_core.training.config import TrainingConfig

_SOURCE_NAMES = {
    "bandai-namco-1": "Bandai-Namco-Research-Motiondataset 1 (Bandai Namco Research Inc.)",
    "bandai-namco-2": "Bandai-Namco-Research-Motiondataset 2 (Bandai Namco Research Inc.)",
    "cmu-mocap": "CMU Graphics Lab Motion Capture Database, mocap.cs.cmu.edu (funded by NSF EIA-0196217)",
    "accad": "Open Motion Project, ACCAD, The Ohio State University",
    "deepmimic": "DeepMimic motion clips (Peng et al. 2018)",
    "deepmimic-sie": "DeepMimic-format clips by Sony Interactive Entertainment",
    "mass": "MASS motion clips (Lee et al. 2019)",
    "ui-prmd": "UI-PRMD, physical rehabilitation movements (Vakanski et al., Data 2018, 3(1), 2)",
    "mesh2motion": "Mesh2Motion and Quaternius' Universal Animation Library (drawn by hand)",
    "kaykit": "KayKit character animations by Kay Lousberg (drawn by hand)",
    "kenney": "Kenney's character animations (drawn by hand)",
    "animated-drawings": "Animated Drawings (Meta Research)",
}


def weights_licence(clips: Sequence[Clip]) -> str:
    """Licence that the clips' own licences leave for weights trained on them."""
    non_commercial = any("NC" in clip.licence for clip in clips)
    return "CC BY-NC 4.0" if non_commercial else "CC BY 4.0"


def model_card(config: TrainingConfig, clips: Sequence[Clip], data: str, out: Path) -> str:
    """Markdown; ``data`` is the name of the data set that the clips are of.

    Measured figures are added later by ``bundle_manifest.record_figures``.
    """
    rows: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for clip in clips:
        if not clip.mirrored:
            rows[clip.source, clip.licence][0] += 1
            rows[clip.source, clip.licence][1] += clip.num_frames
    table = "\n".join(
        f"| {_SOURCE_NAMES.get(source, source)} | {count} | {frames / 20 / 60:.0f} | {licence} |"
        for (source, licence), (count, frames) in sorted(rows.items())
    )
    stages = _stage_lines(out)
    return f"""# {config.name}

Text to 3D human motion, segment by segment: residual VQ-VAE, masked transformer with timed segment conditioning
and a grounding head, residual transformer. Text encoder: all-MiniLM-L6-v2 (Apache-2.0, not part of this bundle).

**Licence of these weights: {weights_licence(clips)}.** The code of the project is MIT; the weights are not, because
of the licences of the motion capture they were trained on.

## Training data
The train split of {data} (22 joints, 20 fps), only clips whose licence lets weights be given away, each also
mirrored with left and right exchanged in its words.{_left_out(config)}
Sequences of one to five segments are made by joining clips; captions were written from labels, not by watching each
clip.

| source | clips | minutes | licence |
|---|---|---|---|
{table}

## Training
{stages}

Hardware: {os.cpu_count()} CPU cores ({platform.machine()}), no GPU. Configuration: `configs/{config.name}.json`;
{config.composition.num_sequences} composed sequences.{_history(config)}

{FIGURES_MARKER}
"""


def captioned_model_card(config: TrainingConfig, data: CaptionedDataset, segments: Path | None, out: Path) -> str:
    """As ``model_card``, for HumanML3D and KIT-ML. segments: folder of the decomposed captions, None for the rules."""
    clips = data.select("train")
    stages = _stage_lines(out)
    cut = "the built-in rules" if segments is None else f"precomputed segments ({segments.name})"
    hours = sum(clip.num_frames for clip in clips) / data.frame_rate / 3600
    return f"""# {config.name}

Text to 3D human motion, segment by segment: residual VQ-VAE, masked and residual transformer with segment
conditioning. Text encoder: {config.text_encoder} (not part of this bundle).

**These weights are for research, under the terms of {data.name} and of the motion capture it is made of.**

## Training data
{data.name}: {len(clips)} training motions, {sum(len(clip.captions) for clip in clips)} captions, {hours:.1f} hours at
{data.frame_rate:g} fps. Captions were decomposed by {cut}; motions were cut into as many equal parts.
{len(data.skipped)} motions or captions of the lists could not be used.

## Training
{stages}

Hardware: {os.cpu_count()} CPU cores ({platform.machine()}), device {config.device}.{_history(config)}

{FIGURES_MARKER}
"""


def _left_out(config: TrainingConfig) -> str:
    return f" Left out: {', '.join(config.leave_out)}." if config.leave_out else ""


def _history(config: TrainingConfig) -> str:
    if config.start_from is None:
        return ""
    return f" Training began with weights of an earlier one. {config.history}".rstrip()


def _stage_lines(out: Path) -> str:
    names = ["tokenizer", "masked", "residual"]
    if (out / "decoder" / "log.jsonl").is_file():
        names.insert(1, "decoder")
    if (out / "boundaries" / "log.jsonl").is_file():
        names.append("boundaries")
    return "\n".join(_stage_line(name, out) for name in names)


def _stage_line(name: str, out: Path) -> str:
    log = out / name / "log.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.is_file() else []
    if not lines:
        return f"- {name}: no log"
    steps = max(line["step"] for line in lines)
    seconds, previous = 0.0, 0.0
    for line in lines:
        if "seconds" in line:  # a resumed run starts its clock anew
            seconds += line["seconds"] - previous if line["seconds"] >= previous else line["seconds"]
            previous = line["seconds"]
    last = [line for line in lines if line.get("validation")][-1:]
    figures = ", ".join(
        f"{key} {value:.3f}" for line in last for key, value in line.items() if isinstance(value, float)
    )
    return f"- {name}: {steps} steps, {seconds / 60:.0f} minutes; validation: {figures}"
