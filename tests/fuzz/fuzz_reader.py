"""Fuzz one reader for a while, or all of them one after the other: ``make fuzz``.

``fuzz_reader.py`` runs every reader in a process of its own, for FUZZ_SECONDS each (600 unless set), with bounds on
memory and on the computing time of one input. ``fuzz_reader.py NAME SECONDS`` is such a process. An input that shows a
fault is kept in out/fuzz/.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from readers import READERS
from soundness import MOST_BYTES, MOST_SECONDS, Cost, check_reading, measured

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "out" / "fuzz"
_BATCH = 200


def _too_long(*_: object) -> None:
    raise TimeoutError(f"not read after {MOST_SECONDS} s of computing")


def fuzz(name: str, seconds: float) -> int:
    """Reads damaged files for ``seconds``; returns 1 after the first fault, else 0."""
    reader = READERS[name]
    counts: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    began, slowest, largest, last = time.monotonic(), 0.0, 0, b""
    signal.signal(signal.SIGPROF, _too_long)
    with tempfile.TemporaryDirectory() as folder:
        path = reader.place_in(Path(folder))

        def check(data: bytes) -> None:
            nonlocal slowest, largest, last
            last = data
            path.write_bytes(data)
            signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
            cost = Cost()
            try:
                with measured() as cost:
                    counts[check_reading(reader.quickest, path, watched=not reader.is_apart, refusals=refusals)] += 1
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            slowest, largest = max(slowest, cost.seconds), max(largest, cost.num_bytes)

        for data in reader.good():
            check(data)  # also loads what readers load when they are first used
        if counts["refused"]:
            _say(f"{name}: a sound file is refused")
            return 1
        number, faults = 0, 0
        while time.monotonic() - began < seconds:
            number += 1
            batch = settings(
                max_examples=_BATCH,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            )(given(reader.inputs())(check))
            try:
                seed(number)(batch)()
            except Exception as error:
                FAULTS.mkdir(parents=True, exist_ok=True)
                kept = FAULTS / f"{name.replace(' ', '-')}-{hashlib.sha256(last).hexdigest()[:8]}{path.suffix}"
                kept.write_bytes(last)
                steps = traceback.extract_tb(error.__traceback__)
                ours = [step for step in steps if "segmo_core" in step.filename or "soundness" in step.filename]
                at = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
                _say(f"{name}: {type(error).__name__} at {at}: {str(error)[:300]!r}, kept as {kept}")
                faults += 1
                if faults >= 5:
                    break
    if largest > MOST_BYTES:
        _say(f"{name}: an input took {largest / 2**20:.0f} MiB of memory, expected less than {MOST_BYTES >> 20}")
        faults += 1
    share = 1.0 - counts["refused"] / max(counts.total(), 1)
    commonest = max(refusals.values(), default=0) / max(counts.total(), 1)
    shown = ", ".join(f"{number} {way}" for way, number in sorted(counts.items()))
    _say(
        f"{name}: {counts.total()} inputs ({shown}; {share:.0%} get past every check, the commonest of "
        f"{len(refusals)} refusals stops {commonest:.0%}); slowest {slowest:.2f} s, "
        f"memory at most {largest / 2**20:.0f} MiB, {faults or 'no'} faults"
    )
    return int(faults > 0)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    if len(arguments) == 2:
        return fuzz(arguments[0], float(arguments[1]))
    seconds = float(os.environ.get("FUZZ_SECONDS", "600"))
    chosen = os.environ.get("FUZZ_READERS", "").split(",") if os.environ.get("FUZZ_READERS") else list(READERS)
    failed = []
    for name in chosen:
        command = [sys.executable, __file__, name, str(seconds)]
        try:
            code = subprocess.run(command, timeout=3 * seconds + 300, check=False).returncode
        except subprocess.TimeoutExpired:
            code = 1
            _say(f"{name}: hangs")
        if code:
            failed.append(name)
    _say(f"faults in {', '.join(failed)}" if failed else f"{len(chosen)} readers, no faults")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
