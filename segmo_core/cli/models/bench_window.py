"""``segmo bench startup`` and ``segmo bench viewport``: the Studio's window, measured in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from statistics import median
from typing import Annotated, Any

import typer

from segmo_core.cli.output import ConsoleProgress, print_json, print_table
from segmo_core.errors import InvalidRequestError, MissingDependencyError

_PATIENCE = 300  # seconds
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def startup(
    rounds: Annotated[int, typer.Option(help="Starts, 1 to 50.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Seconds until the Studio's window is painted, and until its model is loaded; without a display in memory."""
    _check("rounds", rounds, 50)
    measured = []
    with ConsoleProgress("Starting the Studio") as progress:
        for number in range(rounds):
            progress.report(number / rounds, f"start {number + 1}")
            measured.append(_ask("measure-startup", str(time.time())))
    if as_json:
        print_json({"starts": measured})
        return
    rows = [
        (what, f"{min(seconds):.2f}", f"{median(seconds):.2f}", f"{max(seconds):.2f}")
        for what in ("painted", "ready")
        if (seconds := [float(each[what]) for each in measured])
    ]
    print_table(("Window", "Best s", "Median s", "Worst s"), rows, numbers=("Best s", "Median s", "Worst s"))


def viewport(
    seconds: Annotated[int, typer.Option(help="Seconds to play, 1 to 120.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Pictures a second while a motion plays in the whole window, and while another is being generated."""
    _check("seconds", seconds, 120)
    with ConsoleProgress("Playing in the Studio"):
        measured = _ask("measure-playing", str(seconds))
    if as_json:
        print_json(measured)
        return
    rows = [("playing", f"{measured['playing']:.1f}"), ("and generating", f"{measured['generating']:.1f}")]
    print_table(("While", "Pictures a second"), rows, numbers=("Pictures a second",))
    typer.echo(f"A view of {measured['view'][0]} x {measured['view'][1]} pixels")


def _check(name: str, value: int, largest: int) -> None:
    if not 1 <= value <= largest:
        raise InvalidRequestError(f"{name}: {value}, expected 1 to {largest}")


def _ask(*command: str) -> dict[str, Any]:
    """What the Studio measures of itself. Raises MissingDependencyError where it is not there or cannot start."""
    if importlib.util.find_spec("segmo_studio") is None or importlib.util.find_spec("PySide6") is None:
        raise MissingDependencyError("the Studio is not installed; install it with: pip install 'segmo[studio]'")
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    program = [sys.executable, "-m", "segmo_studio.program", *command]
    try:
        done = subprocess.run(program, capture_output=True, text=True, timeout=_PATIENCE, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise MissingDependencyError(f"the Studio did not answer in {_PATIENCE} s, expected it to start") from None
    if done.returncode != 0:
        told = done.stderr.strip().splitlines()
        raise MissingDependencyError(f"the Studio could not be measured: {told[-1] if told else 'it ended'}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured
