"""From a motion to words: where something happens, what happens, and whether it is what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segmo_core.engine.loading import LoadedBundle
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.timeline.segment_track import SegmentTrack

if TYPE_CHECKING:
    from segmo_core.grounding.described_stretch import DescribedStretch
    from segmo_core.grounding.segment_check import TrackAlignment


class Finding(LoadedBundle):
    """What reads motions. Any human skeleton will do: it is put on the model's first."""

    def ground(
        self, motion: Motion, query: str, progress: Progress | None = None, *, way: str | None = None
    ) -> GroundingResult:
        """Where a sentence happens in a motion.

        Args:
            motion: of any length and rate.
            query: a sentence, such as "a person waves".
            progress: told while the motion is read; cancelling stops it.
            way: "head" (the bundle's grounding head, calibrated) or "aligned" (the paper's: the space of the alignment
                loss, the best of sliding windows); None takes the head where there is one.

        Returns:
            Frames [start, end) of ``motion``, cosine similarity, calibrated confidence, and the similarity of every
            frame, curve (T,).

        Raises:
            InvalidRequestError: an empty query, or a bundle that has neither.
            FileFormatError: no human body is found in the motion.

        Source:
            Paper, section 4.4; the head, its calibration and the finer boundaries are ours.

        Example:
            >>> found = engine.ground(result.motion, "a person waves")
            >>> 0 <= found.start < found.end <= result.motion.num_frames, found.curve.shape
            (True, (104,))
        """
        return self.ground_all(motion, [query], progress, way=way)[0]

    def ground_all(
        self, motion: Motion, queries: Sequence[str], progress: Progress | None = None, *, way: str | None = None
    ) -> list[GroundingResult]:
        """As ``ground`` for several sentences; the motion is read once.

        Args:
            motion: as of ``ground``.
            queries: sentences.
            progress: as of ``ground``.
            way: as of ``ground``.

        Returns:
            A place for each, in their order.

        Raises:
            InvalidRequestError: as ``ground``.
            FileFormatError: as ``ground``.

        Example:
            >>> [found.query for found in engine.ground_all(result.motion, ["a person walks", "a person waves"])]
            ['a person walks', 'a person waves']
        """
        return self._finder(way, progress).ground_all(to_model_skeleton(motion).motion, list(queries), progress)

    def check(self, motion: Motion, track: SegmentTrack, progress: Progress | None = None) -> TrackAlignment:
        """Whether a motion shows the segments of a track, in order and at their places.

        Args:
            motion: usually a result's.
            track: in frames of ``motion``.
            progress: told while the models are read.

        Returns:
            For each segment how sure it is there, where it is found, and what is wrong, if anything; one score for
            the whole.

        Raises:
            InvalidRequestError: a track of another length, or a bundle without a grounding head.

        Example:
            >>> len(engine.check(result.motion, result.track).segments)
            2
        """
        from segmo_core.grounding.track_alignment import align_track

        return align_track(self._grounder(progress), to_model_skeleton(motion).motion, track)

    def describe_motion(
        self,
        motion: Motion,
        candidates: Sequence[str] | None = None,
        progress: Progress | None = None,
        *,
        way: str | None = None,
        asked: Sequence[str] = (),
    ) -> tuple[DescribedStretch, ...]:
        """What happens in a motion.

        Args:
            motion: as of ``ground``.
            candidates: the sentences to choose from; None takes the built-in ones.
            progress: as of ``ground``.
            way: as of ``ground``.
            asked: with the built-in sentences, sentences to choose from in place of those that mean the same.

        Returns:
            Stretches that tile the motion's frames, each with its best sentences.

        Raises:
            InvalidRequestError: no candidate, or a bundle that has neither way.
            FileFormatError: no human body is found in the motion.

        Example:
            >>> stretches = engine.describe_motion(result.motion, ["a person walks", "a person waves"])
            >>> stretches[0].start, stretches[-1].end
            (0, 104)
        """
        from segmo_core.grounding import description

        finder = self._finder(way, progress)
        texts = description.sentences_beside(finder, asked) if candidates is None else candidates
        return description.describe(finder, to_model_skeleton(motion).motion, texts, progress)

    def describe_stretch(
        self,
        motion: Motion,
        start: int,
        end: int,
        candidates: Sequence[str] | None = None,
        progress: Progress | None = None,
        *,
        way: str | None = None,
    ) -> DescribedStretch:
        """The sentences that fit one stretch of a motion best.

        Args:
            motion: as of ``ground``.
            start: first frame.
            end: the frame after the last.
            candidates: as of ``describe_motion``.
            progress: as of ``ground``.
            way: as of ``ground``.

        Returns:
            The stretch with its best sentences, the best first.

        Raises:
            InvalidRequestError: frames outside the motion, no candidate, or a bundle that has neither way.

        Example:
            >>> engine.describe_stretch(result.motion, 0, 60).end
            60
        """
        from segmo_core.grounding import description

        texts = description.vocabulary() if candidates is None else candidates
        placed = to_model_skeleton(motion).motion
        return description.describe_stretch(self._finder(way, progress), placed, start, end, texts, progress)
