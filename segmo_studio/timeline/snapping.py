"""What a dragged boundary is drawn to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmo_core.project.project import Take
from segmo_studio.document.found.found_stretches import found_stretches
from segmo_studio.document.playback import Playback


@dataclass(frozen=True)
class SnapTarget:
    """A frame with a pull of its own, and its name for the guide line ("playhead", "walks forward")."""

    frame: int
    name: str


@dataclass(frozen=True)
class Snap:
    """The frame to use. target: what it was drawn to, None when only to the grid."""

    frame: int
    target: SnapTarget | None = None


def snap_targets(take: Take, playback: Playback, others: Sequence[Take] = ()) -> list[SnapTarget]:
    """The playhead and the ends of the loop where there is a motion, both ends of everything that was found in it, and
    the boundaries of the takes it is compared with.
    """
    targets = [SnapTarget(playback.frame, "playhead")] if take.motion is not None else []
    if take.motion is not None and playback.has_loop_range:
        targets += [SnapTarget(frame, "loop") for frame in playback.loop_range]
    for found in take.groundings:
        targets += [SnapTarget(frame, f"“{found.query}”") for frame in (found.start, found.end)]
    for stretch in found_stretches(take):
        targets += [SnapTarget(frame, f"“{stretch.text}”") for frame in (stretch.start, stretch.end)]
    for other in others:
        scale = take.frame_rate / other.frame_rate
        targets += [SnapTarget(round(end * scale), other.name) for end in (other.track.ends if other.track else ())]
    return targets


def loop_targets(take: Take, playhead: int) -> list[SnapTarget]:
    """What the ends of the loop are drawn to: boundaries, both ends of the motion, the playhead."""
    ends = take.track.ends if take.track is not None else ()
    return [SnapTarget(frame, "boundary") for frame in (0, *ends, take.num_frames)] + [SnapTarget(playhead, "playhead")]


def snap(frame: float, targets: Sequence[SnapTarget], reach: float, grid: int) -> Snap:
    """The nearest target within ``reach`` frames, else the nearest multiple of ``grid`` frames."""
    near = [target for target in targets if abs(target.frame - frame) <= reach]
    if near:
        nearest = min(near, key=lambda target: abs(target.frame - frame))
        return Snap(nearest.frame, nearest)
    return Snap(int(frame / grid + 0.5) * grid)
