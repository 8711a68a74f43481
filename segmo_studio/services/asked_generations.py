"""The generations that were asked for and have not come yet: none replaces another, each waits for its turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.commands import ProjectEdit
from segmo_studio.document.project import GenerationSettings, Take
from segmo_studio.services.jobs import Job


@dataclass(eq=False)
class AskedGeneration:
    """take: as it stood when it was asked for, or as its segments have changed it since. track: None while the
    segments are not known. command: the step that brought the segments. is_queued: others came first.
    """

    job: Job
    take: Take
    prompt: str
    track: SegmentTrack | None
    settings: GenerationSettings
    is_queued: bool
    command: ProjectEdit | None = None


class AskedGenerations:
    """In the order of asking."""

    def __init__(self) -> None:
        self._asked: list[AskedGeneration] = []

    def add(
        self, job: Job, take: Take, prompt: str, track: SegmentTrack | None, settings: GenerationSettings
    ) -> AskedGeneration:
        """Remember it until its job has ended."""
        asked = AskedGeneration(job, take, prompt.strip(), track, settings, is_queued=bool(self._asked))
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
