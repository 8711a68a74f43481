"""Joint maps under a name: the user's own, in the configuration folder of this user."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import platformdirs

from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.retargeting.joint_map import JointMap, read_joint_map, write_joint_map

_NAME = re.compile(r"[\w][\w .()+-]{0,59}")


def preset_folder() -> Path:
    """Where presets lie, whether it exists or not."""
    return Path(platformdirs.user_config_dir("segmo", appauthor=False)) / "joint_maps"


def list_presets() -> tuple[str, ...]:
    """Names of all presets, sorted."""
    folder = preset_folder()
    names = [path.stem for path in folder.glob("*.json")] if folder.is_dir() else []
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))


def load_preset(name: str) -> JointMap:
    """Raises InvalidRequestError for a name that is not there, FileFormatError for a file that is no joint map."""
    path = _path(name)
    if not path.is_file():
        known = ", ".join(list_presets()) or "none yet"
        raise InvalidRequestError(f"joint map {name!r}: no such preset, expected one of: {known}")
    return read_joint_map(path)


def save_preset(name: str, joint_map: JointMap) -> Path:
    """Keep ``joint_map`` as ``name``, over one of the same name; returns its file."""
    path = _path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFormatError(f"{path.parent}: cannot be made ({error.strerror})") from None
    write_joint_map(joint_map, path)
    return path


def fitting_presets(joint_names: Collection[str]) -> tuple[str, ...]:
    """Names of the presets whose joints are all among ``joint_names``; files that are no joint maps are passed over."""
    fitting = []
    for name in list_presets():
        try:
            joint_map = load_preset(name)
        except FileFormatError:
            continue
        if set(joint_map.joints.values()) <= set(joint_names):
            fitting.append(name)
    return tuple(fitting)


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name) or name != name.strip():
        raise InvalidRequestError(
            f"joint map {name!r}: not a name for a preset, expected up to 60 letters, digits, spaces and .()+-"
        )
    return preset_folder() / f"{name}.json"
