"""What stands over the picture: the words of the segment in its colour, and a bar of all segments with a playhead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from segmo_core.rendering.colours import segment_colour, text_on
from segmo_core.rendering.look import INK, NEUTRAL_SEGMENT
from segmo_core.rendering.text import font_for, wrapped

FloatArray = NDArray[np.floating]

_SMOOTH = 4  # supersampling of round corners
_AHEAD = 0.36  # opacity of what has not been played


@dataclass(frozen=True)
class CaptionedSegment:
    """Words shown from frame ``start`` to before ``end``. colour: ``#rrggbb``, None for a body without segments."""

    text: str
    start: int
    end: int
    colour: str | None

    @property
    def shown_colour(self) -> str:
        return self.colour or NEUTRAL_SEGMENT


def captioned(texts: list[str], ends: list[int]) -> list[CaptionedSegment]:
    """Segments in the order of the palette, each from the end of the one before; those without frames are left out."""
    segments, start = [], 0
    for index, (text, end) in enumerate(zip(texts, ends, strict=True)):
        if end > start:
            segments.append(CaptionedSegment(text, start, end, segment_colour(index)))
            start = end
    return segments


class Overlay:
    """Caption and bar of an image of ``width`` x ``height`` pixels, drawn once and put over every frame."""

    def __init__(self, segments: list[CaptionedSegment], num_frames: int, width: int, height: int) -> None:
        self._unit = height / 720.0
        self._size = width, height
        self._num_frames = num_frames
        margin = round(28 * self._unit)
        thickness = max(2, round(8 * self._unit))
        self._left, self._right = margin, max(width - margin, margin + 1)
        self._bar_top = height - margin - thickness
        self._played = self._bar(segments, thickness, 1.0)
        self._ahead = self._bar(segments, thickness, _AHEAD)
        self._captions = [self._caption(segment) for segment in segments]
        self.segments = segments

    @property
    def top(self) -> int:
        """The row above which nothing is drawn over the picture, whatever the caption."""
        return min((top for top, _, _ in self._captions), default=self._bar_top)

    def draw(self, image: FloatArray, frame: int) -> None:
        """Put everything of ``frame`` over ``image`` (H, W, 3)."""
        index = next((i for i, part in enumerate(self.segments) if frame < part.end), len(self.segments) - 1)
        _blend(image, *self._captions[index])
        last = max(self._num_frames - 1, 1)
        playhead = self._left + frame / last * (self._right - self._left)
        now = round(playhead) - self._left
        _blend(image, self._bar_top, self._left, self._played[:, :now])
        _blend(image, self._bar_top, self._left + now, self._ahead[:, now:])
        reach = max(1, round(4 * self._unit))
        half = max(0.5, 1.5 * self._unit)
        left = int(np.clip(round(playhead - half), 0, self._size[0] - 1))
        image[self._bar_top - reach : self._bar_top + len(self._played) + reach, left : left + round(2 * half)] = INK

    def _bar(self, segments: list[CaptionedSegment], thickness: int, opacity: float) -> FloatArray:
        """(thickness, width, 4): every segment as a bar of its colour, small gaps between."""
        width = self._right - self._left
        scale = _SMOOTH
        image = Image.new("RGBA", (width * scale, thickness * scale))
        draw = ImageDraw.Draw(image)
        gap = 1.5 * self._unit * scale
        for number, segment in enumerate(segments):
            left = segment.start / self._num_frames * width * scale + (gap if number else 0.0)
            right = segment.end / self._num_frames * width * scale - (gap if number + 1 < len(segments) else 0.0)
            box = (left, 0, max(right, left + 1) - 1, thickness * scale - 1)
            draw.rounded_rectangle(box, min(thickness / 2 * scale, (right - left) / 2), segment.shown_colour)
        result = _premultiplied(image.reduce(scale))
        return result * opacity

    def _caption(self, segment: CaptionedSegment) -> tuple[int, int, FloatArray]:
        """Top, left and (h, w, 4) pixels of a rounded label with the words on the segment's colour."""
        size = max(8, round(23 * self._unit))
        side, above = round(16 * self._unit), round(8 * self._unit)
        font = font_for(segment.text, size)
        lines = wrapped(segment.text, font, self._right - self._left - 2 * side, 2)
        if not lines:
            return self._bar_top, 0, np.zeros((0, 0, 4), dtype=np.float32)
        line_height = round(size * 1.3)
        width = int(max(font.getlength(line) for line in lines)) + 1 + 2 * side
        height = line_height * len(lines) + 2 * above
        label = Image.new("RGBA", (width * _SMOOTH, height * _SMOOTH))
        radius = min(height / 2, (line_height + 2 * above) / 2) * _SMOOTH
        corner = (width * _SMOOTH - 1, height * _SMOOTH - 1)
        ImageDraw.Draw(label).rounded_rectangle((0, 0, *corner), radius, segment.shown_colour)
        label = label.reduce(_SMOOTH)
        draw = ImageDraw.Draw(label)
        for number, line in enumerate(lines):
            middle = above + (number + 0.5) * line_height
            draw.text((width / 2, middle), line, text_on(segment.shown_colour), font, anchor="mm")
        top = self._bar_top - round(18 * self._unit) - height
        return max(top, 0), max((self._size[0] - width) // 2, 0), _premultiplied(label)


def _premultiplied(image: Image.Image) -> FloatArray:
    pixels = np.asarray(image, dtype=np.float32).copy()
    pixels[..., 3] /= 255.0
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


def _blend(image: FloatArray, top: int, left: int, over: FloatArray) -> None:
    part = image[top : top + over.shape[0], left : left + over.shape[1]]
    over = over[: part.shape[0], : part.shape[1]]
    part *= 1.0 - over[..., 3:]
    part += over[..., :3]
