"""Motion files in and out: reading, putting on the model's skeleton, a file's segments, writing. Needs no model.

SciPy is imported by the first file that is read, not by importing this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.errors import FileFormatError
from segmo_core.formats import registry
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress
from segmo_core.timeline.segment_track import SegmentTrack

if TYPE_CHECKING:
    from segmo_core.retargeting.joint_map import JointMap
    from segmo_core.retargeting.to_model_skeleton import RetargetResult


@dataclass(frozen=True, eq=False)
class MotionFile:
    """What a motion file holds. motion: on the file's own skeleton, unit, axes and rate. track: the segments that
    come with it, in its own frames; None where there are none.
    """

    motion: Motion
    track: SegmentTrack | None


def read(path: Path) -> MotionFile:
    """A motion file as it is. FileFormatError says what is wrong with it."""
    path = Path(path)
    return MotionFile(registry.read_motion(path), read_track(path))


def read_track(path: Path) -> SegmentTrack | None:
    """The segments that come with a motion file, in its own frames; None where there are none."""
    from segmo_core.formats.arrays.npz_files import read_segment_track

    path = Path(path)
    return read_segment_track(path) if path.suffix.lower() in registry.FORMATS["npz"].extensions else None


def open_motion(path: Path) -> Motion:
    """A motion file on the model's skeleton, at the file's own rate."""
    return open_retargeted(path).motion


def open_retargeted(path: Path, joint_map: JointMap | None = None, *, up_axis: str | None = None) -> RetargetResult:
    """As ``open_motion``, with what retargeting found and the error it made.

    joint_map: which joint of the file plays which; up_axis: "y", "z", "-y", ...; None finds out.
    """
    motion = registry.read_motion(Path(path))
    try:
        return retargeted(motion, joint_map, up_axis=up_axis)
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None


def retargeted(motion: Motion, joint_map: JointMap | None = None, *, up_axis: str | None = None) -> RetargetResult:
    """``motion`` of any human skeleton on the model's; see retarget.to_model_skeleton."""
    from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

    return to_model_skeleton(motion, joint_map, up_axis=up_axis)


def write(
    motion: Motion,
    path: Path,
    track: SegmentTrack | None = None,
    options: ExportOptions | None = None,
    *,
    format_name: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a motion in the format of the extension, or the named one of ``registry.FORMATS``."""
    registry.write_motion(motion, Path(path), track, options, format_name=format_name, progress=progress)
