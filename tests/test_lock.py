"""constraints.txt: every package that `make` installs, in one version for every supported Python."""

from __future__ import annotations

import importlib.metadata
import re
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# What a virtual environment begins with, and the project itself.
BESIDE = {"pip", "setuptools", "segmo"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_every_requirement_has_its_version() -> None:
    optional = [
        requirement for name, each in PROJECT["optional-dependencies"].items() if name != "clip" for requirement in each
    ]
    for requirement in [*PROJECT["dependencies"], *optional]:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        assert plain(name[0]) in {*pinned(), "segmo"}, requirement


def test_what_is_installed_is_what_is_locked() -> None:
    if not Path(sys.prefix, ".installed").exists():
        pytest.skip("not the environment that make sets up")
    folder = sysconfig.get_path("purelib")  # what PYTHONPATH brings is not installed
    here = {plain(found.metadata["Name"]): found.version for found in importlib.metadata.distributions(path=[folder])}
    versions = pinned()
    drifted = {
        name: version
        for name, version in here.items()
        if name not in BESIDE and version.split("+")[0] != versions.get(name)
    }
    assert drifted == {}


def test_the_types_are_checked_with_both_ends_of_the_range_of_numpy() -> None:
    (requirement,) = [each for each in PROJECT["dependencies"] if each.startswith("numpy")]
    found = re.fullmatch(r"numpy>=([\d.]+),<([\d.]+)", requirement)
    assert found is not None
    sys.path.insert(0, str(ROOT / "packaging"))
    try:
        from check_types import NUMPY
    finally:
        sys.path.pop(0)
    oldest, newest = (tuple(int(part) for part in version.split(".")) for version in NUMPY)
    low, high = (tuple(int(part) for part in bound.split(".")) for bound in found.groups())
    assert oldest[: len(low)] == low
    assert newest < high
    assert newest[1] == high[1] - 1
