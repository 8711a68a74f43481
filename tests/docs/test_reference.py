"""The public API: every function says what it takes, gives and raises, and shows it; what it shows is so."""

from __future__ import annotations

import doctest
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from snippets import ROOT

import segmo_core
from segmo_core import Engine, GenerationRequest, SegmentTrack, motion_files

# Methods of one class go on from each other's examples; classes in the order that a reader meets them.
FIRST = ("Engine", "motion_files", "starter_bundle_path")
NAMES = (*FIRST, *(name for name in segmo_core.__all__ if name not in FIRST))


def functions_of(name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Functions of a public module, methods of a public class (inherited ones too), in the order of their source."""
    thing = importlib.import_module("segmo_core.motion_files") if name == "motion_files" else getattr(segmo_core, name)
    if inspect.isfunction(thing):
        yield name, thing
        return
    owners = [thing] if inspect.ismodule(thing) else list(reversed(thing.__mro__)) if inspect.isclass(thing) else []
    for owner in owners:
        for member, value in vars(owner).items():
            function = inspect.unwrap(getattr(value, "__func__", value))
            if member.startswith("_") or not inspect.isfunction(function) or owner in (BaseException, Exception):
                continue
            if not inspect.ismodule(owner) or function.__module__ == owner.__name__:
                yield f"{name}.{member}", function


PUBLIC = [row for name in NAMES for row in functions_of(name)]


@pytest.mark.parametrize(("name", "function"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_a_public_function_says_what_it_takes_raises_and_shows(name: str, function: Callable[..., Any]) -> None:
    told = inspect.getdoc(function) or ""
    if told == "See Progress.":  # the protocol tells it
        return
    for parameter in inspect.signature(function).parameters:
        assert parameter == "self" or parameter in ("cls",) or parameter in told, f"{name}: {parameter} is not told of"
    assert "Raises" in told, f"{name}: not a word of errors"
    assert ">>>" in told, f"{name}: no example"


def test_all_examples_are_so(tmp_path: Path) -> None:
    """In one go, since they go on from each other; the beginning is that of docs/reference/index.md."""
    engine = Engine()
    track = SegmentTrack.from_durations(["A person walks.", "A person waves."], [60, 44])
    result = engine.generate(GenerationRequest("a person walks, then waves", track, seed=1))
    names = {name: getattr(segmo_core, name) for name in segmo_core.__all__}
    names |= {name: value for name, value in vars(motion_files).items() if inspect.isfunction(value)}
    names |= {"engine": engine, "track": track, "result": result, "folder": tmp_path}
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    failed: list[str] = []
    for name, function in PUBLIC:
        example = parser.get_doctest(inspect.getdoc(function) or "", {}, name, inspect.getsourcefile(function), 0)
        example.globs = names
        runner.run(example, out=failed.append, clear_globs=False)
    assert not failed, "".join(failed)
    assert runner.summarize(verbose=False).attempted >= 60


def test_the_list_of_names_is_one() -> None:
    assert sorted(segmo_core.__all__) == sorted({*segmo_core._HOME_OF, "motion_files"})
    for name in segmo_core.__all__:
        assert getattr(segmo_core, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Motor'"):
        _ = segmo_core.Motor  # type: ignore[attr-defined]


def test_every_name_stands_in_the_reference() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs" / "reference").glob("*.md")))
    homes = {name: f"::: {home}.{name}\n" for name, home in segmo_core._HOME_OF.items()}
    missing = [name for name, directive in homes.items() if directive not in pages]
    assert missing == []
