"""``read_gltf``: the skeleton and the animation of a .glb or .gltf file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import shown
from segmo_core.formats.gltf.animation import longest_animation, time_range, told_rate
from segmo_core.formats.gltf.document import GltfDocument
from segmo_core.formats.gltf.nodes import (
    SCENE,
    common_ancestor,
    nearest,
    node_parents,
    parents_first,
    world_transforms,
)
from segmo_core.formats.reading import files
from segmo_core.formats.reading.posed_nodes import key_rate, motion_of_nodes, plain_rotations, unique_names
from segmo_core.motion import rotations
from segmo_core.motion.motion import Motion

FloatArray = NDArray[np.floating]


def read_gltf(path: Path) -> Motion:
    """The longest animation of the largest skin (without skins: of all animated nodes), metres, Y up, own skeleton.

    The rate is what an animation of ours says in its extras, else the nearest whole one to the spacing of the keys, 20
    to 120 Hz. Rotations are those since the bind
    pose. Joints that hang from nothing in common get one more above them. Raises FileFormatError.
    """
    document = GltfDocument(Path(path))
    parents = node_parents(document)
    curves = longest_animation(document)
    skin = max(document.objects("skins"), key=lambda one: len(_skin_joints(document, one)), default={})
    joints = _skin_joints(document, skin) or sorted({node for node, _ in curves})
    first, last = time_range(curves)
    rate = told_rate(document) or key_rate(max((curve.times for curve in curves.values()), key=len))
    num_frames = int((last - first) * rate + 1e-3) + 1
    ordered = parents_first(parents, joints)
    files.check_size(document.path, num_frames, len(ordered))
    chosen = set(joints)
    if sum(nearest(parents, joint, chosen) == SCENE for joint in joints) > 1:
        chosen.add(common_ancestor(parents, joints))
    joints = [node for node in (SCENE, *ordered) if node in chosen]
    world = world_transforms(document, parents, ordered, curves, first + np.arange(num_frames) / rate)
    places = {joint: place for place, joint in enumerate(joints)}
    return motion_of_nodes(
        document.path,
        unique_names([_name(document, joint) for joint in joints]),
        tuple(-1 if joint == SCENE else places.get(nearest(parents, joint, places), -1) for joint in joints),
        plain_rotations(np.stack([world[joint][..., :3] for joint in joints], axis=1)),
        np.stack([world[joint][..., 3] for joint in joints], axis=1),
        _rest_rotations(document, parents, ordered, joints, skin),
        rate,
    )


def _skin_joints(document: GltfDocument, skin: dict[str, Any]) -> list[int]:
    joints = document.list_of(skin, "joints", int, "skin, joints")
    for joint in joints:
        if not 0 <= joint < len(document.objects("nodes")):
            document.fail(f"skin: joint {shown(joint)}, expected a node below {len(document.objects('nodes'))}")
    return list(dict.fromkeys(joints))


def _name(document: GltfDocument, joint: int) -> str:
    if joint == SCENE:
        return "scene"
    name = document.objects("nodes")[joint].get("name")
    return name if isinstance(name, str) and name else f"node{joint}"


def _rest_rotations(
    document: GltfDocument, parents: list[int], ordered: list[int], joints: list[int], skin: dict[str, Any]
) -> FloatArray:
    """World rotations (J, 4) of the bind pose; of the nodes as they stand where a joint has no bind pose.

    Bind matrices are in the mesh's space, which may be the scene's or that of the node above the skeleton: the one
    counts that is nearer to how the nodes stand.
    """
    standing = world_transforms(document, parents, ordered, {}, np.zeros(1))
    rest = plain_rotations(np.stack([standing[joint][0, :, :3] for joint in joints]))
    bound = document.list_of(skin, "joints", int, "skin, joints")
    if "inverseBindMatrices" not in skin:
        return rest
    accessor = document.index(skin, "inverseBindMatrices", len(document.objects("accessors")), "skin")
    matrices = document.accessor(accessor, ("MAT4",)).reshape(-1, 4, 4)
    if len(matrices) < len(bound):
        document.fail(f"skin: {len(matrices)} bind matrices, expected {len(bound)}")
    places = [joints.index(joint) for joint in bound]
    # Stored by columns, so that these are the transposed maps, which are the inverse turns: those of the bind pose.
    bind = plain_rotations(matrices[: len(bound), :3, :3])
    above = plain_rotations(standing[parents[joints[0]] if joints[0] != SCENE else SCENE][0, :, :3])
    spaces = (rotations.IDENTITY_QUATERNION, above)
    nearness = [np.abs(np.sum(rotations.multiply(space, bind) * rest[places], axis=-1)).sum() for space in spaces]
    rest[places] = rotations.multiply(spaces[int(np.argmax(nearness))], bind)
    return rest
