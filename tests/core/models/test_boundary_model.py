"""The boundary model learns which text a frame shows and where segments begin, and travels in bundles."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from toy_sequences import CODES, toy_pool, toy_sequences

from segmo_core.bundle import load_bundle, save_bundle
from segmo_core.bundle_manifest import read_manifest
from segmo_core.engine import Engine
from segmo_core.errors import BundleError, ConfigError
from segmo_core.grounding.grounder import Grounder
from segmo_core.models.estimators.boundary_model import BoundaryModel
from segmo_core.models.estimators.configs import BoundaryModelConfig
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.motion import Motion
from segmo_core.progress import SilentProgress
from segmo_core.runtimes.torch_models import TorchModels
from segmo_core.training.config import read_config
from segmo_core.training.loop import train
from segmo_core.training.objectives.boundary_detection import BoundaryObjective, beginnings
from segmo_core.training.run import _Run
from segmo_core.training.stage_settings import StageSettings

REPOSITORY = Path(__file__).resolve().parents[3]
SMALL = BoundaryModelConfig(text_width=12, width=32, num_layers=2, space_width=16, dropout=0.0)


def objective() -> BoundaryObjective:
    torch.manual_seed(0)
    pool = toy_pool(60)
    tokenizer = RVQVAE(RVQVAEConfig(num_codes=CODES, code_width=8, num_quantizers=3, width=16, depth=1))
    for layer in tokenizer.quantizer.codebooks():
        layer.codebook.normal_()
    return BoundaryObjective(
        BoundaryModel(SMALL),
        tokenizer,
        (toy_sequences(pool), toy_sequences(pool)),
        (pool, pool),
        batch_size=16,
        statistics=FeatureStatistics(np.zeros(263, np.float32), np.ones(263, np.float32)),
    )


def test_it_learns_which_text_a_frame_shows_and_where_the_next_begins(tmp_path: Path) -> None:
    trained = objective()
    tokenizer = {name: value.clone() for name, value in trained._tokenizer.state_dict().items()}
    settings = StageSettings(steps=150, batch_size=16, learning_rate=5e-3, warmup_steps=5, decay_steps=100)
    model = train(trained, settings, tmp_path)
    assert isinstance(model, BoundaryModel)
    for name, value in trained._tokenizer.state_dict().items():
        assert torch.equal(value, tokenizer[name])
    pool = toy_pool(60)
    sequences, hits, distances = toy_sequences(pool), [], []
    for number in range(20):
        rows = sequences.features[sequences.offsets[number] : sequences.offsets[number + 1]]
        first, last = sequences.ends[number]
        if pool.labels[number, 0] == pool.labels[number, 1]:
            continue
        texts = torch.from_numpy(pool.embeddings[pool.sentence_rows[number, 0, :2]]).float()
        with torch.inference_mode():
            vectors, begins = model(torch.from_numpy(rows)[None], torch.ones(1, last, dtype=torch.bool))
            shown = (vectors[0] @ model.embed_texts(texts).T).argmax(dim=-1).numpy()
        hits += [*(shown[:first] == 0), *(shown[first:] == 1)]
        distances.append(abs(int(begins[0].argmax()) - first))
    assert np.mean(hits) > 0.9
    assert np.mean(distances) < 1.0


def test_what_goes_on_has_no_beginning() -> None:
    starts = torch.tensor([[0, 3, 5, 0], [0, 4, 0, 0]])
    labels = torch.tensor([[7, 7, 2, -1], [1, 3, -1, -1]])
    found = beginnings(starts, labels, 32)
    assert found[0].argmax() == 20
    assert found[0, 20] == 1.0
    assert found[0, 12] < 1e-3
    assert found[1].argmax() == 16
    assert found[1, 15] == found[1, 17] == pytest.approx(np.exp(-0.5 / 1.5**2))
    assert found[1, 30] < 1e-3


def with_boundary_model(bundle_folder: Path, target: Path, config: BoundaryModelConfig) -> None:
    bundle = load_bundle(bundle_folder)
    torch.manual_seed(1)
    save_bundle(
        target,
        name="cut",
        description="",
        licence="MIT",
        text_encoder=bundle.manifest.text_encoder,
        tokenizer=bundle.tokenizer,
        masked_transformer=bundle.masked_transformer,
        residual_transformer=bundle.residual_transformer,
        statistics=bundle.statistics,
        model_card="# cut\n",
        boundary_model=BoundaryModel(config),
    )


def test_a_bundle_brings_it_and_it_is_asked_where_something_happens(
    tiny_bundle: Path, tmp_path: Path, walk: Motion
) -> None:
    width = load_bundle(tiny_bundle).masked_transformer.config.text_width
    with_boundary_model(tiny_bundle, tmp_path / "cut", BoundaryModelConfig(text_width=width, width=16, num_layers=2))
    engine = Engine(tmp_path / "cut", device="cpu")
    found = engine.ground(walk, "a person waves")
    assert 0 <= found.start < found.end <= walk.num_frames
    loaded = load_bundle(tmp_path / "cut")
    assert loaded.boundary_model is not None
    assert not loaded.boundary_model.training
    grounder = Grounder(TorchModels(loaded), engine._text_encoder(loaded.manifest.text_encoder))
    rows = grounder.feature_rows(walk)
    seen = grounder.frame_evidence(rows, ["a person waves", "a person walks"])
    assert seen is not None
    assert seen.similarity.shape == (2, len(rows))
    assert seen.begins.shape == (len(rows),)
    np.testing.assert_allclose(seen.shares().sum(axis=0), 1.0, atol=1e-5)
    assert read_manifest(tmp_path / "cut").boundary_model is not None


def test_one_for_another_text_encoder_is_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    with_boundary_model(tiny_bundle, tmp_path / "cut", BoundaryModelConfig(text_width=12, width=16, num_layers=2))
    with pytest.raises(BundleError, match="boundary model expects another text width"):
        load_bundle(tmp_path / "cut")


def test_a_config_without_that_stage_says_so(tmp_path: Path) -> None:
    plain = json.loads((REPOSITORY / "configs" / "starter.json").read_text())
    plain["stages"].pop("boundaries", None)
    (tmp_path / "config.json").write_text(json.dumps(plain))
    run = object.__new__(_Run)
    run.config, run.progress = read_config(tmp_path / "config.json"), SilentProgress()
    with pytest.raises(ConfigError, match=r"stages\.boundaries is missing"):
        run.train_boundaries()


@pytest.mark.parametrize("name", ["width", "num_layers", "space_width", "text_width"])
def test_sizes_are_checked(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"BoundaryModelConfig\.{name}: found 0"):
        BoundaryModelConfig(**{name: 0})
