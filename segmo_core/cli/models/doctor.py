"""``segmo doctor``: what this machine is, and whether it computes what it should."""

from __future__ import annotations

from typing import Annotated

import typer

from segmo_core.cli.output import ConsoleProgress, print_json, print_table


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Versions, devices and memory, and a self-test of a minute; exit code 1 when a check does not pass."""
    from segmo_core.benchmarks.environment import facts
    from segmo_core.benchmarks.self_test import run_checks
    from segmo_core.serialization import to_plain

    known = facts()
    if not as_json:
        print_table(("This machine", ""), [(fact.name, fact.value) for fact in known])
    with ConsoleProgress("Testing") as progress:
        checks = run_checks(progress)
    failed = [check for check in checks if not check.passed]
    if as_json:
        print_json({"facts": {fact.name: fact.value for fact in known}, "checks": to_plain(checks)})
    else:
        rows = [
            ("ok" if check.passed else "FAILED", check.name, check.found, check.expected, f"{check.seconds:.1f}")
            for check in checks
        ]
        print_table(("", "Self-test", "Found", "Expected", "s"), rows, numbers=("s",))
        if not any(check.name.rpartition(", ")[2].startswith("GPU") for check in checks):
            typer.echo("No GPU was found, so nothing was tested on one.")
        typer.echo(f"{len(failed)} of {len(checks)} checks failed" if failed else f"All {len(checks)} checks passed")
    if failed:
        raise typer.Exit(1)
