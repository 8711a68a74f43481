"""FBX files: written with our own binary 7.4 writer, read by the ufbx library in a process of its own."""

from __future__ import annotations

from pathlib import Path

from segmo_core.formats.fbx import binary as fbx_binary
from segmo_core.formats.fbx.document import fbx_nodes
from segmo_core.formats.meshes.scene_props import scene_props
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices
from segmo_core.formats.reading.subprocess_reader import read_in_subprocess
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack


def write_fbx(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` as one take named after the title, with the mannequin skinned to the bones; same bytes always.

    Centimetres, Y up and Mixamo's names unless chosen otherwise. Every frame is a key and the last key is a frame;
    between them are as many more as keep the curves on the motion, unless one a frame is asked for. Segments are the
    JSON user property ``segmo_segments`` of the topmost bone and of the mesh. Props stand beside the skeleton.
    """
    options = options or ExportOptions()
    scene = build_export_scene(motion, options, track, unit="cm", names="mixamo", keys_between=True)
    data = fbx_binary.encode(fbx_nodes(scene, progress or SilentProgress(), scene_props(options, scene)))
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(data))


def read_fbx(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The motion of an FBX file on the file's own skeleton: metres, Y up, the file's joint names and frame rate.

    Of several takes, the chosen one, or the longest that moves the skeleton. Raises FileFormatError, or
    MissingDependencyError without the package ufbx.
    """
    path = Path(path)
    files.check_file(path)
    return read_in_subprocess(
        "segmo_core.formats.fbx.ufbx_reader:read_with_ufbx",
        path,
        "FBX",
        *([] if choices.clip is None else [choices.clip]),
    )
