"""Frozen dataclass <-> JSON, strictly: unknown and missing keys are refused by name."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
import secrets
import stat
import sys
import time
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from segmo_core.errors import ConfigError, FileFormatError, in_short, one_of, shown

T = TypeVar("T")

MAX_TEXT_BYTES = 64 << 20
"""Of files that are read whole as text: captions, configurations, manifests."""

_LEFT_BEHIND = 60.0  # seconds since anything was written into a temporary file
_LARGEST_NUMBER = 10**18 - 1


def to_plain(value: Any) -> Any:
    """A dataclass (nested allowed) as plain dicts, lists, numbers and strings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    return value


def _convert(annotation: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        choices = [argument for argument in arguments if argument is not type(None)]
        return _convert(choices[0], value, where)
    if dataclasses.is_dataclass(annotation):
        if isinstance(value, typing.cast(type, annotation)):  # built already
            return value
        return from_plain(typing.cast(type, annotation), value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{where}: found {shown(value)}, expected a list")
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_convert(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
        if len(arguments) != len(value):
            raise ConfigError(f"{where}: found {len(value)} items, expected {len(arguments)}")
        return tuple(_convert(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(arguments, value, strict=True)))
    if origin is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: found {shown(value)}, expected an object")
        return {key: _convert(arguments[1], item, f"{where}.{in_short(key, 40)}") for key, item in value.items()}
    if annotation is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        if not abs(value) <= sys.float_info.max:  # JSON knows no infinity, but Python reads 1e400, NaN and Infinity
            raise ConfigError(f"{where}: found {shown(value)}, expected a finite number")
        return float(value)
    if annotation in (int, str, bool, float):
        if type(value) is not annotation:
            raise ConfigError(f"{where}: found {shown(value)}, expected {annotation.__name__}")
        if annotation is int and abs(value) > _LARGEST_NUMBER:
            raise ConfigError(f"{where}: found {shown(value)}, expected a whole number of at most 18 digits")
        return value
    return value


def from_plain(kind: type[T], value: Any, where: str = "") -> T:
    """Build the dataclass ``kind`` from plain data.

    Raises ConfigError naming the key when one is unknown, missing or of the wrong type.
    """
    where = where or kind.__name__
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: found {type(value).__name__}, expected an object")
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, kind))}
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise ConfigError(f"{where}: unknown key {shown(unknown[0])}, expected one of {one_of(fields, unknown[0])}")
    hints = typing.get_type_hints(kind)
    arguments = {}
    for name, field in fields.items():
        if name in value:
            arguments[name] = _convert(hints[name], value[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}: key {name!r} is missing")
    return kind(**arguments)


def finite_number(text: str) -> float | None:
    """The number that ``text`` is; None where it is none, or no finite one."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_text(path: Path, expected: str) -> str:
    """The text of a file in UTF-8, line ends as "\\n", without the byte order mark that Windows programs begin with.

    expected: what the file should hold, for the sentence of the FileFormatError when it cannot be read.
    """
    try:
        found = Path(path).stat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):  # these may never come to an end
            raise FileFormatError(f"{path}: is a pipe or a device, expected {expected}")
        if found.st_size > MAX_TEXT_BYTES:
            raise FileFormatError(
                f"{path}: {found.st_size >> 20} MiB, expected {expected} of at most {MAX_TEXT_BYTES >> 20} MiB"
            )
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file, expected {expected}") from None
    except UnicodeDecodeError:
        raise FileFormatError(f"{path}: not a text file in UTF-8, expected {expected}") from None
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror}), expected {expected}") from None


def read_json(path: Path) -> Any:
    """Parse a JSON file; FileFormatError names the file and line when it cannot be."""
    try:
        return json.loads(read_text(path, "JSON"))
    except json.JSONDecodeError as error:
        raise FileFormatError(f"{path}, line {error.lineno}: not valid JSON ({error.msg})") from None
    except RecursionError:
        raise FileFormatError(f"{path}: nested too deeply, expected plain JSON") from None
    except ValueError:  # Python's bound on the digits of a whole number
        raise FileFormatError(f"{path}: holds a number of thousands of digits, expected plain JSON") from None


def real_path(path: Path) -> Path:
    """The absolute path behind all links; a link that leads to itself stays one (``Path.resolve`` of Python 3.11 and
    3.12 raises RuntimeError there)."""
    return Path(os.path.realpath(path))


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then rename it into place.

    Behind a link, the file it points to is written and the link stays. A file that was there keeps its permissions and,
    where the system lets it, its owner; a new one gets those that any new file gets. Raises FileFormatError when the
    folder is missing or cannot be written, or something else than a file is there; never leaves half a file. The
    temporary file keeps the suffix of ``path``, for libraries that look at it; what a writer that was killed left
    behind, the next one of the same file removes.
    """
    path = Path(path)
    try:
        target = real_path(path) if path.is_symlink() else path
        if target.is_symlink():
            raise FileFormatError(f"{path}: cannot be written (a link that leads to itself)")
        before = target.stat() if target.exists() else None
        if before is not None and not stat.S_ISREG(before.st_mode):
            raise FileFormatError(f"{path}: is no file, expected one or nothing there")
        for left in left_behind(target):
            with contextlib.suppress(OSError):
                left.unlink()
        temporary = name_while_writing(target)
        # The system takes its umask off a new file; one in the place of a private file is private from the beginning.
        mode = 0o666 if before is None else 0o600
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        given = stat.S_IMODE(os.fstat(handle).st_mode if before is None else before.st_mode)
        os.close(handle)
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be written ({error.strerror or error})") from None
    try:
        write(temporary)
        if before is not None:
            with contextlib.suppress(OSError):
                os.chown(temporary, before.st_uid, before.st_gid)
        os.chmod(temporary, given)
        os.replace(temporary, target)
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        temporary.unlink(missing_ok=True)


def name_while_writing(path: Path) -> Path:
    """A name beside ``path`` that tells which process writes; short, so that no long name becomes too long."""
    return path.with_name(f"{_head(path)}{os.getpid()}-{secrets.token_hex(4)}{path.suffix[:16]}")


def _head(path: Path) -> str:
    return f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]}-writing-"


def left_behind(path: Path) -> list[Path]:
    """What has a ``name_while_writing`` of ``path`` and nobody writes any more: its process is gone, for a minute."""
    head, found = _head(path), []
    for name in os.listdir(path.parent):
        if not name.startswith(head):
            continue
        process = name.removeprefix(head).partition("-")[0]
        left = path.with_name(name)
        with contextlib.suppress(OSError):
            if (
                process.isdigit()
                and not _is_running(int(process))
                and time.time() - left.stat().st_mtime > _LEFT_BEHIND
            ):
                found.append(left)
    return found


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` (dataclasses allowed) as indented JSON, atomically."""
    text = json.dumps(to_plain(value), indent=2, ensure_ascii=False) + "\n"
    write_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
