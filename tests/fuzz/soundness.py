"""What must hold for any bytes: a sound motion or one sentence; nothing written, started or asked of the network."""

from __future__ import annotations

import os
import re
import resource
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmo_core.errors import SegmoError
from segmo_core.formats.scene.own_skeleton import in_metres_y_up
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton

MOST_LETTERS = 400
MOST_SECONDS = 10  # of computing for one input
MOST_BYTES = 1 << 30
_FORBIDDEN = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen", "socket.connect", "os.remove",
              "os.rename", "os.mkdir", "shutil.", "urllib.")  # fmt: skip
_FOUND = re.compile(r"[\d'\"(]")
_seen: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if event.startswith(_FORBIDDEN):
        _seen.append(f"{event}{arguments!r:.200}")
    elif event == "open":
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _seen.append(f"open for writing: {arguments[0]!r:.200}")


sys.addaudithook(_watch)


@contextmanager
def no_effects() -> Iterator[None]:
    """Fails when what is done inside writes files, starts programs or connects to anything."""
    global _seen
    _seen = []
    try:
        yield
        assert not _seen, _seen
    finally:
        _seen = None


def check_sentence(error: SegmoError, path: Path) -> None:
    """One printable sentence of sensible length about the file."""
    sentence = str(error).replace(str(path), "FILE")
    assert 10 < len(sentence) < MOST_LETTERS, f"{len(sentence)} letters: {sentence[:600]}"
    assert sentence.isprintable(), ascii(sentence)


def kind_of(error: SegmoError, path: Path) -> str:
    """The sentence without what it found: as far as the first number or quotation mark."""
    return _FOUND.split(str(error).replace(str(path), ""), maxsplit=1)[0].strip(" :,")[:60]


def check_motion(motion: Motion) -> None:
    """Finite, of the right shapes, with names that can be shown."""
    skeleton = motion.skeleton
    assert motion.joint_positions.shape == (motion.num_frames, skeleton.num_joints, 3)
    assert motion.num_frames >= 1
    assert np.isfinite(motion.joint_positions).all()
    assert np.isfinite(skeleton.rest_offsets).all()
    assert np.isfinite(motion.frame_rate)
    assert motion.frame_rate > 0
    assert len(skeleton.joint_names) == len(skeleton.parents)
    assert all(0 < len(name) <= 200 and name.isprintable() for name in skeleton.joint_names), "names"
    if motion.local_rotations is not None:
        assert motion.local_rotations.shape == (*motion.joint_positions.shape[:2], 4)
        lengths = np.linalg.norm(motion.local_rotations, axis=-1)
        assert np.abs(lengths - 1).max() < 1e-3, "rotations are no unit quaternions"
    if motion.hands is not None:
        assert motion.hands.local_rotations.shape == (motion.num_frames, 30, 4)
        lengths = np.linalg.norm(motion.hands.local_rotations, axis=-1)
        assert np.abs(lengths - 1).max() < 1e-3, "fingers are no unit quaternions"


def check_retargeting(motion: Motion, path: Path) -> bool:
    """Puts a sound motion on the model skeleton, or is told why not in a sentence. True when it was a body."""
    try:
        result = to_model_skeleton(motion)
    except SegmoError as error:
        check_sentence(error, path)
        return False
    check_motion(result.motion)
    check_motion(resample_motion(result.motion, 20.0))
    assert np.isfinite([result.mean_error, result.worst_error, result.scale]).all()
    assert result.summary.isprintable()
    if result.matched_by != "same skeleton":
        check_motion(in_metres_y_up(motion, result))
    return True


@dataclass
class Cost:
    """seconds: of computing. num_bytes: of memory, at the most; 0 where other work before took more."""

    seconds: float = 0.0
    num_bytes: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """What the work inside costs."""
    cost, started, before, peak = Cost(), time.process_time(), _bytes_in_use(), _peak_bytes()
    try:
        yield cost
    finally:
        cost.seconds = time.process_time() - started
        if _peak_bytes() > peak:
            cost.num_bytes = _peak_bytes() - before


def _peak_bytes() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _bytes_in_use() -> int:
    return resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[1])


def check_reading(
    read: Callable[[Path], Any], path: Path, *, watched: bool = True, refusals: Counter[str] | None = None
) -> str:
    """Reads ``path`` with ``read``; what becomes of it must be sound. "refused", "read" or "retargeted".

    refusals: counts the kinds of sentences with which files were refused.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning is a second sentence on the user's terminal
        try:
            if watched:
                with no_effects():
                    value = read(path)
            else:
                value = read(path)
        except SegmoError as error:
            check_sentence(error, path)
            if refusals is not None:
                refusals[kind_of(error, path)] += 1
            return "refused"
        if not isinstance(value, Motion):
            return "read"
        check_motion(value)
        return "retargeted" if check_retargeting(value, path) else "read"
