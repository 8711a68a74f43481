"""The objects of an FBX scene and the connections between them, as they are collected before they are written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segmo_core.formats.fbx.binary import Int64, Node, Property

FloatArray = NDArray[np.floating]

SCENE_ROOT = Int64(0)
_FIRST_IDENTIFIER = 1_000_000


class ObjectTable:
    """Everything that stands in "Objects" and "Connections". Identifiers count up, so the same scene gets the same."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.connections: list[Node] = []

    def add(self, kind: str, name: str, label: str, subtype: str) -> tuple[Int64, Node]:
        """A new object. label: the class as it stands in the object's name ("SubDeformer" of a "Deformer")."""
        identifier = Int64(_FIRST_IDENTIFIER + len(self.nodes))
        node = Node(kind, (identifier, object_name(name, label), subtype))
        self.nodes.append(node)
        return identifier, node

    def connect(self, child: Int64, parent: Int64) -> None:
        self.connections.append(Node("C", ("OO", child, parent)))

    def connect_property(self, child: Int64, parent: Int64, name: str) -> None:
        """Let ``child`` drive the property ``name`` of ``parent``."""
        self.connections.append(Node("C", ("OP", child, parent, name)))

    def count_by_kind(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for node in self.nodes:
            counts[node.name] = counts.get(node.name, 0) + 1
        return counts


def object_name(name: str, label: str) -> str:
    return f"{name}\0\x01{label}"


class Properties:
    """A Properties70 block, filled property by property. flags: "A" can be animated, "U" made by the user."""

    def __init__(self, node: Node) -> None:
        self._block = node.add("Properties70")

    def _add(self, name: str, kind: str, subkind: str, flags: str, *values: Property) -> None:
        self._block.add("P", name, kind, subkind, flags, *values)

    def integer(self, name: str, value: int) -> None:
        self._add(name, "int", "Integer", "", value)

    def enumeration(self, name: str, value: int) -> None:
        self._add(name, "enum", "", "", value)

    def number(self, name: str, value: float) -> None:
        self._add(name, "double", "Number", "", float(value))

    def time(self, name: str, ticks: int) -> None:
        self._add(name, "KTime", "Time", "", Int64(ticks))

    def text(self, name: str, value: str, *, flags: str = "", subkind: str = "") -> None:
        self._add(name, "KString", subkind, flags, value)

    def colour(self, name: str, rgb: tuple[float, float, float]) -> None:
        self._add(name, "Color", "", "A", *map(float, rgb))

    def transform(self, name: str, values: FloatArray) -> None:
        """Three numbers of an animatable "Lcl ..." property, which is a kind of its own."""
        self._add(name, name, "", "A", *map(float, values))

    def channel(self, name: str, value: float) -> None:
        """One component of a curve node ("d|X")."""
        self._add(name, "Number", "", "A", float(value))
