"""What a job of a cluster does: takes items out of the common folder as long as there are any."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Mapping
from pathlib import Path

from segmo_core.errors import SegmoError
from segmo_core.progress import SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.workers.work import Answer, answer_for

WORK, WAITING, HELD, ANSWERS, CLOSED = "work", "waiting", "held", "answers", "closed"
ALIVE = "alive"
"""Touched by who gave the items as long as it waits for answers."""
_LOOK_SECONDS = 0.2
_PATIENCE = 900.0  # seconds without a sign of who gave the items, and without an item


def work_in_job(spool: str, threads: Mapping[str, str]) -> None:
    """Do items of the folder ``spool`` until it is closed or gone. threads: settings of the environment."""
    os.environ.update(threads)  # before torch is imported, which happens when the work starts
    import submitit

    folder, own = Path(spool), submitit.JobEnvironment().job_id
    _give_back(folder, own)
    task = None
    sign, heard = 0.0, time.monotonic()
    while (seen := _last_sign(folder)) and not (folder / CLOSED).exists():
        held = _take_one(folder, own)
        if seen != sign or held is not None:
            sign, heard = seen, time.monotonic()
        if held is None:
            if time.monotonic() - heard > _PATIENCE:
                return
            time.sleep(_LOOK_SECONDS)
            continue
        number, item = pickle.loads(held.read_bytes())
        try:
            task = task or pickle.loads((folder / WORK).read_bytes()).start(SilentProgress())
            answer = answer_for(task, number, item, SilentProgress())
        except SegmoError as error:
            answer = Answer(number, error=error)
        try:
            write_value(folder / ANSWERS / str(number), answer)
            held.unlink(missing_ok=True)
        except (SegmoError, OSError):
            return  # the folder is gone: nobody waits any more


def write_value(path: Path, value: object) -> None:
    """Pickle a value into a file, whole or not at all. FileFormatError where it cannot be written."""
    content = pickle.dumps(value)
    write_atomically(path, lambda temporary: temporary.write_bytes(content))


def _last_sign(folder: Path) -> float:
    """When who gave the items was alive last, by the clock of the files; 0 where the folder is gone."""
    try:
        return (folder / ALIVE).stat().st_mtime
    except OSError:
        return 0.0


def _give_back(folder: Path, own: str) -> None:
    """What this job had in hand before the cluster stopped it and began it anew."""
    for held in (folder / HELD).glob(f"*-{own}"):
        os.rename(held, folder / WAITING / held.name.partition("-")[0])


def _take_one(folder: Path, own: str) -> Path | None:
    """The first waiting item that no other job was quicker to take; it is a file's name that tells whose it is."""
    try:
        names = sorted((name for name in os.listdir(folder / WAITING) if name.isdigit()), key=int)
    except OSError:
        return None
    for name in names:
        held = folder / HELD / f"{name}-{own}"
        try:
            os.rename(folder / WAITING / name, held)
        except OSError:
            continue
        return held
    return None
