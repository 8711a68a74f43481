"""Errors that a user may see. Every one carries one sentence: what, where, what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST_LETTERS = 40
_MOST_LISTED = 160
_LARGEST_SHOWN = 10**15


def shown(value: object) -> str:
    """A foreign value as it may stand in a sentence: short, printable, and without walking into nested ones."""
    if isinstance(value, (str, bytes)):
        text = repr(value[: _MOST_LETTERS + 1])
        return text if len(text) <= _MOST_LETTERS + 3 else f"{text[:_MOST_LETTERS]}..."
    if value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < _LARGEST_SHOWN):
        return repr(value)
    return "a huge number" if isinstance(value, int) else f"a {type(value).__name__}"


def in_short(text: object, most_letters: int = 120) -> str:
    """Foreign text without quotes as it may stand in a sentence: on one line, printable, cut where it is long."""
    line = " ".join(str(text)[: 4 * most_letters].split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= most_letters else line[: most_letters - 3] + "..."


def one_of(known: Iterable[str], found: object = "") -> str:
    """The known names as they may stand in a sentence: all of them, or of many those that ``found`` is nearest to."""
    names = list(known)
    if sum(map(len, names)) <= _MOST_LISTED:
        return ", ".join(names)
    nearest = difflib.get_close_matches(str(found)[:_MOST_LETTERS], names, n=5, cutoff=0.0)
    return f"{', '.join(nearest)} (the nearest of {len(names)})"


class SegmoError(Exception):
    """Base of all expected failures; ``str(error)`` is a sentence for the user."""


class InvalidRequestError(SegmoError):
    """The user asked for something that cannot be done (empty prompt, 0 seconds, ...)."""


class FileFormatError(SegmoError):
    """A file is missing, truncated, of the wrong kind, or holds values it must not hold."""


class LibraryIndexError(FileFormatError):
    """The index of a motion library is damaged, or cannot be read or written."""


class BundleError(SegmoError):
    """A model bundle is missing, incomplete, altered or of a foreign kind."""


class ConfigError(SegmoError):
    """A configuration names an unknown key or holds a value out of range."""


class DataError(SegmoError):
    """A data set folder is missing or unusable."""


class MissingDependencyError(SegmoError):
    """An optional package is needed; the sentence names the exact install line."""


class DownloadError(SegmoError):
    """A file could not be fetched: no connection, a refusal, or not the file that was expected."""


class SegmenterError(SegmoError):
    """A text segmenter could not answer (server gone, invalid answer, ...)."""


class CancelledError(SegmoError):
    """The user cancelled a running job."""

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)
