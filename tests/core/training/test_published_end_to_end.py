"""Every published configuration at its own sizes: a few steps on a folder in the official layout, evaluated, exported,
and, where the published code has such a model, written under its names and converted back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from captioned_folders import small_humanml3d, small_kit, small_mocap22
from safetensors.torch import load_file
from torch import Tensor, nn

from segmo_core import catalog, motion_files
from segmo_core.bundle import load_bundle
from segmo_core.cli import main
from segmo_core.conversion.convert import convert_folder
from segmo_core.conversion.parity import check_folder
from segmo_core.conversion.upstream_names import POSITION_TABLE, PROJECTION_BIAS, published_names, published_shapes
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.training.config import TrainingConfig, read_config

pytestmark = pytest.mark.slow

CONFIGS = Path(__file__).parents[3] / "configs"
PARITY = Path(__file__).parents[4] / "shared" / "parity"
# Millions of weights that train, of the published code's own models (HumanML3D): tokenizer, masked transformer.
PUBLISHED_MILLIONS = {"paper-humanml3d": (19.44, 12.34), "momask-humanml3d": (19.44, 12.05)}
NAMES = (
    "paper-humanml3d", "paper-kit-ml", "momask-humanml3d", "momask-kit-ml", "humanml3d", "kit-ml", "published",
)  # fmt: skip
SPLITS = {"train": 6, "val": 2, "test": 32}
FEW = {"steps": 2, "batch_size": 2, "warmup_steps": 1, "epochs": 0, "milestones": [], "decay_steps": 0}


class WideEncoder:
    """Stands in for CLIP: vectors of its width that differ from text to text."""

    name, width = "clip", 512

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.random.default_rng(sum(map(ord, text))).standard_normal(512) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), 512)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("official")
    return {
        "kit": small_kit(root / "KIT-ML", SPLITS),
        "humanml3d": small_humanml3d(root / "HumanML3D", SPLITS),
        "published": small_mocap22(root / "mocap22"),
    }


@pytest.fixture(scope="module")
def evaluators(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both configurations of evaluators, at their own sizes."""
    root = tmp_path_factory.mktemp("evaluators")
    found = {}
    for data, name in (("humanml3d", "evaluator"), ("kit", "evaluator-kit-ml")):
        plain = json.loads((CONFIGS / f"{name}.json").read_text())
        plain["stage"] |= {"steps": 2, "batch_size": 4, "warmup_steps": 1, "decay_steps": 0}
        (root / f"{name}.json").write_text(json.dumps(plain))
        command = ["train", "evaluator", "--data", str(folders[data]), "--config", str(root / f"{name}.json")]
        assert main([*command, "-o", str(root / data)]) == 0
        found[data] = root / data / "evaluator"
    return found


@pytest.mark.parametrize("name", NAMES)
def test_it_is_trained_evaluated_and_exported(
    name: str,
    folders: dict[str, Path],
    evaluators: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(catalog.TEXT_ENCODERS, "clip", f"{__name__}:WideEncoder")
    kind = "kit" if "kit" in name else "published" if name == "published" else "humanml3d"
    config, out = _few_steps(name, tmp_path), tmp_path / "out"
    data = ["--data", str(folders[kind])]
    assert main(["train", "all", *data, "--config", str(config), "-o", str(out)]) == 0
    figures = _sizes(name, read_config(config))
    losses = {stage: _first_loss(out / stage / "log.jsonl") for stage in ("tokenizer", "masked", "residual")}
    assert np.isfinite(list(losses.values())).all()
    assert losses["masked"] == pytest.approx(np.log(512), abs=1.0)  # nothing is known yet of 512 codes

    command = ["evaluate", "text-to-motion", str(out / "bundle"), *data, "--limit", "32", "--repeats", "1"]
    command += ["--multimodality", "0", "--steps", "2", "--isc", "uniform", "--cache", str(out / "cache"), "--json"]
    command += [] if kind == "published" else ["--evaluator", str(evaluators[kind])]
    capsys.readouterr()
    assert main(command) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["num_motions"] == 32
    assert {row["name"] for row in report["methods"]} == {"Real", "Tokenizer", "Generated"}
    assert bool(report["consistency"]) == (not name.startswith("momask") and kind != "never")

    motion = tmp_path / "walk.bvh"
    assert main(["generate", "a person walks, then waves", "--bundle", str(out / "bundle"), "-o", str(motion)]) == 0
    assert motion_files.read(motion).num_frames > 20
    converted = name.startswith(("paper", "momask")) and _converts_back(name, config, out, tmp_path)
    _record(name, figures, losses, converted)


@pytest.mark.skipif(not PARITY.is_dir(), reason="the published code's outputs are not at hand")
def test_the_published_codes_outputs_are_ours() -> None:
    reports = check_folder(PARITY)
    assert [report.name for report in reports if not (report.passes or report.skipped)] == []


def _few_steps(name: str, folder: Path) -> Path:
    """The configuration as it ships, but for how long it trains, and where."""
    plain: dict[str, Any] = json.loads((CONFIGS / f"{name}.json").read_text())
    for stage in plain["stages"].values():
        stage |= FEW | {"log_every": 1, "validate_every": 2}
    plain |= {"device": "cpu", "threads": 1, "segments_model": None}
    if name == "published":
        plain |= {"composition": {"num_sequences": 24, "sentence_variants": 1}, "validation_sequences": 8}
    else:
        plain |= {"crops": min(2, plain.get("crops", 0))}
    path = folder / "config.json"
    path.write_text(json.dumps(plain))
    return path


def _sizes(name: str, config: TrainingConfig) -> list[float]:
    models = (RVQVAE(config.tokenizer), MaskedTransformer(config.masked), ResidualTransformer(config.residual))
    millions = [sum(parameter.numel() for parameter in model.parameters()) / 1e6 for model in models]
    if name in PUBLISHED_MILLIONS:
        assert millions[:2] == pytest.approx(PUBLISHED_MILLIONS[name], abs=0.006)
    return millions


def _first_loss(log: Path) -> float:
    row = json.loads(log.read_text().splitlines()[0])
    return float(row.get("cross_entropy", row.get("loss", row.get("total", np.nan))))


def _converts_back(name: str, config: Path, out: Path, folder: Path) -> bool:
    """Write the three models under the published names, convert them, and compare every weight and every token."""
    settings, dataset = read_config(config), "kit" if "kit" in name else "t2m"
    models: dict[str, nn.Module] = {
        "tokenizer": RVQVAE(settings.tokenizer),
        "masked_transformer": MaskedTransformer(settings.masked),
        "residual_transformer": ResidualTransformer(settings.residual),
    }
    states = {part: load_file(out / f"{part}.safetensors") for part in models}
    root = folder / "published"
    _write_published(root, dataset, name.startswith("paper"), {k: _published(m, states[k]) for k, m in models.items()},
                     load_bundle(out / "bundle").statistics)  # fmt: skip
    where = root if name.startswith("paper") else root / "checkpoints" / dataset
    convert_folder(where, folder / "converted")
    bundle = load_bundle(folder / "converted")
    for part, state in states.items():
        now = getattr(bundle, part).state_dict()
        for ours in published_names(models[part]):
            if ours in now:  # layers that are laid out for the processor have other names
                torch.testing.assert_close(now[ours], state[ours], rtol=0, atol=0)
    return True


def _published(model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    tensors = {theirs: state[ours] for ours, theirs in published_names(model).items()}
    if PROJECTION_BIAS in tensors:
        tensors[PROJECTION_BIAS] = torch.cat([tensors[PROJECTION_BIAS], tensors[PROJECTION_BIAS][:1]])
    for name, shape in published_shapes(model).items():
        if name == POSITION_TABLE:
            tensors[name] = torch.zeros(shape)
    return tensors


def _write_published(
    root: Path, dataset: str, is_segmo: bool, tensors: dict[str, dict[str, Tensor]], statistics: Any
) -> None:
    run, vq = "2025-01-02_base", "rvq_nq6_dc512_nc512_noshare_qdp0.2"
    named = {"dataset_name": dataset, "name": "x"}
    tokens = {"nb_code": 512, "code_dim": 512, "width": 512, "depth": 3, "down_t": 2, "stride_t": 2, "vq_norm": None,
              "dilation_growth_rate": 3, "num_quantizers": 6, "vq_act": "relu", "shared_codebook": False}  # fmt: skip
    layers = {"latent_dim": 384, "ff_size": 1024, "n_layers": 8, "n_heads": 6, "dropout": 0.2, "cond_drop_prob": 0.1}
    if is_segmo:
        folders = {"tokenizer": f"output/vq_{dataset}/{run}", "masked_transformer": f"output/mtrans_{dataset}/{run}",
                   "residual_transformer": f"output/rtrans_{dataset}/{run}"}  # fmt: skip
        files, options = dict.fromkeys(folders, "best_fid.tar"), "config.txt"
        keys = {"tokenizer": "vq_model", "masked_transformer": "t2m_trans", "residual_transformer": "all"}
        meta, vq = root / "checkpoints" / dataset / "Comp_v6_KLD005" / "meta", run
    else:
        base = f"checkpoints/{dataset}"
        folders = {"tokenizer": f"{base}/{vq}", "masked_transformer": f"{base}/t2m_nlayer8_nhead6_ld384",
                   "residual_transformer": f"{base}/tres_nlayer8_ld384_sw"}  # fmt: skip
        files = {"tokenizer": "model/net_best_fid.tar", "masked_transformer": "model/latest.tar",
                 "residual_transformer": "model/net_best_fid.tar"}  # fmt: skip
        keys = {"tokenizer": "vq_model", "masked_transformer": "t2m_transformer", "residual_transformer": "res_transformer"}
        options, meta = "opt.txt", root / base / vq / "meta"
    for part, folder in folders.items():
        path = root / folder / files[part]
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save({keys[part]: tensors[part], "ep": 1, "epoch": 1}, path)
        given = named | (tokens if part == "tokenizer" else layers | {"vq_name": vq, "share_weight": True})
        lines = [f"{key}: {value}" for key, value in sorted(given.items())]
        heads = ("------------ Options -------------", "-------------- End ----------------")
        (root / folder / options).write_text("\n".join([heads[0], *lines, heads[1]]) + "\n")
    meta.mkdir(parents=True, exist_ok=True)
    np.save(meta / "mean.npy", statistics.mean)
    np.save(meta / "std.npy", statistics.std)


def _record(name: str, millions: Sequence[float], losses: dict[str, float], converted: bool) -> None:
    """A row for docs/reproduce.md, appended to the file that SEGMO_TABLE names."""
    if path := os.environ.get("SEGMO_TABLE"):
        cells = [f"`{name}`", *(f"{value:.2f}" for value in millions), *(f"{value:.2f}" for value in losses.values())]
        with Path(path).open("a") as stream:
            stream.write("| " + " | ".join([*cells, "yes" if converted else "-"]) + " |\n")
