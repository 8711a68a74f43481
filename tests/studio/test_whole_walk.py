"""From a prompt to a saved project and back, by mouse and keys alone: the same bytes of motion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from whole_walk import Walk
from window_support import HeldEngine

from segmo_core import motion_files
from segmo_core.motion.motion import Motion
from segmo_core.project.project_file import ProjectFile, write_project
from segmo_studio.main_window import MainWindow


def bytes_of(window: MainWindow, path: Path) -> bytes:
    write_project(ProjectFile(window.document.project), path)
    return path.read_bytes()


def test_prompt_edit_compare_find_export_save_and_reopen(
    make_window: Callable[[Any], MainWindow], engine: HeldEngine, walk: Motion, tmp_path: Path
) -> None:
    motion_files.write(walk, tmp_path / "recording.bvh")
    window = make_window(engine)
    seen: list[str] = []
    steps = Walk(window, tmp_path, seen.append)
    project = steps.go(tmp_path / "recording.bvh")
    before = bytes_of(window, tmp_path / "before.segmo")
    assert window.close()
    steps.window = make_window(engine)
    steps.reopen(project)
    assert bytes_of(steps.window, tmp_path / "after.segmo") == before
    assert len(seen) == 19
