"""The worked examples of CONTRIBUTING.md: each is applied to a copy of the project, whose checks and new tests pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from snippets import ROOT, Snippet, snippets_of

EXAMPLES = [snippet for snippet in snippets_of(ROOT / "CONTRIBUTING.md") if snippet.language == "diff"]
_ADDED = re.compile(r"^\+\+\+ b/(\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with all examples applied; what is large is linked."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, which applies the diffs")
    folder = tmp_path_factory.mktemp("guide") / "project"
    listed = subprocess.run(
        ["git", "ls-files", "segmo_core", "segmo_studio", "tests", "pyproject.toml"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / "assets").symlink_to(ROOT / "assets")
    for example in EXAMPLES:
        done = subprocess.run(
            ["git", "apply", "-"], input=example.text + "\n", cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{example.place}: {done.stderr}"
    return folder


def run(folder: Path, *command: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"line {example.line}")
def test_an_example_brings_a_test_that_passes(example: Snippet, copy: Path) -> None:
    new = [name for name in _ADDED.findall(example.text) if name.startswith("tests/")]
    assert new, f"{example.place}: no test in it"
    run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *new)


def test_examples_keep_the_rules(copy: Path) -> None:
    """Format, lint and import rules; types take longer and are looked at by `make test-all`."""
    named = [name for example in EXAMPLES for name in _ADDED.findall(example.text)]
    for command in (("ruff", "check", "--no-cache"), ("ruff", "format", "--check", "--no-cache")):
        run(copy, sys.executable, "-m", *command, *named)
    run(copy, str(Path(sys.executable).with_name("lint-imports")), "--no-cache")


@pytest.mark.slow
def test_examples_have_types(copy: Path) -> None:
    run(copy, sys.executable, "-m", "mypy")
