"""``segmo parity``: our modules against recorded outputs of the published code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.output import print_json, print_table

if TYPE_CHECKING:
    from segmo_core.conversion.parity import FixtureReport

FAILED = 1


def parity(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of parity fixtures, NAME.safetensors with NAME.json.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object with every comparison.")] = False,
) -> None:
    """Compare our modules with what the published code gave; exit code 1 when a comparison does not pass."""
    from segmo_core.conversion.parity import check_folder

    reports = check_folder(folder)
    passes = all(report.passes or report.skipped for report in reports)
    if as_json:
        print_json({"passes": passes, "fixtures": [_plain(report) for report in reports]})
    else:
        _print_reports(reports)
    if not passes:
        raise typer.Exit(FAILED)


def _plain(report: FixtureReport) -> dict[str, object]:
    from segmo_core.serialization import to_plain

    return {
        "name": report.name,
        "passes": report.passes,
        "skipped": report.skipped or None,
        "largest_error": report.largest_error,
        "ids_identical": report.ids_identical,
        "checks": to_plain(report.checks),
    }


def _print_reports(reports: Sequence[FixtureReport]) -> None:
    rows = []
    for report in reports:
        error, identical = report.largest_error, report.ids_identical
        rows.append(
            (
                report.name,
                str(len(report.checks)) if report.checks else "",
                "" if error is None else f"{error:.1e}",
                "" if identical is None else "identical" if identical else "DIFFERENT",
                "skipped" if report.skipped else "pass" if report.passes else "FAIL",
            )
        )
    print_table(("Fixture", "Checks", "Error", "Ids", "Result"), rows, numbers=("Checks", "Error"))
    for report in reports:
        if report.skipped:
            typer.echo(f"{report.name}: skipped, {report.skipped}")
        for check in report.failures:
            what = check.problem or ("ids differ" if check.error is None else f"differs by {check.error:.2g}")
            typer.echo(f"{report.name}, {check.name}: {what}")
