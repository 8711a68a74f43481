"""What a dragged boundary is drawn to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmo_core.project.project import Take
from segmo_studio.document.found_stretches import found_stretches


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


def snap_targets(take: Take, playhead: int) -> list[SnapTarget]:
    """The playhead where there is a motion, and both ends of everything that was found in it."""
    targets = [SnapTarget(playhead, "playhead")] if take.motion is not None else []
    for found in take.groundings:
        targets += [SnapTarget(frame, f"“{found.query}”") for frame in (found.start, found.end)]
    for stretch in found_stretches(take):
        targets += [SnapTarget(frame, f"“{stretch.text}”") for frame in (stretch.start, stretch.end)]
    return targets


def snap(frame: float, targets: Sequence[SnapTarget], reach: float, grid: int) -> Snap:
    """The nearest target within ``reach`` frames, else the nearest multiple of ``grid`` frames."""
    near = [target for target in targets if abs(target.frame - frame) <= reach]
    if near:
        nearest = min(near, key=lambda target: abs(target.frame - frame))
        return Snap(nearest.frame, nearest)
    return Snap(int(frame / grid + 0.5) * grid)
