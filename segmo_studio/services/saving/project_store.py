"""Projects in and out of files, in the background: never in the window's thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segmo_core.progress import Progress
from segmo_core.project.project_file import ProjectFile, read_project, write_project
from segmo_studio.services.jobs import PROJECT_LANE, Job, JobRunner


class ProjectStore:
    """Turns projects into jobs. Values are immutable, so a job writes what was there when it was asked for."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner

    def write(self, content: ProjectFile, path: Path, thumbnail: bytes = b"", quiet: bool = False) -> Job[Path]:
        """Write ``path`` whole or not at all. Result: the path."""

        def work(progress: Progress, _job: Job[Any]) -> Path:
            write_project(content, path, thumbnail, progress)
            return path

        return self._runner.submit(f"Saving {path.name}", work, PROJECT_LANE, quiet)

    def read(self, path: Path) -> Job[ProjectFile]:
        """Read a project file."""
        return self._runner.submit(f"Opening {path.name}", lambda _progress, _job: read_project(path), PROJECT_LANE)
