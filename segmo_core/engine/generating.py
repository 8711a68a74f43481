"""From a request to a motion, and to another one that keeps most of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from segmo_core.control.constraints import Constraint
from segmo_core.engine.loading import LoadedBundle
from segmo_core.errors import InvalidRequestError
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress

if TYPE_CHECKING:
    from segmo_core.grounding.candidates import Candidate

MAX_CANDIDATES = 64


class Generating(LoadedBundle):
    """What makes motions."""

    def generate(
        self,
        request: GenerationRequest,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        """The motion of a request. The same request gives the same motion.

        Args:
            request: prompt, track, seed and settings.
            progress: told after every decoding step; cancelling stops before the next.
            preview: is given three rough motions, of base tokens alone, while tokens are decided.

        Returns:
            motion.joint_positions (T, 22, 3) float32, metres, Y up, 20 a second, bones of constant length;
            token_ids (N, Q) int64, four frames each; the track on whole tokens.

        Raises:
            BundleError: the bundle cannot be read.
            CancelledError: cancelled.

        Source:
            Paper, sections 3.5 and 3.6: masked and residual transformer; timed conditioning is ours.

        Example:
            >>> result = engine.generate(GenerationRequest("a person walks, then waves", track, seed=1))
            >>> result.motion.joint_positions.shape, result.token_ids.shape
            ((104, 22, 3), (26, 6))
        """
        return self._models(progress).generator.generate(request, progress, preview)

    def regenerate(
        self,
        plan: TokenPlan,
        seed: int | None = None,
        progress: Progress | None = None,
        preview: Callable[[Motion], None] | None = None,
    ) -> GenerationResult:
        """A result on an edited track: only the segments that the plan does not keep get new tokens.

        Args:
            plan: an earlier result, its edited track, and segments to do again although they did not change.
            seed: of what is new; None takes the result's own.
            progress: as of ``generate``.
            preview: as of ``generate``.

        Returns:
            As ``generate``; token ids of kept segments are those of the plan's result, base and residual.

        Raises:
            InvalidRequestError: the result was made with another tokenizer, or the track cannot be generated.
            CancelledError: cancelled.

        Example:
            >>> again = engine.regenerate(TokenPlan(result, result.track, again=(1,)), seed=5)
            >>> bool((again.token_ids[:15] == result.token_ids[:15]).all())
            True
        """
        return self._models(progress).generator.regenerate(plan, seed, progress, preview)

    def hold(
        self, result: GenerationResult, constraints: Sequence[Constraint], progress: Progress | None = None
    ) -> GenerationResult:
        """A result of the same tokens, held to other constraints.

        Args:
            result: an earlier one.
            constraints: instead of those it has; none lets it go as it was made.
            progress: told while the models are read.

        Returns:
            As ``generate``; its token ids are those of ``result``.

        Raises:
            InvalidRequestError: what no body can do, or a result of another tokenizer.

        Example:
            >>> held = engine.hold(result, (RootWaypoint(3.0, 0.5, 2.0),))
            >>> bool((held.token_ids == result.token_ids).all())
            True
        """
        return self._models(progress).generator.hold(result, constraints)

    def free_motion(self, result: GenerationResult, progress: Progress | None = None) -> Motion:
        """The motion of a result as its tokens have it, before it was held to anything.

        Args:
            result: an earlier one.
            progress: told while the models are read.

        Returns:
            A motion as that of ``generate``.

        Raises:
            InvalidRequestError: a result of another tokenizer.

        Example:
            >>> engine.free_motion(result).num_frames == result.motion.num_frames
            True
        """
        return self._models(progress).generator.free_motion(result)

    def generate_candidates(
        self, request: GenerationRequest, count: int, progress: Progress | None = None
    ) -> tuple[Candidate, ...]:
        """Several motions of one request, ranked by how well each segment is found at its place.

        Args:
            request: as of ``generate``; candidate number n has its seed plus n.
            count: 1 to 64.
            progress: as of ``generate``.

        Returns:
            Motions with their checks, the best first.

        Raises:
            InvalidRequestError: another count, or a bundle without a grounding head.
            CancelledError: cancelled.

        Example:
            >>> best, other = engine.generate_candidates(result.request, 2)
            >>> best.alignment.score >= other.alignment.score
            True
        """
        from segmo_core.grounding import candidates

        if not 1 <= count <= MAX_CANDIDATES:
            raise InvalidRequestError(f"candidates: {count}, expected 1 to {MAX_CANDIDATES}")
        grounder = self._grounder(progress)
        return candidates.generate_candidates(self._models(progress).generator, grounder, request, count, progress)

    def repair(self, candidate: Candidate, progress: Progress | None = None, keep: Sequence[int] = ()) -> Candidate:
        """A motion with the segments that its check flags generated anew, the others kept.

        Args:
            candidate: a result and its check.
            progress: as of ``generate``.
            keep: indices of segments that stay although they are flagged.

        Returns:
            The best of four attempts, or ``candidate`` itself where none is better.

        Raises:
            InvalidRequestError: the result is another tokenizer's, or the bundle has no grounding head.
            CancelledError: cancelled.

        Example:
            >>> engine.repair(best).alignment.score >= best.alignment.score
            True
        """
        from segmo_core.grounding import candidates

        return candidates.repair(
            self._models(progress).generator, self._grounder(progress), candidate, progress, keep=keep
        )
