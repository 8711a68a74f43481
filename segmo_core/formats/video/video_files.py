"""Motions as videos and pictures, for people: MP4, animated GIF, and a strip of poses as PNG. Written only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import ExportScene, build_export_scene
from segmo_core.formats.video.ffmpeg import encode_mp4
from segmo_core.formats.video.gif_stream import MAX_FRAME_RATE, GifStream, frame_delays, shared_palette
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, ProgressPart
from segmo_core.rendering.overlay import CaptionedSegment, captioned
from segmo_core.rendering.renderer import MotionRenderer
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

ImageArray = NDArray[np.uint8]
Size = tuple[int, int]

VIDEO_SIZE: Size = (720, 720)
GIF_SIZE: Size = (480, 480)
TILE_SIZE: Size = (400, 400)
_PALETTE_FRAMES = 12
_STRIP_POSES = 8
_STRIP_COLUMNS = 4


def write_mp4(
    motion: Motion,
    path: Path,
    options: ExportOptions,
    track: SegmentTrack | None,
    progress: Progress,
    size: Size = VIDEO_SIZE,
) -> None:
    """Write an H.264 video of ``size`` (width, height; both even) at the rate asked for, or the motion's.

    Raises MissingDependencyError without an ffmpeg, FileFormatError when it fails or the folder cannot be written,
    CancelledError; then there is no file.
    """
    renderer, frame_rate = _renderer(motion, options, track, size)

    def write(temporary: Path) -> None:
        encode_mp4(_frames(renderer, progress), temporary, size, frame_rate, options.title, Path(path))

    write_atomically(Path(path), write)


def write_gif(
    motion: Motion,
    path: Path,
    options: ExportOptions,
    track: SegmentTrack | None,
    progress: Progress,
    size: Size = GIF_SIZE,
) -> None:
    """Write an animated GIF of ``size`` (width, height) that loops.

    GIF counts in 1/100 s. 20, 25 and 50 frames a second are exact; other rates keep the time of the whole and round
    where each frame begins (30: delays of 3, 4, 3 hundredths); more than 50 is written at 50, since browsers slow such
    files down. Raises FileFormatError when the folder cannot be written, CancelledError; then there is no file.
    """
    if (options.frame_rate or motion.frame_rate) > MAX_FRAME_RATE:
        options = replace(options, frame_rate=MAX_FRAME_RATE)
    renderer, frame_rate = _renderer(motion, options, track, size)
    samples = np.unique(np.linspace(0, renderer.num_frames - 1, _PALETTE_FRAMES).round().astype(int))
    delays = frame_delays(renderer.num_frames, frame_rate)

    def write(temporary: Path) -> None:
        palette = shared_palette(list(_frames(renderer, ProgressPart(progress, 0.0, 0.05), samples.tolist())))
        with temporary.open("wb") as stream:
            gif = GifStream(stream, size, palette)
            for delay, image in zip(delays, _frames(renderer, ProgressPart(progress, 0.05, 1.0)), strict=True):
                gif.add(image, delay)
            gif.finish()

    write_atomically(Path(path), write)


def write_png(
    motion: Motion,
    path: Path,
    options: ExportOptions,
    track: SegmentTrack | None,
    progress: Progress,
    size: Size = TILE_SIZE,
) -> None:
    """Write one picture of up to eight poses, evenly spaced in time, in rows of four tiles of ``size``.

    Raises FileFormatError when the folder cannot be written, CancelledError; then there is no file.
    """
    renderer, _ = _renderer(motion, options, track, size)
    chosen = np.unique(np.linspace(0, renderer.num_frames - 1, _STRIP_POSES).round().astype(int)).tolist()
    tiles = list(_frames(renderer, progress, chosen))
    columns = min(_STRIP_COLUMNS, len(tiles))
    picture = Image.new("RGB", (columns * size[0], math.ceil(len(tiles) / columns) * size[1]), "white")
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        picture.paste(Image.fromarray(tile), (column * size[0], row * size[1]))
    write_atomically(Path(path), lambda temporary: picture.save(temporary, "PNG"))


def _frames(renderer: MotionRenderer, progress: Progress, chosen: list[int] | None = None) -> Iterator[ImageArray]:
    """The chosen frames, or all, in order; cancelled and reported at each."""
    numbers = list(range(renderer.num_frames)) if chosen is None else chosen
    for done, number in enumerate(numbers, start=1):
        progress.raise_if_cancelled()
        yield renderer.frame(number)
        progress.report(done / len(numbers), f"Frame {done} of {len(numbers)}")


def _renderer(
    motion: Motion, options: ExportOptions, track: SegmentTrack | None, size: Size
) -> tuple[MotionRenderer, float]:
    """The renderer of ``motion`` as ``options`` place it, and its frame rate."""
    scene = build_export_scene(motion, replace(options, fingers=False), track, with_mesh=False)
    _, positions = scene.global_pose()
    placed = Motion(positions, scene.frame_rate, motion.skeleton, scene.local_rotations)
    return MotionRenderer(placed, _segments(scene, options.title), *size), scene.frame_rate


def _segments(scene: ExportScene, title: str) -> list[CaptionedSegment]:
    """A frame belongs to the segment that holds its time; without segments the title is the caption throughout."""
    if not scene.segments:
        return [CaptionedSegment(title, 0, scene.num_frames, None)]
    ends = [min(math.ceil(part.end * scene.frame_rate - 1e-6), scene.num_frames) for part in scene.segments]
    ends[-1] = scene.num_frames
    return captioned([part.text for part in scene.segments], ends)
