"""The binary FBX 7.4 container: a tree of named nodes with typed properties, and the footer the Autodesk SDK checks.

Nothing here knows what the nodes mean. The layout is that of Blender's description of the format
(code.blender.org/2013/08/fbx-binary-file-format-specification); identifier, creation time and footer belong together,
and the constant three below are the generic ones that open-source exporters (assimp, Blender) write.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

VERSION = 7400
CREATION_TIME = "1970-01-01 10:00:00:000"
FILE_ID = bytes.fromhex("28b32aebb624ccc2bfc8b02aa92bfcf1")

_MAGIC = b"Kaydara FBX Binary  \0\x1a\0"
_FOOTER_ID = bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e")
_FOOTER_END = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")
_NODE_HEADER = struct.Struct("<IIIB")
_END_OF_CHILDREN = bytes(_NODE_HEADER.size)
_ARRAY_CODES = {"float32": b"f", "float64": b"d", "int32": b"i", "int64": b"l"}
_LEAST_COMPRESSED = 128  # bytes; below it zlib gains nothing
_COMPRESSION = 1  # of motion curves, the strongest one saves 2 % more and takes half as long again


class Int64(int):
    """An int that is written with 64 bits (object identifiers, times); a plain one takes 32."""


@dataclass(frozen=True)
class PackedArray:
    """An array property already in its file form, for arrays that stand in a file many times."""

    data: bytes


Property = bool | int | float | str | bytes | NDArray[np.generic] | PackedArray


@dataclass
class Node:
    """One node. properties: bool, int (32 bits), Int64, float (64 bits), str, bytes, 1-d arrays. children: in order."""

    name: str
    properties: Sequence[Property] = ()
    children: list[Node] = field(default_factory=list)

    def add(self, name: str, *properties: Property) -> Node:
        """Append a child and return it."""
        child = Node(name, properties)
        self.children.append(child)
        return child


def pack_array(values: NDArray[np.generic]) -> PackedArray:
    """The file form of a 1-d array of float32, float64, int32 or int64."""
    raw = np.ascontiguousarray(values).tobytes()
    code = _ARRAY_CODES[values.dtype.name]
    compressed = zlib.compress(raw, _COMPRESSION) if len(raw) >= _LEAST_COMPRESSED else raw
    is_smaller = len(compressed) < len(raw)
    data = compressed if is_smaller else raw
    return PackedArray(code + struct.pack("<III", values.size, int(is_smaller), len(data)) + data)


def encode(nodes: Iterable[Node]) -> bytes:
    """The bytes of a file whose top level holds ``nodes``."""
    parts = [_MAGIC, struct.pack("<I", VERSION)]
    position = sum(map(len, parts))
    for node in nodes:
        position = _encode_node(node, position, parts)
    parts += [_END_OF_CHILDREN, _FOOTER_ID, bytes(4)]
    position += len(_END_OF_CHILDREN) + len(_FOOTER_ID) + 4
    parts += [bytes(16 - position % 16), struct.pack("<I", VERSION), bytes(120), _FOOTER_END]
    return b"".join(parts)


def _encode_node(node: Node, position: int, parts: list[bytes]) -> int:
    """Append the node that starts at ``position`` to ``parts``; returns where it ends."""
    name = node.name.encode("ascii")
    properties = b"".join(map(_encode_property, node.properties))
    header_index = len(parts)
    parts += [b"", name, properties]
    end = position + _NODE_HEADER.size + len(name) + len(properties)
    for child in node.children:
        end = _encode_node(child, end, parts)
    if node.children or not node.properties:
        parts.append(_END_OF_CHILDREN)
        end += len(_END_OF_CHILDREN)
    parts[header_index] = _NODE_HEADER.pack(end, len(node.properties), len(properties), len(name))
    return end


def _encode_property(value: Property) -> bytes:
    if isinstance(value, PackedArray):
        return value.data
    if isinstance(value, np.ndarray):
        return pack_array(value).data
    if isinstance(value, bool):
        return b"C" + struct.pack("<?", value)
    if isinstance(value, Int64):
        return b"L" + struct.pack("<q", value)
    if isinstance(value, int):
        return b"I" + struct.pack("<i", value)
    if isinstance(value, float):
        return b"D" + struct.pack("<d", value)
    if isinstance(value, str):
        value = value.encode("utf-8")
        return b"S" + struct.pack("<I", len(value)) + value
    if isinstance(value, bytes):
        return b"R" + struct.pack("<I", len(value)) + value
    raise TypeError(f"FBX property {value!r}: no such type in the format")
