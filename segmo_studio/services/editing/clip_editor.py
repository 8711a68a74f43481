"""Segments put into the current take from elsewhere: dropped from another take, pasted, duplicated. With their motion
where that was made by the tokenizer in use, else with their words and time alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from segmo_core.errors import SegmoError
from segmo_core.generation.kept_tokens import GivenTokens
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.document import Document
from segmo_studio.document.editing.segment_clip import DropPlace, SegmentClip
from segmo_studio.document.findings import numbers
from segmo_studio.document.selection import Selection
from segmo_studio.document.track_edits import with_segments
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.track_editor import TrackEditor


class ClipEditor(QObject):
    """Puts clips into the current take; each time one undo step."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        editor: TrackEditor,
        engine: EngineService,
        notifications: Notifications,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._editor = editor
        self._engine = engine
        self._notifications = notifications

    def put(self, text: str, clips: Sequence[SegmentClip], place: DropPlace) -> bool:
        """Insert ``clips``, or replace a segment by them; False where that cannot be, which is said."""
        take = self._document.current
        if not clips:
            return False
        if not self._editor.can_ripple:
            self._notifications.warning(f"{take.name} is a motion from a file: its segments stay where it shows them.")
            return False
        pieces = [(clip.text, clip.num_frames) for clip in clips]
        number = len(take.track) if take.track is not None else 0
        first = max(0, min(place.index, number))
        last = first + 1 if place.replaces and first < number else first
        try:
            track = with_segments(take.track, pieces, first, last, self._editor.maximum_segments)
        except SegmoError as error:
            self._notifications.error(error)
            return False
        if track.num_frames > max(self._editor.maximum_frames, take.num_frames):
            self._notifications.warning("There is no time left for these segments (10 minutes at most).")
            return False
        given = self._given(clips, first)
        if not self._put_track(text, track, given):
            return False
        self._selection.select_segment(first)
        return True

    def _put_track(self, text: str, track: SegmentTrack, given: tuple[GivenTokens, ...]) -> bool:
        take = self._document.current
        if take.result is None:
            self._document.push_take(text, replace(take, track=track))
            return True
        return self._editor.set_track(text, track, given=given)

    def _given(self, clips: Sequence[SegmentClip], first: int) -> tuple[GivenTokens, ...]:
        """Their tokens, as far as the current take can take them in."""
        result = self._document.current.result
        if result is None:
            return ()
        given, foreign = [], []
        for index, clip in enumerate(clips, start=first):
            tokens = clip.given_to(index)
            if tokens is None or clip.origin is None:
                continue
            if result.origin.means_the_same_as(clip.origin):
                given.append(tokens)
            else:
                foreign.append(index)
        if foreign:
            self._notifications.info(
                f"The motion of {numbers(tuple(foreign))} was made with another bundle, so it is generated anew here."
            )
        return tuple(given)
