"""Strategies that change sound files so that most of them stay sound: other numbers, still or mirrored bodies, joints
on top of each other. Such files get past the first checks, to the code that makes sense of values.
"""

from __future__ import annotations

import copy
import io
import json
import pickle
import re
import zipfile
from typing import Any

import numpy as np
from hypothesis import strategies as st
from mutations import Draw, damage_array, packed, paths_of, place_in

_FACTORS = [-1.0, 0.0, 0.01, 0.5, 2.0, 100.0]
_STEPS = [-10.0, -0.1, 1e-6, 0.001, 0.1, 10.0]
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")


def touch_array(draw: Draw, array: np.ndarray) -> np.ndarray:
    """Another array of the same shape and type; of as many axes where frames are taken away."""
    array = np.array(array)
    if not array.size or array.dtype.kind not in "fiu":
        return array
    kind = draw(st.sampled_from(["nudge", "scale", "axis", "still", "reverse", "shorter", "same", "shuffle"]))
    values = array.astype(np.float64)
    flat, axis = values.reshape(-1), draw(st.integers(0, max(array.ndim - 1, 0)))
    if kind == "nudge":
        flat[place_in(draw, flat.tolist())] += draw(st.sampled_from(_STEPS))
    elif kind == "scale" or not array.ndim:
        values *= draw(st.sampled_from(_FACTORS))
    elif kind == "axis":
        index = place_in(draw, list(range(array.shape[axis])))
        np.moveaxis(values, axis, 0)[index] *= draw(st.sampled_from(_FACTORS))
    elif kind == "still":
        values[:] = values[:1]
    elif kind == "reverse":
        values = np.flip(values, axis)
    elif kind == "shorter":
        values = values[: draw(st.integers(1, len(values)))]
    elif kind == "same":
        moved, one, other = np.moveaxis(values, axis, 0), *(draw(st.integers(0, array.shape[axis] - 1)) for _ in "ab")
        moved[one] = moved[other]
    else:
        values = np.roll(values, draw(st.integers(1, 5)), axis)
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(values).astype(array.dtype)


def _saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


@st.composite
def touched_npy(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    return _saved(touch_array(draw, np.load(io.BytesIO(draw(st.sampled_from(sources))))))


@st.composite
def touched_npz(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """An archive with one to three of its arrays touched."""
    with np.load(io.BytesIO(draw(st.sampled_from(sources))), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(arrays)))
        arrays[name] = touch_array(draw, arrays[name])
    return packed(draw, {f"{name}.npy": _saved(array) for name, array in arrays.items()})


@st.composite
def touched_pickle(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A pickled dictionary, or one in an .npy file, with one to three of its values touched, damaged, renamed or gone;
    pickled anew.
    """
    data = draw(st.sampled_from(sources))
    is_array = data.startswith(b"\x93NUMPY")
    content = np.load(io.BytesIO(data), allow_pickle=True).item() if is_array else pickle.loads(data)
    for _ in range(draw(st.integers(1, 3))):
        if not content:
            break
        name = draw(st.sampled_from(sorted(content)))
        kind = draw(st.sampled_from(["touch", "touch", "touch", "damage", "rename", "leave out", "nest"]))
        if kind == "leave out":
            content.pop(name)
        elif kind == "rename":
            content[draw(st.sampled_from(["poses", "trans", "motion", "joints", "x"]))] = content.pop(name)
        elif kind == "nest":
            content[name] = {"a": content[name]}
        elif isinstance(content[name], np.ndarray):
            content[name] = touch_array(draw, content[name]) if kind == "touch" else _damaged(draw, content[name])
        else:
            content[name] = draw(st.sampled_from([None, -1, 0, 5, "", "walks", ["a"], [], 1e300, float("nan")]))
    protocol = draw(st.integers(0, 5))
    if not is_array:
        return pickle.dumps(content, protocol=protocol)
    stream = io.BytesIO()
    np.save(stream, np.array(content, dtype=object), allow_pickle=True)
    return stream.getvalue()


def _damaged(draw: Draw, array: np.ndarray) -> Any:
    """Another shape, type or value; as it is where the header would lie."""
    try:
        return np.load(io.BytesIO(damage_array(draw, array)), allow_pickle=False)
    except Exception:  # whatever the header that lies makes of it
        return array


@st.composite
def touched_text(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A text in which one to five numbers are others, as likely ones, or change places."""
    text = draw(st.sampled_from(sources)).decode("utf-8")
    for _ in range(draw(st.integers(1, 5))):
        numbers = list(_NUMBER.finditer(text))
        if not numbers:
            break
        number, other = numbers[place_in(draw, numbers)], numbers[place_in(draw, numbers)]
        value = float(number[0])
        new = draw(st.sampled_from([other[0], f"{-value:g}", f"{value + 1:g}", f"{value * 10:g}", "0", f"{value:.3f}"]))
        text = text[: number.start()] + new + text[number.end() :]
    return text.encode()


@st.composite
def touched_json(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A JSON tree in which one to three numbers or texts are others of their kind."""
    tree = copy.deepcopy(json.loads(draw(st.sampled_from(sources))))
    for _ in range(draw(st.integers(1, 3))):
        leaves = [path for path in paths_of(tree) if path and not isinstance(_at(tree, path), (dict, list, type(None)))]
        if not leaves:
            break
        path = leaves[place_in(draw, leaves)]
        owner, value = _at(tree, path[:-1]), _at(tree, path)
        if isinstance(value, bool):
            owner[path[-1]] = not value
        elif isinstance(value, str):
            owner[path[-1]] = draw(st.sampled_from([value[::-1], value.upper(), value + "x", value[:1], "a"]))
        else:
            owner[path[-1]] = type(value)(draw(st.sampled_from([value + 1, -value, value * 2, value // 2, 1, 0])))
    return json.dumps(tree).encode()


@st.composite
def touched_project(draw: Draw, sources: tuple[bytes, ...]) -> bytes:
    """A project with one or two of its arrays, or of the numbers and texts in its document, touched."""
    with zipfile.ZipFile(io.BytesIO(draw(st.sampled_from(sources)))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(["project.json", *sorted(name for name in members if name.endswith(".npy"))]))
        if name == "project.json":
            members[name] = draw(touched_json((members[name],)))
        else:
            members[name] = draw(touched_npy((members[name],)))
    return packed(draw, members)


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree
