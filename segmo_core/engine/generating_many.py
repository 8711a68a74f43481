"""Any number of motions, by one worker or many, one after another to whoever asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from segmo_core.engine.generating import Generating
from segmo_core.engine.planning import Planning
from segmo_core.generation.request import GenerationRequest, GenerationResult
from segmo_core.progress import Progress
from segmo_core.workers.map_items import map_items
from segmo_core.workers.places import Workers
from segmo_core.workers.work import Outcome


class GeneratingMany(Planning, Generating):
    """What makes many motions."""

    def generate_many(
        self,
        requests: Iterable[GenerationRequest | str],
        workers: Workers | int = 1,
        progress: Progress | None = None,
        *,
        seed: int = 0,
        in_order: bool = True,
    ) -> Iterator[Outcome[GenerationRequest | str, GenerationResult]]:
        """The motions of any number of requests, as they are made; those of ``generate``, bit for bit.

        Requests are taken as results are, so an endless iterator is as good as a list, and memory stays small. Every
        worker loads the bundle once. Ending the loop ends the workers.

        Args:
            requests: each a request, or a prompt, which is cut and timed as ``segment`` and ``suggest_track`` do.
            workers: how many processes, or a Workers that names a cluster; 1 is this process.
            progress: told after every motion; cancelling ends the workers.
            seed: of prompts.
            in_order: False gives motions as they come.

        Returns:
            Outcomes, each with number, item, result, and problem: the sentence of a request that failed, else "".

        Raises:
            InvalidRequestError: workers that cannot be.
            BundleError: the bundle cannot be read.
            MissingDependencyError: the cluster's package is not installed.
            CancelledError: cancelled.

        Example:
            >>> for outcome in engine.generate_many(["a person walks", "..."], seed=1):
            ...     print(outcome.number, outcome.problem or outcome.result.motion.joint_positions.shape[1:])
            0 (22, 3)
            1 prompt: empty, expected a sentence such as 'a person walks forward'
        """
        where = Workers(workers) if isinstance(workers, int) else workers
        return map_items(_Making(self, seed), requests, where, progress, in_order=in_order, name=_prompt_of)


def _prompt_of(request: GenerationRequest | str) -> str:
    return request if isinstance(request, str) else request.prompt


@dataclass(frozen=True)
class _Making:
    """The work: engine is an Engine, of which this is a part."""

    engine: GeneratingMany
    seed: int

    def start(self, progress: Progress) -> Callable[[GenerationRequest | str, Progress], GenerationResult]:
        """See Work."""
        self.engine.load(progress)
        return self._make

    def _make(self, request: GenerationRequest | str, progress: Progress) -> GenerationResult:
        if isinstance(request, str):
            texts = [segment.text for segment in self.engine.segment(request).segments]
            request = GenerationRequest(request, self.engine.suggest_track(texts), self.seed)
        return self.engine.generate(request, progress)
