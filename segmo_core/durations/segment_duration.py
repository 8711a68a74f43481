"""How long a segment naturally lasts: a range and its middle, and whether a given time is too short for the words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from segmo_core.durations.words import DurationWords
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, MAX_SECONDS, MIN_SEGMENT_FRAMES, MODEL_FRAME_RATE

MIN_SEGMENT_SECONDS = MIN_SEGMENT_FRAMES / MODEL_FRAME_RATE
# One real act in ten is quicker than ``shortest``, and more in recordings that are cut more tightly than those that the
# model has learned from. A warning is for what is clearly quicker: with 0.6, one in 250 of the test clips' natural
# lengths, and one in six of clips from two such sources (one in three with 0.75).
_CLEARLY = 0.6
_HALF_A_TOKEN = FRAMES_PER_TOKEN / MODEL_FRAME_RATE / 2
_FASTER_AND_SLOWER = (0.75, 1.5)  # of a counted act, around the time that the count says
_OFTEN = (2.0, 3.0, 6.0)  # times that "again and again" means, at least
_LONG = 1.5


@dataclass(frozen=True)
class SegmentDuration:
    """Seconds in which the words of a segment can be done. shortest, longest: of ten people one is quicker, and one
    slower. is_said: the words themselves say how long.
    """

    shortest: float
    typical: float
    longest: float
    is_said: bool = False

    def is_too_short(self, seconds: float) -> bool:
        """Whether so many ``seconds`` are clearly not enough. What the words say may be missed by half a token.

        Raises nothing.

        Example:
            >>> SegmentDuration(1.5, 2.7, 4.5).is_too_short(0.8)
            True
        """
        enough = self.shortest - _HALF_A_TOKEN if self.is_said else self.shortest * _CLEARLY
        return seconds < enough

    @property
    def range_text(self) -> str:
        """As "1.4 to 3.1 s"."""
        shortest, longest = f"{self.shortest:.1f}", f"{self.longest:.1f}"
        return f"{shortest} s" if shortest == longest else f"{shortest} to {longest} s"

    @property
    def asked_for(self) -> str:
        """The end of a sentence: "such motions take 1.4 to 3.1 s"."""
        return f"its words say {self.range_text}" if self.is_said else f"such motions take {self.range_text}"


def with_words(once: float, natural: SegmentDuration, words: DurationWords) -> SegmentDuration:
    """``natural`` as the text's own words change it. once: seconds of doing the act one time."""
    if words.seconds is not None:
        said = _possible(words.seconds)
        return SegmentDuration(said, said, said, is_said=True)
    shortest, typical, longest = natural.shortest, natural.typical, natural.longest
    if words.repetitions is not None:
        typical = max(words.repetitions * once, shortest)
        faster, slower = _FASTER_AND_SLOWER
        shortest, longest = typical * faster, typical * slower
    elif words.is_repeated:
        shortest, typical, longest = (
            max(n * once, value) for n, value in zip(_OFTEN, (shortest, typical, longest), strict=True)
        )
    if words.is_brief:
        longest, typical = typical, math.sqrt(shortest * typical)
    elif words.is_long:
        shortest, typical, longest = typical, longest, longest * _LONG
    pace = words.pace
    return SegmentDuration(_possible(shortest * pace), _possible(typical * pace), _possible(longest * pace))


def shortness_notices(track: SegmentTrack, usual: Sequence[SegmentDuration]) -> list[str]:
    """One sentence for every segment of ``track`` (frames at 20 Hz) whose time is too short for its words."""
    notices = []
    for number, (segment, duration) in enumerate(zip(track, usual, strict=True), start=1):
        seconds = segment.num_frames / MODEL_FRAME_RATE
        if duration.is_too_short(seconds):
            text = segment.text.strip().rstrip(".")
            notices.append(f"segment {number} '{text}' has {seconds:.1f} s, {duration.asked_for}")
    return notices


def _possible(seconds: float) -> float:
    return min(max(seconds, MIN_SEGMENT_SECONDS), MAX_SECONDS)
