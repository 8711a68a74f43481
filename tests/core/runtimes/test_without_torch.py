"""Motions are made, found, described and written in a program that cannot import torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime")

PROMPT = ["generate", "a person walks forward, then waves", "--seconds", "3", "--seed", "3", "--json"]


def segmo(arguments: list[str], modules: str = "torch") -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, in which ``modules`` (by commas) cannot be imported."""
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({modules.split(',')!r}))\n"
        "from segmo_core.cli import main\nsys.argv = ['segmo', *sys.argv[1:]]\nraise SystemExit(main())"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_a_motion_is_made_found_described_and_exported(tmp_path: Path) -> None:
    walk = tmp_path / "walk.npz"
    made = segmo([*PROMPT, "-o", str(walk)])
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["num_frames"] == 60
    found = segmo(["ground", str(walk), "a person waves", "--json"])
    assert found.returncode == 0, found.stderr
    assert 20 <= json.loads(found.stdout)["start"] <= 50
    described = segmo(["describe", str(walk), "--json"])
    assert described.returncode == 0, described.stderr
    assert "walk" in described.stdout
    exported = segmo(["export", str(walk), "-o", str(tmp_path / "walk.bvh")])
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "walk.bvh").read_text().startswith("HIERARCHY")


def test_what_needs_torch_says_so_in_one_sentence(tmp_path: Path) -> None:
    asked = segmo([*PROMPT, "-o", str(tmp_path / "walk.npz"), "--runtime", "torch"])
    assert asked.returncode == 2
    assert asked.stderr.strip().splitlines()[-1].endswith("needs the package torch; install it with: pip install torch")
    assert "Traceback" not in asked.stderr
    made = segmo(["graphs", str(tmp_path)])
    assert made.returncode == 2
    assert "Making graphs needs the package torch" in made.stderr


def test_without_both_the_sentence_says_what_is_missing(tmp_path: Path) -> None:
    asked = segmo([*PROMPT, "-o", str(tmp_path / "walk.npz")], "torch,onnxruntime")
    assert asked.returncode == 2
    assert "pip install onnxruntime" in asked.stderr
    assert "Traceback" not in asked.stderr
