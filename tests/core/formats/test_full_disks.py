"""Every format that is written, where there is no room, and under names that are no text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segmo_core.formats.registry import FORMATS, read_motion, write_motion
from segmo_core.motion.motion import Motion

WRITTEN = sorted({extension for row in FORMATS.values() if row.writer for extension in row.extensions})
_PROGRAM = """
import resource, sys
from pathlib import Path
import numpy as np
from segmo_core import motion_files
from segmo_core.errors import SegmoError
motion = motion_files.read(Path(sys.argv[1])).motion
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
for extension in sys.argv[4:]:
    path = Path(sys.argv[2]) / f"full{extension}"
    try:
        motion_files.write(motion, path)
    except SegmoError as error:
        print(extension, str(error).replace(str(path), "FILE"))
    except BaseException as error:
        print(extension, "TRACEBACK", type(error).__name__, error)
    else:
        print(extension, "WRITTEN", path.stat().st_size)
"""


def test_where_there_is_no_room_one_sentence_says_so_and_nothing_is_left(walk: Motion, tmp_path: Path) -> None:
    """The system lets no file grow beyond a kilobyte, which is what a full disk is to a program."""
    write_motion(walk, tmp_path / "walk.npz")
    (tmp_path / "full").mkdir()
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path / "walk.npz"), str(tmp_path / "full"), "1024", *WRITTEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert set(said) == set(WRITTEN)
    for extension, sentence in said.items():
        assert sentence.startswith("FILE: cannot be written"), (extension, sentence)
    assert list((tmp_path / "full").iterdir()) == []


@pytest.mark.parametrize("extension", [each for each in WRITTEN if each not in (".mp4", ".gif", ".webm")])
def test_names_that_are_no_text_are_names(walk: Motion, extension: str, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"walk\xff" + extension.encode())
    write_motion(walk.frames(0, 8), path)
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(path.name)]
    if any(extension in row.extensions and row.reader for row in FORMATS.values()):
        assert read_motion(path).num_frames >= 8
