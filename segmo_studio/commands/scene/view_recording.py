"""The 3D view as a video of any size: a job asks for frames, the window draws them between everything else."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from segmo_core.formats.video.ffmpeg import encode_mp4
from segmo_core.progress import Progress
from segmo_core.serialization import write_atomically
from segmo_studio.services.jobs import EXPORT_LANE, Job, JobRunner
from segmo_studio.viewport.motion_view import MotionView

_LOOK_SECONDS = 0.1  # between two looks at whether the job was cancelled


@dataclass(frozen=True)
class Recording:
    """size: width and height in pixels, both even. frames: of the motion, also between two, one for each picture.
    frame_rate: of the video, Hz. captions: with the texts of segments. title: in the file.
    """

    size: tuple[int, int]
    frames: Sequence[float]
    frame_rate: float
    captions: bool = True
    title: str = ""


def frames_of(start: int, end: int, motion_rate: float, rate: float) -> tuple[float, ...]:
    """The moments of frames [start, end) of a motion at ``motion_rate`` that a video at ``rate`` shows."""
    count = int((end - 1 - start) / motion_rate * rate + 1e-6) + 1
    return tuple(start + number * motion_rate / rate for number in range(count))


class ViewRecorder(QObject):
    """Draws in the window's thread what a job's thread asks for."""

    _asked = Signal(float)

    def __init__(self, view: MotionView) -> None:
        super().__init__(view)
        self._view = view
        self._size, self._captions = QSize(), False
        self._drawn: queue.SimpleQueue[NDArray[np.uint8] | Exception] = queue.SimpleQueue()
        self._asked.connect(self._draw, Qt.ConnectionType.QueuedConnection)

    def record(self, recording: Recording, path: Path, runner: JobRunner) -> Job[Path]:
        """Write an MP4. Result: its path."""
        self._size, self._captions = QSize(*recording.size), recording.captions

        def work(progress: Progress, _job: Job[Any]) -> Path:
            pictures = self._pictures(recording.frames, progress)
            size, rate = recording.size, recording.frame_rate
            write_atomically(path, lambda file: encode_mp4(pictures, file, size, rate, recording.title, path))
            return path

        job = runner.submit(f"Recording {path.name}", work, EXPORT_LANE)
        job.released.connect(self.deleteLater)
        return job

    def _pictures(self, frames: Sequence[float], progress: Progress) -> Iterator[NDArray[np.uint8]]:
        for number, frame in enumerate(frames):
            self._asked.emit(frame)
            yield self._answer(progress)
            progress.report((number + 1) / len(frames), f"Picture {number + 1} of {len(frames)}")

    def _answer(self, progress: Progress) -> NDArray[np.uint8]:
        while True:
            progress.raise_if_cancelled()
            try:
                drawn = self._drawn.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(drawn, Exception):
                raise drawn
            return drawn

    def _draw(self, frame: float) -> None:
        try:
            self._drawn.put(pixels_of(self._view.picture(self._size, frame, self._captions)))
        except Exception as error:  # told where the picture was waited for
            self._drawn.put(error)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """(height, width, 3) red, green, blue; a copy."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()
