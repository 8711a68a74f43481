"""What one asks first when something does not work: versions, machine, screen, graphics, bundle. No prompts."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Mapping

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

_PACKAGES = ("segmo", "torch", "numpy", "PySide6-Essentials", "vtk", "pyvista", "pyqtgraph", "trimesh")


def diagnostics(more: Mapping[str, Callable[[], str]]) -> str:
    """A line for each fact. more: name and what tells it; one that fails is told as such."""
    facts = {
        "System": lambda: f"{platform.platform()}, {platform.machine()}",
        "Python": lambda: f"{platform.python_version()} at {sys.prefix}",
        "Processor": lambda: f"{os.cpu_count()} cores",
        "Memory": _memory,
        "Packages": lambda: ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "Qt": lambda: f"{qVersion()} on {QGuiApplication.platformName()}",
        "Screens": _screens,
        **more,
    }
    return "\n".join(f"{name}: {_told(fact)}" for name, fact in facts.items())


def _told(fact: Callable[[], str]) -> str:
    try:
        return fact()
    except Exception as error:  # what is looked for here may be broken in any way, and the rest must still be told
        return f"not known ({type(error).__name__}: {error})"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "is not installed"


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "not known here"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.1f} GiB"


def _screens() -> str:
    screens = QGuiApplication.screens()
    return ", ".join(
        f"{s.size().width()} x {s.size().height()} at {s.devicePixelRatio():g}, {s.refreshRate():.0f} Hz"
        for s in screens
    )
