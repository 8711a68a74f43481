"""``segmo-studio``: the window, or one of its commands that draw pictures; says so where it is not installed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

# What comes with the extra "studio"; its absence is no fault of the program.
_OF_THE_EXTRA = ("PySide6", "shiboken6", "pyqtgraph", "pyvista", "vtk", "vtkmodules")


def main(arguments: Sequence[str] | None = None) -> int:
    """``segmo-studio [--bundle DIR] [FILE]``, ``segmo-studio frame-strip ...`` or ``segmo-studio screenshots ...``.

    ``segmo bench`` asks for ``measure-startup`` and ``measure-playing``.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        run, rest = _command(given)
        return run(rest)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        sys.stderr.write("segmo-studio: the Studio is not installed; install it with: pip install 'segmo[studio]'\n")
        return 2


def _command(given: list[str]) -> tuple[Callable[[list[str]], int], list[str]]:
    """What to run, and with which arguments."""
    if given[:1] == ["frame-strip"]:
        from segmo_studio.pictures import frame_strip

        return frame_strip.main, given[1:]
    if given[:1] == ["screenshots"]:
        from segmo_studio.pictures import screenshots

        return screenshots.main, given[1:]
    if given[:1] == ["measure-startup"]:
        from segmo_studio.measuring import startup

        return startup.main, given[1:]
    if given[:1] == ["measure-playing"]:
        from segmo_studio.measuring import playing

        return playing.main, given[1:]
    from segmo_studio import app

    return app.main, given


if __name__ == "__main__":
    sys.exit(main())
