"""``write_gltf``: a motion as one .glb file (glTF 2.0 binary) with skeleton, skinned mannequin and animation.

glTF is in metres, Y up, facing +Z by its specification, so there is neither unit nor axis to choose. Readers
interpolate LINEAR rotations along the shortest arc, so keys on the file's frames and the motion's own are enough.
"""

from __future__ import annotations

from pathlib import Path

from segmo_core.formats.gltf.scene_document import (
    Binary,
    add_animation,
    add_mesh,
    add_nodes,
    add_prop,
    add_skin,
    encoded,
    new_document,
)
from segmo_core.formats.meshes.scene_props import scene_props
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack


def write_gltf(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` as a .glb file; the same bytes every time.

    There is always a skin, so that programs see bones even without a mesh. The animation is named after the title;
    its extras hold ``frame_rate`` and ``segments`` (text, start and end in seconds).
    """
    progress = progress or SilentProgress()
    options = options or ExportOptions()
    scene = build_export_scene(motion, options, track, keys_between=True)
    document = new_document()
    binary = Binary(document)
    add_nodes(document, scene)
    add_skin(document, binary, scene)
    if scene.mesh is not None:
        document.asset.copyright = scene.mesh.licence
        add_mesh(document, binary, scene.mesh)
    for prop in scene_props(options, scene):
        add_prop(document, binary, prop)
    add_animation(document, binary, scene, progress)
    content = encoded(document, binary)
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(content))
