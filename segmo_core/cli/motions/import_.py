"""``segmo import``: a motion file from elsewhere on the model skeleton."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segmo_core.cli.motions.motion_input import describe_retargeting, save_joint_map
from segmo_core.cli.motions.reading_options import ReadingOptions, print_reading, with_reading_options
from segmo_core.cli.output import print_json, print_notice, print_table
from segmo_core.errors import FileFormatError, InvalidRequestError

if TYPE_CHECKING:
    from segmo_core.retargeting.to_model_skeleton import RetargetResult
    from segmo_core.timeline.segment_track import SegmentTrack


@with_reading_options
def import_motion(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Any motion file that can be read.")],
    target: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="Our own .npz to write; a folder for --all-clips.")
    ],
    save_map: Annotated[
        str | None,
        typer.Option(metavar="FILE|PRESET", help="Keep the map that was used: in a .json file, or as a preset."),
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frames a second to keep; the file's own if left out.")] = None,
    all_clips: Annotated[
        bool, typer.Option("--all-clips", help="Every animation, take or person, each as an .npz in the folder OUT.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; for --all-clips one for each, one a line.")
    ] = False,
    *,
    reading: ReadingOptions,
) -> None:
    """Put a motion file on the model skeleton and keep it as .npz; says which joint played which, and the error."""
    from segmo_core.cli.motions.output_files import check_writable
    from segmo_core.formats.scene.export_options import ExportOptions

    rate = ExportOptions(frame_rate=fps).frame_rate  # the same limits as everywhere
    if all_clips:
        if reading.clip is not None:
            raise InvalidRequestError("clip and all-clips: both given, expected one of them")
        _import_all(source, target, reading, rate, as_json)
        return
    if target.suffix.lower() != ".npz":
        raise InvalidRequestError(f"{target}: expected a name that ends in .npz (segmo export writes other formats)")
    check_writable(target)
    result = reading.retargeted(source)
    told = _written(source, target, result, rate)
    saved = None if save_map is None else save_joint_map(result.joint_map, save_map)
    if as_json:
        print_json({**told, "saved_map": None if saved is None else str(saved)})
        return
    _print_matching(result)
    typer.echo(f"{source}: {result.summary}")
    print_reading(source, result)
    typer.echo(f"Wrote {told['num_frames']} frames at {told['frame_rate']:g} fps to {target}")
    if saved is not None:
        typer.echo(f"Wrote the joint map to {saved}")


def _written(source: Path, target: Path, result: RetargetResult, rate: float | None) -> dict[str, Any]:
    """Writes what was read as .npz, at ``rate`` where one is asked for; what there is to tell of it."""
    from segmo_core import motion_files
    from segmo_core.motion.resampling import resample_motion

    track = motion_files.read_track(source)
    motion = result.motion if rate is None else resample_motion(result.motion, rate)
    if track is not None and motion.num_frames != track.num_frames:
        track = _at_frames(track, motion.num_frames)
    motion_files.write(motion, target, track)
    return {
        "source": str(source),
        "output": str(target),
        "num_frames": motion.num_frames,
        "frame_rate": motion.frame_rate,
        "segments": [] if track is None else list(track.texts),
        "retargeted": describe_retargeting(result),
    }


def _import_all(source: Path, folder: Path, reading: ReadingOptions, rate: float | None, as_json: bool) -> None:
    """Every clip of ``source`` in a file of its own; one that is no person is told and passed over."""
    from segmo_core.library.clip_folders import clip_file_names

    first = reading.retargeted(source)
    clips = first.provenance.clips or (source.stem,)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"{folder}: cannot be made ({error.strerror})") from None
    for clip, name in zip(clips, clip_file_names(clips), strict=True):
        target = folder / f"{name}.npz"
        try:
            result = replace(reading, clip=clip).retargeted(source) if first.provenance.clips else first
        except FileFormatError as error:
            print_notice(f"{clip}: {error}")
            continue
        told = _written(source, target, result, rate)
        if as_json:
            print_json(told)
            continue
        print_reading(source, result)
        typer.echo(f"Wrote {told['num_frames']} frames at {told['frame_rate']:g} fps to {target}")


def _print_matching(result: RetargetResult) -> None:
    if result.matched_by == "same skeleton":
        return
    rows = []
    for name in result.motion.skeleton.joint_names:
        player = result.joint_map.joints.get(name)
        error = result.joint_errors.get(name)
        way = "structure" if name in result.by_structure else "map" if result.matched_by == "map" else "name"
        # The model's spine follows the file's, however many joints that has.
        placed = "its neighbours" if error is None else "the file's spine"
        rows.append((name, player or "", way if player else placed, "" if error is None else f"{100 * error:.1f}"))
    print_table(("Joint", "Joint of the file", "Found by", "Mean error cm"), rows, numbers=("Mean error cm",))


def _at_frames(track: SegmentTrack, num_frames: int) -> SegmentTrack:
    """``track`` over another number of frames of the same seconds."""
    ends = [round(end / track.num_frames * num_frames) for end in track.ends]
    starts = [0, *ends[:-1]]
    return type(track).from_durations(track.texts, [end - start for start, end in zip(starts, ends, strict=True)])
