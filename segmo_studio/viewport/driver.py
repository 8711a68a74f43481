"""Whether this machine can draw at all: the libraries and the driver VTK needs.

Without OpenGL libraries VTK ends the whole program with a segmentation fault, so they are looked for first.
"""

from __future__ import annotations

import ctypes
import os
import sys

from segmo_core.errors import MissingDependencyError

_FEW_PROCESSORS = 2
_LINUX_LIBRARIES = {"libGL.so.1": "libgl1", "libEGL.so.1": "libegl1"}


def require_graphics() -> None:
    """Makes sure that ``vtkmodules`` can be imported and can draw. Call before every import of VTK.

    Raises MissingDependencyError naming the packages to install. Where there is no X display, VTK is told to
    draw through EGL; it reads that setting when it is imported. On two processors or one, Mesa is told to draw without
    threads of its own.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = [package for library, package in _LINUX_LIBRARIES.items() if not _loads(library)]
    if missing:
        raise MissingDependencyError(
            f"3D view: OpenGL libraries are missing, install them with: sudo apt install {' '.join(missing)}"
        )
    if len(os.sched_getaffinity(0)) <= _FEW_PROCESSORS:
        # Where Mesa draws in software, its threads and those of a generation would wait for each other: drawing in the
        # window's own thread is faster, and leaves the other processor to the generation.
        os.environ.setdefault("LP_NUM_THREADS", "0")
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


def require_driver(window_class: str) -> None:
    """``window_class``: the kind of window VTK fell back to. Raises MissingDependencyError when it cannot draw.

    The libraries may be there without any driver; VTK then takes a window of OSMesa's kind even where OSMesa is
    missing, and ends the program at the first drawing.
    """
    if window_class == "vtkOSOpenGLRenderWindow" and not any(_loads(f"libOSMesa.so.{n}") for n in (8, 6)):
        raise MissingDependencyError(
            "3D view: no OpenGL driver works here, install one with: sudo apt install libgl1-mesa-dri"
        )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
