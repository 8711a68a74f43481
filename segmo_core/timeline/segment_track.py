"""Segments of text and of motion. Torch-free values shared by engine and Studio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from segmo_core.errors import InvalidRequestError


@dataclass(frozen=True)
class TextSegment:
    """One atomic action as a standalone sentence ("A person walks forward.").

    start, end: the half-open character range of the prompt it came from; None when it has none.
    """

    text: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class MotionSegment:
    """Frames [start, end) that show ``text``."""

    text: str
    start: int
    end: int

    @property
    def num_frames(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class SegmentTrack:
    """Segments that tile [0, num_frames): no gap, no overlap, none empty. Edits return new tracks."""

    segments: tuple[MotionSegment, ...]

    def __post_init__(self) -> None:
        if not self.segments:
            raise InvalidRequestError("segment track: no segments, expected at least one")
        expected = 0
        for number, segment in enumerate(self.segments, start=1):
            if segment.start != expected:
                raise InvalidRequestError(
                    f"segment track: segment {number} starts at frame {segment.start}, expected {expected}"
                )
            if segment.end <= segment.start:
                raise InvalidRequestError(f"segment track: segment {number} is empty, expected at least one frame")
            expected = segment.end

    @classmethod
    def from_durations(cls, texts: Sequence[str], num_frames: Sequence[int]) -> SegmentTrack:
        """One segment for each text, lasting the given frames, in order.

        Args:
            texts: of the segments.
            num_frames: of each, at least 1.

        Returns:
            A track that begins at frame 0.

        Raises:
            InvalidRequestError: other numbers of texts and durations, none at all, or an empty segment.

        Example:
            >>> SegmentTrack.from_durations(["A person walks.", "A person waves."], [60, 40]).ends
            (60, 100)
        """
        if len(texts) != len(num_frames):
            raise InvalidRequestError(
                f"segment track: {len(texts)} texts and {len(num_frames)} durations, expected as many"
            )
        segments, start = [], 0
        for text, frames in zip(texts, num_frames, strict=True):
            segments.append(MotionSegment(text, start, start + frames))
            start += frames
        return cls(tuple(segments))

    @classmethod
    def uniform(cls, texts: Sequence[str], num_frames: int, multiple: int = 1) -> SegmentTrack:
        """Equal parts, the first ones longer by one ``multiple`` where it does not divide.

        Args:
            texts: of the segments.
            num_frames: of all together.
            multiple: frames that every segment has a multiple of; 4 puts boundaries on whole tokens.

        Returns:
            A track of at most ``num_frames``.

        Raises:
            InvalidRequestError: fewer frames than segments.

        Source:
            Paper, section 3.4.

        Example:
            >>> SegmentTrack.uniform(["A person walks.", "A person waves."], 100, multiple=8).ends
            (48, 96)
        """
        units = num_frames // multiple
        if units < len(texts):
            raise InvalidRequestError(f"{num_frames} frames are too few for {len(texts)} segments")
        base, rest = divmod(units, len(texts))
        frames = [(base + (1 if i < rest else 0)) * multiple for i in range(len(texts))]
        return cls.from_durations(texts, frames)

    @property
    def num_frames(self) -> int:
        return self.segments[-1].end

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(segment.text for segment in self.segments)

    @property
    def ends(self) -> tuple[int, ...]:
        """The published form of a segmentation: sorted ends, the last one equal to num_frames."""
        return tuple(segment.end for segment in self.segments)

    @property
    def boundaries(self) -> tuple[int, ...]:
        """Inner boundaries: the ends without the last."""
        return self.ends[:-1]

    def __len__(self) -> int:
        return len(self.segments)

    def __iter__(self) -> Iterator[MotionSegment]:
        return iter(self.segments)

    def __getitem__(self, index: int) -> MotionSegment:
        return self.segments[index]

    def index_at(self, frame: int) -> int:
        """Index of the segment that holds ``frame``; frames outside belong to the nearest. Raises nothing.

        Example:
            >>> track.index_at(60), track.index_at(1000)
            (1, 1)
        """
        for index, segment in enumerate(self.segments):
            if frame < segment.end:
                return index
        return len(self.segments) - 1

    def with_text(self, index: int, text: str) -> SegmentTrack:
        """Segment ``index`` with another ``text``. Raises IndexError where there is none.

        Example:
            >>> track.with_text(1, "A person claps.").texts
            ('A person walks.', 'A person claps.')
        """
        return self._replaced(index, (replace(self.segments[index], text=text),))

    def with_boundary(self, boundary: int, frame: int, minimum: int = 1) -> SegmentTrack:
        """Inner boundary number ``boundary`` moved to ``frame`` (roll edit: total length unchanged).

        The frame is held back so that both neighbours keep at least ``minimum`` frames. Raises IndexError where there
        is no such boundary.

        Example:
            >>> track.with_boundary(0, 48).ends, track.with_boundary(0, 1000, minimum=8).ends
            ((48, 104), (96, 104))
        """
        left, right = self.segments[boundary], self.segments[boundary + 1]
        frame = max(left.start + minimum, min(frame, right.end - minimum))
        segments = list(self.segments)
        segments[boundary] = replace(left, end=frame)
        segments[boundary + 1] = replace(right, start=frame)
        return SegmentTrack(tuple(segments))

    def with_duration(self, index: int, num_frames: int) -> SegmentTrack:
        """Segment ``index`` lasting ``num_frames``; what follows moves (ripple edit).

        Raises InvalidRequestError for less than a frame, IndexError where there is no such segment.

        Example:
            >>> track.with_duration(0, 80).ends
            (80, 124)
        """
        durations = [segment.num_frames for segment in self.segments]
        durations[index] = num_frames
        return SegmentTrack.from_durations(self.texts, durations)

    def split(self, frame: int, texts: tuple[str, str] | None = None) -> SegmentTrack:
        """The segment holding ``frame`` cut in two there; both keep the text unless ``texts`` are given.

        Raises InvalidRequestError at a boundary or outside.

        Example:
            >>> track.split(20).ends
            (20, 60, 104)
        """
        index = self.index_at(frame)
        segment = self.segments[index]
        if not segment.start < frame < segment.end:
            raise InvalidRequestError(f"segment track: frame {frame} is not inside a segment, nothing to split")
        first, second = texts or (segment.text, segment.text)
        return self._replaced(
            index, (MotionSegment(first, segment.start, frame), MotionSegment(second, frame, segment.end))
        )

    def merge(self, index: int, text: str | None = None) -> SegmentTrack:
        """Segment ``index`` joined with the next one; the ``text`` is the first one's unless given.

        Raises InvalidRequestError for the last segment.

        Example:
            >>> track.merge(0, "A person walks and waves.")[0]
            MotionSegment(text='A person walks and waves.', start=0, end=104)
        """
        if index + 1 >= len(self.segments):
            raise InvalidRequestError("segment track: the last segment has no next one to merge with")
        first, second = self.segments[index], self.segments[index + 1]
        merged = MotionSegment(first.text if text is None else text, first.start, second.end)
        return SegmentTrack((*self.segments[:index], merged, *self.segments[index + 2 :]))

    def without(self, index: int) -> SegmentTrack:
        """Segment ``index`` removed; what follows moves forward. Raises InvalidRequestError for the only one.

        Example:
            >>> track.without(0).ends
            (44,)
        """
        if len(self.segments) == 1:
            raise InvalidRequestError("segment track: the only segment cannot be removed")
        kept = [segment for i, segment in enumerate(self.segments) if i != index]
        return SegmentTrack.from_durations([s.text for s in kept], [s.num_frames for s in kept])

    def reordered(self, order: Sequence[int]) -> SegmentTrack:
        """Segments in a new ``order`` of their indices, each with its duration.

        Raises InvalidRequestError for anything but a permutation.

        Example:
            >>> track.reordered([1, 0]).ends
            (44, 104)
        """
        if sorted(order) != list(range(len(self.segments))):
            raise InvalidRequestError(f"segment track: order {list(order)} is not a permutation of the segments")
        picked = [self.segments[i] for i in order]
        return SegmentTrack.from_durations([s.text for s in picked], [s.num_frames for s in picked])

    def cut(self, start: int, end: int) -> SegmentTrack:
        """The frames [``start``, ``end``) as a track of its own. Raises InvalidRequestError when there are none.

        Example:
            >>> track.cut(30, 80).ends
            (30, 50)
        """
        parts = [
            MotionSegment(part.text, max(part.start, start) - start, min(part.end, end) - start)
            for part in self
            if part.start < end and part.end > start
        ]
        return SegmentTrack(tuple(parts))

    def _replaced(self, index: int, new: tuple[MotionSegment, ...]) -> SegmentTrack:
        return SegmentTrack((*self.segments[:index], *new, *self.segments[index + 1 :]))
