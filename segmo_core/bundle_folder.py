"""Bundles on disk change as a whole: one that was being written when everything ended is the old one or the new one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segmo_core.bundle_manifest import read_manifest
from segmo_core.errors import BundleError, FileFormatError
from segmo_core.serialization import left_behind, name_while_writing, real_path

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of linux/fcntl.h and linux/fs.h
_ASIDE = "-aside"


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of ``folder`` when the block ends; nothing happens if it raises.

    BundleError when it cannot be written.
    """
    target = real_path(Path(folder))  # behind a link, the folder itself is replaced and the link stays
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _tidy(target)
        temporary = name_while_writing(target)
        temporary.mkdir(mode=0o700)
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror})") from None
    try:
        yield temporary
        for path in (temporary, *(path for path in temporary.iterdir() if path.is_file())):
            _give_permissions(path, target if path is temporary else target / path.name)
        _put_in_place(temporary, target)
    except (FileFormatError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise BundleError(f"{folder}: cannot be written ({reason or error})") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def changed_folder(folder: Path) -> Iterator[Path]:
    """As ``new_folder``, but it begins with a copy of the bundle that is there. BundleError when there is none."""
    with contextlib.suppress(OSError):
        _tidy(real_path(Path(folder)))
    read_manifest(Path(folder))
    with new_folder(folder) as temporary:
        shutil.copytree(folder, temporary, dirs_exist_ok=True)
        yield temporary


def _give_permissions(path: Path, before: Path) -> None:
    """Those of what stood there before; else everybody may read, for safetensors keeps what it writes to its user."""
    if before.exists():
        path.chmod(stat.S_IMODE(before.stat().st_mode))
    else:
        path.chmod(0o755 if path.is_dir() else 0o644)


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Rename ``temporary`` to ``folder``; what was there is then under the other name, to be removed."""
    if not folder.exists():
        os.rename(temporary, folder)
    elif not _exchanged(temporary, folder):
        aside = temporary.with_name(temporary.name + _ASIDE)
        os.rename(folder, aside)
        try:
            os.rename(temporary, folder)
        except OSError:
            os.rename(aside, folder)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def _tidy(folder: Path) -> None:
    """Remove what writers of ``folder`` left beside it when they were killed; a bundle that one had put aside and not
    replaced is put back."""
    for left in left_behind(folder):
        if left.name.endswith(_ASIDE) and not folder.exists():
            os.rename(left, folder)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two names were exchanged in one step, which not every system and file system can."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)
