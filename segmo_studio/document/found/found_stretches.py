"""What is found in a motion, whatever was asked for, and the colours that everything found has in the whole window."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.grounding.described_stretch import DescribedStretch, track_of
from segmo_core.project.project import Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.sightings import is_likely, segments_of_queries


@dataclass(frozen=True)
class FoundStretch:
    """Frames [start, end) and what they show. index: in ``Take.described``. colour: number of its colour, counted as
    those of segments are; None where nothing is known.
    """

    index: int
    start: int
    end: int
    text: str
    confidence: float
    colour: int | None


def found_track(take: Take) -> SegmentTrack | None:
    """What happens in an opened motion as segments, without a text where nothing is known; None before that is known,
    and where it has none of the motion's frames.
    """
    if take.opened is None or not take.described:
        return None
    track = track_of(take.described, unknown="")
    return track if track.num_frames == take.opened.num_frames else None


def coloured_track(take: Take) -> SegmentTrack | None:
    """The segments whose colours the body and its path have: the motion's own, or what was found in it."""
    return take.shown_track if take.shown_track is not None else found_track(take)


def found_stretches(take: Take) -> tuple[FoundStretch, ...]:
    """What the motion shows: of an opened one all of it, of a generated one where it is something else than was asked.

    Whatever is the text of a segment has the colour of that segment; without segments every stretch has its own.
    """
    shown = [(index, stretch) for index, stretch in enumerate(take.described) if _is_news(take, stretch)]
    colours: dict[str, int] = {}
    found = []
    for index, stretch in shown:
        if take.track is None:
            colour = index
        else:
            own = _segment_of(take.track, stretch)
            next_free = len(take.track) + len(colours)
            colour = own if own is not None else colours.setdefault(stretch.text, next_free)
        best = stretch.matches[0]
        known = colour if stretch.is_known else None
        found.append(FoundStretch(index, stretch.start, stretch.end, stretch.text, best.confidence, known))
    return tuple(found)


def query_colours(take: Take) -> dict[str, int]:
    """The number of the colour of every query: its segment's, that of the stretch that shows it, or one of its own."""
    stretches = found_stretches(take)
    shown = {stretch.text: stretch.colour for stretch in reversed(stretches) if stretch.colour is not None}
    colours = {found.query: shown[found.query] for found in take.groundings if found.query in shown}
    colours |= segments_of_queries(take.track, take.groundings)
    taken = max([len(take.track or ()) - 1, *(one.colour for one in stretches if one.colour is not None)])
    for found in take.groundings:
        if found.query not in colours:
            taken += 1
            colours[found.query] = taken
    return colours


def _is_news(take: Take, stretch: DescribedStretch) -> bool:
    """Whether the found row tells of a stretch: the asked texts of a generated motion have bars of their own there."""
    if take.is_generated:
        if not stretch.is_known or (take.shown_track is not None and stretch.text in take.shown_track.texts):
            return False
        asked = (found for found in take.groundings if is_likely(found))
        shared = (min(found.end, stretch.end) - max(found.start, stretch.start) for found in asked)
        return max(shared, default=0) < (stretch.end - stretch.start) / 2
    return True


def _segment_of(track: SegmentTrack, stretch: DescribedStretch) -> int | None:
    """The segment of the same text that shares most frames with ``stretch``."""
    same = [index for index, segment in enumerate(track) if segment.text == stretch.text]
    shared = {index: min(track[index].end, stretch.end) - max(track[index].start, stretch.start) for index in same}
    return max(shared, key=lambda index: shared[index]) if shared else None
