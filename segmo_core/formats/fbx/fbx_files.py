"""FBX files: written with our own binary 7.4 writer, read by the ufbx library in a process of its own."""

from __future__ import annotations

from pathlib import Path

from segmo_core.formats.fbx import binary as fbx_binary
from segmo_core.formats.fbx.document import fbx_nodes
from segmo_core.formats.reading import files
from segmo_core.formats.reading.subprocess_reader import read_in_subprocess
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

_LEAST_KEY_RATE, _MOST_KEY_RATE = 60.0, 240.0
# Between keys the turns of a ground bone and of the pelvis above it add up to another path than the body's own.
_LEAST_KEY_RATE_WITH_ROOT_BONE = 120.0


def write_fbx(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` as one take named after the title, with the mannequin skinned to the bones; same bytes always.

    Centimetres, Y up and Mixamo's names unless chosen otherwise. The frame rate is the one that programs show; keys
    stand at 60 per second at least. Segments are the JSON user property ``segmo_segments`` of the topmost bone and of
    the mesh.
    """
    options = options or ExportOptions()
    least = _LEAST_KEY_RATE_WITH_ROOT_BONE if options.root_bone else _LEAST_KEY_RATE
    key_rate = _key_rate(motion.frame_rate, options.frame_rate or motion.frame_rate, least)
    scene = build_export_scene(motion, options, track, unit="cm", names="mixamo", least_key_rate=key_rate)
    data = fbx_binary.encode(fbx_nodes(scene, progress or SilentProgress()))
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(data))


def _key_rate(source_rate: float, shown_rate: float, least: float) -> float:
    """Keys per second, ``least`` or more: a multiple of both rates where one is near, so that every frame is a key."""
    for multiple in range(1, int(_MOST_KEY_RATE / shown_rate) + 1):
        rate = multiple * shown_rate
        if rate >= least and abs(rate / source_rate - round(rate / source_rate)) < 1e-6:
            return rate
    return least


def read_fbx(path: Path) -> Motion:
    """The motion of an FBX file on the file's own skeleton: metres, Y up, the file's joint names and frame rate.

    Of several takes, the longest that moves the skeleton. Raises FileFormatError, or MissingDependencyError without
    the package ufbx.
    """
    path = Path(path)
    files.check_file(path)
    return read_in_subprocess("segmo_core.formats.fbx.ufbx_reader:read_with_ufbx", path, "FBX")
