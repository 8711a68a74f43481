"""What the timeline shows of a take alone, without selection, mouse and playhead."""

from __future__ import annotations

from segmo_core.project.project import Take
from segmo_studio.document.findings import flagged_segments, percent
from segmo_studio.document.found.found_stretches import found_stretches, found_track, query_colours
from segmo_studio.document.sightings import checks_of, sighting
from segmo_studio.services.duration_advice import DurationAdvice
from segmo_studio.timeline.paint.brush import TimelineContent
from segmo_studio.timeline.rows import lanes_of


def content_of(take: Take) -> TimelineContent:
    """Segments, what is stale and flagged among them, and what was found."""
    stretches = found_stretches(take)
    return TimelineContent(
        track=take.track,
        frame_rate=take.frame_rate,
        num_frames=take.num_frames,
        motion_frames=take.motion.num_frames if take.motion is not None else 0,
        stale=frozenset(take.plan.anew if take.plan is not None else ()),
        suggested=found_track(take) if take.track is None else None,
        stretches=stretches,
        groundings=take.groundings,
        lanes=tuple(lanes_of(take.groundings, 1 if stretches else 0)),
        flagged=frozenset(flagged_segments(take)),
        locked=frozenset(take.locked),
        colour_of=query_colours(take),
    )


def badges_of(take: Take, advice: DurationAdvice) -> dict[int, str]:
    """Segments that want mending, each with the figure that says so: how sure it is that the motion shows them, with
    which one they changed places, for how long they are seen, or the seconds that their words usually take.
    """
    badges = {index: _figure(take, index) for index in flagged_segments(take)}
    for index in advice.short_segments(take, take.track):
        usual = advice.of(take.track[index].text) if take.track is not None else None
        if usual is not None:
            badges[index] = f"{usual.typical:.1f} s"
    return badges


def _figure(take: Take, index: int) -> str:
    check, seen = checks_of(take)[index], sighting(take, index)
    if check.finding == "swapped" and check.other is not None:
        return f"⇄ {check.other + 1}"
    if check.finding == "too short":
        return f"{(check.end - check.start) / take.frame_rate:.1f} s"
    return percent(seen.confidence) if check.finding == "missing" and seen is not None else ""
