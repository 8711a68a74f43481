"""An animated GIF written frame by frame, with one palette for all and only what changed in each frame.

Pillow compresses the frames; its own writer of animations keeps all of them in memory.
"""

from __future__ import annotations

import struct
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

ImageArray = NDArray[np.uint8]

MAX_FRAME_RATE = 50.0  # browsers show delays of less than 2/100 s as 10/100 s
_UNCHANGED = 255  # the palette's transparent entry
_FREQUENT = 64  # entries for the colours that cover most


def frame_delays(num_frames: int, frame_rate: float) -> list[int]:
    """How long each frame is shown, in 1/100 s.

    The frame's start is rounded, not its length, so that the whole keeps its time at any rate: 20 and 25 frames per
    second are exact (5 and 4), at 30 the delays are 3, 4, 3. Above MAX_FRAME_RATE this is not possible.
    """
    starts = np.rint(np.arange(num_frames + 1) * 100.0 / frame_rate).astype(int)
    return [int(delay) for delay in np.diff(starts)]


def shared_palette(images: list[ImageArray]) -> Image.Image:
    """A palette image of 255 colours for all of ``images`` (H, W, 3).

    The most frequent colours are taken as they are: plain areas and the steps of a soft background. The rest are for
    the other colours, each of which counts once: by area, the background would leave few for bodies.
    """
    colours, counts = _distinct(np.concatenate([image.reshape(-1, 3) for image in images]))
    by_count = np.argsort(-counts, kind="stable")
    frequent, other = colours[by_count[:_FREQUENT]], colours[by_count[_FREQUENT:]]
    palette = frequent.tobytes()
    if len(other):
        left = _UNCHANGED - len(frequent)
        rest = Image.fromarray(other[None]).quantize(left, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        palette += bytes(rest.getpalette("RGB") or ())[: 3 * left]
    result = Image.new("P", (1, 1))
    # Unused entries repeat the first colour, so that none is found that was not asked for.
    result.putpalette(palette + frequent[:1].tobytes() * (256 - len(palette) // 3))
    return result


def _distinct(pixels: ImageArray) -> tuple[ImageArray, NDArray[np.int64]]:
    """The colours (N, 3) among pixels (P, 3), and how often each occurs."""
    packed = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    values, counts = np.unique(packed, return_counts=True)
    return np.stack([values >> 16, values >> 8 & 0xFF, values & 0xFF], axis=1).astype(np.uint8), counts


class GifStream:
    """Writes to ``stream``; the caller closes it."""

    def __init__(self, stream: IO[bytes], size: tuple[int, int], palette: Image.Image) -> None:
        self._stream = stream
        self._palette = palette
        self._shown: ImageArray | None = None
        entries = bytes(palette.getpalette("RGB") or ())[: 3 * _UNCHANGED].ljust(3 * 256, b"\0")
        # Global palette of 256 entries, 8 bits a channel; then the block that makes it loop for ever.
        stream.write(b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + entries)
        stream.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")

    def add(self, image: ImageArray, delay: int) -> None:
        """Append ``image`` (H, W, 3), shown for ``delay`` hundredths of a second."""
        indices = np.array(Image.fromarray(image).quantize(palette=self._palette, dither=Image.Dither.NONE))
        left, top, part = 0, 0, indices
        if self._shown is not None:
            changed = indices != self._shown
            rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
            if len(rows) == 0:
                rows = columns = np.zeros(1, dtype=int)
            left, top = int(columns[0]), int(rows[0])
            region = (slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1))
            part = np.where(changed[region], indices[region], _UNCHANGED).astype(np.uint8)
        self._shown = indices
        frame = Image.frombytes("P", (part.shape[1], part.shape[0]), part.tobytes())
        blocks = GifImagePlugin.getdata(
            frame, (left, top), duration=10 * delay, disposal=1, transparency=_UNCHANGED, include_color_table=False
        )
        self._stream.writelines(blocks)

    def finish(self) -> None:
        self._stream.write(b";")
