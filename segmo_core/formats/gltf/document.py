"""A glTF 2.0 file as checked JSON and numbers: nothing is allocated before its size is known to be in the file."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from segmo_core.errors import FileFormatError, shown
from segmo_core.formats.reading import files
from segmo_core.serialization import real_path

FloatArray = NDArray[np.float64]

_MAX_JSON_BYTES = 16 << 20
_MAX_FILE_BYTES = 384 << 20
_MAX_BUFFER_BYTES = 384 << 20
_MAX_NUMBERS = 32_000_000  # that all accessors in use may hold together
_MAX_NAME = 255
_MAX_KEYS = 32_000_000  # of all curves: many may share one accessor
_JSON_CHUNK, _BINARY_CHUNK = 0x4E4F534A, 0x004E4942
_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


class GltfDocument:
    """The JSON of a .glb or .gltf file with checked look-ups; every failure is a FileFormatError naming the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        raw = files.read_bytes(path, _MAX_FILE_BYTES)
        self._binary: memoryview | None = None
        text = memoryview(raw)
        if raw[:4] == b"glTF":
            text = self._open_binary(text)
        elif path.suffix.lower() == ".glb":
            self.fail("does not begin with glTF, expected a binary glTF file")
        if len(text) > _MAX_JSON_BYTES:
            self.fail(f"{len(text)} bytes of JSON, expected at most {_MAX_JSON_BYTES}")
        try:
            self._json = json.loads(bytes(text).decode("utf-8-sig"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            self.fail("its JSON is damaged, expected a glTF file")
        if not isinstance(self._json, dict):
            self.fail("its JSON is not an object, expected a glTF file")
        version = self.member(self._json, "asset", {}, "asset").get("version")
        if not isinstance(version, str) or not version.startswith("2."):
            self.fail(f"glTF version {shown(version)}, expected 2.0")
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._buffers: dict[int, memoryview] = {}
        self._arrays: dict[int, FloatArray] = {}
        self._num_bytes = 0
        self._num_numbers = 0
        self._num_keys = 0

    def fail(self, message: str) -> NoReturn:
        raise FileFormatError(f"{self.path}: {message}")

    def _open_binary(self, raw: memoryview) -> memoryview:
        """Keeps the binary chunk; returns the JSON chunk."""
        if len(raw) < 20:
            self.fail(f"{len(raw)} bytes, expected a binary glTF file")
        version, length, json_length, kind = struct.unpack_from("<IIII", raw, 4)
        if version != 2:
            self.fail(f"glTF version {version}, expected 2")
        if length > len(raw):
            self.fail(f"is truncated: {len(raw)} bytes, expected the {length} that it declares")
        if kind != _JSON_CHUNK or 20 + json_length > length:
            self.fail("its first chunk is no complete JSON, expected a binary glTF file")
        start = 20 + json_length
        while start + 8 <= length and self._binary is None:
            chunk_length, kind = struct.unpack_from("<II", raw, start)
            if start + 8 + chunk_length > length:
                self.fail(f"a chunk of {chunk_length} bytes, expected at most the {length - start - 8} left")
            if kind == _BINARY_CHUNK:
                self._binary = raw[start + 8 : start + 8 + chunk_length]
            start += 8 + chunk_length
        return raw[20 : 20 + json_length]

    def objects(self, name: str) -> list[dict[str, Any]]:
        """The top-level list ``name`` of objects; empty where there is none."""
        if name not in self._lists:
            self._lists[name] = self.list_of(self._json, name, dict, name)
        return self._lists[name]

    def member(self, owner: dict[str, Any], name: str, default: dict[str, Any] | None, where: str) -> dict[str, Any]:
        value = owner.get(name, default)
        if not isinstance(value, dict):
            self.fail(f"{where} is no object, expected one")
        return value

    def list_of(self, owner: dict[str, Any], name: str, kind: type, where: str) -> list[Any]:
        values = owner.get(name, [])
        if not isinstance(values, list) or any(type(value) is not kind for value in values):
            self.fail(f"{where} is no list of {'objects' if kind is dict else 'numbers'}, expected one")
        return values

    def extension(self, name: str) -> dict[str, Any]:
        """The file's extension ``name``; empty where it has none."""
        return self.member(self.member(self._json, "extensions", {}, "extensions"), name, {}, name)

    def index(self, owner: dict[str, Any], name: str, count: int, where: str) -> int:
        """The number ``name`` of ``owner``, which must be below ``count``."""
        value = owner.get(name)
        if type(value) is not int or not 0 <= value < count:
            self.fail(f"{where}: {name} {shown(value)}, expected an index below {count}")
        return value

    def size(self, owner: dict[str, Any], name: str, default: int | None, where: str) -> int:
        value = owner.get(name, default)
        if type(value) is not int or not 0 <= value <= 1 << 40:
            self.fail(f"{where}: {name} {shown(value)}, expected a whole number")
        return value

    def numbers(self, owner: dict[str, Any], name: str, default: tuple[float, ...], where: str) -> FloatArray:
        """As many finite numbers as ``default`` has."""
        values = owner.get(name)
        if values is None:
            return np.array(default)
        sound = isinstance(values, list) and len(values) == len(default)
        if sound:
            sound = all(type(value) in (int, float) and abs(value) < 1e12 for value in values)
        if not sound:
            self.fail(f"{where}: {name} is not {len(default)} finite numbers")
        return np.array(values, dtype=np.float64)

    def accessor(self, index: int, kinds: tuple[str, ...]) -> FloatArray:
        """The values (N, width) of an accessor of one of ``kinds``, finite; integers that are normalized as -1 to 1."""
        if index not in self._arrays:
            values = self._read_accessor(index, f"accessor {index}")
            if not np.isfinite(values).all():
                self.fail(f"accessor {index} holds NaN or infinity, expected finite numbers")
            self._arrays[index] = values
        kind = self.objects("accessors")[index].get("type")
        if kind not in kinds:
            self.fail(f"accessor {index} is of type {shown(kind)}, expected {' or '.join(kinds)}")
        return self._arrays[index]

    def count_keys(self, number: int) -> None:
        """Fails when the curves that were read have too many keys together, this many more included."""
        self._num_keys += number
        if self._num_keys > _MAX_KEYS:
            self.fail(f"its animations have more than {_MAX_KEYS} keys, expected fewer")

    def _read_accessor(self, index: int, where: str) -> FloatArray:
        accessor = self.objects("accessors")[index]
        component, kind = accessor.get("componentType"), accessor.get("type")
        if type(component) is not int or component not in _COMPONENTS:
            self.fail(f"{where}: component type {shown(component)}, expected 5120 to 5126")
        if not isinstance(kind, str) or kind not in _WIDTHS:
            self.fail(f"{where}: type {shown(kind)}, expected one of {', '.join(_WIDTHS)}")
        dtype, width = np.dtype(_COMPONENTS[component]), _WIDTHS[kind]
        count = self.size(accessor, "count", None, where)
        self._num_numbers += count * width
        if self._num_numbers > _MAX_NUMBERS:
            self.fail(f"{where}: {count} elements, expected an animation of at most {_MAX_NUMBERS} numbers")
        if "bufferView" in accessor:
            values = self._read_view(accessor, count, width, dtype, where)
        else:
            values = np.zeros((count, width), dtype)
        if "sparse" in accessor:
            values = self._with_sparse(accessor, values, where)
        result = values.astype(np.float64)
        if accessor.get("normalized") is True and dtype.kind in "iu":
            result = np.maximum(result / np.iinfo(dtype).max, -1.0)
        return result

    def _with_sparse(self, accessor: dict[str, Any], values: NDArray[Any], where: str) -> NDArray[Any]:
        where = f"{where}, sparse"
        sparse = self.member(accessor, "sparse", None, where)
        count = self.size(sparse, "count", None, where)
        if count > len(values):
            self.fail(f"{where}: {count} elements, expected at most {len(values)}")
        places = self.member(sparse, "indices", None, where)
        component = places.get("componentType")
        if type(component) is not int or component not in (5121, 5123, 5125):
            self.fail(f"{where}: indices of type {shown(component)}, expected whole numbers")
        indices = self._read_view(places, count, 1, np.dtype(_COMPONENTS[component]), where).ravel()
        if (indices >= len(values)).any():
            self.fail(f"{where}: an index of {indices.max()}, expected less than {len(values)}")
        replaced = values.copy()
        replacement = self.member(sparse, "values", None, where)
        replaced[indices] = self._read_view(replacement, count, values.shape[1], values.dtype, where)
        return replaced

    def _read_view(
        self, owner: dict[str, Any], count: int, width: int, dtype: np.dtype[Any], where: str
    ) -> NDArray[Any]:
        """(count, width) values of the buffer view that ``owner`` names, from its byteOffset on."""
        views = self.objects("bufferViews")
        number = self.index(owner, "bufferView", len(views), where)
        view = views[number]
        if "EXT_meshopt_compression" in self.member(view, "extensions", {}, f"buffer view {number}, extensions"):
            self.fail("is compressed (EXT_meshopt_compression), expected plain buffers")
        data = self._buffer(self.index(view, "buffer", len(self.objects("buffers")), f"buffer view {number}"))
        start = self.size(view, "byteOffset", 0, f"buffer view {number}")
        length = self.size(view, "byteLength", None, f"buffer view {number}")
        if start + length > len(data):
            self.fail(f"buffer view {number} ends at byte {start + length}, expected at most {len(data)}")
        element = width * dtype.itemsize
        stride = self.size(view, "byteStride", 0, f"buffer view {number}") or element
        offset = self.size(owner, "byteOffset", 0, where)
        needed = offset + (stride * (count - 1) + element if count else 0)
        if needed > length or stride < element:
            self.fail(f"{where}: {count} elements need {needed} bytes, expected at most {length}")
        return np.ndarray((count, width), dtype, data, start + offset, (stride, dtype.itemsize))

    def _buffer(self, index: int) -> memoryview:
        if index not in self._buffers:
            buffer = self.objects("buffers")[index]
            declared = self.size(buffer, "byteLength", None, f"buffer {index}")
            data = self._buffer_data(buffer.get("uri"), index)
            self._num_bytes += len(data)
            if len(data) < declared or self._num_bytes > _MAX_BUFFER_BYTES:
                self.fail(f"buffer {index}: {len(data)} bytes, expected {min(declared, _MAX_BUFFER_BYTES)}")
            self._buffers[index] = data[:declared]
        return self._buffers[index]

    def _buffer_data(self, uri: object, index: int) -> memoryview:
        if uri is None:
            if index != 0 or self._binary is None:
                self.fail(f"buffer {index} has no data, expected a binary chunk or a uri")
            return self._binary
        if not isinstance(uri, str):
            self.fail(f"buffer {index}: its uri is no text, expected one")
        if uri.startswith("data:"):
            head, _, body = uri.partition(",")
            try:
                if not head.endswith(";base64"):
                    raise ValueError
                return memoryview(base64.b64decode(body, validate=True))
            except (ValueError, binascii.Error):
                self.fail(f"buffer {index}: its data uri is damaged, expected base64")
        folder = real_path(self.path.parent)
        try:
            name = unquote(uri, errors="strict")
            if len(name) > _MAX_NAME or not name.isprintable():
                raise ValueError
            beside = real_path(folder / name)
        except (OSError, ValueError):
            self.fail(f"buffer {index}: uri {shown(uri)}, expected a file beside this one")
        if "://" in uri or not beside.is_relative_to(folder):
            self.fail(f"buffer {index}: uri {shown(uri)}, expected a file in the same folder")
        return memoryview(files.read_bytes(beside, _MAX_BUFFER_BYTES))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
