"""Edits of several segments at once, and of what is copied: each one undo step, whatever it touches."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from segmo_studio.document.document import Document
from segmo_studio.document.editing.segment_clip import DropPlace, SegmentClip
from segmo_studio.document.editing.segment_marks import with_track
from segmo_studio.document.findings import flagged_segments, numbers
from segmo_studio.document.selection import Selection
from segmo_studio.document.track_edits import absorbed, with_segments
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.services.editing.clip_editor import ClipEditor
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.track_editor import NEW_SEGMENT_FRAMES, TrackEditor


class SegmentEditor(QObject):
    """Copy, paste, duplicate, insert, move, delete; and mending what the check found."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        editor: TrackEditor,
        clips: ClipEditor,
        advice: DurationAdvice,
        notifications: Notifications,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._editor = editor
        self._clips = clips
        self._advice = advice
        self._notifications = notifications
        self._copied: tuple[SegmentClip, ...] = ()

    @property
    def can_paste(self) -> bool:
        """Whether something was copied, and the current take can take it in."""
        return bool(self._copied) and self._editor.can_ripple

    def copy(self, indices: Sequence[int]) -> None:
        """Keep segments to be pasted, into this take or another, as they are now."""
        take = self._document.current
        if indices and take.track is not None:
            self._copied = tuple(SegmentClip.of(take, index) for index in sorted(indices))

    def cut(self, indices: Sequence[int]) -> None:
        """Copy segments and delete them, what follows moving up."""
        self.copy(indices)
        self.remove(indices, ripple=True)

    def paste(self) -> None:
        """Insert what was copied behind the selected segments, or at the end."""
        if not self._copied:
            self._notifications.info("Nothing was copied yet: select segments and press Ctrl+C.")
            return
        if self._clips.put(f"Paste {_counted(len(self._copied))}", self._copied, self._behind()):
            self._select(len(self._copied))

    def duplicate(self, indices: Sequence[int]) -> None:
        """Insert copies of segments behind the last of them."""
        take = self._document.current
        if take.track is None or not indices:
            return
        clips = [SegmentClip.of(take, index) for index in sorted(indices)]
        place = DropPlace(max(indices) + 1, False)
        if self._clips.put(f"Duplicate {numbers(tuple(sorted(indices)))}", clips, place):
            self._select(len(clips))

    def insert_behind(self, index: int) -> bool:
        """An empty segment behind segment ``index``, to be filled with a text; False where there is no room."""
        take = self._document.current
        if take.track is None or not 0 <= index < len(take.track) - 1:
            before = -1 if take.track is None else len(take.track)
            self._editor.append()
            return take.track is None or len(self._document.current.track or ()) > before
        room = self._editor.maximum_frames - take.track.num_frames
        if not self._editor.can_append or room < self._editor.minimum_frames:
            self._notifications.warning("There is no room for another segment here.")
            return False
        pieces = [("", min(NEW_SEGMENT_FRAMES, room))]
        track = with_segments(take.track, pieces, index + 1, index + 1, self._editor.maximum_segments)
        self._document.push_take("Insert segment", with_track(take, track))
        self._selection.select_segment(index + 1)
        return True

    def move(self, indices: Sequence[int], place: int, copies: bool = False) -> None:
        """Put segments before segment ``place`` (the number of segments: at the end), in their order."""
        take = self._document.current
        track, wanted = take.track, sorted(set(indices))
        if track is None or not wanted or wanted[0] < 0 or wanted[-1] >= len(track):
            return
        if copies:
            clips = [SegmentClip.of(take, index) for index in wanted]
            if self._clips.put(f"Copy {numbers(tuple(wanted))}", clips, DropPlace(place, False)):
                self._select(len(clips))
            return
        if not self._editor.can_ripple:
            self._notifications.warning("The segments of an opened motion stay where their motion is.")
            return
        before = [index for index in range(place) if index not in wanted]
        order = [*before, *wanted, *(index for index in range(place, len(track)) if index not in wanted)]
        if self._editor.set_track("Reorder segments", track.reordered(order)):
            self._selection.select_segment(len(before))
            self._select(len(wanted))

    def remove(self, indices: Sequence[int], ripple: bool) -> None:
        """Delete segments. ripple: what follows moves up; else their neighbours take over their time."""
        track, wanted = self._document.current.track, sorted(set(indices))
        if track is None or not wanted or wanted[0] < 0 or wanted[-1] >= len(track):
            return
        if len(wanted) == 1:
            self._editor.remove(wanted[0], ripple)
            return
        if len(wanted) == len(track):
            self._notifications.warning("One segment has to stay; delete the take instead.")
            return
        is_moving = ripple and self._editor.can_ripple
        for index in reversed(wanted):
            track = track.without(index) if is_moving else absorbed(track, index)
        if self._editor.set_track(f"Delete {_counted(len(wanted))}", track):
            self._selection.select_segment(min(wanted[0], len(track) - 1))

    def mend(self, index: int) -> None:
        """Do something about what is wrong with a segment: its time where that is too short, else its motion."""
        take = self._document.current
        if index in take.locked:
            self._notifications.warning(f"Segment {index + 1} is locked: unlock it first (Ctrl+L).")
        elif index in self._advice.short_segments(take, take.track):
            self._editor.set_typical_duration(index)
        elif index in flagged_segments(take):
            self._editor.repair(index)

    def _behind(self) -> DropPlace:
        selected = self._selection.segments
        track = self._document.current.track
        return DropPlace(max(selected) + 1 if selected else len(track or ()), False)

    def _select(self, count: int) -> None:
        """As many segments as came, from the first of them, which is selected already."""
        first = self._selection.segment
        self._selection.extend_to(first + count - 1)


def _counted(number: int) -> str:
    return "segment" if number == 1 else f"{number} segments"
