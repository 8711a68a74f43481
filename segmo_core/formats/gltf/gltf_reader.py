"""``read_gltf``: the skeleton and the animation of a .glb or .gltf file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.gltf.animation import Curves, animations, duration, time_range, told_rate
from segmo_core.formats.gltf.document import GltfDocument
from segmo_core.formats.gltf.nodes import SCENE, nearest, node_parents, parents_first, world_transforms
from segmo_core.formats.gltf.skeletons import human_bones, joint_sets
from segmo_core.formats.reading import files
from segmo_core.formats.reading.choices import PLAIN_READING, ReadingChoices, chosen_clip, clip_names
from segmo_core.formats.reading.posed_nodes import key_rate, motion_of_nodes, plain_rotations, unique_names
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion
from segmo_core.motion.provenance import Provenance
from segmo_core.retargeting.matching import holds_body

FloatArray = NDArray[np.floating]


def read_gltf(path: Path, choices: ReadingChoices = PLAIN_READING) -> Motion:
    """The chosen animation, or the longest, of the body in the file: metres, Y up, on its own skeleton.

    Joints are those of the largest skin, or of more nodes where those make no body (``skeletons.joint_sets``); a VRM
    file's human bones go by their names as such. The rate is what an animation of ours says in its extras, else the
    nearest whole one to the spacing of the keys, 20 to 120 Hz. Rotations are those since the bind pose. Joints that
    hang from nothing in common get one more above them. Raises FileFormatError.
    """
    document = GltfDocument(Path(path))
    parents = node_parents(document)
    found = animations(document)
    longest = max(range(len(found)), key=lambda index: duration(found[index][1]))
    names = clip_names([name for name, _ in found]) if len(found) > 1 else ()
    number = chosen_clip(document.path, names, choices.clip, longest)
    curves = found[number][1]
    told = Provenance(clip=names[number] if names else "", clips=names)
    motions = (_motion(document, parents, curves, joints) for joints in joint_sets(document, parents, curves))
    first = next(motions)
    body = first if holds_body(first) else next((motion for motion in motions if holds_body(motion)), first)
    return replace(body, provenance=told)


def _motion(document: GltfDocument, parents: list[int], curves: Curves, joints: list[int]) -> Motion:
    """What ``curves`` make of ``joints``, parents first."""
    first, last = time_range(curves)
    rate = told_rate(document) or key_rate(max((curve.times for curve in curves.values()), key=len))
    num_frames = int((last - first) * rate + 1e-3) + 1
    ordered = parents_first(parents, [joint for joint in joints if joint != SCENE])
    files.check_size(document.path, num_frames, len(ordered))
    world = world_transforms(document, parents, ordered, curves, first + np.arange(num_frames) / rate)
    places = {joint: place for place, joint in enumerate(joints)}
    humans = human_bones(document)
    return motion_of_nodes(
        document.path,
        unique_names([humans.get(joint) or _name(document, joint) for joint in joints]),
        tuple(-1 if joint == SCENE else places.get(nearest(parents, joint, places), -1) for joint in joints),
        plain_rotations(np.stack([world[joint][..., :3] for joint in joints], axis=1)),
        np.stack([world[joint][..., 3] for joint in joints], axis=1),
        _rest_rotations(document, parents, ordered, joints),
        rate,
    )


def _name(document: GltfDocument, joint: int) -> str:
    if joint == SCENE:
        return "scene"
    name = document.objects("nodes")[joint].get("name")
    return name if isinstance(name, str) and name else f"node{joint}"


def _rest_rotations(document: GltfDocument, parents: list[int], ordered: list[int], joints: list[int]) -> FloatArray:
    """World rotations (J, 4) of the bind pose; of the nodes as they stand where a joint has no bind pose.

    Bind matrices are in the mesh's space, which may be the scene's or that of the node above the skeleton: the one
    counts that is nearer to how the nodes stand.
    """
    standing = world_transforms(document, parents, ordered, {}, np.zeros(1))
    rest = plain_rotations(np.stack([standing[joint][0, :, :3] for joint in joints]))
    above = plain_rotations(standing[parents[joints[0]] if joints[0] != SCENE else SCENE][0, :, :3])
    for skin in document.objects("skins"):
        bound = document.list_of(skin, "joints", int, "skin, joints")
        if "inverseBindMatrices" not in skin or not set(bound) & set(joints):
            continue
        accessor = document.index(skin, "inverseBindMatrices", len(document.objects("accessors")), "skin")
        matrices = document.accessor(accessor, ("MAT4",)).reshape(-1, 4, 4)
        if len(matrices) < len(bound):
            document.fail(f"skin: {len(matrices)} bind matrices, expected {len(bound)}")
        rows = [row for row, joint in enumerate(bound) if joint in joints]
        places = [joints.index(bound[row]) for row in rows]
        # Stored by columns, so that these are the transposed maps, which are the inverse turns: those of the bind pose.
        bind = plain_rotations(matrices[rows, :3, :3])
        spaces = (rotations.IDENTITY_QUATERNION, above)
        nearness = [np.abs(np.sum(rotations.multiply(space, bind) * rest[places], axis=-1)).sum() for space in spaces]
        rest[places] = rotations.multiply(spaces[int(np.argmax(nearness))], bind)
    return rest
