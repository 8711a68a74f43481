"""How long work reports where it is and learns that it should stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from segmo_core.errors import CancelledError


class Progress(Protocol):
    """Reported to from inside long work: once per decoding step, training step, exported frame."""

    def report(self, fraction: float, message: str = "") -> None:
        """Say that ``fraction`` (0 to 1) of the work is done, with a ``message`` for people. Raises nothing.

        Example:
            >>> CallbackProgress(lambda fraction, message: print(f"{fraction:.0%}", message)).report(0.5, "walking")
            50% walking
        """
        ...

    def raise_if_cancelled(self) -> None:
        """Raises CancelledError when the user asked for the work to stop.

        Example:
            >>> CallbackProgress().raise_if_cancelled()
        """
        ...


class SilentProgress:
    """Reports nowhere and is never cancelled."""

    def report(self, fraction: float, message: str = "") -> None:
        """See Progress."""
        return None

    def raise_if_cancelled(self) -> None:
        """See Progress."""
        return None


class CallbackProgress:
    """Passes reports to a callback; ``cancel()`` may be called from any thread."""

    def __init__(self, callback: Callable[[float, str], None] | None = None) -> None:
        self._callback = callback
        self._cancelled = threading.Event()

    def report(self, fraction: float, message: str = "") -> None:
        """See Progress."""
        if self._callback is not None:
            self._callback(min(max(fraction, 0.0), 1.0), message)

    def cancel(self) -> None:
        """Have the work stop at its next step. Raises nothing here.

        Example:
            >>> progress = CallbackProgress()
            >>> progress.cancel()
            >>> progress.raise_if_cancelled()
            Traceback (most recent call last):
            ...
            segmo_core.errors.CancelledError: Cancelled.
        """
        self._cancelled.set()

    def raise_if_cancelled(self) -> None:
        """See Progress."""
        if self._cancelled.is_set():
            raise CancelledError()


class ProgressPart:
    """The stretch from ``start`` to ``end`` (0 to 1) of a larger progress, for work that is one step of several."""

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole = whole
        self._start = start
        self._end = end

    def report(self, fraction: float, message: str = "") -> None:
        self._whole.report(self._start + (self._end - self._start) * fraction, message)

    def raise_if_cancelled(self) -> None:
        self._whole.raise_if_cancelled()


class CancelledWith:
    """Cancelled when ``whole`` is, and reports nothing to it: for work whose place in the whole its caller tells."""

    def __init__(self, whole: Progress) -> None:
        self._whole = whole

    def report(self, fraction: float, message: str = "") -> None:
        """See Progress."""

    def raise_if_cancelled(self) -> None:
        """See Progress."""
        self._whole.raise_if_cancelled()
