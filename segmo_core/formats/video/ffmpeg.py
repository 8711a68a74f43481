"""Images to an H.264 video, through the ffmpeg that comes with imageio-ffmpeg."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, MissingDependencyError

_LONGEST_TITLE = 500  # characters
# The colours are those of screens (BT.709, limited range), said twice: to the converter and to the player.
_COLOURS = (
    "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
    "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
)  # fmt: skip
_QUALITY = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-tune", "animation")
# No version numbers in the file, so that the same pictures are the same bytes; the index first, so that it streams.
_CONTAINER = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", "-f", "mp4")


def encode_mp4(
    images: Iterable[NDArray[np.uint8]], output: Path, size: tuple[int, int], frame_rate: float, title: str, shown: Path
) -> None:
    """Write images (height, width, 3) of ``size`` (width, height), both even, as an MP4 to ``output``.

    An exception from ``images`` ends ffmpeg and is passed on. Raises MissingDependencyError without an ffmpeg and
    FileFormatError, which names the file ``shown``, when it fails.
    """
    rate = Fraction(frame_rate).limit_denominator(10000)
    arguments = [
        _ffmpeg(), "-y", "-hide_banner", "-loglevel", "error", "-nostdin",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-framerate", str(rate), "-i", "pipe:0",
        "-an", *_COLOURS, *_QUALITY, "-metadata", f"title={_plain(title)}", *_CONTAINER, str(output),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would open a console
            )
        except OSError as error:
            raise MissingDependencyError(
                f"ffmpeg cannot be started ({error.strerror}), expected a working one: pip install imageio-ffmpeg"
            ) from None
        try:
            assert process.stdin is not None  # it was asked for
            _feed(process.stdin, images)
            process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise FileFormatError(f"{shown}: cannot be written, ffmpeg says {_last_line(log)!r}")


def _feed(stream: IO[bytes], images: Iterable[NDArray[np.uint8]]) -> None:
    """Ends quietly where ffmpeg has ended: its exit status and its log tell why."""
    try:
        for image in images:
            stream.write(np.ascontiguousarray(image).data)
    except BrokenPipeError:
        return
    finally:
        with contextlib.suppress(BrokenPipeError):
            stream.close()


def _ffmpeg() -> str:
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise MissingDependencyError(
            "no ffmpeg was found, which writes videos, expected the one of: pip install imageio-ffmpeg"
        ) from None


def _plain(title: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in title[:_LONGEST_TITLE])


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode("utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
