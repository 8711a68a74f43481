"""The command line, ``segmo``. Commands import what they need when they run, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code. Ctrl+C ends it without a traceback even while it starts."""
    try:
        from segmo_core.cli.app import main as run
    except KeyboardInterrupt:
        print("segmo: interrupted.", file=sys.stderr)  # noqa: T201
        return 130
    return run(arguments)
