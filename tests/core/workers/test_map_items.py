"""Items on this process, on others, on dask and as jobs: the same outcomes, and what a kill costs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from worker_tasks import KilledOnce, NoStart, Squares, Threads

from segmo_core.errors import CancelledError, InvalidRequestError, SegmoError
from segmo_core.progress import CallbackProgress
from segmo_core.workers.map_items import map_items
from segmo_core.workers.places import Workers

CLUSTERS = ("processes", "scheduler", "local-jobs")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of dask that somebody else runs, with two workers."""
    distributed = pytest.importorskip("distributed", reason="the extra for dask is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where jobs of a cluster put their files, and where they find the works of these tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


@pytest.fixture(params=CLUSTERS)
def two(request: pytest.FixtureRequest, folders: None) -> Workers:
    if request.param == "local-jobs":
        pytest.importorskip("submitit", reason="the extra for Slurm is not installed")
    cluster = request.getfixturevalue("scheduler") if request.param == "scheduler" else request.param
    return Workers(2, threads=1, cluster=cluster)


def test_outcomes_are_those_of_one_worker(two: Workers, tmp_path: Path) -> None:
    alone = list(map_items(Squares(), range(20)))
    assert [outcome.number for outcome in alone] == list(range(20))
    many = list(map_items(Squares(tmp_path / "starts", 0.02), range(20), two))
    assert [(each.number, each.item, each.problem) for each in many] == [
        (each.number, each.item, each.problem) for each in alone
    ]
    assert many[13].problem == "number: 13, expected another one"
    assert many[17].problem == "unexpected ZeroDivisionError: seventeen, expected a result"
    found = [outcome.result for outcome in many if outcome.result is not None]
    assert [square for square, _ in found] == [n * n for n in range(20) if n not in (13, 17)]
    processes = {process for _, process in found}
    assert os.getpid() not in processes
    assert len(processes) == len((tmp_path / "starts").read_text().split()) <= 2  # each started the work once


def test_a_killed_worker_costs_nothing(two: Workers, tmp_path: Path) -> None:
    (tmp_path / "kills").mkdir()
    (tmp_path / "kills" / "once").touch()
    done = list(map_items(KilledOnce(tmp_path / "kills"), range(8), two))
    assert [(outcome.result, outcome.problem) for outcome in done] == [(n, "") for n in range(8)]


def test_an_item_that_kills_every_worker_fails_alone(tmp_path: Path) -> None:
    for n in range(9):
        (tmp_path / str(n)).touch()
    done = list(map_items(KilledOnce(tmp_path), range(8), Workers(2, threads=1)))
    assert done[3].problem == "its worker ended in the middle (killed by signal 9), expected a result"
    assert [outcome.result for outcome in done if outcome.number != 3] == [0, 1, 2, 4, 5, 6, 7]


def test_a_work_that_cannot_start_is_told_once(two: Workers) -> None:
    with pytest.raises(InvalidRequestError, match="bundle: none, expected one"):
        list(map_items(NoStart(), range(8), two))


def test_workers_that_die_while_they_start_end_the_whole() -> None:
    with pytest.raises(SegmoError, match=r"ended while they started .killed by signal 9"):
        list(map_items(NoStart(is_killed=True), range(8), Workers(2, threads=1)))


@pytest.mark.parametrize("in_order", [True, False])
def test_items_are_taken_as_outcomes_are(in_order: bool) -> None:
    taken = 0

    def numbers() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    outcomes = map_items(Squares(), numbers(), Workers(2, threads=1), in_order=in_order)
    for _ in range(12):
        next(outcomes)
    time.sleep(0.3)
    most = taken
    assert most <= 12 + 4 + 16
    time.sleep(0.3)
    assert taken == most  # nobody takes outcomes, so nobody takes items
    outcomes.close()  # type: ignore[attr-defined]


def test_as_they_come_a_slow_one_keeps_nobody_waiting() -> None:
    done = [outcome.number for outcome in map_items(Squares(), range(30), Workers(2, threads=1), in_order=False)]
    assert sorted(done) == list(range(30))


def test_progress_counts_and_cancelling_ends_the_workers(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    progress = CallbackProgress(lambda fraction, message: told.append((fraction, message)))
    work = Squares(tmp_path / "starts", 0.01)
    outcomes = map_items(work, range(40), Workers(2, threads=1), progress, name=lambda item: f"item {item}")
    for _ in range(4):
        next(outcomes)
    progress.cancel()
    with pytest.raises(CancelledError):
        list(outcomes)
    assert told[0] == (0.0, "0 of 40: item 0")
    assert max(fraction for fraction, _ in told) >= 4 / 40
    for process in (tmp_path / "starts").read_text().split():
        assert not is_running(int(process))


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from worker_tasks import Squares\n"
        "from segmo_core.workers.map_items import map_items; from segmo_core.workers.places import Workers\n"
        "work = Squares(Path(sys.argv[1]), 0.05)\n"
        "for outcome in map_items(work, range(10000), Workers(2, threads=1)): pass\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    starts = tmp_path / "starts"
    parent = subprocess.Popen([sys.executable, "-c", script, str(starts)], env=environment, stderr=subprocess.DEVNULL)
    wait_for(lambda: starts.exists() and len(starts.read_text().split()) == 2)
    workers = [int(process) for process in starts.read_text().split()]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not any(is_running(worker) for worker in workers))


@pytest.mark.parametrize("cluster", ["processes", "dask"])
def test_threads_of_each_worker_are_bounded(cluster: str) -> None:
    if cluster == "dask":
        pytest.importorskip("distributed", reason="the extra for dask is not installed")
    assert {outcome.result for outcome in map_items(Threads(), range(4), Workers(2, 3, cluster))} == {"3"}
    assert Workers(10_000 // 4).threads_of_each == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"count": 0}, "workers: 0, expected 1 to"),
        ({"threads": 0}, "threads: 0, expected 1 to"),
        ({"cluster": "ray"}, "cluster: 'ray', expected processes, dask, slurm, local-jobs or the address"),
        ({"job_options": {"slurm_partition": "cpu"}}, "job options: given for processes, expected them with slurm"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        Workers(**options)  # type: ignore[arg-type]


def test_a_scheduler_that_is_not_there_is_told() -> None:
    pytest.importorskip("distributed", reason="the extra for dask is not installed")
    from segmo_core.workers import dask_crew

    seconds, dask_crew._CONNECT_SECONDS = dask_crew._CONNECT_SECONDS, 1
    try:
        with pytest.raises(SegmoError, match=r"cluster: tcp://127.0.0.1:9 does not answer"):
            list(map_items(Squares(), range(3), Workers(cluster="tcp://127.0.0.1:9")))
    finally:
        dask_crew._CONNECT_SECONDS = seconds


def test_slurm_where_there_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("submitit", reason="the extra for Slurm is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidRequestError, match=r"slurm: .*expected jobs to begin"):
        list(map_items(Squares(), range(3), Workers(2, cluster="slurm")))
    assert list(tmp_path.iterdir()) == []


def is_running(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: object, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)
