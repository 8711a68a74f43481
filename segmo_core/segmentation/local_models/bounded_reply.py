"""A reply of a server that ends: within a time, within a number of bytes, and when nobody waits for it any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx

from segmo_core.errors import SegmenterError


class BoundedReply(httpx.SyncByteStream):
    """The bytes of ``inner``. Raises httpx.ReadTimeout past ``deadline`` (time.monotonic; None for none) or once
    ``abandoned`` is set, SegmenterError past ``most_bytes``.
    """

    def __init__(
        self, inner: httpx.SyncByteStream, most_bytes: int, deadline: float | None, abandoned: threading.Event
    ) -> None:
        self._inner = inner
        self._most_bytes = most_bytes
        self._deadline = deadline
        self._abandoned = abandoned

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        for piece in self._inner:
            read += len(piece)
            if read > self._most_bytes:
                raise SegmenterError(f"Ollama's reply is longer than {self._most_bytes >> 20} MiB.")
            is_late = self._deadline is not None and time.monotonic() > self._deadline
            if self._abandoned.is_set() or is_late:
                raise httpx.ReadTimeout("the whole answer took too long")
            yield piece

    def close(self) -> None:
        self._inner.close()
