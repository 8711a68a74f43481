"""Every piece of code in the README and the documentation is run, in the order of its page, or at least parsed."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from snippets import PAGES, ROOT, RUN, SHOWN, Command, Snippet, commands_of, snippets_of

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.motion.motion import Motion
from segmo_core.motion.resampling import resample_motion
from segmo_core.serialization import from_plain

WITH_SNIPPETS = [page for page in PAGES if any(snippet.language in RUN for snippet in snippets_of(page))]


@pytest.fixture
def material(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walk: Motion) -> Path:
    """A folder with what pages take for granted: recordings, sentences, the configurations. The user's own folders
    lie in it too.
    """
    (tmp_path / "motions" / "old").mkdir(parents=True)
    (tmp_path / "more").mkdir()
    motion_files.write(resample_motion(walk, 60.0), tmp_path / "dance.bvh")
    for name in (
        "mocap.bvh",
        "walk.npz",
        "walk.bvh",
        "motions/walk.npz",
        "motions/old/walk.bvh",
        "more/walk.bvh",
        "pack.glb",
    ):
        motion_files.write(walk, tmp_path / name)
    (tmp_path / "sentences.txt").write_text("a person walks\na person waves with the right hand\n")
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_snippet_says_what_it_is(page: Path) -> None:
    for snippet in snippets_of(page):
        assert snippet.language in (*RUN, *SHOWN), f"{snippet.place}: a snippet of language {snippet.language!r}"


@pytest.mark.parametrize("page", WITH_SNIPPETS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_snippets_of_a_page_run_one_after_another(page: Path, material: Path) -> None:
    names: dict[str, Any] = {}
    for snippet in snippets_of(page):
        if snippet.language == "python":
            run_python(snippet, names)
        elif snippet.language == "json":
            check_config(snippet)
        elif snippet.language in RUN:
            for command in commands_of(snippet):
                check_command(snippet, command)


def run_python(snippet: Snippet, names: dict[str, Any]) -> None:
    code = compile("\n" * snippet.line + snippet.text, str(snippet.page), "exec")
    if not snippet.reason:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, names)  # our own pages


def check_config(snippet: Snippet) -> None:
    """A JSON snippet is a grid of ``segmo ablate``, or what ``segmo train --config`` takes, or a part of it beside the
    starter's configuration."""
    from segmo_core.training.ablation.grid import Grid
    from segmo_core.training.config import TrainingConfig

    if "rows" in (plain := json.loads(snippet.text)):
        from_plain(Grid, plain, snippet.place)
        return

    def merged(base: Any, change: Any) -> Any:
        if isinstance(base, dict) and isinstance(change, dict):
            return base | {key: merged(base.get(key), value) for key, value in change.items()}
        return change

    base = json.loads((ROOT / "configs" / "starter.json").read_text(encoding="utf-8"))
    from_plain(TrainingConfig, merged(base, plain), snippet.place)


def check_command(snippet: Snippet, command: Command) -> None:
    program, *arguments = command.words
    where = f"{snippet.place}: {' '.join(command.words)}"
    if program == "segmo":
        check_segmo(snippet, command, where)
    elif program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(arguments) <= set(targets), where
    elif program.endswith("pip"):
        check_extras(arguments, where)
    elif program.endswith(("python", "python3")):
        assert arguments[0] == "-m" or (ROOT / arguments[0]).is_file(), where
    else:
        assert program in ("git", "cd", "xvfb-run"), f"{where}: neither run nor parsed"


def check_segmo(snippet: Snippet, command: Command, where: str) -> None:
    arguments = list(command.words[1:])
    if snippet.reason:
        parse(arguments, where)
        return
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = main(arguments)
    assert code == 0, f"{where}: {errors.getvalue()}"
    said = " ".join((output.getvalue() + errors.getvalue()).split())
    for line in command.output:
        assert " ".join(line.split()) in said, f"{where}: does not say {line!r}, but {said}"


def parse(arguments: list[str], where: str) -> None:
    """Whether there is such a command with such options; nothing is done."""
    from segmo_core.cli.app import app

    command: Any = typer.main.get_command(app)
    context = command.make_context("segmo", [], resilient_parsing=True)
    while hasattr(command, "resolve_command"):
        name, command, arguments = command.resolve_command(context, arguments)
        is_group = hasattr(command, "resolve_command")
        context = command.make_context(
            name, [] if is_group else list(arguments), parent=context, resilient_parsing=is_group
        )
    assert context.params, where


def check_extras(arguments: list[str], where: str) -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for word in arguments:
        for named in re.findall(r"\[([\w,]+)\]", word):
            assert set(named.split(",")) <= set(known), where


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_not_run_says_why(page: Path) -> None:
    allowed = ("hours", "minutes", "download", "a model on this machine", "made in the Studio")
    for snippet in snippets_of(page):
        assert not snippet.reason or any(word in snippet.reason for word in allowed), snippet.place
