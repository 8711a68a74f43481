"""Runs the commands named in docs/model.md and puts their tables below them.

python scripts/fill_model_page.py --data MOCAP22 [--data MOCAP23] [--cache DIR] [--only segments ...]

A command stands in a comment, ``<!-- segmo evaluate ... -->``, and what it printed is between that and the next
``<!-- end -->``. MOCAP22 in a command stands for the folders given with --data.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "model.md"
MARKED = re.compile(r"(<!-- segmo (?P<command>.*?) -->\n)(?P<tables>.*?)(<!-- end -->)", re.DOTALL)


def filled(page: str, data: list[Path], cache: Path | None, only: list[str]) -> str:
    """``page`` with the tables of its commands renewed; of those whose text holds one of ``only``, if any is given."""

    def renewed(match: re.Match[str]) -> str:
        command = match["command"]
        if only and not any(word in command for word in only):
            return match[0]
        folders = " --data ".join(shlex.quote(str(folder)) for folder in data)
        arguments = shlex.split(command.replace("MOCAP22", folders))
        arguments += ["--cache", str(cache)] if cache is not None else []
        sys.stderr.write(f"segmo {command}\n")
        found = subprocess.run(
            [sys.executable, "-m", "segmo_core", *arguments], stdout=subprocess.PIPE, text=True, check=True
        )
        return f"{match[1]}\n{found.stdout}\n{match[4]}"

    return MARKED.sub(renewed, page)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, action="append", required=True, help="a folder of mocap22's layout")
    parser.add_argument("--cache", type=Path, help="folder for what is computed once")
    parser.add_argument("--only", nargs="*", default=[], help="words of the commands to run, such as segments")
    options = parser.parse_args()
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), options.data, options.cache, options.only), "utf-8")


if __name__ == "__main__":
    main()
