"""``write_vrma``: a motion as a VRM animation, which avatars of any proportions play.

A .vrma file is a .glb whose extension VRMC_vrm_animation 1.0 says which node is which bone of a VRM humanoid. Its nodes
rest in the T-pose facing +Z; bones turn, the hips alone move (VRM consortium, VRMC_vrm_animation-1.0).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segmo_core.formats.gltf.scene_document import Binary, add_animation, add_nodes, encoded, new_document
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.formats.scene.export_scene import build_export_scene
from segmo_core.motion.motion import Motion
from segmo_core.progress import Progress, SilentProgress
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.serialization import write_atomically
from segmo_core.timeline.segment_track import SegmentTrack

EXTENSION = "VRMC_vrm_animation"


def write_vrma(
    motion: Motion,
    path: Path,
    options: ExportOptions | None = None,
    track: SegmentTrack | None = None,
    progress: Progress | None = None,
) -> None:
    """Write ``motion`` as a VRM animation, with hands as it has them, else relaxed; the same bytes every time.

    A motion with other joints is put on the model skeleton first. There is neither skin nor mesh: the avatar brings its
    own.
    """
    chosen = replace(options or ExportOptions(), names="vrm", fingers=True, mesh=False)
    motion = to_model_skeleton(motion).motion
    scene = build_export_scene(motion, chosen, track, keys_between=True, with_mesh=False)
    document = new_document()
    binary = Binary(document)
    add_nodes(document, scene)
    add_animation(document, binary, scene, progress or SilentProgress())
    bones = {name: {"node": node} for node, name in enumerate(scene.joint_names)}
    document.extensions = {EXTENSION: {"specVersion": "1.0", "humanoid": {"humanBones": bones}}}
    document.extensionsUsed = [EXTENSION]
    content = encoded(document, binary)
    write_atomically(Path(path), lambda temporary: temporary.write_bytes(content))
