"""The generations that were asked for and have not come yet: none replaces another, each waits for its turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from segmo_core.project.project import GenerationSettings, Take
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.commands import ProjectEdit
from segmo_studio.services.jobs import Job


@dataclass(eq=False)
class AskedGeneration:
    """take: as it stood when it was asked for, or as its segments have changed it since. track: None while the
    segments are not known. settings: with a seed of its own; asked_with: as they were shown. command: the step that
    brought the segments. is_queued: others came first.
    """

    job: Job[Any]
    take: Take
    prompt: str
    track: SegmentTrack | None
    settings: GenerationSettings
    asked_with: GenerationSettings
    is_queued: bool
    command: ProjectEdit | None = None

    def settings_after(self, now: GenerationSettings) -> GenerationSettings:
        """The settings to show when it is there: its seed, unless somebody chose others meanwhile."""
        is_untouched = replace(now, seed=0) == replace(self.asked_with, seed=0)
        is_behind = self.asked_with.seed <= now.seed <= self.settings.seed
        return replace(now, seed=self.settings.seed) if is_untouched and is_behind else now


class AskedGenerations:
    """In the order of asking."""

    def __init__(self) -> None:
        self._asked: list[AskedGeneration] = []

    def add(
        self,
        job: Job[Any],
        take: Take,
        prompt: str,
        track: SegmentTrack | None,
        settings: GenerationSettings,
        asked_with: GenerationSettings,
    ) -> AskedGeneration:
        """Remember it until its job has ended."""
        asked = AskedGeneration(job, take, prompt.strip(), track, settings, asked_with, is_queued=bool(self._asked))
        self._asked.append(asked)
        job.ended.connect(lambda: self._asked.remove(asked))
        return asked

    def is_for(self, take_id: int) -> bool:
        """Whether a motion for this take is under way."""
        return any(asked.take.take_id == take_id for asked in self._asked)

    def with_new_seed(
        self, prompt: str, track: SegmentTrack | None, settings: GenerationSettings
    ) -> GenerationSettings:
        """``settings``, with the next seed that nobody asked for yet where the same motion is under way already."""
        while any(_is_same(asked, prompt.strip(), track, settings) for asked in self._asked):
            settings = replace(settings, seed=settings.seed + settings.candidates)
        return settings


def _is_same(asked: AskedGeneration, prompt: str, track: SegmentTrack | None, settings: GenerationSettings) -> bool:
    tracks = (asked.track, track)
    return asked.prompt == prompt and asked.settings == settings and (None in tracks or tracks[0] == tracks[1])
