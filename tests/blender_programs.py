"""The Blenders that are here: the installed program, and Pythons with the package bpy that SEGMO_BLENDERS names.

SEGMO_BLENDERS=/venv45/bin/python:/venv53/bin/python has the tests that need Blender run in each of them too. bpy 4.5
wants Python 3.11, bpy 5.1 and newer 3.13.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_AS_PROGRAM = ("-b", "--factory-startup", "--python-exit-code", "3", "--python")


def blender_commands() -> dict[str, list[str]]:
    """Name -> command line, to be followed by a script, "--" and the script's arguments."""
    named = [path for path in os.environ.get("SEGMO_BLENDERS", "").split(os.pathsep) if path]
    commands = {}
    for path in [*([found] if (found := shutil.which("blender")) else []), *named]:
        is_program = Path(path).name.startswith("blender")
        commands[path] = [path, *_AS_PROGRAM] if is_program else [path]
    return commands
