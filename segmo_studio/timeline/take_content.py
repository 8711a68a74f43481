"""What the timeline shows of a take alone, without selection, mouse and playhead."""

from __future__ import annotations

from segmo_core.project.project import Take
from segmo_studio.document.findings import flagged_segments
from segmo_studio.document.sightings import segments_of_queries
from segmo_studio.timeline.paint.brush import TimelineContent
from segmo_studio.timeline.rows import lanes_of


def content_of(take: Take) -> TimelineContent:
    """Segments, what is stale and flagged among them, and what was found."""
    return TimelineContent(
        track=take.track,
        frame_rate=take.frame_rate,
        num_frames=take.num_frames,
        motion_frames=take.motion.num_frames if take.motion is not None else 0,
        stale=frozenset(take.plan.anew if take.plan is not None else ()),
        groundings=take.groundings,
        lanes=tuple(lanes_of(take.groundings)),
        flagged=frozenset(flagged_segments(take)),
        locked=frozenset(take.locked),
        colour_of=segments_of_queries(take.track, take.groundings),
    )
