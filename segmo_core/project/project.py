"""The plain data of a project: takes, and the settings of the next generation. Edits return new values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from segmo_core.generation.kept_tokens import GivenTokens, TokenPlan
from segmo_core.generation.request import GenerationResult
from segmo_core.grounding.described_stretch import DescribedStretch
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.models.sampling_settings import SamplingOverrides
from segmo_core.motion.motion import Motion
from segmo_core.segmentation.language_models import OLLAMA
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import MODEL_FRAME_RATE

if TYPE_CHECKING:
    from segmo_core.grounding.segment_check import TrackAlignment
    from segmo_core.retargeting.to_model_skeleton import RetargetResult

FOUND_OUT = ("groundings", "alignment", "described")
_REMARKS = ("name", "starred", "locked")


@dataclass(frozen=True)
class GenerationSettings:
    """What the next generation uses.

    steps, guidance_scale: None takes the model's own. segmenter: name in the core's catalog ("rules", "ollama").
    candidates: how many motions are made, of seeds that follow each other, to be ranked. language_model, ollama_url:
    who is asked where the segmenter is "ollama"; None takes its usual ones.
    """

    seed: int = 1
    steps: int | None = None
    guidance_scale: float | None = None
    segmenter: str = "rules"
    candidates: int = 1
    language_model: str | None = None
    ollama_url: str | None = None

    @property
    def asked_model(self) -> str | None:
        """``language_model`` where the segmenter asks one, else None."""
        return self.language_model if self.segmenter == OLLAMA else None

    @property
    def asked_url(self) -> str | None:
        """``ollama_url`` where the segmenter asks a server, else None."""
        return self.ollama_url if self.segmenter == OLLAMA else None

    @property
    def sampling(self) -> SamplingOverrides | None:
        """What goes into a GenerationRequest; None when nothing differs from the model's own settings."""
        overrides = SamplingOverrides(self.steps, self.guidance_scale)
        return None if overrides == SamplingOverrides() else overrides


@dataclass(frozen=True, eq=False)
class Take:
    """One motion and everything known about it; two takes are the same only if they are one object.

    segmented: what the text segmenter answered. track: the segments as asked, in frames of ``frame_rate``; it
    may run ahead of the motion while a regeneration is under way. result: the generated motion. opened: a
    motion that came from the file ``source``; read_as: how that was read. groundings: where queries were found
    in the motion. alignment: whether ``result`` shows its own segments; None before that was looked at. starred: marked
    as a good one. locked: indices of segments of ``track`` that no edit may change. given: tokens that segments of
    ``track`` brought along from another take and ``result`` does not have yet. described: what happens in the motion,
    whatever was asked; stretches that tile it, none before that was looked at.
    """

    take_id: int
    name: str
    prompt: str = ""
    segmented: SegmentedText | None = None
    track: SegmentTrack | None = None
    result: GenerationResult | None = None
    opened: Motion | None = None
    source: Path | None = None
    read_as: RetargetResult | None = None
    groundings: tuple[GroundingResult, ...] = ()
    alignment: TrackAlignment | None = None
    starred: bool = False
    locked: tuple[int, ...] = ()
    given: tuple[GivenTokens, ...] = ()
    described: tuple[DescribedStretch, ...] = ()

    @property
    def motion(self) -> Motion | None:
        return self.result.motion if self.result is not None else self.opened

    @property
    def shown_track(self) -> SegmentTrack | None:
        """The segments that the motion shows: those it was made from, while ``track`` may run ahead."""
        return self.result.track if self.result is not None else self.track

    @cached_property
    def plan(self) -> TokenPlan | None:
        """What ``track`` keeps of the tokens of ``result``; None while there is no generated motion."""
        if self.result is None or self.track is None:
            return None
        return TokenPlan(self.result, self.track, given=self.given)

    @property
    def is_outdated(self) -> bool:
        """Whether the generated motion is not the one that ``track`` asks for."""
        return self.plan is not None and not self.plan.is_shown

    @property
    def frame_rate(self) -> float:
        """Hz of the frames that ``track`` and ``groundings`` count."""
        motion = self.motion
        return motion.frame_rate if motion is not None else MODEL_FRAME_RATE

    @property
    def num_frames(self) -> int:
        """Frames on the timeline: of the track or of the motion, whichever lasts longer."""
        motion = self.motion
        return max(self.track.num_frames if self.track else 0, motion.num_frames if motion else 0)

    @property
    def is_generated(self) -> bool:
        """Whether edits of the track can change the motion (not so for a motion from a file)."""
        return self.opened is None

    @property
    def is_empty(self) -> bool:
        return not self.prompt.strip() and self.track is None and self.motion is None

    def is_same_work_as(self, other: Take | None) -> bool:
        """Whether nobody edited one to get the other: they differ at most in what was found out about the motion."""
        return self._shares(other, FOUND_OUT)

    def asks_the_same_as(self, other: Take | None) -> bool:
        """Whether both ask for one motion, however they are called and marked."""
        return self._shares(other, (*FOUND_OUT, *_REMARKS))

    def _shares(self, other: Take | None, but: tuple[str, ...]) -> bool:
        if other is None:
            return False
        names = (entry.name for entry in fields(self) if entry.name not in but)
        return all(getattr(self, name) is getattr(other, name) for name in names)


@dataclass(frozen=True, eq=False)
class Project:
    """All takes, the one on screen, and the settings of the next generation. props: mesh files that stand in the view,
    by their names alone.
    """

    takes: tuple[Take, ...] = field(default_factory=lambda: (Take(1, "Take 1"),))
    current_id: int = 1
    settings: GenerationSettings = field(default_factory=GenerationSettings)
    props: tuple[Path, ...] = ()

    @property
    def current(self) -> Take:
        take = self.find(self.current_id)
        return take if take is not None else self.takes[0]

    def find(self, take_id: int) -> Take | None:
        return next((take for take in self.takes if take.take_id == take_id), None)

    def next_take(self) -> Take:
        """A new empty take with the next free number, not yet part of the project."""
        number = max(take.take_id for take in self.takes) + 1
        return Take(number, f"Take {number}")

    def with_take(self, take: Take) -> Project:
        """``take`` in the place of the one with its number, or added at the end; it becomes the current one."""
        if self.find(take.take_id) is None:
            takes = (*self.takes, take)
        else:
            takes = tuple(take if other.take_id == take.take_id else other for other in self.takes)
        return replace(self, takes=takes, current_id=take.take_id)

    def with_takes_mapped(self, change: Callable[[Take], Take]) -> Project:
        """Every take replaced by what ``change`` makes of it; the project itself when that is nothing new."""
        takes = tuple(change(take) for take in self.takes)
        is_same = all(new is old for new, old in zip(takes, self.takes, strict=True))
        return self if is_same else replace(self, takes=takes)

    def without_take(self, take_id: int) -> Project:
        """The take removed; its neighbour becomes current. A project always holds one take."""
        kept = tuple(take for take in self.takes if take.take_id != take_id)
        if not kept:
            return replace(self, takes=(self.next_take(),), current_id=self.next_take().take_id)
        ids = [take.take_id for take in self.takes]
        neighbour = kept[min(ids.index(take_id), len(kept) - 1)] if take_id in ids else self.current
        return replace(self, takes=kept, current_id=neighbour.take_id)
