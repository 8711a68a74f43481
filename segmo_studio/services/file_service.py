"""The files that need no engine: motions, props and bodies, read and written by jobs in a lane of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segmo_core import motion_files
from segmo_core.errors import FileFormatError
from segmo_core.formats.registry import FORMATS
from segmo_core.formats.scene.export_options import ExportOptions, first_file
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_studio.document.read_motion import Fitting, ReadMotion
from segmo_studio.services.jobs import EXPORT_LANE, Job, JobRunner

if TYPE_CHECKING:
    from segmo_core.body.mannequin import SkinnedMesh
    from segmo_core.formats.meshes.props import Prop
    from segmo_core.retargeting.to_model_skeleton import RetargetResult
    from segmo_core.training.finetuning.segment_clips import SavedClips


class FileService:
    """What the Studio's one door to the engine offers beside the engine."""

    def __init__(self, runner: JobRunner) -> None:
        self.runner = runner

    def load_body(self, folder: Path) -> Job[SkinnedMesh]:
        """The SMPL model of a folder, fitted to the model skeleton. Result: SkinnedMesh."""

        def work(_progress: Progress, _job: Job[Any]) -> SkinnedMesh:
            from segmo_core.body.smpl import fitted_mesh, load_smpl_body

            return fitted_mesh(load_smpl_body(folder))

        return self.runner.submit("Reading the SMPL model", work, EXPORT_LANE)

    def read_props(self, paths: Sequence[Path]) -> Job[dict[Path, Prop]]:
        """The meshes of files. Result: by their paths; one that cannot be read fails the job."""

        def work(progress: Progress, _job: Job[Any]) -> dict[Path, Prop]:
            from segmo_core.formats.meshes.props import read_prop

            found = {}
            for number, path in enumerate(paths):
                progress.raise_if_cancelled()
                progress.report(number / len(paths), f"Reading {path.name}")
                found[path] = read_prop(path)
            return found

        return self.runner.submit("Reading props", work, EXPORT_LANE)

    def open_motion(self, path: Path) -> Job[ReadMotion]:
        """Read a motion file and bring it onto the model's skeleton. Result: ReadMotion."""
        return self.runner.submit(f"Opening {path.name}", _opening(path), EXPORT_LANE)

    def read_quietly(self, path: Path) -> Job[ReadMotion]:
        """As ``open_motion``, for a look at a file: a failure is nobody's fault."""
        return self.runner.submit(f"Looking at {path.name}", _opening(path), EXPORT_LANE, quiet=True)

    def save_clips(self, motion: Motion, track: SegmentTrack, folder: Path, name: str) -> Job[SavedClips]:
        """Write segments as clips to learn from. Result: SavedClips."""

        def work(progress: Progress, _job: Job[Any]) -> SavedClips:
            from segmo_core.training.finetuning.segment_clips import write_segment_clips

            return write_segment_clips(motion, track, folder, name, progress)

        return self.runner.submit(f"Saving clips of {name}", work, EXPORT_LANE)

    def retarget(self, read: ReadMotion, fitting: Fitting) -> Job[RetargetResult]:
        """Bring a file onto the model's skeleton in another way. Result: RetargetResult.

        It is read again only where another of its clips, or another rate, is wanted. Whoever asks shows the failure.
        """

        def work(progress: Progress, _job: Job[Any]) -> RetargetResult:
            from segmo_core.formats.reading.choices import ReadingChoices

            source, told = read.source, read.source.provenance
            if fitting.frame_rate is not None or (fitting.clip is not None and fitting.clip != told.clip):
                choices = ReadingChoices(fitting.clip or told.clip or None, fitting.frame_rate)
                source = motion_files.read(read.path, choices).motion
                progress.raise_if_cancelled()
            return motion_files.retargeted(
                source, fitting.joint_map, up_axis=fitting.up_axis, keep_height=fitting.keep_height
            )

        return self.runner.submit("Fitting the skeleton", work, EXPORT_LANE, quiet=True)

    def export(
        self,
        motion: Motion,
        path: Path,
        track: SegmentTrack | None,
        options: ExportOptions | None = None,
        format_name: str | None = None,
    ) -> Job[Path]:
        """Write a motion file, in the named format or that of the extension. Result: the (first) file."""

        def work(progress: Progress, _job: Job[Any]) -> Path:
            motion_files.write(motion, path, track, options, format_name=format_name, progress=progress)
            return path if options is None else first_file(path, options)

        return self.runner.submit(f"Exporting {path.name}", work, EXPORT_LANE)

    def export_to_memory(
        self, motion: Motion, track: SegmentTrack | None, options: ExportOptions, format_name: str
    ) -> Job[bytes]:
        """The bytes of the file that ``export`` would write. Result: bytes."""

        def work(progress: Progress, _job: Job[Any]) -> bytes:
            with tempfile.TemporaryDirectory(prefix="segmo-") as folder:
                path = Path(folder) / f"take{FORMATS[format_name].extensions[0]}"
                motion_files.write(motion, path, track, options, format_name=format_name, progress=progress)
                return path.read_bytes()

        return self.runner.submit("Handing over the take", work, EXPORT_LANE)


def _opening(path: Path) -> Callable[[Progress, Job[ReadMotion]], ReadMotion]:
    """The work of reading a motion file and bringing it onto the model's skeleton."""

    def work(progress: Progress, _job: Job[ReadMotion]) -> ReadMotion:
        found = motion_files.read(path)
        progress.raise_if_cancelled()
        try:
            return ReadMotion(path, found.motion, motion_files.retargeted(found.motion), track=found.track)
        except FileFormatError as error:
            return ReadMotion(path, found.motion, None, str(error), found.track)

    return work
