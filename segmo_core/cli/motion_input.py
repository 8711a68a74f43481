"""Motion files that commands read: on the model skeleton or their own, with what is known about how well that went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from segmo_core.formats.retarget import RetargetResult
    from segmo_core.segmentation.segments import SegmentTrack


def read_track(path: Path) -> SegmentTrack | None:
    """The segments that come with a motion file, in its own frames; None where there are none."""
    from segmo_core.formats.npz import read_segment_track

    return read_segment_track(path) if path.suffix.lower() == ".npz" else None


def describe_retargeting(result: RetargetResult) -> dict[str, Any]:
    """For --json: millimetres between the scaled source joints and the motion, and how the joints were found."""
    return {
        "mean_error_mm": round(1000 * result.mean_error, 3),
        "worst_error_mm": round(1000 * result.worst_error, 3),
        "missing_joints": list(result.missing_joints),
    }


def print_retargeting(result: RetargetResult) -> None:
    """Say in a line how far joints had to move, and which ones were made up."""
    typer.echo(
        f"Put on the model skeleton: joints moved by {1000 * result.mean_error:.1f} mm on average, "
        f"{1000 * result.worst_error:.1f} mm at worst"
    )
    if result.missing_joints:
        typer.echo(f"Not in the file, placed from their neighbours: {', '.join(result.missing_joints)}")
