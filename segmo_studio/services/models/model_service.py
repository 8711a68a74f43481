"""What is asked about models besides generating: conversion, whether bundles are whole, what they can run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmo_core.bundle_manifest import read_manifest, verify_files
from segmo_core.errors import SegmoError
from segmo_core.progress import Progress
from segmo_studio.services.jobs import Job, JobRunner
from segmo_studio.services.torch_loading import load_torch_library

if TYPE_CHECKING:
    from segmo_core.conversion.convert import ConversionReport
    from segmo_core.models.devices import Computing

MODEL_LANE = "models"


class ModelService:
    """Every call is a job, in a lane of its own: generating goes on meanwhile."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner

    def convert(self, folder: Path, bundle: Path, dataset: str | None) -> Job[ConversionReport]:
        """Published checkpoints to a bundle, as ``segmo convert`` does it. Result: ConversionReport."""

        def work(progress: Progress, _job: Job[Any]) -> ConversionReport:
            load_torch_library()
            from segmo_core.conversion.convert import convert_folder

            return convert_folder(folder, bundle, dataset, progress)

        return self._runner.submit(f"Converting {folder.name}", work, MODEL_LANE)

    def check(self, folders: Sequence[Path]) -> Job[Mapping[Path, str]]:
        """Whether every file of the bundles is whole. Result: a sentence for each that is not."""

        def work(progress: Progress, _job: Job[Any]) -> Mapping[Path, str]:
            wrong = {}
            for number, folder in enumerate(folders):
                progress.raise_if_cancelled()
                progress.report(number / len(folders), f"Checking {folder.name}")
                try:
                    verify_files(folder, read_manifest(folder))
                except SegmoError as error:
                    wrong[folder] = f"{str(error).rstrip('.')}."
                except OSError as error:
                    wrong[folder] = f"{error.filename or folder}: cannot be read ({error.strerror})."
            return wrong

        return self._runner.submit("Checking the bundles", work, MODEL_LANE, quiet=True)

    def computing(self) -> Job[Computing]:
        """What this machine can compute with. Result: Computing."""

        def work(_progress: Progress, _job: Job[Any]) -> Computing:
            load_torch_library()
            from segmo_core.models.devices import computing

            return computing()

        return self._runner.submit("Looking for devices", work, MODEL_LANE, quiet=True)
