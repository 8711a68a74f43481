"""The node tree of a glTF file: who hangs from whom, and where nodes are over time."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import shown
from segmo_core.formats.gltf.animation import Curves
from segmo_core.formats.gltf.document import GltfDocument
from segmo_core.formats.reading.posed_nodes import plain_rotations
from segmo_core.motion import rotations

FloatArray = NDArray[np.floating]

SCENE = -1
"""Stands for the scene, the parent of its root nodes."""

_MAX_NODES = 50_000


def node_parents(document: GltfDocument) -> list[int]:
    """The parent of every node, SCENE for the roots. Raises FileFormatError for what is no tree."""
    nodes = document.objects("nodes")
    if len(nodes) > _MAX_NODES:
        document.fail(f"{len(nodes)} nodes, expected at most {_MAX_NODES}")
    parents = [SCENE] * len(nodes)
    children = [
        document.list_of(node, "children", int, f"node {number}, children") for number, node in enumerate(nodes)
    ]
    for number, row in enumerate(children):
        for child in row:
            if not 0 <= child < len(nodes) or parents[child] != SCENE:
                document.fail(f"node {number}: child {shown(child)}, expected a node that has no other parent")
            parents[child] = number
    reached = [number for number, parent in enumerate(parents) if parent == SCENE]
    for number in reached:  # grows while it is walked
        reached.extend(children[number])
    if len(reached) < len(nodes):
        document.fail("its nodes form a circle, expected a tree")
    return parents


def parents_first(parents: list[int], nodes: Iterable[int]) -> list[int]:
    """``nodes`` and all their ancestors: in the given order, but every parent before its children."""
    ordered: dict[int, None] = {}
    for node in nodes:
        chain = []
        while node != SCENE and node not in ordered:
            chain.append(node)
            node = parents[node]
        ordered.update(dict.fromkeys(reversed(chain)))
    return list(ordered)


def nearest(parents: list[int], node: int, among: Container[int]) -> int:
    """The closest ancestor of ``node`` that is ``among`` those; SCENE when none is."""
    node = parents[node]
    while node != SCENE and node not in among:
        node = parents[node]
    return node


def common_ancestor(parents: list[int], nodes: list[int]) -> int:
    """The closest node that all ``nodes`` hang from; SCENE when there is none."""
    shared = parents_first(parents, nodes[:1])
    for node in nodes[1:]:
        above = set(parents_first(parents, [node]))
        shared = [candidate for candidate in shared if candidate in above]
    return shared[-1] if shared else SCENE


def world_transforms(
    document: GltfDocument, parents: list[int], ordered: list[int], curves: Curves, seconds: FloatArray
) -> dict[int, FloatArray]:
    """World matrices (T, 3, 4) of the nodes ``ordered`` (parents first) and of SCENE at ``seconds`` (T,).

    Without curves: as the nodes stand in the file.
    """
    nodes = document.objects("nodes")
    still = np.broadcast_to(np.eye(3, 4), (len(seconds), 3, 4))
    world: dict[int, FloatArray] = {SCENE: still}
    for node in ordered:
        local = _local(document, nodes[node], node, curves, seconds)
        above = world[parents[node]]
        matrix = np.empty((len(seconds), 3, 4))
        matrix[..., :3] = above[..., :3] @ local[..., :3]
        matrix[..., 3:] = above[..., :3] @ local[..., 3:] + above[..., 3:]
        world[node] = matrix
    return world


def _local(
    document: GltfDocument, node: dict[str, Any], number: int, curves: Curves, seconds: FloatArray
) -> FloatArray:
    where = f"node {number}"
    translation = document.numbers(node, "translation", (0.0, 0.0, 0.0), where)
    rotation = document.numbers(node, "rotation", (0.0, 0.0, 0.0, 1.0), where)
    scale = document.numbers(node, "scale", (1.0, 1.0, 1.0), where)
    linear = None
    if "matrix" in node:
        matrix = document.numbers(node, "matrix", tuple(np.eye(4).ravel()), where).reshape(4, 4).T
        linear, translation = matrix[:3, :3], matrix[:3, 3]
    local = np.empty((len(seconds), 3, 4))
    local[..., 3] = curves[number, "translation"].at(seconds) if (number, "translation") in curves else translation
    turning, scaling = curves.get((number, "rotation")), curves.get((number, "scale"))
    if linear is not None and turning is None and scaling is None:
        local[..., :3] = linear
        return local
    if linear is not None:  # the specification forbids animating such a node; where a file does, keep what it does not
        rotation = np.roll(plain_rotations(linear), -1)
        scale = np.linalg.norm(linear, axis=0)
    turned = rotation if turning is None else turning.at(seconds)
    turned = rotations.normalize(np.roll(turned, 1, axis=-1), rotations.IDENTITY_QUATERNION)
    scaled = scale if scaling is None else scaling.at(seconds)
    local[..., :3] = rotations.to_matrix(turned) * scaled[..., None, :]
    return local
