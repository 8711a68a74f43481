"""Where ``assets`` and ``configs`` lie: beside the packages in a checkout, inside ``segmo_core`` in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """A folder of ``assets``, such as "bundles/starter"; whoever reads it says when it is not there."""
    return _shipped("assets") / name


def bundle_folder(given: Path) -> Path:
    """The folder that ``given`` means: a path, or the name of a bundle that ships with the project ("everyday")."""
    given = Path(given)
    shipped = shipped_folder(f"bundles/{given}")
    return shipped if len(given.parts) == 1 and not given.exists() and shipped.is_dir() else given


def config_file(given: Path) -> Path:
    """The file that ``given`` means: a path, or a configuration that ships with the project, "configs/starter.json" or
    "starter".
    """
    given = Path(given)
    if given.exists() or given.is_absolute() or ".." in given.parts:
        return given
    name = given.relative_to("configs") if given.is_relative_to("configs") else given
    shipped = (_shipped("configs") / name).with_suffix(".json") if name.name else given
    return shipped if shipped.is_file() else given


def _shipped(name: str) -> Path:
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
