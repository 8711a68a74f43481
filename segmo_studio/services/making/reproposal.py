"""Segments that were proposed anew over ones that a person had edited: they wait for an answer."""

from __future__ import annotations

from dataclasses import dataclass

from segmo_core.project.project import Take
from segmo_studio.document.editing.proposed_changes import SegmentChange, changes_between
from segmo_studio.services.engine_service import Proposal
from segmo_studio.services.making.asked_generations import AskedGeneration


@dataclass(frozen=True, eq=False)
class Reproposal:
    """asked: with the take as it was edited. generates: whether a motion was asked for too."""

    asked: AskedGeneration
    proposal: Proposal
    changes: tuple[SegmentChange, ...]
    generates: bool

    @property
    def take(self) -> Take:
        return self.asked.take

    @property
    def prompt(self) -> str:
        """What the segments are proposed for."""
        return self.proposal.segmented.caption

    @classmethod
    def over(cls, asked: AskedGeneration, proposal: Proposal, generates: bool) -> Reproposal | None:
        """None where the proposal is what the take has already."""
        if asked.take.track is None:
            return None
        changes = changes_between(asked.take.track, proposal.track)
        return cls(asked, proposal, changes, generates) if any(change.is_open for change in changes) else None
