"""A worker process: reads pickled items from its standard input, one at a time, and writes answers to its standard
output. It ends with its input, which ends with the process that started it, however that one ended.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from typing import IO, Any

from segmo_core.errors import SegmoError
from segmo_core.progress import SilentProgress
from segmo_core.workers.work import Answer, answer_for

READY = -1
"""Number of the answer that says that the work has started, or why it cannot."""
_LENGTH = struct.Struct("<Q")


def send(stream: IO[bytes], value: Any) -> None:
    """Write a value, its length before it. OSError when nobody reads any more."""
    content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next value. EOFError at the end, also in the middle of a value. Only for what our own processes wrote."""
    return pickle.loads(_exactly(stream, _LENGTH.unpack(_exactly(stream, _LENGTH.size))[0]))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    content = stream.read(count)
    if len(content) < count:
        raise EOFError
    return content


def main() -> None:
    """Answer items until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all of the terminal; who started us ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    progress = SilentProgress()
    try:
        work = receive(sys.stdin.buffer)
        try:
            task = work.start(progress)
        except SegmoError as error:
            send(answers, Answer(READY, error=error))
            return
        send(answers, Answer(READY))
        while True:
            number, item = receive(sys.stdin.buffer)
            send(answers, answer_for(task, number, item, progress))
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nobody is left to tell anything, streams included


if __name__ == "__main__":
    main()
