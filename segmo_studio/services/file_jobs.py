"""Opening and exporting of motion files in the background; what is opened becomes a take as one undo step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.project.project import Take
from segmo_studio.document.document import Document
from segmo_studio.document.read_motion import Fitting, ReadMotion
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.jobs import Job
from segmo_studio.services.notifications import Notifications

if TYPE_CHECKING:
    from segmo_core.retargeting.to_model_skeleton import RetargetResult


class FileJobs(QObject):
    """Always cancellable; failures become notifications."""

    exported = Signal(object)
    """The Path of a file that was written."""
    opened = Signal(object)
    """The Take with the motion of a file."""
    doubted = Signal(object)
    """A ReadMotion that a person should look at before it becomes a take."""

    def __init__(self, document: Document, engine: EngineService, notifications: Notifications) -> None:
        super().__init__(document)
        self._document = document
        self._engine = engine
        self._notifications = notifications

    def open_motion(self, path: Path) -> Job[ReadMotion]:
        """Open a motion file as a take of its own. One that had to be guessed at waits for ``doubted``'s listener."""
        job = self.read(path)

        def put(read: ReadMotion) -> None:
            if read.result is None or read.is_doubtful:
                self.doubted.emit(read)
            else:
                self.put_opened(read, read.result)

        job.when_done(put)
        return job

    def read(self, path: Path) -> Job[ReadMotion]:
        """Read a motion file without opening it. Result: ReadMotion."""
        job = self._engine.open_motion(path)
        job.failed.connect(self._notifications.error)
        return job

    def fit(self, read: ReadMotion, fitting: Fitting) -> Job[RetargetResult]:
        """A file on the model's skeleton, for looking at it. Result: RetargetResult."""
        return self._engine.retarget(read, fitting)

    def put_opened(self, read: ReadMotion, result: RetargetResult, take: Take | None = None) -> None:
        """The motion of a file as a new take, or in the place of the one that ``take`` had from its file.

        result: what the source of ``read`` became in the end.
        """
        path, num_frames = read.path, result.motion.num_frames
        if take is None:
            current = self._document.current
            take = current if current.is_empty else self._document.project.next_take()
            take = replace(take, name=path.stem, source=path, track=read.track)
        if take.track is not None and take.track.num_frames != num_frames:
            take = replace(take, track=None)
        opened = replace(take, opened=result.motion, read_as=result, groundings=(), described=())
        self._document.push_take(f"Open {path.name}", opened)
        self.opened.emit(opened)

    def export(
        self,
        path: Path,
        options: ExportOptions | None = None,
        format_name: str | None = None,
        frames: tuple[int, int] | None = None,
    ) -> Job[Path] | None:
        """Write the current motion to ``path``, in the named format or that of the extension. frames: only [start, end)
        of it.
        """
        take = self._document.current
        motion, track = take.motion, take.shown_track
        if motion is None:
            return None
        if frames is not None:
            start, end = max(frames[0], 0), min(frames[1], motion.num_frames)
            motion = motion.frames(start, end)
            track = None if track is None else track.cut(start, end)
            if options is not None and options.frame.isdecimal():  # counted at the rate of the file
                rate = options.frame_rate or motion.frame_rate
                frame = int(options.frame) - round(start * rate / motion.frame_rate)
                options = replace(options, frame=str(max(frame, 0)))
        job = self._engine.export(motion, path, track, options, format_name)
        job.failed.connect(self._notifications.error)
        job.when_done(self.exported.emit)
        return job
