"""Reading the files of published checkpoints: options, weights, statistics. No code in them is ever run."""

from __future__ import annotations

import pickle
import pickletools
import re
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmo_core.conversion.inert_pickle import inert_names
from segmo_core.errors import FileFormatError
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.serialization import read_text

Option = bool | int | float | str
FloatArray = NDArray[np.floating]

_FLOAT = re.compile(r"[-+]?\d+\.\d+")
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")  # longer ones are no number of a model's
_PARALLEL, _TEXT_ENCODER = "module.", "clip_model."
_FOREIGN_CLASS = re.compile(r"GLOBAL (\S+)|global (\S+)")


def read_options(path: Path) -> dict[str, Option]:
    """The options of an ``opt.txt`` or ``config.txt``: lines 'key: value' between two rulers.

    Values are read as the published parser reads them: True and False, decimal numbers, whole numbers, else text.
    """
    lines = read_text(path, "the options the model was trained with, lines 'key: value'").splitlines()
    options: dict[str, Option] = {}
    for line in lines:
        key, separator, value = line.partition(":")
        if separator and key.strip():
            options[key.strip()] = _option(value.strip())
    return options


def _option(text: str) -> Option:
    if text in ("True", "False"):
        return text == "True"
    if _FLOAT.fullmatch(text):
        return float(text)
    return int(text) if _WHOLE.fullmatch(text) else text


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What ``torch.save`` stored in ``path``, tensors and plain values only.

    Raises FileFormatError for a file that is missing, cut off, of another kind, or that wants to run code.
    """
    try:
        with warnings.catch_warnings(), inert_names():
            warnings.simplefilter("ignore")  # what torch warns about, we refuse
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file, expected a checkpoint") from None
    except IsADirectoryError:
        raise FileFormatError(f"{path}: a folder, expected a checkpoint file") from None
    except pickle.UnpicklingError as error:
        match = _FOREIGN_CLASS.search(str(error))
        code = (match[1] or match[2]) if match else _code_in_pickle(path)
        if code:
            raise FileFormatError(f"{path}: holds code ({code}), expected tensors and plain values only") from None
        raise FileFormatError(f"{path}: not a checkpoint of torch, or truncated") from None
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile):
        raise FileFormatError(f"{path}: not a checkpoint of torch, or truncated") from None
    if not isinstance(content, dict):
        raise FileFormatError(f"{path}: holds a {type(content).__name__}, expected named parts")
    return content


def _code_in_pickle(path: Path) -> str:
    """The first function or class outside torch that a plain pickle names (its steps are listed, not taken)."""
    names: list[str] = []
    try:
        with path.open("rb") as stream:
            for step, argument, _ in pickletools.genops(stream):
                if step.name in ("GLOBAL", "INST"):
                    names = str(argument).split(" ")
                elif isinstance(argument, str):
                    names = [*names[-1:], argument]
                if step.name in ("GLOBAL", "INST", "STACK_GLOBAL") and len(names) == 2:
                    if names[0].partition(".")[0] not in ("torch", "collections"):
                        return ".".join(names)
                    names = []
    except (ValueError, OSError, EOFError):
        return ""
    return ""


def read_weights(path: Path, parts: Sequence[str]) -> dict[str, Tensor]:
    """The state dict stored in ``path`` under the first of ``parts`` that is there."""
    content = read_checkpoint(path)
    part = next((part for part in parts if part in content), None)
    if part is None:
        found, expected = ", ".join(map(str, content)) or "nothing", " or ".join(map(repr, parts))
        raise FileFormatError(f"{path}: holds {found}, expected a part {expected}")
    return state_dict(content[part], f"{path}, {part!r}")


def state_dict(value: Any, where: str) -> dict[str, Tensor]:
    """``value`` when it is tensors by name; FileFormatError otherwise.

    Without the prefix that training on several devices gives, and without the text encoder, which some files hold too.
    """
    if not isinstance(value, dict):
        raise FileFormatError(f"{where}: a {type(value).__name__}, expected tensors by name")
    for name, tensor in value.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise FileFormatError(f"{where}: {name!r} is a {type(tensor).__name__}, expected a tensor")
    named = {name.removeprefix(_PARALLEL): tensor for name, tensor in value.items()}
    return {name: tensor for name, tensor in named.items() if not name.startswith(_TEXT_ENCODER)}


def read_statistics(folder: Path, width: int) -> FeatureStatistics:
    """mean.npy and std.npy of ``folder``: (D,) float32 each, std above zero."""
    mean, std = (_read_vector(Path(folder) / name, width) for name in ("mean.npy", "std.npy"))
    if not (std > 0).all():
        raise FileFormatError(f"{Path(folder) / 'std.npy'}: column {int(np.argmin(std))} is not above zero")
    return FeatureStatistics(mean, std)


def _read_vector(path: Path, width: int) -> FloatArray:
    try:
        values = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such file, expected the statistics of the training data") from None
    except (OSError, ValueError, EOFError):
        raise FileFormatError(f"{path}: not a readable .npy file of numbers") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu" or values.shape != (width,):
        found = getattr(values, "shape", type(values).__name__)
        raise FileFormatError(f"{path}: found {found}, expected {width} numbers")
    vector = values.astype(np.float32)
    if not np.isfinite(vector).all():
        raise FileFormatError(f"{path}: holds values that are not finite numbers")
    return vector
