"""An evaluator of binary FBX files that shares nothing with the writer: its own parser, scipy's rotations."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

TICKS = 46186158000
ORDERS = ["xyz", "xzy", "yzx", "yxz", "zxy", "zyx"]  # scipy's lower case: about fixed axes, the first letter first
ARRAYS = {"f": "<f4", "d": "<f8", "l": "<i8", "i": "<i4", "b": "?"}
SCALARS = {"Y": "<h", "C": "<?", "I": "<i", "F": "<f", "D": "<d", "L": "<q"}


@dataclass
class ParsedNode:
    name: str
    values: list[Any]
    children: list[ParsedNode] = field(default_factory=list)

    def all(self, name: str) -> list[ParsedNode]:
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> ParsedNode:
        (child,) = self.all(name)
        return child

    def properties(self) -> dict[str, list[Any]]:
        return {entry.values[0]: entry.values[4:] for entry in self.one("Properties70").all("P")}


def parse(raw: bytes) -> ParsedNode:
    assert raw[:27] == b"Kaydara FBX Binary  \0\x1a\0" + struct.pack("<I", 7400)
    root, position = ParsedNode("", []), 27
    while (found := _parse_node(raw, position))[0] is not None:
        root.children.append(found[0])
        position = found[1]
    end = position + 13  # the null record that ends the top level
    footer = raw[end:]
    assert footer[-16:].hex() == "f85a8c6adef5d97eece90ce3758f290b"
    assert footer[-140:-136] == struct.pack("<I", 7400)
    assert (len(raw) - 140) % 16 == 0  # the version stands on a multiple of 16
    return root


def _parse_node(raw: bytes, start: int) -> tuple[ParsedNode | None, int]:
    end, count, length, name_length = struct.unpack_from("<IIIB", raw, start)
    if end == 0:
        return None, start + 13
    position = start + 13 + name_length
    node = ParsedNode(raw[start + 13 : position].decode(), [])
    properties_end = position + length
    for _ in range(count):
        kind = chr(raw[position])
        position += 1
        if kind in SCALARS:
            node.values.append(struct.unpack_from(SCALARS[kind], raw, position)[0])
            position += struct.calcsize(SCALARS[kind])
        elif kind in "SR":
            size = struct.unpack_from("<I", raw, position)[0]
            data = raw[position + 4 : position + 4 + size]
            node.values.append(data.decode() if kind == "S" else data)
            position += 4 + size
        else:
            items, is_packed, size = struct.unpack_from("<III", raw, position)
            data = raw[position + 12 : position + 12 + size]
            values = np.frombuffer(zlib.decompress(data) if is_packed else data, ARRAYS[kind])
            assert len(values) == items
            node.values.append(values)
            position += 12 + size
    assert position == properties_end
    while position < end:
        child, position = _parse_node(raw, position)
        if child is None:
            break
        node.children.append(child)
    assert position == end
    return node, end


class FbxFile:
    """The scene of a file. bones: name -> Model node, parents first."""

    def __init__(self, path: Path) -> None:
        self.root = parse(path.read_bytes())
        self.objects = {node.values[0]: node for node in self.root.one("Objects").children}
        self.links = [node.values for node in self.root.one("Connections").children]
        self.settings = self.root.one("GlobalSettings").properties()
        self.bones = {
            node.values[1].split("\0")[0]: node for node in self.objects.values() if node.values[2] == "LimbNode"
            if node.name == "Model"
        }  # fmt: skip

    def of_kind(self, name: str, subtype: str | None = None) -> list[ParsedNode]:
        return [node for node in self.objects.values() if node.name == name and subtype in (None, node.values[2])]

    def parent(self, node: ParsedNode) -> ParsedNode | None:
        """The Model that a Model hangs on."""
        (above,) = [link[2] for link in self.links if link[0] == "OO" and link[1] == node.values[0] and (
            link[2] == 0 or self.objects[link[2]].name == "Model")]  # fmt: skip
        return self.objects.get(above)

    def sources(self, node: ParsedNode, name: str | None = None) -> list[ParsedNode]:
        """What is connected to a node, or to one property of it."""
        kind = "OO" if name is None else "OP"
        return [
            self.objects[link[1]]
            for link in self.links
            if link[0] == kind and link[2] == node.values[0] and (name is None or link[3] == name)
        ]

    def curve(self, bone: ParsedNode, name: str, seconds: np.ndarray) -> np.ndarray:
        """(T, 3) of an animated property, lines between keys; the value at rest where nothing animates it."""
        nodes = self.sources(bone, name)
        if not nodes:
            return np.tile(bone.properties()[name], (len(seconds), 1)).astype(float)
        columns = []
        for axis in "XYZ":
            (curve,) = self.sources(nodes[0], f"d|{axis}")
            (times,), (values,) = curve.one("KeyTime").values, curve.one("KeyValueFloat").values
            assert (np.diff(times) > 0).all()
            assert curve.one("KeyAttrRefCount").values[0].tolist() == [len(times)]
            columns.append(np.interp(seconds, times / TICKS, values))
        return np.stack(columns, axis=-1)

    def world(self, seconds: np.ndarray | None) -> dict[str, np.ndarray]:
        """World matrices (T, 4, 4) of every bone at times (T,), or of the rest pose (1, 4, 4)."""
        found: dict[str, np.ndarray] = {}
        for name, bone in self.bones.items():
            plain = bone.properties()
            if seconds is None:
                moved, turned = (np.array([plain[f"Lcl {what}"]]) for what in ("Translation", "Rotation"))
            else:
                moved, turned = (self.curve(bone, f"Lcl {what}", seconds) for what in ("Translation", "Rotation"))
            order = ORDERS[plain.get("RotationOrder", [0])[0]]
            matrix = np.tile(np.eye(4), (len(moved), 1, 1))
            matrix[:, :3, :3] = Rotation.from_euler(
                order, turned[:, ["xyz".index(axis) for axis in order]], degrees=True
            ).as_matrix()
            matrix[:, :3, 3] = moved
            above = self.parent(bone)
            found[name] = matrix if above is None else found[above.values[1].split("\0")[0]] @ matrix
        return found

    def positions(self, seconds: np.ndarray) -> np.ndarray:
        """(T, bones, 3) in metres, Y up."""
        world = np.stack([matrix[:, :3, 3] for matrix in self.world(seconds).values()], axis=1)
        world = world * self.settings["UnitScaleFactor"][0] / 100
        if self.settings["UpAxis"] == [2]:
            assert self.settings["FrontAxis"] + self.settings["FrontAxisSign"] == [1, -1]
            world = np.stack([world[..., 0], world[..., 2], -world[..., 1]], axis=-1)
        return world

    def skinned(self, seconds: np.ndarray) -> np.ndarray:
        """(T, V, 3) vertices of the mesh, in the file's own unit and axes."""
        (geometry,), (skin,) = self.of_kind("Geometry"), self.of_kind("Deformer", "Skin")
        points = geometry.one("Vertices").values[0].reshape(-1, 3)
        points = np.concatenate([points, np.ones((len(points), 1))], axis=1)
        world, result, total = self.world(seconds), np.zeros((len(seconds), len(points), 3)), np.zeros(len(points))
        for cluster in self.sources(skin):
            (bone,) = self.sources(cluster)
            if not cluster.all("Indexes"):
                continue
            to_bone = cluster.one("Transform").values[0].reshape(4, 4).T
            indices, weights = cluster.one("Indexes").values[0], cluster.one("Weights").values[0]
            moved = (world[bone.values[1].split("\0")[0]] @ to_bone) @ points[indices].T
            result[:, indices] += (weights * moved[:, :3]).transpose(0, 2, 1)
            total[indices] += weights
        np.testing.assert_allclose(total, 1.0, atol=1e-6)
        return result
