"""``segmo evaluate``: one command for each suite of figures, with the options of that suite alone."""

from __future__ import annotations

import typer

from segmo_core.cli.evaluation.control import control
from segmo_core.cli.evaluation.decomposition import decomposition
from segmo_core.cli.evaluation.edits import edits
from segmo_core.cli.evaluation.figures import figures
from segmo_core.cli.evaluation.mocap22_suites import grounding, long, movement, segments, tokenizer
from segmo_core.cli.evaluation.report import report
from segmo_core.cli.evaluation.segment_counts import segment_counts
from segmo_core.cli.evaluation.segmentation import segmentation
from segmo_core.cli.evaluation.strips import strips
from segmo_core.cli.evaluation.text_to_motion import text_to_motion
from segmo_core.cli.evaluation.words import words

evaluate = typer.Typer(
    help="Measure a bundle: as published (R-precision, FID, ...), or other figures on mocap22; real motions beside.",
    no_args_is_help=True,
)
evaluate.command("text-to-motion")(text_to_motion)
evaluate.command()(segments)
evaluate.command()(grounding)
evaluate.command()(movement)
evaluate.command()(tokenizer)
evaluate.command()(long)
evaluate.command()(control)
evaluate.command()(words)
evaluate.command()(edits)
evaluate.command()(segmentation)
evaluate.command()(decomposition)
evaluate.command("segment-counts")(segment_counts)
evaluate.command()(report)
evaluate.command()(strips)
evaluate.command()(figures)
