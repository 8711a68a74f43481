"""A motion file as it was read, and whether a person should look at how."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.motion.motion import Motion
from segmo_core.retargeting.joint_map import SPINE_JOINTS
from segmo_core.timeline.segment_track import SegmentTrack

if TYPE_CHECKING:
    from segmo_core.retargeting.joint_map import JointMap
    from segmo_core.retargeting.to_model_skeleton import RetargetResult

LARGE_MEAN_ERROR = 0.05
"""Metres. Other proportions than the model's cost two or three centimetres on average; more is a wrong joint."""
LARGE_WORST_ERROR = 0.25


@dataclass(frozen=True, eq=False)
class ReadMotion:
    """source: on the file's own skeleton, unit and axes. result: on the model's skeleton; None where no body was found,
    then ``problem`` says why. track: the segments that the file holds, in frames of ``source``.
    """

    path: Path
    source: Motion
    result: RetargetResult | None
    problem: str = ""
    track: SegmentTrack | None = None

    @property
    def is_doubtful(self) -> bool:
        """Whether something had to be guessed or does not fit. Spines with other joints than ours are everyday."""
        return self.result is None or bool(doubts(self.result))


@dataclass(frozen=True)
class Fitting:
    """How a file is to be read and fitted; None and False for what is to be found out, or taken as the file has it.

    frame_rate: Hz. keep_height: do not put the body on the floor.
    """

    joint_map: JointMap | None = None
    up_axis: str | None = None
    clip: str | None = None
    frame_rate: float | None = None
    keep_height: bool = False


def doubts(result: RetargetResult) -> tuple[str, ...]:
    """What a person should look at, one sentence each; nothing where the motion was read without guessing."""
    found = [*result.warnings]
    told = result.provenance
    if told.clips:
        found.append(f"The file holds {len(told.clips)} clips, of which this is {told.clip!r}: choose the one to open.")
    if told.rate_doubt:
        found.append(told.rate_doubt)
    missing = [name for name in result.missing_joints if name not in SPINE_JOINTS]
    if missing:
        found.append(f"Nothing plays {_listed(missing)}: placed from the neighbours.")
    if result.by_structure:
        found.append(f"Found by shape, not by name: {_listed(result.by_structure)}. Check left and right.")
    if result.mean_error > LARGE_MEAN_ERROR or result.worst_error > LARGE_WORST_ERROR:
        worst = max(result.joint_errors, key=lambda name: result.joint_errors[name])
        found.append(f"The error is large, most of all at the {worst.replace('_', ' ')}: is that joint the right one?")
    return tuple(found)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(name.replace("_", " ") for name in names[:6])
    return shown + (f" and {len(names) - 6} more" if len(names) > 6 else "")
