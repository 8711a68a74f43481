"""Where the files of ``assets`` lie: beside the packages in a checkout, inside ``segmo_core`` in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """A folder of ``assets``, such as "bundles/starter"; whoever reads it says when it is not there."""
    installed = _PACKAGE / "assets"
    return (installed if installed.is_dir() else _PACKAGE.parent / "assets") / name


def bundle_folder(given: Path) -> Path:
    """The folder that ``given`` means: a path, or the name of a bundle that ships with the project ("everyday")."""
    given = Path(given)
    shipped = shipped_folder(f"bundles/{given}")
    return shipped if len(given.parts) == 1 and not given.exists() and shipped.is_dir() else given
