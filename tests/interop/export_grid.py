"""Every format at every rate under every naming, read by every program: `make interop`, or this file as a script.

Writes what it finds to out/interop/results.json and prints it as a table; exit code 1 when a joint is farther off
than allowed. The motions are generated once with the starter bundle and kept in out/interop.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

from client_programs import CLIENTS, NotInstalledError
from file_check import ARRAYS, Case, Result, clients_of, read_cases, write_cases

from segmo_core.formats.registry import FORMATS, MotionFormat
from segmo_core.formats.scene.bone_names import BONE_NAMES
from segmo_core.formats.scene.export_options import ExportOptions
from segmo_core.motion.motion import Motion

RATES = (20.0, 24.0, 29.97, 30.0, 60.0)
ALL_NAMES = 2  # so many motions have them
# These say which axis is up, so that a program can turn it its own way.
TELL_THE_AXES = ("fbx", "usd")


def grid_formats() -> list[MotionFormat]:
    """Formats that other programs play, and those that hold plain positions."""
    return [row for row in FORMATS.values() if row.name in CLIENTS or row.name in ARRAYS]


def grid_cases(row: MotionFormat, motions: dict[str, Motion]) -> list[Case]:
    """All rates and namings for two motions, the mannequin with one of them; then each other choice once.

    Further motions have the format's own names at every rate, and of the others one at each: names and motion have
    nothing to do with each other, and programs take their time.
    """
    cases = []
    has_mesh = "mesh" in row.options
    others = [names for names in BONE_NAMES if names != row.names]
    for number, motion_name in enumerate(motions):
        for place, rate in enumerate(RATES if "frame_rate" in row.options else (None,)):
            namings = tuple(BONE_NAMES) if number < ALL_NAMES else (row.names, others[place])
            for names in namings if "names" in row.options else (None,):
                skin = has_mesh and names == row.names and rate == 20.0
                options = ExportOptions(frame_rate=rate, names=names, mesh=skin or not has_mesh, title=motion_name)
                cases.append(Case(row.name, motion_name, rate or 20.0, names, options, skin))
                if {"keys", "up_axis"} <= row.options and number < ALL_NAMES:  # as the preset for Blender has it
                    preset = {"unit": "m", "up_axis": "z", "bone_axes": "bone", "keys": "frame"}
                    options = ExportOptions(frame_rate=rate, names=names, mesh=False, title=motion_name, **preset)
                    cases.append(Case(row.name, motion_name, rate or 20.0, names, options))
    variants = [
        {"root_bone": True}, {"bone_axes": "bone"}, {"unit": "m"}, {"unit": "mm"}, {"unit": "in"}, {"up_axis": "z"},
        {"up_axis": "z", "root_bone": True, "bone_axes": "bone", "unit": "m"}, {"fingers": True, "bone_axes": "bone"},
        {"keys": "frame", "root_bone": True},
    ]  # fmt: skip
    for variant in variants:
        if set(variant) <= row.options and not ("up_axis" in variant and row.name not in TELL_THE_AXES):
            options = ExportOptions(frame_rate=20.0, **variant)
            cases.append(Case(row.name, next(iter(motions)), 20.0, None, options, has_mesh))
    return cases


def main() -> int:
    from grid_motions import load_motions

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", action="append", help="this format alone; may be repeated")
    parser.add_argument("--motion", action="append", help="this motion alone; may be repeated")
    parser.add_argument("--rate", type=float, action="append", help="this rate alone; may be repeated")
    parser.add_argument("--client", action="append", help="this program alone; may be repeated")
    parser.add_argument("--out", type=Path, default=Path("out/interop"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    motions = load_motions(chosen.out, chosen.motion)
    results: list[Result] = []
    for row in grid_formats():
        if chosen.format and row.name not in chosen.format:
            continue
        by_motion = defaultdict(list)
        for case in grid_cases(row, motions):
            if chosen.rate and case.frame_rate not in chosen.rate:
                continue
            by_motion[case.motion_name].append(case)
        for motion_name, cases in by_motion.items():
            started = time.monotonic()
            found = _check(cases, motions, chosen.client)
            results += found
            (chosen.out / "results.json").write_text(json.dumps([asdict(each) for each in results], indent=1))
            failed = sum(bool(each.problem) for each in found)
            print(  # noqa: T201
                f"{row.name}, {motion_name}: {len(cases)} files, {len(found)} readings, {failed} with problems, "
                f"{time.monotonic() - started:.0f} s",
                flush=True,
            )
    _print_table(results)
    return 1 if any(each.problem for each in results) else 0


def _check(cases: list[Case], motions: dict[str, Motion], only: list[str] | None) -> list[Result]:
    """Cases of one format through every program that is here, or those named ``only``."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        written = write_cases(cases, motions, Path(folder))
        for client in clients_of(cases[0].format_name):
            if only and client.__name__ not in only:
                continue
            try:
                results += read_cases(written, client)
            except NotInstalledError as error:
                print(f"{client.__name__}: {error}")  # noqa: T201
    return results


def _print_table(results: list[Result]) -> None:
    groups = defaultdict(list)
    for each in results:
        groups[each.format_name, each.program or each.client].append(each)
    columns = ("format", "program", "files", "at frames", "mean", "between", "skin", "problems")
    print("{:8s} {:36s} {:>6s} {:>9s} {:>9s} {:>9s} {:>9s} {:>8s}".format(*columns))  # noqa: T201
    for (format_name, program), group in groups.items():
        figures = [
            max((value for each in group if (value := getattr(each, name)) is not None), default=None)
            for name in ("at_frames", "mean", "between_frames", "skin")
        ]
        shown = " ".join("        -" if value is None else f"{1000 * value:9.4f}" for value in figures)
        problems = sum(bool(each.problem) for each in group)
        print(f"{format_name:8s} {program:36s} {len(group):6d} {shown} {problems:8d}")  # noqa: T201
    for each in [each for each in results if each.problem][:20]:
        where = f"{each.format_name} {each.motion_name} {each.frame_rate:g} {each.names} {each.chosen} {each.client}"
        print(f"{where}: {each.problem}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
