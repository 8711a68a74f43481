"""What the timeline says about the thing under the mouse; labels may be too narrow to be read there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF

from segmo_core.project.project import Take
from segmo_studio.document.findings import finding_sentence, in_sentence, percent
from segmo_studio.document.found.found_stretches import FoundStretch
from segmo_studio.document.sightings import is_likely
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.timeline.places import Places

_MATCHES = 3


def tool_tip(places: Places, point: QPointF, advice: DurationAdvice) -> tuple[str, QRect]:
    """The text for ``point``, and the place for which it holds; "" where there is nothing to say."""
    take, row = places.take, places.rows.row_at(point)
    segment, grounding = places.segment_at(point), places.grounding_at(point)
    if row == "track" and segment >= 0 and take.track is not None:
        asked = take.track[segment]
        place = QRectF(places.rows.track)
        place.setLeft(places.x_of(asked.start))
        place.setRight(places.x_of(asked.end))
        times = f"{asked.start / take.frame_rate:.2f} – {asked.end / take.frame_rate:.2f} s"
        lines = [
            f"{segment + 1}  {asked.text or 'no text yet'}   {times}",
            advice.sentence(take, segment),
            finding_sentence(take, segment),
        ]
        return "\n".join(line for line in lines if line), place.toRect()
    stretch = places.stretch_at(point)
    if row == "found" and stretch is not None:
        return stretch_words(take, stretch), places.stretch_place(stretch).toRect()
    if row == "found" and grounding >= 0:
        found = take.groundings[grounding]
        query = in_sentence(found.query)
        times = f"{found.start / take.frame_rate:.2f} – {found.end / take.frame_rate:.2f} s"
        sure = f"{percent(found.confidence)} sure, similarity {found.score:.2f}"
        if is_likely(found):
            text = f"“{query}”   {times}\n{sure}"
        else:
            text = f"“{query}” is probably not in this motion.\nNearest to it: {times} ({sure})"
        return text, places.grounding_place(grounding).toRect()
    return "", QRect()


def stretch_words(take: Take, stretch: FoundStretch) -> str:
    """What a stretch shows, when, how sure that is, and what else it could be."""
    times = f"{stretch.start / take.frame_rate:.2f} – {stretch.end / take.frame_rate:.2f} s"
    matches = take.described[stretch.index].matches
    listed = [f"{percent(match.confidence)}  {match.text}" for match in matches[:_MATCHES]]
    return "\n".join([f"{times}: {in_sentence(stretch.text)}", *listed])
