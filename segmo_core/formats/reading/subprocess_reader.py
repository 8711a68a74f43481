"""Readers whose library may crash or never end on a damaged file, each run in a process of its own.

The process has bounded memory and time. It hands the motion back as our own .npz, or the sentence to raise.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.catalog import resolve
from segmo_core.errors import FileFormatError, InvalidRequestError, MissingDependencyError, SegmoError
from segmo_core.formats.arrays import npz_files as npz
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance

MAX_SECONDS = 60.0  # of computing; a busy machine may take _PATIENCE times as long
_PATIENCE = 3.0
MAX_BYTES = 1 << 30
_MOTION, _TOLD, _SENTENCE = "motion.npz", "told.json", "sentence.json"
_KINDS: dict[str, type[SegmoError]] = {
    kind.__name__: kind for kind in (FileFormatError, InvalidRequestError, MissingDependencyError)
}
# One thread of each library: on a machine of many cores the stacks of more would use up the memory allowed.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PXR_WORK_THREAD_LIMIT")


def read_in_subprocess(reader: str, path: Path, kind: str, *arguments: str, max_seconds: float = MAX_SECONDS) -> Motion:
    """What ``reader`` ("module:function" of (path, *arguments)) makes of ``path``, run apart from this process.

    kind: what the file should be, for the sentence ("USD", "FBX"). Raises FileFormatError or MissingDependencyError
    as the reader does, and FileFormatError when it crashes, needs more than max_seconds of computing (or three times
    that of waiting) or more than MAX_BYTES.
    """
    try:
        place = tempfile.TemporaryDirectory(prefix="segmo-")
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read, nothing temporary can be written ({error.strerror})") from None
    with place as folder:
        named = _under_a_text_name(path, Path(folder))
        command = [sys.executable, "-P", "-m", __name__, reader, str(named), folder, str(math.ceil(max_seconds))]
        command += arguments
        too_long = FileFormatError(f"{path}: not read after {max_seconds:g} s, expected a smaller {kind} file")
        environment = os.environ | dict.fromkeys(_THREADS, "1")
        environment |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TMPDIR": folder}  # for crash reports
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=max_seconds * _PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise too_long from None
        except (OSError, ValueError) as error:
            raise FileFormatError(f"{path}: the {kind} reader cannot be started ({error})") from None
        sentence = Path(folder) / _SENTENCE
        if sentence.is_file():
            answer = json.loads(sentence.read_text(encoding="utf-8"))
            raise _KINDS[answer["kind"]](answer["sentence"].replace(str(named), str(path)))
        if hasattr(signal, "SIGXCPU") and done.returncode == -signal.SIGXCPU:
            raise too_long
        if done.returncode != 0:
            raise FileFormatError(
                f"{path}: the {kind} library gave up on it, expected a complete and sound {kind} file"
            )
        told = json.loads((Path(folder) / _TOLD).read_text(encoding="utf-8"))
        lists: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
        }
        return replace(npz.read_npz(Path(folder) / _MOTION), provenance=Provenance(**lists))


def _under_a_text_name(path: Path, folder: Path) -> Path:
    """``path``, or a copy of it in ``folder`` where its name is no UTF-8, which such libraries cannot open."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        copy = folder / f"file{path.suffix}"
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise FileFormatError(f"{path}: cannot be read, nor copied ({error.strerror})") from None
        return copy
    return path


def main(reader: str, path: Path, folder: Path, max_seconds: int, *arguments: str) -> None:
    """In the process of its own: read ``path`` and leave the motion or the sentence in ``folder``."""
    _set_limits(max_seconds)
    try:
        with np.errstate(all="ignore"):  # what foreign numbers overflow to is refused as not finite
            motion = resolve(reader)(path, *arguments)
        npz.write_npz(motion, folder / _MOTION)
        (folder / _TOLD).write_text(json.dumps(asdict(motion.provenance)), encoding="utf-8")
    except MemoryError:
        _refuse(folder, FileFormatError(f"{path}: needs more than {MAX_BYTES // 2**20} MiB, expected a motion"))
    except tuple(_KINDS.values()) as error:
        _refuse(folder, error)


def _refuse(folder: Path, error: SegmoError) -> None:
    answer = {"kind": type(error).__name__, "sentence": str(error)}
    (folder / _SENTENCE).write_text(json.dumps(answer), encoding="utf-8")


def _set_limits(max_seconds: int) -> None:
    """Where the system can: bounds on memory and computing time, and no core file after a crash."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the one on the time that passes still holds
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MAX_BYTES, MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (max_seconds, max_seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
    os._exit(0)  # the answer is on the disk; such libraries may also crash while they are taken down
