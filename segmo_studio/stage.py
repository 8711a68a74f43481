"""What plays: the current take's motion, or a rough one while its first is being made, in view and playback."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from segmo_core.motion.motion import Motion
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.document import Document
from segmo_studio.document.found.found_stretches import coloured_track, found_track
from segmo_studio.document.playback import Playback
from segmo_studio.panels.view_area import ViewArea, hint_for
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.viewport.motion_view import MotionView


class Stage(QObject):
    """Keeps view and playback up to the document. A motion that is there plays on until another one is whole."""

    changed = Signal()
    """Another motion, or none, is on show."""

    def __init__(
        self, document: Document, playback: Playback, view: MotionView, area: ViewArea, jobs: TakeJobs, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._playback = playback
        self._view = view
        self._area = area
        self._preview: Motion | None = None
        document.take_switched.connect(self._on_take_switched)
        document.take_edited.connect(self._on_take_edited)
        jobs.motion_previewed.connect(self._show_preview)
        jobs.generated.connect(self._play_from_start)
        playback.moment_changed.connect(view.set_frame)
        view.paced.connect(playback.set_interval)

    @property
    def is_preview(self) -> bool:
        """Whether what plays is a rough motion."""
        return self._preview is not None

    def show_take(self) -> None:
        """Put the current take's motion on show, coloured by the segments that it shows."""
        take, playback = self._document.current, self._playback
        if take.motion is not None:
            self._preview = None
        motion = self._preview or take.motion
        self._area.show_badge(self._preview is not None)
        self._view.set_motion(motion, coloured_track(take) if self._preview is None else None)
        playback.set_length(motion.num_frames if motion else 0, motion.frame_rate if motion else take.frame_rate)
        self._view.set_frame(playback.moment)
        self._area.show_hint(hint_for(take) if motion is None else None)
        self.changed.emit()

    def colour_by(self, track: SegmentTrack | None) -> None:
        """Colour the body by a track that is still being dragged; None goes back to the motion's own."""
        take = self._document.current
        if take.motion is not None:
            self._view.set_motion(take.motion, track or coloured_track(take))

    def go_to_boundary(self, direction: int) -> None:
        """Pause at the next (1) or previous (-1) boundary, or at an end of the motion."""
        take, playback = self._document.current, self._playback
        track = take.track or found_track(take)
        marks = sorted({0, playback.num_frames - 1, *(track.boundaries if track else ())})
        beyond = [mark for mark in marks if (mark - playback.frame) * direction > 0]
        if beyond:
            playback.pause()
            playback.set_frame(min(beyond) if direction > 0 else max(beyond))

    def _on_take_switched(self, _take: Take) -> None:
        self._preview = None
        self._playback.clear_loop_range()
        self.show_take()

    def _on_take_edited(self, before: Take, after: Take) -> None:
        is_same = before.track is after.track and before.described is after.described
        if before.motion is not after.motion or not is_same:
            self.show_take()

    def _show_preview(self, motion: Motion | None) -> None:
        if motion is self._preview:
            return
        self._preview = motion
        self.show_take()
        if self._preview is not None:
            self._playback.play()

    def _play_from_start(self) -> None:
        self._playback.set_frame(0)
        self._playback.play()
