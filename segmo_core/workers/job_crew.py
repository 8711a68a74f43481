"""Workers that are jobs of Slurm, handed in by submitit; or, to try it, the same jobs as processes of this machine.

Items and answers are files of a folder that all nodes see, so a job that waits in the queue for hours takes part when
it begins, a fast one does more than a slow one, and nothing listens on the network.
"""

from __future__ import annotations

import os
import pickle
import shutil
import time
from pathlib import Path
from typing import Any

from segmo_core.errors import FileFormatError, InvalidRequestError, MissingDependencyError, SegmoError, in_short
from segmo_core.workers.job_worker import ALIVE, ANSWERS, CLOSED, HELD, WAITING, WORK, work_in_job, write_value
from segmo_core.workers.places import LOCAL_JOBS, THREAD_SETTINGS, Workers
from segmo_core.workers.work import Answer, Work

SPOOL = "segmo-jobs"
"""Begin of the folder's name, in the current folder: items, answers and submitit's logs. It goes at the end."""
_LOOK_SECONDS = 0.1
_JOBS_SECONDS = 2.0  # between looks at which jobs are alive
_FAILED_STARTS = 3


class JobCrew:
    """So many jobs as there are workers; one that ended while items are waiting is handed in again."""

    def __init__(self, work: Work[Any, Any], workers: Workers) -> None:
        try:
            import submitit
        except ImportError:
            raise MissingDependencyError(
                'submitit: not installed, expected it for this cluster (pip install "segmo[slurm]")'
            ) from None
        self._folder = Path.cwd() / f"{SPOOL}-{os.getpid()}-{time.time_ns():x}"
        self._count = workers.count
        try:
            for name in (WAITING, HELD, ANSWERS, "logs"):
                (self._folder / name).mkdir(parents=True)
        except OSError as error:
            raise FileFormatError(
                f"{self._folder}: cannot be made ({error.strerror}), expected a folder that all nodes see"
            ) from None
        (self._folder / ALIVE).touch()
        write_value(self._folder / WORK, work)
        is_local = workers.cluster == LOCAL_JOBS
        try:
            self._executor = submitit.AutoExecutor(self._folder / "logs", cluster="local" if is_local else "slurm")
            threads = workers.threads_of_each if is_local else workers.threads or 1
            self._executor.update_parameters(**_parameters(workers, threads, is_local))
        except (TypeError, ValueError, NameError, RuntimeError) as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise InvalidRequestError(f"{workers.cluster}: {in_short(error, 200)}, expected jobs to begin") from None
        self._threads = dict.fromkeys(THREAD_SETTINGS, str(threads))
        self._jobs: list[Any] = []
        self._looked = 0.0
        self._started_in_vain = 0

    @property
    def capacity(self) -> int:
        """See Crew."""
        return 4 * self._count

    def give(self, number: int, item: Any) -> None:
        """See Crew."""
        write_value(self._folder / WAITING / str(number), (number, item))
        while len(self._jobs) < self._count:
            self._jobs.append(self._executor.submit(work_in_job, str(self._folder), self._threads))

    def finished(self, seconds: float) -> list[Answer]:
        """See Crew."""
        (self._folder / ALIVE).touch()
        until = time.monotonic() + seconds
        while True:
            found = self._read_answers() or self._of_dead_jobs()
            if found or time.monotonic() > until:
                return found
            time.sleep(_LOOK_SECONDS)

    def close(self) -> None:
        """See Crew."""
        (self._folder / CLOSED).touch()
        for job in self._jobs:
            if not job.done():
                job.cancel(check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read_answers(self) -> list[Answer]:
        found = []
        for path in sorted((self._folder / ANSWERS).iterdir()):
            if not path.name.startswith("."):  # one that is being written
                found.append(pickle.loads(path.read_bytes()))  # our own jobs'
                path.unlink()
        if found:
            self._started_in_vain = 0
        return found

    def _of_dead_jobs(self) -> list[Answer]:
        """Lost answers for the items that jobs had in hand which are no more; new jobs in their places."""
        if time.monotonic() - self._looked < _JOBS_SECONDS:
            return []
        self._looked = time.monotonic()
        dead = [job for job in self._jobs if job.done()]
        if not dead:
            return []
        answers = self._read_answers()  # what they said before they ended
        if answers:
            return answers
        alive = {job.job_id for job in self._jobs if job not in dead}
        for path in (self._folder / HELD).iterdir():
            number, _, job_id = path.name.partition("-")
            if job_id not in alive:
                path.unlink()
                problem = f"its job {job_id} ended in the middle, expected a result"
                answers.append(Answer(int(number), problem=problem, is_lost=True))
        self._started_in_vain += 0 if answers else len(dead)
        if self._started_in_vain >= _FAILED_STARTS * self._count:
            raise SegmoError(f"jobs: end without doing anything ({_last_words(dead[-1])}), expected them to work")
        self._jobs = [job for job in self._jobs if job not in dead]
        for _ in dead:
            self._jobs.append(self._executor.submit(work_in_job, str(self._folder), self._threads))
        return answers


def _parameters(workers: Workers, threads: int, is_local: bool) -> dict[str, Any]:
    given: dict[str, Any] = {"name": "segmo", "cpus_per_task": threads}
    for name, value in workers.job_options.items():
        given[name] = int(value) if value.isascii() and value.isdigit() else value
    return {name: value for name, value in given.items() if not (is_local and name.startswith("slurm_"))}


def _last_words(job: Any) -> str:
    lines = (job.stderr() or "").strip().splitlines()
    return in_short(lines[-1] if lines else "it said nothing", 200)
