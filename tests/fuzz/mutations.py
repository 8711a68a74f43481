"""Strategies that damage sound files: bytes anywhere, numbers and words of a text, values of a JSON tree, arrays."""

from __future__ import annotations

import copy
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

_MOST_ADDED = 500_000  # letters

NUMBERS = [
    "NaN", "nan", "inf", "-Infinity", "0", "-0", "-1", "1", "2", "1e-320", "1e-45", "1e7", "1e30", "1e38", "1e308",
    "-1e308", "1e400", "1000000000", "99999999999999999999", "2147483648", "4294967295", "-9223372036854775809",
    "0.5", "1_0", "0x10", "٣", "1e", "--1", "9" * 5000,
]  # fmt: skip
WORDS = [
    "", "\0", "ROOT", "JOINT", "}", "{", "End", "MOTION", "x" * 100_000, "\ud800", "\u202e", "\x1b[31m", "\n", "'", '"',
    "../../etc/passwd", "%s", "left_hip", "pelvis",
]  # fmt: skip
RAW = [
    b"\0" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", struct.pack("<f", float("nan")), struct.pack("<f", float("inf")),
    struct.pack("<d", 1e308), struct.pack("<I", 10**9), struct.pack("<Q", 10**9), struct.pack("<Q", 2**63), b"\x80",
    b"PK\x05\x06", b"PK\x06\x07", b"\n", b"'descr': '|O'", b"\xef\xbb\xbf", b"\xff\xfe",
]  # fmt: skip
TOUCHES = [b"\0", b"\xff", b"\x01", b"\x7f", b"\0\0\x80\x7f", b"\0\0\xc0\x7f", b"\0\0\x20\x41"]  # floats among them
JSON_VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 10**9, 2**64, 10**400, 0.5, -0.0, 1e308, 1e-320, float("nan"), float("inf"),
    "", "x" * 10_000, "\ud800", "\x1b[2J\n", "../../../etc/passwd", "/dev/zero", "%00", "file:///etc/passwd",
    "http://127.0.0.1:9/x", "data:;base64,AAAA", [], {}, [[]], [0], [0, 0, 0], [1e308] * 4, ["x"], {"x": 0},
    [{"children": [0]}],
]  # fmt: skip


def place_in(draw: Draw, data: bytes | str | list[Any]) -> int:
    return int(draw(st.integers(0, max(len(data) - 1, 0))))


def _edit_bytes(draw: Draw, data: bytes) -> bytes:
    kind = draw(st.sampled_from(["cut", "flip", "delete", "repeat", "insert", "overwrite", "special", "zeros"]))
    start = place_in(draw, data)
    if kind == "cut":
        return data[:start]
    if kind == "flip":
        return data[:start] + bytes([data[start] ^ 1 << draw(st.integers(0, 7))]) + data[start + 1 :] if data else data
    length = draw(st.sampled_from([1, 2, 4, 8, 16, 100, 1000]))
    if kind == "delete":
        return data[:start] + data[start + length :]
    if kind == "repeat":
        times = draw(st.sampled_from([1, 2, 50]))
        return data[: start + length] + data[start : start + length] * times + data[start + length :]
    if kind == "zeros":
        return data[:start] + bytes(length) + data[start + length :]
    new = draw(st.sampled_from(RAW)) if kind == "special" else draw(st.binary(min_size=1, max_size=16))
    return data[:start] + new + data[start + (0 if kind == "insert" else len(new)) :]


@st.composite
def damaged_bytes(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """One of ``sources`` after one to four edits anywhere."""
    data = draw(st.sampled_from(sources))
    for _ in range(draw(st.integers(1, 4))):
        data = _edit_bytes(draw, data)
    return data


@st.composite
def touched_bytes(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """One of ``sources`` with one to three small values overwritten behind its head, which stays: such files get past
    magic numbers and lengths, to the code that makes sense of values.
    """
    data = bytearray(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(min(64, len(data) - 1), max(len(data) - 1, 0)))
        new = draw(st.sampled_from(TOUCHES))
        data[start : start + len(new)] = new[: len(data) - start]
    return bytes(data)


_TOKEN = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z_][\w.:]*")


@st.composite
def damaged_text(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A text with numbers, words and whole lines replaced, doubled, swapped or left out; sometimes recoded."""
    text = draw(st.sampled_from(sources)).decode("utf-8")
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            tokens = list(_TOKEN.finditer(text))
            if not tokens:
                break
            token = tokens[place_in(draw, tokens)]
            new = draw(st.sampled_from(NUMBERS if token[0][-1].isdigit() else WORDS))
            text = text[: token.start()] + new + text[token.end() :]
            continue
        lines = text.split("\n")
        one, other = place_in(draw, lines), place_in(draw, lines)
        kind = draw(st.sampled_from(["delete", "repeat", "swap", "many"]))
        if kind == "delete":
            del lines[one]
        elif kind == "repeat":
            lines.insert(other, lines[one])
        elif kind == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        else:
            lines[one:one] = [lines[one]] * min(3000, _MOST_ADDED // (len(lines[one]) + 1))
        text = "\n".join(lines)
    code = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32"]))
    return text.encode(code, "surrogatepass")


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of a JSON tree lies; of long lists only the first few."""
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value[:40]) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths_of(inner, (*path, key))
    return found


def damage_tree(draw: Draw, tree: Any) -> Any:
    """A JSON tree with one to three values replaced, left out, renamed, moved or taken from elsewhere in the tree."""
    tree = copy.deepcopy(tree)
    for _ in range(draw(st.integers(1, 3))):
        paths = paths_of(tree)
        path = paths[place_in(draw, paths)]
        if not path:
            continue
        owner = tree
        for key in path[:-1]:
            owner = owner[key]
        kind = draw(st.sampled_from(["replace", "replace", "delete", "rename", "borrow", "nest", "index"]))
        if kind == "delete":
            del owner[path[-1]]
        elif kind == "rename" and isinstance(owner, dict):
            owner[draw(st.sampled_from([*JSON_VALUES[16:20], "name", "joints"]))] = owner.pop(path[-1])
        elif kind == "borrow":
            other = paths[place_in(draw, paths)]
            value = tree
            for key in other:
                value = value[key] if _has(value, key) else 0
            owner[path[-1]] = copy.deepcopy(value)
        elif kind == "nest":
            owner[path[-1]] = [[[owner[path[-1]]]]]
        elif kind == "index":
            owner[path[-1]] = draw(st.integers(-2, 30))
        else:
            owner[path[-1]] = copy.deepcopy(draw(st.sampled_from(JSON_VALUES)))
    return tree


def _has(value: Any, key: Any) -> bool:
    return key in value if isinstance(value, dict) else isinstance(value, list) and key in range(len(value))


@st.composite
def damaged_json(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    return json.dumps(damage_tree(draw, json.loads(draw(st.sampled_from(sources))))).encode()


@st.composite
def damaged_glb(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A .glb whose JSON is damaged and whose lengths are right again; sometimes its numbers too."""
    raw = draw(st.sampled_from(sources))
    (json_length,) = struct.unpack_from("<I", raw, 12)
    tree = damage_tree(draw, json.loads(raw[20 : 20 + json_length]))
    binary = raw[28 + json_length :]
    if draw(st.booleans()):
        binary = _edit_bytes(draw, binary)
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


_DTYPES = ["<f2", "<f4", ">f8", "<i1", "<u8", "|b1", "<c16", "<U1", "|S3", "<M8[s]", "|V8", "|O"]


def damage_array(draw: Draw, array: np.ndarray) -> bytes:
    """An array as .npy bytes: other values, shape or type, or a header that tells lies."""
    kind = draw(st.sampled_from(["value", "value", "cut", "shape", "dtype", "header", "empty", "big"]))
    array = np.array(array)
    with np.errstate(all="ignore"):
        if kind == "value" and array.size and array.dtype.kind in "fiu":
            value = draw(st.sampled_from([np.nan, np.inf, -1.0, 0.0, 1e7, 1e30, 1e308, 1e-310, 2.0**31, 500.0]))
            if array.dtype.kind != "f":
                value = int(np.clip(np.nan_to_num(value), -(2**31), 2**31 - 1))
            flat = array.reshape(-1).astype(np.float64 if array.dtype.kind == "f" else np.int64)
            if draw(st.booleans()):
                flat[:] = value
            else:
                flat[place_in(draw, flat.tolist())] = value
            array = flat.reshape(array.shape)
        elif kind == "cut" and array.ndim:
            array = array[: draw(st.integers(0, len(array)))]
        elif kind == "shape":
            array = array.reshape(draw(st.sampled_from([(-1,), (1, -1), (*array.shape, 1), array.shape[::-1]])))
        elif kind == "dtype" and array.dtype.kind in "fiu":
            new = draw(st.sampled_from(_DTYPES[:-1]))
            array = array.real.astype(new) if not new.startswith("|V") else np.zeros(array.shape, "V8")
        elif kind == "empty":
            array = array[:0] if array.ndim else np.zeros(0)
        elif kind == "big" and array.ndim:
            array = np.repeat(array, draw(st.sampled_from([2, 40])), axis=draw(st.integers(0, array.ndim - 1)))
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    data = stream.getvalue()
    if kind != "header":
        return data
    header = data[10 : data.index(b"\n")].decode("latin1").rstrip()
    shape = draw(st.sampled_from(["()", "(0,)", "(1000000000, 22, 3)", "(-1, -2)", "(2, -3)", "(True,)", "(10**9,)"]))
    dtype = draw(st.sampled_from([*_DTYPES, "<U0", "|V0", "|V999999999", "('<f8', (1000, 1000))"]))
    header = re.sub(r"\([^)]*\)", shape, header) if draw(st.booleans()) else header
    header = re.sub(r"'descr': '[^']*'", f"'descr': {dtype!r}", header) if draw(st.booleans()) else header
    header = header if draw(st.booleans()) else _edit_bytes(draw, header.encode("latin1")).decode("latin1")
    coded = header.encode("latin1") + b"\n"
    return data[:8] + struct.pack("<H", len(coded)) + coded + data[data.index(b"\n") + 1 :]


@st.composite
def damaged_npy(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    return damage_array(draw, np.load(io.BytesIO(draw(st.sampled_from(sources)))))


@st.composite
def damaged_npz(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """An archive with one to three of its arrays damaged, renamed, left out or doubled; its checksums are right."""
    with np.load(io.BytesIO(draw(st.sampled_from(sources))), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    members = {}
    for name, array in arrays.items():
        stream = io.BytesIO()
        np.save(stream, array, allow_pickle=False)
        members[f"{name}.npy"] = stream.getvalue()
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(arrays)))
        kind = draw(st.sampled_from(["damage", "damage", "damage", "leave out", "rename", "swap"]))
        if kind == "leave out":
            members.pop(f"{name}.npy", None)
        elif kind == "rename" and f"{name}.npy" in members:
            new = draw(
                st.sampled_from(["../evil.npy", "/etc/x.npy", f"{name}", f"{name}.npy/x", "\x1b.npy", "poses.npy"])
            )
            members[new] = members.pop(f"{name}.npy")
        elif kind == "swap":
            members[f"{name}.npy"] = members.get(f"{draw(st.sampled_from(sorted(arrays)))}.npy", b"")
        else:
            members[f"{name}.npy"] = damage_array(draw, arrays[name])
    return packed(draw, members)


@st.composite
def damaged_project(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A project whose document is damaged, or some of its arrays, or both; its checksums are right."""
    with zipfile.ZipFile(io.BytesIO(draw(st.sampled_from(sources)))) as archive:
        sound = {name: archive.read(name) for name in archive.namelist()}
    members, arrays = dict(sound), sorted(name for name in sound if name.endswith(".npy"))
    kind = draw(st.sampled_from(["document", "document", "text", "array", "both"]))
    if kind in ("document", "both"):
        tree = damage_tree(draw, json.loads(members["project.json"]))
        members["project.json"] = json.dumps(tree).encode("utf-8", "surrogatepass")
    if kind == "text":
        members["project.json"] = _edit_bytes(draw, members["project.json"])
    if kind in ("array", "both"):
        for _ in range(draw(st.integers(1, 2))):
            name = draw(st.sampled_from(arrays))
            if draw(st.integers(0, 4)):
                members[name] = damage_array(draw, np.load(io.BytesIO(sound[name])))
            else:
                members[name] = sound[draw(st.sampled_from(arrays))]
    return packed(draw, members)


def packed(draw: Draw, members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    method = draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2]))
    with zipfile.ZipFile(stream, "w", method) as archive_file:
        for name, data in members.items():
            archive_file.writestr(zipfile.ZipInfo(name), data, method)
    return stream.getvalue()
