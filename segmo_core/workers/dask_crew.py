"""Workers of dask: a cluster on this machine, or one that others run and whose scheduler has an address."""

from __future__ import annotations

import pickle
import queue
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from segmo_core.errors import MissingDependencyError, SegmoError, in_short
from segmo_core.progress import SilentProgress
from segmo_core.workers.places import DASK, THREAD_SETTINGS, Workers
from segmo_core.workers.process_crew import waited_for
from segmo_core.workers.work import Answer, Work, answer_for

_LOOK_SECONDS = 5.0  # between looks at how many workers there are
_CONNECT_SECONDS = 10


class DaskCrew:
    """Two items for each of dask's workers are on their way at a time. Dask itself gives the item of a worker that
    ended to another one."""

    def __init__(self, work: Work[Any, Any], workers: Workers) -> None:
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise MissingDependencyError(
                'dask: not installed, expected it for this cluster (pip install "segmo[dask]")'
            ) from None
        self._cluster = None
        if workers.cluster == DASK:
            threads = dict.fromkeys(THREAD_SETTINGS, str(workers.threads_of_each))
            self._cluster = LocalCluster(
                n_workers=workers.count, threads_per_worker=1, processes=True, dashboard_address=":0", env=threads
            )
        try:
            self._client = Client(self._cluster or workers.cluster, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise SegmoError(
                f"cluster: {workers.cluster} does not answer ({in_short(error)}), expected a scheduler of dask"
            ) from None
        self._key = uuid.uuid4().hex
        self._work = pickle.dumps(work)
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._running: dict[int, Any] = {}
        self._num_workers, self._looked = 1, -_LOOK_SECONDS

    @property
    def capacity(self) -> int:
        """See Crew. Workers may come and go while it runs."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._num_workers, self._looked = max(1, len(self._client.nthreads())), time.monotonic()
        return 2 * self._num_workers

    def give(self, number: int, item: Any) -> None:
        """See Crew."""
        future = self._client.submit(answer_in_worker, self._key, self._work, number, item, pure=False)
        self._running[number] = future
        future.add_done_callback(lambda done: self._answers.put(_answer_of(number, done)))

    def finished(self, seconds: float) -> list[Answer]:
        """See Crew."""
        found = waited_for(self._answers, seconds)
        for answer in found:
            self._running.pop(answer.number).release()
        return found

    def close(self) -> None:
        """See Crew. Workers that others started stay."""
        self._client.cancel(list(self._running.values()))
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _answer_of(number: int, done: Any) -> Answer:
    """Waits where the worker that held the answer ended and dask has the item done again."""
    try:
        answer: Answer = done.result()
    except Exception as error:
        sentence = f"{type(error).__name__} on the cluster ({in_short(error)}), expected a result"
        return Answer(number, problem=sentence)
    return answer


# One work at a time in a process: two models side by side may not fit.
_lock = threading.Lock()
_started: dict[str, Callable[[Any, Any], Any]] = {}


def answer_in_worker(key: str, work: bytes, number: int, item: Any) -> Answer:
    """Do one item in a process of dask's. work: a pickled ``Work``, started when it is ``key``'s first."""
    with _lock:
        if key not in _started:
            _started.clear()
            try:
                _started[key] = pickle.loads(work).start(SilentProgress())
            except SegmoError as error:
                return Answer(number, error=error)
        return answer_for(_started[key], number, item, SilentProgress())
