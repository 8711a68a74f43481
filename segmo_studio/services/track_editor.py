"""Edits of the current take's segments. Each is one undo step; what it changes in the motion is generated anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.errors import SegmoError
from segmo_core.generation.kept_tokens import GivenTokens, relabelled
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MAX_FRAMES, MAX_SEGMENTS, MIN_SEGMENT_FRAMES
from segmo_studio.document.document import Document
from segmo_studio.document.editing.segment_marks import changed_locks, with_track
from segmo_studio.document.findings import flagged_segments, numbers
from segmo_studio.document.found.found_stretches import found_track
from segmo_studio.document.selection import Selection
from segmo_studio.document.track_edits import TrackLimits, absorbed, appended, joined_text, with_end, with_stretch
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.services.notifications import Notifications
from segmo_studio.services.take_jobs import TakeJobs

NEW_SEGMENT_FRAMES = 40


class TrackEditor(QObject):
    """The verbs of prompt panel, inspector and timeline: one implementation for all three."""

    limits_changed = Signal()
    """Another bundle is in use, which may take more or fewer segments."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        jobs: TakeJobs,
        advice: DurationAdvice,
        notifications: Notifications,
    ) -> None:
        super().__init__(document)
        self._advice = advice
        self._document = document
        self._selection = selection
        self._jobs = jobs
        self._notifications = notifications

    @property
    def minimum_frames(self) -> int:
        """Shortest allowed segment of the current take in its frames."""
        return MIN_SEGMENT_FRAMES if self._document.current.is_generated else 1

    @property
    def maximum_frames(self) -> int:
        """Longest allowed track of the current take in its frames."""
        take = self._document.current
        return MAX_FRAMES if take.is_generated else take.num_frames

    @property
    def maximum_segments(self) -> int:
        """Most segments of a take."""
        return MAX_SEGMENTS

    @property
    def can_ripple(self) -> bool:
        """Whether segments can move in time: those of a motion from a file lie where the motion is."""
        return self._document.current.is_generated

    @property
    def limits(self) -> TrackLimits:
        """How far ends of segments can be moved."""
        grid = FRAMES_PER_TOKEN if self._document.current.is_generated else 1
        return TrackLimits(self.minimum_frames, self.maximum_frames, grid, self.can_ripple)

    @property
    def can_append(self) -> bool:
        """Whether there is room for one more segment at the end."""
        track = self._document.current.track
        if track is None or not self.can_ripple or len(track) >= self.maximum_segments:
            return False
        return self.maximum_frames - track.num_frames >= self.minimum_frames

    @property
    def can_repair(self) -> bool:
        """Whether the motion lacks something that its segments ask for, as far as is known."""
        take = self._document.current
        return not take.is_outdated and bool(flagged_segments(take))

    @property
    def can_use_all_found(self) -> bool:
        """Whether it is known what happens in the opened motion."""
        return found_track(self._document.current) is not None

    def set_prompt(self, prompt: str) -> None:
        take = self._document.current
        if self._jobs.is_generating(take.take_id):
            return  # it was handed in; what is typed on belongs to the next one
        if take.is_generated and take.motion is None and prompt != take.prompt:
            self._document.push_take("Edit prompt", replace(take, prompt=prompt), f"prompt {take.take_id}")

    def translate_prompt(self, prompt: str, translation: str) -> None:
        """Put ``translation`` in the place of ``prompt`` in an undo step of its own, which leaves ``prompt`` behind."""
        self.set_prompt(prompt)
        take = self._document.current
        if take.is_generated and take.motion is None and not self._jobs.is_generating(take.take_id):
            self._document.push_take("Translate prompt", replace(take, prompt=translation))

    def set_track(
        self, text: str, track: SegmentTrack, merge_key: str | None = None, given: tuple[GivenTokens, ...] = ()
    ) -> bool:
        """Put an edited track into the current take as the undo step ``text`` and bring the motion up to it.

        given: tokens that new segments bring along. False where nothing changed, or locked segments would have.
        """
        take = self._document.current
        if (track == take.track and not given) or self._is_locked(take, track):
            return False
        edited = with_track(take, track)
        fresh = {tokens.index for tokens in given}
        older = tuple(tokens for tokens in edited.given if tokens.index not in fresh)
        command = self._document.push_take(text, replace(edited, given=(*older, *given)), merge_key)
        if take.result is not None:
            self._jobs.regenerate(command)
        return True

    def set_text(self, index: int, text: str, take_id: int | None = None) -> None:
        """The words of a segment. take_id: of another take than the current one, which stays on screen."""
        other = self._document.current.take_id if take_id is None else take_id
        if other != self._document.current.take_id:
            self._document.when_settled(lambda: self._set_text_elsewhere(other, index, text))
            return
        track, text = self._document.current.track, text.strip()
        if track is None or index >= len(track) or text == track[index].text:
            return
        is_new = not track[index].text and track[index].num_frames == NEW_SEGMENT_FRAMES and self.can_ripple
        key = f"new segment {self._document.current.take_id} {index}" if is_new else None
        self.set_track(f"Edit text of segment {index + 1}", track.with_text(index, text), key)
        if is_new:
            take_id = self._document.current.take_id
            self._advice.when_known(text, lambda usual: self._fit_new(take_id, index, text, usual, key))

    def _set_text_elsewhere(self, take_id: int, index: int, text: str) -> None:
        """Words that were being typed when another take came on screen. The motion of their take stays behind them."""
        take, text = self._document.project.find(take_id), text.strip()
        if take is None or take.track is None or index >= len(take.track) or text == take.track[index].text:
            return
        if index in take.locked:
            self._say_locked((index,))
            return
        edited = with_track(take, take.track.with_text(index, text))
        project = self._document.project.with_takes_mapped(lambda other: edited if other is take else other)
        self._document.push(f"Edit text of segment {index + 1} of {take.name}", project)

    def set_typical_duration(self, index: int) -> None:
        """Give a segment the time that its words typically take; what follows moves."""
        track = self._document.current.track
        usual = self.usual_duration(index)
        if track is not None and usual is not None:
            frames = self._typical_frames(track, index, usual)
            self.set_track(f"Typical length for segment {index + 1}", track.with_duration(index, frames))

    def usual_duration(self, index: int) -> SegmentDuration | None:
        """What segment ``index`` usually takes; None where that is not known or its time cannot be changed."""
        track = self._document.current.track
        if track is None or not 0 <= index < len(track) or not self.can_ripple:
            return None
        return self._advice.of(track[index].text)

    def set_duration(self, index: int, num_frames: int) -> None:
        """What follows moves; turning the spin box on and on is one undo step."""
        track = self._document.current.track
        if track is None:
            return
        num_frames = max(num_frames, self.minimum_frames)
        if not self.can_ripple:
            self.move_end(index, track[index].start + num_frames, key=f"end {self._document.current.take_id} {index}")
            return
        key = f"duration {self._document.current.take_id} {index}"
        self.set_track(f"Change duration of segment {index + 1}", track.with_duration(index, num_frames), key)

    def nudge_boundary(self, index: int, tokens: int) -> None:
        """Move the end of segment ``index`` by whole tokens (the last one's: the end of the motion)."""
        track = self._document.current.track
        if track is not None and 0 <= index < len(track):
            frame = track[index].end + tokens * FRAMES_PER_TOKEN
            self.move_end(index, frame, key=f"end {self._document.current.take_id} {index}")

    def move_end(self, index: int, frame: int, ripple: bool = False, key: str | None = None) -> None:
        """Move the end of segment ``index`` to ``frame``, as far as the limits allow; with ``ripple`` what follows
        moves too. key: moves with the same one in a row are one undo step.
        """
        track = self._document.current.track
        if track is not None and 0 <= index < len(track):
            self.set_track(f"Move end of segment {index + 1}", with_end(track, index, frame, self.limits, ripple), key)

    def split(self, frame: int) -> None:
        """Cut the segment at ``frame``; both parts keep text and motion until one of them is edited."""
        take = self._document.current
        if take.track is None:
            return
        if take.is_generated:
            frame = round(frame / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN
        segment = take.track[take.track.index_at(frame)]
        if min(frame - segment.start, segment.end - frame) < self.minimum_frames:
            self._notifications.warning("The playhead is too close to a boundary to split here (0.4 s at least).")
            return
        most = self.maximum_segments
        if len(take.track) >= most:
            self._notifications.warning(f"A take holds at most {most} segments; merge two of them first.")
            return
        self._keep_motion("Split segment", take, take.track.split(frame))

    def merge(self, index: int) -> None:
        """Join a segment with the next one."""
        take = self._document.current
        if take.track is None or not 0 <= index < len(take.track) - 1:
            return
        first, second = take.track[index].text, take.track[index + 1].text
        merged = take.track.merge(index, joined_text(first, second))
        if first == second:
            self._keep_motion("Merge segments", take, merged)
        else:
            self.set_track("Merge segments", merged)

    def remove(self, index: int, ripple: bool) -> None:
        """Delete a segment. ripple: what follows moves forward; else the neighbour takes over its time."""
        track = self._document.current.track
        if track is None or not 0 <= index < len(track):
            return
        if len(track) == 1:
            self._notifications.warning("The only segment cannot be deleted; edit its text instead.")
            return
        is_moving = ripple and self.can_ripple
        self.set_track("Delete segment", track.without(index) if is_moving else absorbed(track, index))

    def move(self, index: int, to: int) -> None:
        """Put segment ``index`` at position ``to``."""
        track = self._document.current.track
        if track is None or not (0 <= index < len(track) and 0 <= to < len(track)) or index == to:
            return
        if not self.can_ripple:
            self._notifications.warning("The segments of an opened motion stay where their motion is.")
            return
        order = [position for position in range(len(track)) if position != index]
        order.insert(to, index)
        if self.set_track("Reorder segments", track.reordered(order)):
            self._selection.select_segment(to)

    def append(self) -> None:
        """Add an empty segment at the end, to be filled with a text."""
        take = self._document.current
        room = self.maximum_frames - (take.track.num_frames if take.track is not None else 0)
        if room < self.minimum_frames:
            self._notifications.warning("There is no time left for another segment (10 minutes at most).")
            return
        track = self._try(lambda: appended(take.track, "", min(NEW_SEGMENT_FRAMES, room), self.maximum_segments))
        if track is not None:
            self._document.push_take("Add segment", replace(take, track=track))
            self._selection.select_segment(len(track) - 1)

    def use_grounding(self, index: int) -> None:
        """Write the stretch where a query was found into the track; the motion stays as it is."""
        take = self._document.current
        if 0 <= index < len(take.groundings):
            found = take.groundings[index]
            self.use_stretch(found.start, found.end, found.query)

    def use_stretch(self, start: int, end: int, text: str) -> None:
        """Say that frames [start, end) of the motion show ``text``; the motion stays as it is."""
        take = self._document.current
        if take.is_generated:
            start, end = (round(frame / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN for frame in (start, end))
        most = self.maximum_segments
        track = self._try(lambda: with_stretch(take.track, take.num_frames, start, end, text, most))
        if track is not None:
            self._keep_motion("Use as segment", take, track)
            self._selection.select_segment(track.index_at((start + end) // 2))

    def use_all_found(self) -> None:
        """What was found in an opened motion as its segments, in the place of those it had."""
        track = found_track(self._document.current)
        if track is not None:
            self.set_track("Use all as segments", track)
            self._selection.select_segment(0)

    def repair(self, index: int | None = None) -> None:
        """Generate the segments anew that the motion does not show as asked, or only segment ``index`` of them."""
        self._jobs.repair(index)

    def remove_grounding(self, index: int) -> None:
        take = self._document.current
        if 0 <= index < len(take.groundings):
            kept = (*take.groundings[:index], *take.groundings[index + 1 :])
            self._document.push_take("Remove query", replace(take, groundings=kept))

    def _fit_new(self, take_id: int, index: int, text: str, usual: SegmentDuration, key: str | None) -> None:
        """A new segment that has just got its text takes the time for it, unless it was changed meanwhile."""
        take = self._document.current
        if take.take_id != take_id or take.track is None or index >= len(take.track):
            return
        if take.track[index].text == text and take.track[index].num_frames == NEW_SEGMENT_FRAMES:
            frames = self._typical_frames(take.track, index, usual)
            self.set_track(f"Edit text of segment {index + 1}", take.track.with_duration(index, frames), key)

    def _typical_frames(self, track: SegmentTrack, index: int, usual: SegmentDuration) -> int:
        """Whole tokens, as far as there is room."""
        tokens = round(usual.typical * self._document.current.frame_rate / FRAMES_PER_TOKEN)
        longest = track[index].num_frames + self.maximum_frames - track.num_frames
        return min(max(tokens * FRAMES_PER_TOKEN, self.minimum_frames), longest)

    def _keep_motion(self, text: str, take: Take, track: SegmentTrack) -> None:
        if take.result is not None and not take.is_outdated:
            if not self._is_locked(take, track, keeps_times=True):
                marked = with_track(take, track, keeps_times=True)
                named = relabelled(take.result, track)
                self._document.push_take(text, replace(marked, result=named, alignment=None))
        else:
            self.set_track(text, track)

    def _is_locked(self, take: Take, track: SegmentTrack, keeps_times: bool = False) -> bool:
        """Whether ``track`` would change a locked segment of ``take``; says so."""
        changed = changed_locks(take, track, keeps_times)
        if changed:
            self._say_locked(changed)
        return bool(changed)

    def _say_locked(self, indices: tuple[int, ...]) -> None:
        locked = numbers(indices)
        is_are, it_them = ("is", "it") if len(indices) == 1 else ("are", "them")
        self._notifications.warning(f"{locked.capitalize()} {is_are} locked: unlock {it_them} first (Ctrl+L).")

    def _try(self, edit: Callable[[], SegmentTrack]) -> SegmentTrack | None:
        try:
            return edit()
        except SegmoError as error:
            self._notifications.error(error)
            return None
