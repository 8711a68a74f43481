"""What the timeline shows of a take alone, without selection, mouse and playhead."""

from __future__ import annotations

from segmo_core.project.project import Take
from segmo_studio.document.findings import flagged_segments
from segmo_studio.document.found_stretches import found_stretches, found_track, query_colours
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
        colour_of=query_colours(take),
    )
