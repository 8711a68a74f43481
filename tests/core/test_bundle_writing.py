"""A bundle that takes the place of another: either is there whole, at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segmo_core import bundle_folder, serialization
from segmo_core.bundle import load_bundle, save_bundle
from segmo_core.bundle_manifest import PART_NAMES, read_manifest
from segmo_core.errors import BundleError


def save_copy(bundle_folder: Path, target: Path, name: str) -> None:
    bundle = load_bundle(bundle_folder)
    save_bundle(
        target,
        name=name,
        description="",
        licence="MIT",
        text_encoder="minilm",
        tokenizer=bundle.tokenizer,
        masked_transformer=bundle.masked_transformer,
        residual_transformer=bundle.residual_transformer,
        statistics=bundle.statistics,
        model_card=f"# {name}\n",
    )


def test_a_new_bundle_replaces_the_old_and_leaves_nothing_beside(tiny_bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    save_copy(tiny_bundle, target, "first")
    (target / "stale.txt").write_text("of the first")
    save_copy(tiny_bundle, target, "second")
    assert load_bundle(target).manifest.name == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert sorted(path.name for path in target.iterdir()) == [
        "MODEL_CARD.md",
        "bundle.json",
        "masked_transformer.safetensors",
        "residual_transformer.safetensors",
        "statistics.safetensors",
        "tokenizer.safetensors",
    ]


def test_the_old_bundle_is_back_when_the_new_one_cannot_take_its_place(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    save_copy(tiny_bundle, target, "first")
    rename, moves = os.rename, []

    def refuse_the_second(source: Path, destination: Path) -> None:
        moves.append(Path(destination).name)
        if len(moves) == 2:
            raise OSError(28, "No space left on device")
        rename(source, destination)

    monkeypatch.setattr(bundle_folder, "_exchanged", lambda one, other: False)  # as on other file systems
    monkeypatch.setattr(os, "rename", refuse_the_second)
    with pytest.raises(BundleError, match=r"mine: cannot be written \(No space left on device\)"):
        save_copy(tiny_bundle, target, "second")
    assert moves[1:] == ["mine", "mine"]  # the new one refused, the old one put back
    assert load_bundle(target).manifest.name == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_a_killed_writer_left_is_removed_by_the_next(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    save_copy(tiny_bundle, target, "first")
    program = (
        "import sys, time; from pathlib import Path; from segmo_core.bundle_folder import changed_folder\n"
        "with changed_folder(Path(sys.argv[1])): print(flush=True); time.sleep(60)"
    )
    running = subprocess.Popen([sys.executable, "-c", program, str(target)], stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    monkeypatch.setattr(serialization, "_LEFT_BEHIND", 0.0)
    save_copy(tiny_bundle, target, "second")
    assert len(list(tmp_path.iterdir())) == 2  # somebody is still at it
    running.kill()
    running.wait()
    assert load_bundle(target).manifest.name == "second"
    save_copy(tiny_bundle, target, "third")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_bundle_that_a_killed_writer_put_aside_is_put_back(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where two folders cannot be exchanged in one step, and everything ended between the two steps."""
    target = tmp_path / "mine"
    save_copy(tiny_bundle, target, "first")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    own = str(os.getpid())
    aside = serialization.name_while_writing(target)
    target.rename(tmp_path / f"{aside.name.replace(own, str(gone.pid))}-aside")
    monkeypatch.setattr(serialization, "_LEFT_BEHIND", -1.0)
    with bundle_folder.changed_folder(target) as folder:
        (folder / "NOTES.md").write_text("a note")
    assert load_bundle(target).manifest.name == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_file_is_never_replaced_and_a_link_stays_one(tiny_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(BundleError, match="notes: is a file, expected a folder"):
        save_copy(tiny_bundle, tmp_path / "notes", "first")
    assert (tmp_path / "notes").read_text() == "mine"
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    save_copy(tiny_bundle, tmp_path / "link", "first")
    assert (tmp_path / "link").is_symlink()
    assert load_bundle(tmp_path / "real").manifest.name == "first"


def test_every_part_has_a_config_in_the_manifest_and_a_file(tiny_bundle: Path) -> None:
    manifest = read_manifest(tiny_bundle)
    present = [name for name in PART_NAMES if getattr(manifest, name) is not None]
    assert present == ["tokenizer", "masked_transformer", "residual_transformer"]
    assert manifest.weight_files == (*(f"{name}.safetensors" for name in present), "statistics.safetensors")
    assert set(manifest.files) == set(manifest.weight_files)
