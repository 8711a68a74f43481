"""Each variant of the paper, trained for 200 steps on real motion: its losses fall on motion it was not trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from segmo_core import catalog
from segmo_core.data.boundary_sources import EXACT, open_segmenter, with_boundaries
from segmo_core.data.composition.sequences import CompositionSettings
from segmo_core.data.mocap22 import Mocap22, load_mocap22
from segmo_core.data.pools.token_pool import SequencePool, TokenPool, compose_pool, tokenize_pool
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.training.loop import train
from segmo_core.training.objectives.tokenizer import TokenizerObjective
from segmo_core.training.objectives.tokens import MaskedObjective
from segmo_core.training.stage_settings import StageSettings

REPOSITORY = Path(__file__).resolve().parents[3]
MOCAP22 = REPOSITORY.parent / "shared" / "data" / "mocap22"
CODES, STEPS = 128, 200

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MOCAP22.is_dir(), reason=f"the mocap22 data set is not at {MOCAP22}"),
]

VARIANTS: dict[str, dict[str, object]] = {
    "default": {},
    **{f"aggregation {name}": {"aggregation": name} for name in catalog.AGGREGATORS if name != "mean-max"},
    **{f"alignment {name}": {"alignment": name} for name in (*catalog.ALIGNMENTS, "none") if name != "in-sample"},
    **{f"boundaries {name}": {"boundaries": name} for name in catalog.MOTION_SEGMENTERS},
    "KIT-ML weight 0.1": {"alignment_weight": 0.1},
}


@dataclass(frozen=True, eq=False)
class Material:
    data: Mocap22
    sequences: dict[str, SequencePool]
    pools: dict[str, TokenPool]
    statistics: FeatureStatistics
    cache: Path


def build_material(folder: Path) -> Material:
    """400 training and 100 validation sequences as tokens of a small tokenizer trained for 150 steps."""
    computed = REPOSITORY / "cache" / "mocap22"  # the features take minutes to compute
    data = load_mocap22(MOCAP22, computed if computed.is_dir() else folder / "mocap22")
    statistics = data.statistics(data.select("train", only_shippable=True))
    torch.manual_seed(0)
    tokenizer = RVQVAE(RVQVAEConfig(num_codes=CODES, code_width=32, num_quantizers=2, width=48, depth=1))
    objective = TokenizerObjective(
        tokenizer, data, only_shippable=True, batch_size=32, statistics=statistics, max_validation=10
    )
    plan = settings(150, learning_rate=1e-3, validate_every=1000)
    train(objective, plan, folder / "tokenizer")
    encoder = catalog.load(catalog.TEXT_ENCODERS, "text encoder", "minilm")()
    sequences, pools = {}, {}
    for split, count in (("train", 400), ("val", 100)):
        composition = CompositionSettings(num_sequences=count, sentence_variants=1)
        sequences[split] = compose_pool(data, split, composition, folder, only_shippable=True)
        path = folder / f"tokens-{split}.npz"
        pools[split] = tokenize_pool(sequences[split], tokenizer.eval(), statistics, encoder, path)
    return Material(data, sequences, pools, statistics, folder)


def settings(steps: int, **changes: object) -> StageSettings:
    values = {"batch_size": 24, "learning_rate": 2e-3, "warmup_steps": 20, "gradient_clip": 1.0}
    return StageSettings(steps=steps, **(values | {"average_decay": 0.95, "validate_every": 1000} | changes))  # type: ignore[arg-type]


def losses_before_and_after(material: Material, variant: dict[str, object], folder: Path) -> list[dict[str, float]]:
    """Validation losses of a variant, untrained and after 200 steps."""
    switches = dict(variant)
    boundaries, pools = str(switches.pop("boundaries", EXACT)), []
    for split in ("train", "val"):
        pool, statistics = material.pools[split], material.statistics
        if boundaries != EXACT:
            segmenter = open_segmenter(boundaries, material.data, statistics, material.cache, only_shippable=True)
            pool = with_boundaries(pool, material.sequences[split], segmenter, statistics, material.data.layout)
        pools.append(pool)
    sizes = {"num_codes": CODES, "code_width": 32, "text_width": 384, "latent_width": 64, "feedforward_width": 128}
    config = MaskedTransformerConfig(
        num_layers=2,
        num_heads=4,
        dropout=0.1,
        norm_first=True,
        timed_conditioning_dropout=0.5,
        **sizes,  # type: ignore[arg-type]
    )
    torch.manual_seed(2)
    model = MaskedTransformer(replace(config, **switches))  # type: ignore[arg-type]
    objective = MaskedObjective(model, *pools, batch_size=24)
    found = []
    for trained in (False, True):
        if trained:
            train(objective, settings(STEPS), folder)
        with torch.no_grad():
            model.eval()
            found.append(dict(objective.validate()))
    return found


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def material(one_thread: None, tmp_path_factory: pytest.TempPathFactory) -> Material:
    return build_material(tmp_path_factory.mktemp("mocap22"))


@pytest.mark.parametrize("name", VARIANTS)
def test_losses_fall_on_motion_not_trained_on(name: str, material: Material, tmp_path: Path) -> None:
    before, after = losses_before_and_after(material, VARIANTS[name], tmp_path)
    assert after["cross_entropy"] < before["cross_entropy"] - 0.5
    if "none" in name:
        assert before["alignment"] == after["alignment"] == 0.0
    else:
        assert after["alignment"] < 0.95 * before["alignment"]
