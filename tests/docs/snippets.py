"""The pieces of code in our Markdown pages, as values, and how commands in them are read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING")), *sorted((ROOT / "docs").rglob("*.md")))
RUN = ("sh", "console", "python", "json")
"""Languages that a test runs or parses."""
SHOWN = ("text", "diff")
"""Languages that only show something; a diff is followed by the tests of the guide."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)\s*$")
_NOTE = re.compile(r"^ *<!-- parsed only: (?P<reason>.+) -->$")


@dataclass(frozen=True)
class Snippet:
    """line: of the page, where it begins. reason: why it is parsed and not run; "" where it is run."""

    page: Path
    line: int
    language: str
    text: str
    reason: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True)
class Command:
    """words: as a shell would hand them over. output: what a console snippet shows after it."""

    words: tuple[str, ...]
    output: tuple[str, ...] = ()


def snippets_of(page: Path) -> Iterator[Snippet]:
    """All fenced pieces of a page, also those in lists."""
    lines = page.read_text(encoding="utf-8").splitlines()
    number = 0
    reason = ""
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence is None:
            note = _NOTE.match(lines[number])
            reason = note["reason"] if note else reason if not lines[number].strip() else ""
            number += 1
            continue
        start, indent = number, len(fence["indent"])
        end = next(i for i in range(start + 1, len(lines)) if lines[i].strip() == "```")
        text = "\n".join(line[indent:] for line in lines[start + 1 : end])
        yield Snippet(page, start + 1, fence["language"], text, reason)
        number, reason = end + 1, ""


def commands_of(snippet: Snippet) -> list[Command]:
    """The commands of a shell or console snippet, in order; comments are left out."""
    text = snippet.text.replace("\\\n", " ")
    commands: list[Command] = []
    for line in text.splitlines():
        if snippet.language == "console":
            if not line.startswith("$ "):
                commands[-1] = Command(commands[-1].words, (*commands[-1].output, line))
                continue
            line = line[2:]
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in lexer:
            if set(word) <= set(";&"):
                commands.append(Command(tuple(words)))
                words = []
            else:
                words.append(word)
        if words:
            commands.append(Command(tuple(words)))
    return commands
