"""Motion files in and out: reading, putting on the model's skeleton, a file's segments, writing. Needs no model.

SciPy is imported by the first file that is read, not by importing this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.errors import FileFormatError
from segmo_core.formats import registry
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
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


def read(path: Path, choices: ReadingChoices = PLAIN_READING) -> MotionFile:
    """A motion file as it is.

    Args:
        path: of any format that can be read; its extension says which.
        choices: which of several clips, at which rate, by which statistics.

    Returns:
        The motion on the file's own skeleton, unit, axes and rate, and the segments that came with it.
        ``motion.provenance`` tells what was put right.

    Raises:
        FileFormatError: the file is missing, of the wrong kind, damaged, too large, or holds no motion.
        InvalidRequestError: a clip that the file has not.
        MissingDependencyError: FBX or USD without their extras.

    Example:
        >>> taken = read(folder / "walk.npz")
        >>> taken.motion.num_frames, taken.track is None
        (104, True)
    """
    path = Path(path)
    return MotionFile(registry.read_motion(path, choices), read_track(path))


def read_track(path: Path) -> SegmentTrack | None:
    """The segments that come with a motion file.

    Args:
        path: only our own .npz brings any.

    Returns:
        A track in the file's own frames; None where there are none.

    Raises:
        FileFormatError: the file cannot be read, or its segments do not tile it.

    Example:
        >>> write(result.motion, folder / "told.npz", result.track)
        >>> read_track(folder / "told.npz") == result.track
        True
    """
    from segmo_core.formats.arrays.npz_files import read_segment_track

    path = Path(path)
    return read_segment_track(path) if path.suffix.lower() in registry.FORMATS["npz"].extensions else None


def open_motion(path: Path) -> Motion:
    """A motion file on the model's skeleton, on the floor.

    Args:
        path: as of ``read``.

    Returns:
        joint_positions (T, 22, 3), metres, Y up, at the file's own rate.

    Raises:
        FileFormatError: as ``read``, or no human body is found in it, or what it does is no person's.
        MissingDependencyError: as ``read``.

    Example:
        >>> open_motion(folder / "walk.npz").skeleton.num_joints
        22
    """
    return open_retargeted(path).motion


def open_retargeted(
    path: Path,
    joint_map: JointMap | None = None,
    *,
    up_axis: str | None = None,
    keep_height: bool = False,
    choices: ReadingChoices = PLAIN_READING,
) -> RetargetResult:
    """As ``open_motion``, with what was found, what was put right and the error it made.

    Args:
        path: as of ``read``.
        joint_map: which joint of the file plays which; None finds out.
        up_axis: "x", "y", "z" or one with a minus; None finds out.
        keep_height: do not put the body on the floor where the file has it elsewhere.
        choices: which of several clips, at which rate, by which statistics.

    Returns:
        The motion, the map, scale and axis that were taken, repairs and warnings, and errors in metres.

    Raises:
        FileFormatError: as ``open_motion``.
        InvalidRequestError: another up axis, or a clip that the file has not.

    Example:
        >>> open_retargeted(folder / "walk.npz").summary
        "already on the model's skeleton"
    """
    motion = registry.read_motion(Path(path), choices)
    try:
        return retargeted(motion, joint_map, up_axis=up_axis, keep_height=keep_height)
    except FileFormatError as error:
        raise FileFormatError(f"{path}: {error}") from None


def retargeted(
    motion: Motion, joint_map: JointMap | None = None, *, up_axis: str | None = None, keep_height: bool = False
) -> RetargetResult:
    """A motion of any human skeleton on the model's, on the floor.

    Args:
        motion: in any unit, with any axis up.
        joint_map: as of ``open_retargeted``.
        up_axis: as of ``open_retargeted``.
        keep_height: as of ``open_retargeted``.

    Returns:
        As ``open_retargeted``.

    Raises:
        FileFormatError: no human body is found in it, or what it does is no person's.
        InvalidRequestError: another up axis.

    Source:
        Bones of HumanML3D's reference skeleton; joints are matched by name and by structure (docs/formats.md).

    Example:
        >>> retargeted(result.motion).mean_error
        0.0
    """
    from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

    return to_model_skeleton(motion, joint_map, up_axis=up_axis, on_floor=not keep_height)


def write(
    motion: Motion,
    path: Path,
    track: SegmentTrack | None = None,
    options: ExportOptions | None = None,
    *,
    format_name: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a motion file. It appears whole or not at all.

    Args:
        motion: on any skeleton.
        path: its extension says the format.
        track: segments in frames of ``motion``, kept where the format has room.
        options: rate, names, unit, axes and more; None takes the format's usual ones.
        format_name: where several formats share an extension, such as "amass-smplh".
        progress: told frame by frame by slow formats; cancelling leaves no file.

    Raises:
        FileFormatError: an unknown extension, or a folder that cannot be written.
        InvalidRequestError: an option that the format has no room for.
        MissingDependencyError: USD without its extra.
        CancelledError: cancelled.

    Example:
        >>> write(result.motion, folder / "walk.bvh", options=ExportOptions(frame_rate=30, names="mixamo"))
        >>> read(folder / "walk.bvh").motion.skeleton.joint_names[0]
        'Hips'
    """
    registry.write_motion(motion, Path(path), track, options, format_name=format_name, progress=progress)
