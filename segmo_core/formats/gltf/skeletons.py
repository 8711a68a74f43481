"""Which nodes of a glTF file are the joints of its body: those of a skin, or more where that names too few."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from segmo_core.errors import shown
from segmo_core.formats.gltf.animation import Curves
from segmo_core.formats.gltf.document import GltfDocument
from segmo_core.formats.gltf.nodes import SCENE, common_ancestor, nearest, parents_first

_HUMANOID = {"VRMC_vrm_animation": "humanBones", "VRMC_vrm": "humanBones", "VRM": "humanBones"}
_NO_JOINTS = ("camera", "mesh")


def skin_joints(document: GltfDocument, skin: dict[str, Any]) -> list[int]:
    """The nodes that a skin names, each once."""
    joints = document.list_of(skin, "joints", int, "skin, joints")
    for joint in joints:
        if not 0 <= joint < len(document.objects("nodes")):
            document.fail(f"skin: joint {shown(joint)}, expected a node below {len(document.objects('nodes'))}")
    return list(dict.fromkeys(joints))


def largest_skin(document: GltfDocument) -> dict[str, Any]:
    """The skin of most joints, the first of equals; empty where there is none."""
    return max(document.objects("skins"), key=lambda one: len(skin_joints(document, one)), default={})


def joint_sets(document: GltfDocument, parents: list[int], curves: Curves) -> Iterator[list[int]]:
    """Sets of joints to look for a body in, the likeliest first: parents before their children, SCENE for a joint above
    those that hang from nothing in common.

    What a VRM file calls human bones; else the largest skin's joints, or all animated nodes where there is no skin;
    then, where a skin names but the head and the chest, or a body has two, every joint and animated node under what
    they all hang from.
    """
    animated = sorted({node for node, _ in curves})
    humans = list(human_bones(document))
    base = humans or skin_joints(document, largest_skin(document)) or animated
    yield _with_root(parents, base)
    nodes = document.objects("nodes")
    skinned = [joint for skin in document.objects("skins") for joint in skin_joints(document, skin)]
    moved = [node for node in animated if not any(kind in nodes[node] for kind in _NO_JOINTS)]
    every = list(dict.fromkeys([*base, *skinned, *moved]))
    top = common_ancestor(parents, every)
    below = [node for node in every if node != top]
    if set(below) - set(base):
        yield _with_root(parents, below)


def human_bones(document: GltfDocument) -> dict[int, str]:
    """Node -> name of the human bone that a VRM model or animation says it is; empty elsewhere."""
    found: dict[int, str] = {}
    num_nodes = len(document.objects("nodes"))
    for name in _HUMANOID:
        extension = document.extension(name)
        humanoid = document.member(extension, "humanoid", {}, f"{name}, humanoid")
        bones = humanoid.get("humanBones", {})
        if isinstance(bones, list):  # VRM 0
            bones = {bone.get("bone"): bone for bone in bones if isinstance(bone, dict)}
        if not isinstance(bones, dict):
            document.fail(f"{name}: humanBones is {shown(bones)}, expected an object")
        for bone, told in bones.items():
            if isinstance(bone, str) and isinstance(told, dict):
                found.setdefault(document.index(told, "node", num_nodes, f"{name}, {bone[:40]}"), bone)
    return found


def _with_root(parents: list[int], joints: list[int]) -> list[int]:
    """``joints`` in order, with what they hang from where they are several trees."""
    chosen = set(joints)
    if sum(nearest(parents, joint, chosen) == SCENE for joint in joints) > 1:
        chosen.add(common_ancestor(parents, joints))
    return [node for node in (SCENE, *parents_first(parents, joints)) if node in chosen]
