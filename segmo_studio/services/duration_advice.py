"""Knows how long the segments of the current take usually take, and which of them are too short for their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from segmo_core.durations.segment_duration import SegmentDuration
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import MotionSegment, SegmentTrack
from segmo_studio.document.document import Document
from segmo_studio.document.findings import in_sentence
from segmo_studio.services.engine_service import EngineService


class DurationAdvice(QObject):
    """Asks for the texts of the current take in a lane of its own, so that an answer waits for no generation.

    What is found out belongs to a text and the bundle in use; it is no part of the document.
    """

    changed = Signal()
    """More is known, or less."""

    def __init__(self, document: Document, engine: EngineService) -> None:
        super().__init__(document)
        self._document = document
        self._engine = engine
        self._known: dict[str, SegmentDuration] = {}
        self._asked: set[str] = set()
        self._waiting: list[tuple[str, Callable[[SegmentDuration], None]]] = []
        # Edits come in bursts, and an edit's own job shall be the first in line.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)
        document.take_switched.connect(self._follow)
        document.take_edited.connect(self._follow)

    def of(self, text: str) -> SegmentDuration | None:
        """What ``text`` usually takes; None while that is not known."""
        return self._known.get(text)

    def when_known(self, text: str, then: Callable[[SegmentDuration], None]) -> None:
        """Call ``then`` with what ``text`` usually takes, now or as soon as that is known."""
        known = self._known.get(text)
        if known is not None:
            then(known)
        else:
            self._waiting.append((text, then))
            self._soon.start()

    def forget(self) -> None:
        """Another bundle is in use, which may know otherwise."""
        self._known.clear()
        self._asked = set()
        self._follow()
        self.changed.emit()

    def short_segments(self, take: Take, track: SegmentTrack | None) -> frozenset[int]:
        """Segments of ``track`` (as it is, or as it would be after a drag) that are too short for their words."""
        if track is None or not take.is_generated:
            return frozenset()
        return frozenset(index for index, segment in enumerate(track) if self._is_too_short(segment, take.frame_rate))

    def sentence(self, take: Take, index: int) -> str:
        """What is wrong with the time of segment ``index``; empty when nothing is, or nothing is known."""
        if index not in self.short_segments(take, take.track) or take.track is None:
            return ""
        segment = take.track[index]
        seconds, usual = segment.num_frames / take.frame_rate, self._known[segment.text]
        return f"Segment {index + 1}, “{in_sentence(segment.text)}”, has {seconds:.1f} s; {usual.asked_for}."

    def _is_too_short(self, segment: MotionSegment, frame_rate: float) -> bool:
        usual = self._known.get(segment.text)
        return usual is not None and usual.is_too_short(segment.num_frames / frame_rate)

    def _follow(self, *_takes: Take) -> None:
        if self._unknown():
            self._soon.start()

    def _unknown(self) -> list[str]:
        take = self._document.current
        texts = list(take.track.texts) if take.track is not None and take.is_generated else []
        texts += [text for text, _then in self._waiting]
        return [text for text in dict.fromkeys(texts) if text.strip() and text not in {*self._known, *self._asked}]

    def _ask(self) -> None:
        texts = self._unknown()
        if texts:
            asked = self._asked
            asked.update(texts)
            job = self._engine.usual_durations(texts)
            job.when_done(lambda found: self._learn(asked, texts, found))
            job.ended.connect(lambda: asked.difference_update(texts))

    def _learn(self, asked: set[str], texts: Sequence[str], found: Sequence[SegmentDuration]) -> None:
        if asked is not self._asked:
            return  # of a bundle that is no longer in use
        self._known.update(zip(texts, found, strict=True))
        ready = [(text, then) for text, then in self._waiting if text in self._known]
        self._waiting = [(text, then) for text, then in self._waiting if text not in self._known]
        for text, then in ready:
            then(self._known[text])
        self.changed.emit()
