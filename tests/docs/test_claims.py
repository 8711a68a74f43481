"""What README, ARCHITECTURE and CONTRIBUTING say of the house, held against the house."""

from __future__ import annotations

from pathlib import Path

import pytest
from snippets import ROOT

from segmo_core import catalog
from segmo_core.formats.registry import FORMATS

PACKAGES = {"core": ROOT / "segmo_core", "studio": ROOT / "segmo_studio"}
TABLES = ("TEXT_SEGMENTERS", "TEXT_ENCODERS", "MOTION_SEGMENTERS", "AGGREGATORS", "ALIGNMENTS")
MOST_LINES, MOST_MODULES = 400, 15


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES.values() for path in package.rglob("*.py"))


@pytest.mark.parametrize("name", PACKAGES)
def test_tests_mirror_the_packages(name: str) -> None:
    tests = ROOT / "tests" / name
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")}
    assert [str(folder) for folder in sorted(folders) if not (PACKAGES[name] / folder).is_dir()] == []


def test_no_folder_has_too_many_modules() -> None:
    own = {path.parent for path in modules()}
    counts = {folder: len([each for each in folder.glob("*.py") if each.name != "__init__.py"]) for folder in own}
    assert {str(folder): count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_no_module_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_a_format_lives_in_a_folder_of_formats() -> None:
    for row in FORMATS.values():
        for reference in filter(None, (row.reader, row.writer)):
            parts = reference.partition(":")[0].split(".")
            assert parts[:2] == ["segmo_core", "formats"], row.name
            assert len(parts) == 4, row.name


@pytest.mark.parametrize("table", TABLES)
def test_a_variant_is_a_file_of_its_own(table: str) -> None:
    references = getattr(catalog, table)
    files = [reference.partition(":")[0] for reference in references.values()]
    assert len(set(files)) == len(files)


def test_the_tower_names_every_folder() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    folders = [path for package in PACKAGES.values() for path in package.iterdir() if (path / "__init__.py").is_file()]
    assert [path.name for path in folders if f"`{path.name}/`" not in told] == []
