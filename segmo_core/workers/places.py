"""Where items are worked on: how many workers, of what kind, with how many threads each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from segmo_core.errors import InvalidRequestError, shown

PROCESSES, DASK, SLURM, LOCAL_JOBS = "processes", "dask", "slurm", "local-jobs"
MAX_WORKERS = 4096
THREAD_SETTINGS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Workers:
    """count: how many; one without a cluster is this process itself. threads: of each; None shares the cores out.

    cluster: "processes" of this machine; "dask" for a cluster of dask on this machine, or the address of a scheduler
    ("tcp://host:8786"); "slurm" for jobs of Slurm, "local-jobs" for the same as processes here. job_options: of the
    jobs, as submitit names them, such as {"slurm_partition": "cpu", "timeout_min": "60"}. InvalidRequestError for
    anything else.
    """

    count: int = 1
    threads: int | None = None
    cluster: str = PROCESSES
    job_options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_WORKERS:
            raise InvalidRequestError(f"workers: {self.count}, expected 1 to {MAX_WORKERS}")
        if self.threads is not None and not 1 <= self.threads <= MAX_WORKERS:
            raise InvalidRequestError(f"threads: {self.threads}, expected 1 to {MAX_WORKERS}")
        if self.cluster not in (PROCESSES, DASK, SLURM, LOCAL_JOBS) and "://" not in self.cluster:
            raise InvalidRequestError(
                f"cluster: {shown(self.cluster)}, expected {PROCESSES}, {DASK}, {SLURM}, {LOCAL_JOBS} or the address "
                "of a dask scheduler, such as tcp://host:8786"
            )
        if self.job_options and self.cluster not in (SLURM, LOCAL_JOBS):
            raise InvalidRequestError(f"job options: given for {self.cluster}, expected them with {SLURM} only")

    @property
    def is_this_process(self) -> bool:
        """Whether no other process is needed."""
        return self.count == 1 and self.cluster == PROCESSES and self.threads is None

    @property
    def threads_of_each(self) -> int:
        """So many that all workers of this machine together have a thread for every core that may be used."""
        return self.threads or max(1, usable_cores() // self.count)


def usable_cores() -> int:
    """Cores that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
