"""Errors that a user may see. Every one carries one sentence: what, where, what was expected."""

from __future__ import annotations


class SegmoError(Exception):
    """Base of all expected failures; ``str(error)`` is a sentence for the user."""


class InvalidRequestError(SegmoError):
    """The user asked for something that cannot be done (empty prompt, 0 seconds, ...)."""


class FileFormatError(SegmoError):
    """A file is missing, truncated, of the wrong kind, or holds values it must not hold."""


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
