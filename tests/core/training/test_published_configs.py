"""The configurations of the published models: their switches are those of converted checkpoints, and each trains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from captioned_folders import small_humanml3d, small_kit

from segmo_core import catalog
from segmo_core.bundle import load_bundle
from segmo_core.conversion.upstream import published_masked_config, published_residual_config
from segmo_core.conversion.upstream_names import published_shapes
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.training.config import read_config
from segmo_core.training.run import train
from segmo_core.training.stage_settings import StageSettings

CONFIGS = Path(__file__).parents[3] / "configs"
NAMES = ("paper-humanml3d", "paper-kit-ml", "momask-humanml3d", "momask-kit-ml")
PARITY = Path(__file__).parents[4] / "shared" / "parity"
TINY = {
    "num_codes": 8, "code_width": 8, "latent_width": 12, "feedforward_width": 16, "num_layers": 1, "num_heads": 2,
}  # fmt: skip


class WideEncoder:
    """Stands in for CLIP: vectors of its width that differ from text to text."""

    name, width = "clip", 512

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.random.default_rng(sum(map(ord, text))).standard_normal(512) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), 512)


@pytest.mark.parametrize("name", NAMES)
def test_its_switches_are_those_of_the_published_code(name: str) -> None:
    config = read_config(CONFIGS / f"{name}.json")
    has_segments = name.startswith("paper")
    masked = published_masked_config(config.masked, has_segments=has_segments)
    assert masked == config.masked
    assert published_residual_config(config.residual, has_segments=has_segments) == config.residual
    assert config.masked.condition_dropout == (0.2 if has_segments else 0.1)
    assert config.masked.alignment_weight == (0.0 if not has_segments else 0.1 if "kit" in name else 1.0)
    assert config.tokenizer.block_dropout == (0.0 if has_segments else 0.2)
    assert config.sampling.guidance_scale == (2.0 if "kit" in name else 4.0)
    assert config.stages.masked.batch_size == (16 if "kit" in name else 64)
    assert (config.text_encoder, config.boundaries, config.mask_over_padding) == ("clip", "uniform", True)
    assert config.stages.tokenizer.milestones == (150_000, 250_000)


@pytest.mark.skipif(not PARITY.is_dir(), reason="the published code's lists of tensors are not at hand")
@pytest.mark.parametrize("name", ["paper-humanml3d", "momask-humanml3d"])
def test_its_tensors_are_those_of_the_published_code(name: str) -> None:
    config = read_config(CONFIGS / f"{name}.json")
    listed = json.loads((PARITY / f"keys_{'segmo' if name.startswith('paper') else 'momask'}_full.json").read_text())
    models = {
        "vq": RVQVAE(config.tokenizer), "t2m_trans": MaskedTransformer(config.masked),
        "res_trans": ResidualTransformer(config.residual),
    }  # fmt: skip
    for kind, model in models.items():
        wanted = [
            {tensor: tuple(entry[1]) for tensor, entry in tensors.items()}
            for part, tensors in listed.items()
            if kind in part
        ]
        assert published_shapes(model) in wanted, (kind, list(listed))


@pytest.mark.parametrize("name", NAMES)
def test_it_trains_a_few_steps_on_the_official_layout(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(catalog.TEXT_ENCODERS, "clip", f"{__name__}:WideEncoder")
    folder = small_kit(tmp_path / "KIT-ML") if "kit" in name else small_humanml3d(tmp_path / "HumanML3D")
    plain: dict[str, Any] = json.loads((CONFIGS / f"{name}.json").read_text())
    for part in ("masked", "residual"):
        plain[part] |= TINY
    plain["residual"]["num_quantizers"] = 2
    plain["tokenizer"] |= {"num_codes": 8, "code_width": 8, "num_quantizers": 2, "width": 16, "depth": 1}
    for stage in plain["stages"].values():
        stage |= {"epochs": 1, "batch_size": 2, "warmup_steps": 1, "milestones": [2]}
    plain |= {"device": "cpu", "threads": 1, "crops": 2, "segments_model": None}
    (tmp_path / "config.json").write_text(json.dumps(plain))
    report = train("all", folder, tmp_path / "config.json", tmp_path / "out")
    assert report.bundle is not None
    bundle = load_bundle(report.bundle)
    assert bundle.masked_transformer.grounding is None
    assert bundle.masked_transformer.aligns_segments == name.startswith("paper")
    assert bundle.manifest.frame_rate == (12.5 if "kit" in name else 20.0)
    log = [json.loads(line) for line in (tmp_path / "out" / "masked" / "log.jsonl").read_text().splitlines()]
    assert log[-1]["step"] == 3  # 6 motions in batches of 2, whatever captions and crops there are
    ratio = bundle.statistics.std / np.load(folder / "Std.npy")
    np.testing.assert_allclose(ratio[0], 1 / (5 if name.startswith("paper") else 25), rtol=1e-5)


def test_milestones_and_epochs() -> None:
    settings = StageSettings(epochs=2, batch_size=4, learning_rate=1.0, warmup_steps=2, milestones=(3, 5), gamma=0.1)
    resolved = settings.of_items(15)
    assert (resolved.steps, resolved.epochs) == (6, 0)
    assert [round(resolved.rate_at(step), 6) for step in range(6)] == [0.5, 1.0, 1.0, 0.1, 0.1, 0.01]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"steps": 3, "epochs": 2}, "3 steps and 2 epochs, expected one of them"),
        ({"steps": 3, "milestones": (2,), "decay_steps": 2}, "milestones and decay_steps, expected one of them"),
        ({"steps": 3, "milestones": (3, 2)}, "expected rising steps"),
        ({}, "0 steps of batch 2, expected at least 1 of each"),
    ],
)
def test_schedules_that_contradict_themselves_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Exception, match=sentence):
        StageSettings(batch_size=2, **values)
