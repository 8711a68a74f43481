"""What the documents tell people to type: every command exists and takes the options that are named."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from segmo_core.cli.app import app

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("assets/**/*.md")])
SPOKEN = re.compile(r"(?:^|`|<!-- |bin/)segmo ([a-z][^`#\n]*(?:\n[^`#\n]+(?=`))?)", re.MULTILINE)


def commands(page: str) -> Iterator[list[str]]:
    for match in SPOKEN.finditer(page):
        text = match[1].replace("-->", "").replace("...", "X").rstrip()
        try:
            yield shlex.split(text)
        except ValueError:  # an apostrophe of the prose behind it
            yield text.split()


def wrong_words(words: list[str]) -> list[str]:
    """The command or the options in ``words`` that the program does not have."""
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands:
            return [words[0]] if re.fullmatch("[a-z-]+", words[0]) else []  # FOLDER stands for something
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = [word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)]
    return [word for word in given if word not in known | {"--help", "-h"}]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_the_documents_exists(page: Path) -> None:
    wrong = [(words, found) for words in commands(page.read_text("utf-8")) if (found := wrong_words(words))]
    assert wrong == []


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert wrong_words(["evaluate", "BUNDLE", "--suite", "long"]) == []
    assert wrong_words(["evaluate", "long", "--suite", "x"]) == ["--suite"]
    assert wrong_words(["fly"]) == ["fly"]
