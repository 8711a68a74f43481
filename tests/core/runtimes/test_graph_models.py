"""Graphs of a bundle say what its models say in torch."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segmo_core.bundle import load_bundle
from segmo_core.bundle_manifest import GRAPHS_FILE, MANIFEST_NAME, read_manifest, record_of
from segmo_core.engine import Engine
from segmo_core.errors import BundleError, InvalidRequestError
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding.grounder import sliding_windows
from segmo_core.grounding.window_pooling import mean_and_max_of_windows
from segmo_core.runtimes.condition import SegmentCondition, segments_of_tokens
from segmo_core.runtimes.torch_models import TorchModels
from segmo_core.serialization import write_json
from segmo_core.shipped import shipped_folder

pytest.importorskip("onnxruntime")
from segmo_core.runtimes.graph_models import GraphModels

BUNDLES = ("starter", "everyday")
TEXTS = ["A person walks forward.", "A person waves.", "A person sits down."]


@pytest.fixture(scope="module", params=BUNDLES)
def both(request: pytest.FixtureRequest) -> tuple[TorchModels, GraphModels]:
    folder = shipped_folder(f"bundles/{request.param}")
    return TorchModels(load_bundle(folder)), GraphModels(folder)


def vectors(seed: int, *shape: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((*shape, 384)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_both_transformers(both: tuple[TorchModels, GraphModels], count: int, scale: float) -> None:
    num_tokens = 8 * count
    words, counts = (None, None)
    if both[0].manifest.reads_words:
        words, counts = vectors(2, 1, 5, 6), np.array([[6, 3, 1, 0, 4]], dtype=np.int64)
    condition = SegmentCondition(
        vectors(0, 1),
        vectors(1, 1, 5),
        (np.arange(5) < count)[None],
        segments_of_tokens([8 * (place + 1) for place in range(count)], num_tokens)[None],
        words,
        counts,
    )
    ids = np.random.default_rng(3).integers(0, 512, (1, num_tokens))
    is_hidden = (np.arange(num_tokens) % 3 == 0)[None]
    hidden = np.where(is_hidden, 512, ids)
    base = [models.base_logits(condition, scale)(hidden, is_hidden) for models in both]
    np.testing.assert_allclose(base[0], base[1], atol=5e-4 * np.abs(base[0]).max())
    residual = [models.residual_logits(condition, scale) for models in both]
    for layer in (1, 2, 3, 4, 5):
        found = [logits_of(ids, layer, is_hidden) for logits_of in residual]
        np.testing.assert_allclose(found[0], found[1], atol=5e-4 * np.abs(found[0]).max())


def test_tokenizer_grounding_and_boundaries(both: tuple[TorchModels, GraphModels]) -> None:
    ids = np.random.default_rng(4).integers(-1, 512, (2, 11, 6))
    decoded = [models.decode(ids) for models in both]
    np.testing.assert_allclose(decoded[0], decoded[1], atol=2e-3)
    np.testing.assert_array_equal(*(models.encode(decoded[0]) for models in both))
    states = [models.motion_states(ids[0, :, 0].clip(min=0)) for models in both]
    np.testing.assert_allclose(states[0], states[1], atol=2e-3)
    pooled = mean_and_max_of_windows(states[0], sliding_windows(11))
    np.testing.assert_allclose(*(models.window_vectors(pooled) for models in both), atol=1e-4)
    np.testing.assert_allclose(*(models.text_vectors(vectors(5, 3)) for models in both), atol=1e-4)
    seen = [models.frame_similarities(decoded[0][0], vectors(6, 2)) for models in both]
    assert seen[0] is not None
    assert seen[1] is not None
    np.testing.assert_allclose(seen[0].similarity, seen[1].similarity, atol=1e-3)
    np.testing.assert_allclose(seen[0].begins, seen[1].begins, atol=1e-2)
    assert seen[0].sharpness == pytest.approx(seen[1].sharpness, rel=1e-5)


def test_the_judge_on_joints(both: tuple[TorchModels, GraphModels]) -> None:
    judges = [models.load_joint_judge() for models in both]
    rows = np.random.default_rng(7).standard_normal((3, 40, 136)).astype(np.float32)
    is_valid = np.arange(40)[None] < np.array([[40], [22], [9]])
    assert judges[0] is not None
    assert judges[1] is not None
    found = [judge.similarity(rows, is_valid, vectors(8, 3)) for judge in judges if judge is not None]
    np.testing.assert_allclose(found[0], found[1], atol=1e-4)


def test_the_same_request_gives_the_same_tokens_and_checks() -> None:
    torch, onnx = (Engine(device="cpu", runtime=runtime) for runtime in ("torch", "onnx"))
    track = torch.suggest_track(TEXTS)
    assert onnx.suggest_track(TEXTS).ends == track.ends
    request = GenerationRequest("A person walks forward, waves and sits down.", track, seed=11)
    made, remade = torch.generate(request), onnx.generate(request)
    np.testing.assert_array_equal(made.token_ids, remade.token_ids)
    np.testing.assert_allclose(made.motion.joint_positions, remade.motion.joint_positions, atol=1e-3)
    checks = [engine.check(made.motion, made.track).segments for engine in (torch, onnx)]
    for first, second in zip(*checks, strict=True):
        assert (first.finding, first.start, first.end) == (second.finding, second.start, second.end)
        assert first.confidence == pytest.approx(second.confidence, abs=1e-3)


def test_int8_shows_what_was_asked() -> None:
    engine = Engine(device="cpu", runtime="onnx", fast=True)
    track = engine.suggest_track(TEXTS[:2])
    request = GenerationRequest("A person walks forward and waves.", track, seed=1)
    made = engine.generate(request)
    np.testing.assert_array_equal(made.token_ids, engine.generate(request).token_ids)
    assert all(check.finding is None for check in engine.check(made.motion, made.track).segments)


def test_the_aligned_space_asks_for_torch() -> None:
    with pytest.raises(InvalidRequestError, match="'aligned' needs the runtime torch"):
        Engine(device="cpu", runtime="onnx").finding_way("aligned")
    with pytest.raises(InvalidRequestError, match="onnx runs on the processor"):
        Engine(device="cuda", runtime="onnx")
    with pytest.raises(InvalidRequestError, match="expected one of auto, torch, onnx"):
        Engine(runtime="tensorflow")


def test_graphs_of_other_models_and_bundles_without_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(shipped_folder("bundles/starter"), folder)
    with zipfile.ZipFile(folder / GRAPHS_FILE) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    contents = json.loads(files["contents.json"])
    contents["configs"]["masked_transformer"]["num_layers"] += 1
    files["contents.json"] = json.dumps(contents).encode()
    with zipfile.ZipFile(folder / GRAPHS_FILE, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    manifest = read_manifest(folder)
    record = {GRAPHS_FILE: record_of(folder / GRAPHS_FILE)}
    write_json(folder / MANIFEST_NAME, replace(manifest, files=manifest.files | record))
    with pytest.raises(BundleError, match="made for models of other sizes"):
        GraphModels(folder)
    (folder / GRAPHS_FILE).write_bytes(b"no archive")
    record = {GRAPHS_FILE: record_of(folder / GRAPHS_FILE)}
    write_json(folder / MANIFEST_NAME, replace(manifest, files=manifest.files | record))
    with pytest.raises(BundleError, match="not readable as graphs"):
        GraphModels(folder)
    without = {name: record for name, record in manifest.files.items() if name != GRAPHS_FILE}
    write_json(folder / MANIFEST_NAME, replace(manifest, files=without))
    with pytest.raises(BundleError, match="has no graphs"):
        GraphModels(folder)
