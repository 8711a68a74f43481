"""``--device cuda`` on a machine without a GPU: one sentence and exit code 2, in every command that takes a device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import typer
from captioned_folders import small_humanml3d, small_mocap22

from segmo_core import motion_files
from segmo_core.cli import main
from segmo_core.cli.app import app
from segmo_core.models.devices import usable_device
from segmo_core.motion.motion import Motion

# What each command needs besides, in the order of its arguments.
COMMANDS = {
    "generate": ["a person walks", "-o", "@out.npz"],
    "batch": ["@prompts.txt", "-o", "@many"],
    "ground": ["@walk.npz", "a person walks"],
    "describe": ["@walk.npz"],
    "finetune": ["@clips", "-o", "@tuned"],
    "library add": ["@walk.npz", "--library", "@library"],
    "library search": ["a person walks", "--library", "@library"],
    "bench generate": [],
    "bench train": ["--stage", "masked"],
    "evaluate text-to-motion": ["--data", "@mocap22", "--limit", "32"],
    "evaluate words": [],
    "edit": ["@walk.npz", "--replace", "0.5:1.0", "a person waves", "-o", "@out.npz"],
    "evaluate control": ["--data", "@mocap22"],
    "evaluate edits": ["--data", "@mocap22"],
}  # fmt: skip
MOCAP22_SUITES = ("segments", "grounding", "movement", "tokenizer", "long")
COMMANDS |= {f"evaluate {suite}": ["--data", "@mocap22"] for suite in MOCAP22_SUITES}


def commands_with_a_device(command: Any, name: str = "") -> list[str]:
    if hasattr(command, "commands"):
        return [
            found
            for child, below in command.commands.items()
            for found in commands_with_a_device(below, f"{name} {child}".strip())
        ]
    return [name] if any("--device" in option.opts for option in command.params) else []


def test_every_command_with_a_device_is_known_here() -> None:
    assert set(commands_with_a_device(typer.main.get_command(app))) == set(COMMANDS)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, walk: Motion) -> Path:
    folder = tmp_path_factory.mktemp("devices")
    motion_files.write(walk, folder / "walk.npz")
    (folder / "clips").mkdir()
    motion_files.write(walk, folder / "clips" / "walk.npz")
    (folder / "clips" / "walk.txt").write_text("a person walks\n")
    (folder / "prompts.txt").write_text("a person walks\n")
    small_mocap22(folder / "mocap22")
    small_humanml3d(folder / "HumanML3D")
    return folder


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_gpu_that_is_not_there_is_one_sentence(
    command: str, places: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(places / word[1:]) if word.startswith("@") else word for word in COMMANDS[command]]
    if command.startswith("library"):
        assert main(["library", "add", str(places / "walk.npz"), "--library", str(places / "library"),
                     "--bundle", str(tiny_bundle)]) == 0  # fmt: skip
        capsys.readouterr()
    if not command.startswith(("bench", "evaluate")):
        arguments += ["--bundle", str(tiny_bundle)]
    elif command.startswith("evaluate"):
        arguments.insert(0, str(tiny_bundle))
    assert main([*command.split(), *arguments, "--device", "cuda"]) == 2
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1].startswith("segmo: device: 'cuda' is not available here (torch finds no GPU)")
    assert "Traceback" not in printed.err
    assert not (places / "out.npz").exists()


def test_names_of_devices() -> None:
    assert usable_device("cpu").type == "cpu"
    assert usable_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(Exception, match="device: 'tpu9' is unknown, expected 'cpu' or 'cuda'"):
        usable_device("tpu9")
    assert np.isfinite(float(torch.ones(1, device=usable_device("cpu"))))
