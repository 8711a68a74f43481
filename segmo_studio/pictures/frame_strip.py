"""A motion as one wide picture: bodies side by side at equal time steps, segments beneath, the path from above.

``segmo-studio frame-strip MOTION.(npz|npy|bvh) OUT.png [--frames 12] [--theme light|dark]``
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from segmo_core.body.mannequin import fits_mannequin
from segmo_core.errors import SegmoError
from segmo_core.motion.motion import Motion
from segmo_core.rendering.colours import segment_colour, text_on
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.viewport.body_poses import BodyPoses
from segmo_studio.viewport.camera import OrbitCamera
from segmo_studio.viewport.graphics import create_scene
from segmo_studio.viewport.palette import Rgb, ThemeName, ViewPalette, mix, palette

FloatArray = NDArray[np.floating]

_BODY_HEIGHT = 330  # pixels of a body's tile
_SUPERSAMPLING = 2
_TITLE, _TIMES, _BAR, _MARGIN = 40, 24, 30, 14
_ROW_WIDTH = 2300  # pixels; wider strips go on in another row, so that bodies stay readable on a screen
_VIEW_FROM_FACING = 35.0  # degrees from the front: three-quarter view
_ELEVATION = 9.0


@dataclass(frozen=True)
class _Layout:
    """frames: the frames shown. step: frames from one body to the next. tile: width and height of one body in
    pixels. per_row: bodies in a row. aim: height in metres that the camera looks at. distance: of the camera,
    metres. azimuth: where it stands, degrees.
    """

    frames: list[int]
    step: float
    tile: tuple[int, int]
    per_row: int
    aim: float
    distance: float
    azimuth: float

    @property
    def row_width(self) -> int:
        return self.tile[0] * self.per_row

    @property
    def row_height(self) -> int:
        return self.tile[1] + _TIMES + _BAR

    @property
    def num_rows(self) -> int:
        return -(-len(self.frames) // self.per_row)

    def tile_corner(self, index: int) -> tuple[int, int]:
        """Top left corner, in pixels, of body number ``index``."""
        row, column = divmod(index, self.per_row)
        return _MARGIN + column * self.tile[0], _TITLE + row * self.row_height

    def row_span(self, row: int, start: float, end: float) -> tuple[float, float] | None:
        """Left and right pixel of frames [start, end) on a row's time line; None where the row shows none of it."""
        first, last = row * self.per_row, min((row + 1) * self.per_row, len(self.frames))
        left = max((start - 0.5) / self.step + 0.5 - first, 0.0)
        right = min((end - 0.5) / self.step + 0.5 - first, float(last - first))
        return None if right - left < 1e-6 else (_MARGIN + left * self.tile[0], _MARGIN + right * self.tile[0])


def render_frame_strip(
    motion: Motion,
    track: SegmentTrack | None,
    path: Path,
    frames: int = 12,
    title: str | None = None,
    theme: ThemeName = "light",
    show_skeleton: bool = False,
) -> None:
    """Writes the strip as PNG to ``path``.

    frames: how many bodies; fewer where the motion has fewer frames. Bodies take the colour of their segment;
    without a track they are neutral.
    """
    colours = palette(theme)
    poses = BodyPoses.from_motion(motion, track)
    layout = _layout(poses, frames)
    map_size = layout.tile[1]
    width = layout.row_width + map_size + 3 * _MARGIN
    height = _TITLE + layout.num_rows * layout.row_height + _MARGIN
    image = Image.new("RGB", (width, height), _hex(colours.background_bottom))
    for index, tile in enumerate(_bodies(poses, layout, theme, show_skeleton)):
        image.paste(tile, layout.tile_corner(index))
    draw = ImageDraw.Draw(image)
    summary = f"{motion.num_frames} frames, {motion.seconds:.1f} s at {motion.frame_rate:g} fps"
    _title(draw, title, summary, colours, width)
    _times(draw, motion, layout, colours)
    if track is not None:
        _segment_bars(draw, track, layout)
    _map_from_above(draw, poses, layout, colours, (layout.row_width + 2 * _MARGIN, _TITLE, map_size))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def _layout(poses: BodyPoses, count: int) -> _Layout:
    motion = poses.motion
    count = max(1, min(count, motion.num_frames))
    frames = [round(float(frame)) for frame in np.linspace(0, motion.num_frames - 1, count)]
    joints = np.asarray(motion.joint_positions, dtype=np.float64)
    azimuth = poses.first_azimuth + _VIEW_FROM_FACING
    shown = joints[frames]
    top = max(1.85, float(shown[..., 1].max()) + 0.24)
    bottom = min(-0.16, float(shown[..., 1].min()) - 0.1)
    camera = OrbitCamera(azimuth=azimuth, elevation=_ELEVATION)
    camera.distance = (top - bottom) * 1.04 / camera.metres_per_pixel(1.0) * camera.distance
    metres_per_pixel = camera.metres_per_pixel(_BODY_HEIGHT)
    sideways = np.abs((shown - shown[:, :1]) @ camera.right).max()
    tile_width = int(np.clip(2 * (sideways + 0.16) / metres_per_pixel, 130, 2 * _BODY_HEIGHT))
    rows = max(1, -(-tile_width * count // _ROW_WIDTH))
    step = (motion.num_frames - 1) / max(count - 1, 1)
    tile = (tile_width, _BODY_HEIGHT)
    return _Layout(frames, max(step, 1e-9), tile, -(-count // rows), (top + bottom) / 2.0, camera.distance, azimuth)


def _bodies(poses: BodyPoses, layout: _Layout, theme: ThemeName, show_skeleton: bool) -> list[Image.Image]:
    scene = create_scene(theme)
    scene.show_skeleton = show_skeleton
    scene.show_body = not show_skeleton
    scene.set_poses(poses)
    scene.set_plain_background()
    scene.camera = OrbitCamera(np.zeros(3), layout.azimuth, _ELEVATION, layout.distance)
    width, height = layout.tile
    tiles = []
    for frame in layout.frames:
        scene.moment = frame
        root = poses.root_path[frame]
        scene.camera.target = np.array([root[0], layout.aim, root[2]])
        pixels = scene.render(width * _SUPERSAMPLING, height * _SUPERSAMPLING)
        large = Image.fromarray(pixels[::-1, :, :3])
        tiles.append(large.resize((width, height), Image.Resampling.LANCZOS))
    scene.close()
    return tiles


def _title(draw: ImageDraw.ImageDraw, title: str | None, summary: str, colours: ViewPalette, width: int) -> None:
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    text = _hex(colours.text)
    end = width - _MARGIN - draw.textlength(summary, small)
    draw.text((end, _TITLE / 2), summary, _hex(colours.line), small, anchor="lm")
    if title:
        draw.text((_MARGIN, _TITLE / 2), _shortened(draw, title, font, end - 3 * _MARGIN), text, font, anchor="lm")


def _times(draw: ImageDraw.ImageDraw, motion: Motion, layout: _Layout, colours: ViewPalette) -> None:
    font = ImageFont.load_default(13)
    for index, frame in enumerate(layout.frames):
        x, y = layout.tile_corner(index)
        spot = (x + layout.tile[0] / 2, y + layout.tile[1] + _TIMES / 2)
        draw.text(spot, f"{frame}  {frame / motion.frame_rate:.2f} s", _hex(colours.text), font, anchor="mm")


def _segment_bars(draw: ImageDraw.ImageDraw, track: SegmentTrack, layout: _Layout) -> None:
    """A coloured bar with number and text under the bodies of every segment."""
    font = ImageFont.load_default(14)
    for row in range(layout.num_rows):
        top = layout.tile_corner(row * layout.per_row)[1] + layout.tile[1] + _TIMES
        for index, segment in enumerate(track):
            # The first and the last body stand for a whole step of time, half of it outside the motion.
            start = segment.start - (layout.step if index == 0 else 0)
            end = segment.end + (layout.step if index == len(track) - 1 else 0)
            span = layout.row_span(row, start, end)
            if span is None:
                continue
            colour = segment_colour(index)
            draw.rectangle((span[0], top, span[1] - 2, top + _BAR - 4), colour)
            label = _shortened(draw, f"{index + 1}  {segment.text}", font, span[1] - span[0] - 16)
            draw.text((span[0] + 8, top + (_BAR - 4) / 2), label, text_on(colour), font, anchor="lm")


def _map_from_above(
    draw: ImageDraw.ImageDraw,
    poses: BodyPoses,
    layout: _Layout,
    colours: ViewPalette,
    place: tuple[int, int, int],
) -> None:
    """The root's path on a metre grid, as seen by someone who stands where the bodies' camera stands."""
    left, top, size = place
    right_axis = OrbitCamera(azimuth=layout.azimuth).right[[0, 2]]
    away_axis = -OrbitCamera(azimuth=layout.azimuth, elevation=0.0).direction[[0, 2]]
    path = poses.root_path[:, [0, 2]] @ np.stack([right_axis, away_axis], axis=-1)
    middle = (path.min(axis=0) + path.max(axis=0)) / 2.0
    half = max(1.0, float(np.ptp(path, axis=0).max()) / 2.0 + 0.35)
    scale = size / (2.0 * half)

    def place_of(spots: FloatArray) -> list[tuple[float, float]]:
        x = left + size / 2.0 + (spots[:, 0] - middle[0]) * scale
        y = top + size / 2.0 - (spots[:, 1] - middle[1]) * scale
        return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]

    grid = _hex(mix(colours.background_bottom, colours.line, 0.25))
    draw.rectangle((left, top, left + size, top + size), outline=grid)
    step = 1.0 if half < 6 else 5.0
    for axis in range(2):
        start = np.ceil((middle[axis] - half) / step) * step
        for value in np.arange(start, middle[axis] + half, step):
            spot = np.array([[value, value]])
            x, y = place_of(spot)[0]
            draw.line((x, top, x, top + size) if axis == 0 else (left, y, left + size, y), grid)
    points = place_of(path)
    track = poses.track
    for frame in range(len(points) - 1):
        colour = _hex(colours.neutral_line) if track is None else segment_colour(track.index_at(frame))
        draw.line((*points[frame], *points[frame + 1]), colour, 3)
    for number, frame in enumerate(layout.frames):
        x, y = points[frame]
        radius = 5 if number in (0, len(layout.frames) - 1) else 3
        fill = _hex(colours.background_bottom) if number == 0 else _hex(colours.text)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill, _hex(colours.text), 1)
    caption = f"from above, grid {step:g} m, starts at the ring"
    draw.text((left, top + size + _TIMES / 2), caption, _hex(colours.line), ImageFont.load_default(12), anchor="lm")


def _shortened(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float
) -> str:
    if draw.textlength(text, font) <= width:
        return text
    while text and draw.textlength(text + "...", font) > width:
        text = text[:-1]
    return text.rstrip() + "..." if text else ""


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{round(255 * value):02x}" for value in colour)


def read_for_strip(path: Path) -> tuple[Motion, SegmentTrack | None]:
    """The motion of a file and the segments it carries, if any. Raises FileFormatError."""
    from segmo_core import motion_files

    found = motion_files.read(path)
    if fits_mannequin(found.motion.skeleton):
        return found.motion, found.track
    return motion_files.open_motion(path), found.track


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="segmo-studio frame-strip", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("motion", type=Path, help="a motion file: .npz, .npy or .bvh")
    parser.add_argument("output", type=Path, help="the PNG to write")
    parser.add_argument("--frames", type=int, default=12, help="how many figures")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--title", default=None)
    parser.add_argument("--skeleton", action="store_true", help="bones instead of the body")
    given = parser.parse_args(arguments)
    try:
        motion, track = read_for_strip(given.motion)
        title = given.title or given.motion.stem
        render_frame_strip(motion, track, given.output, given.frames, title, given.theme, given.skeleton)
    except SegmoError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
