"""Folders laid out like the published downloads, with small random weights under the published names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from segmo_core.conversion.upstream import published_masked_config, published_residual_config
from segmo_core.conversion.upstream_names import published_shapes
from segmo_core.models.estimators.configs import EvaluatorConfig, LengthEstimatorConfig
from segmo_core.models.estimators.length_estimator import LengthEstimator
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.residual_transformer import ResidualTransformer
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.models.trunk.configs import MaskedTransformerConfig, ResidualTransformerConfig

NUM_CODES, CODE_WIDTH, LATENT, LAYERS, HEADS, QUANTIZERS = 32, 16, 32, 2, 4, 3
SIZES: dict[str, Any] = {
    "num_codes": NUM_CODES, "code_width": CODE_WIDTH, "latent_width": LATENT, "feedforward_width": 64,
    "num_layers": LAYERS, "num_heads": HEADS, "text_width": 512,
}  # fmt: skip
WIDTHS = {"t2m": 263, "kit": 251}

VQ_FOLDER, MASKED_FOLDER, RESIDUAL_FOLDER = "rvq_nq3_dc16_nc32", "t2m_nlayer2_nhead4", "tres_nlayer2_sw"
VQ_FILE = f"{VQ_FOLDER}/model/net_best_fid.tar"
MASKED_FILE = f"{MASKED_FOLDER}/model/latest.tar"
RESIDUAL_FILE = f"{RESIDUAL_FOLDER}/model/net_best_fid.tar"
VQ_OPTIONS = {
    "nb_code": NUM_CODES, "code_dim": CODE_WIDTH, "width": 16, "depth": 1, "down_t": 2, "stride_t": 2,
    "dilation_growth_rate": 3, "num_quantizers": QUANTIZERS, "vq_act": "relu", "vq_norm": None,
    "shared_codebook": False, "lr": "1e-05", "milestones": [150000, 250000],
}  # fmt: skip
TRANSFORMER_OPTIONS = {
    "latent_dim": LATENT, "ff_size": 64, "n_layers": LAYERS, "n_heads": HEADS, "dropout": 0.2, "cond_drop_prob": 0.1,
    "vq_name": VQ_FOLDER,
}  # fmt: skip


def random_weights(module: nn.Module, seed: int) -> dict[str, Tensor]:
    """Small random tensors under the published names; norms near 1."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(shape, generator=generator) * 0.1 + (1.0 if "orm" in name and "weight" in name else 0.0)
        for name, shape in published_shapes(module).items()
    }


def tokenizer_weights(dataset: str = "t2m") -> dict[str, Tensor]:
    config = RVQVAEConfig(
        feature_width=WIDTHS[dataset], num_codes=NUM_CODES, code_width=CODE_WIDTH, num_quantizers=QUANTIZERS,
        width=16, depth=1,
    )  # fmt: skip
    return random_weights(RVQVAE(config), 1)


def masked_weights(has_segments: bool) -> dict[str, Tensor]:
    config = published_masked_config(MaskedTransformerConfig(**SIZES), has_segments=has_segments)
    return random_weights(MaskedTransformer(config), 2)


def residual_weights(share_weights: bool = True) -> dict[str, Tensor]:
    sizes = ResidualTransformerConfig(**SIZES, num_quantizers=QUANTIZERS, share_weights=share_weights)
    return random_weights(ResidualTransformer(published_residual_config(sizes, has_segments=False)), 3)


def evaluator_parts(dataset: str = "t2m") -> dict[str, dict[str, Tensor]]:
    config = EvaluatorConfig(
        feature_width=WIDTHS[dataset], movement_hidden_width=16, movement_width=16, text_state_width=16,
        motion_state_width=16, embedding_width=16,
    )  # fmt: skip
    parts: dict[str, dict[str, Tensor]] = {}
    for name, tensor in random_weights(TextMotionEvaluator(config), 4).items():
        part, _, rest = name.partition(".")
        parts.setdefault(part, {})[rest] = tensor
    return parts


def save(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)


def write_options(path: Path, options: dict[str, Any]) -> None:
    lines = [f"{key}: {value}" for key, value in sorted(options.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "\n".join(["------------ Options -------------", *lines, "-------------- End ----------------"]) + "\n"
    )


def write_statistics(folder: Path, dataset: str, std: float = 0.1) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mean = np.zeros(WIDTHS[dataset], dtype=np.float32)
    mean[3] = 0.9 if dataset == "t2m" else 900.0
    np.save(folder / "mean.npy", mean)
    np.save(folder / "std.npy", np.full(WIDTHS[dataset], std if dataset == "t2m" else 1000 * std, dtype=np.float32))


def trainer_state() -> dict[str, Any]:
    """What else a published latest.tar holds: the states of a real optimizer and of its schedule."""
    optimizer = torch.optim.AdamW([nn.Parameter(torch.zeros(2))], lr=2e-4)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [50000], 0.1)
    return {"opt_t2m_transformer": optimizer.state_dict(), "scheduler": scheduler.state_dict(), "ep": 3, "total_it": 7}


def momask_folder(root: Path, dataset: str = "t2m", share_weights: bool = True) -> Path:
    """``checkpoints/<dataset>`` of a MoMask download, with its length estimator and evaluator."""
    folder = root / "checkpoints" / dataset
    named = {"dataset_name": dataset, "name": "x"}
    save(folder / VQ_FILE, {"net" if dataset == "t2m" else "vq_model": tokenizer_weights(dataset), "ep": 1})
    write_options(folder / VQ_FOLDER / "opt.txt", VQ_OPTIONS | named)
    write_statistics(folder / VQ_FOLDER / "meta", dataset)
    save(folder / MASKED_FILE, {"t2m_transformer": masked_weights(has_segments=False)} | trainer_state())
    write_options(folder / MASKED_FOLDER / "opt.txt", TRANSFORMER_OPTIONS | named)
    save(folder / RESIDUAL_FILE, {"res_transformer": residual_weights(share_weights), "ep": 1})
    write_options(folder / RESIDUAL_FOLDER / "opt.txt", TRANSFORMER_OPTIONS | {"share_weight": share_weights} | named)
    estimator = LengthEstimator(LengthEstimatorConfig(hidden_widths=(16, 16, 8)))
    save(folder / "length_estimator/model/finest.tar", {"estimator": random_weights(estimator, 5), "epoch": 2})
    save(folder / "text_mot_match/model/finest.tar", evaluator_parts(dataset) | {"epoch": 2})
    write_options(folder / "Comp_v6_KLD005" / "opt.txt", {"unit_length": 4} | named)
    write_statistics(folder / "Comp_v6_KLD005" / "meta", dataset)
    return folder


def segmo_folder(root: Path, dataset: str = "t2m") -> Path:
    """A SegMo working folder: ``output`` with one run of each kind, and the data set's statistics."""
    output = root / "output"
    run = "2025-01-02_base"
    save(output / f"vq_{dataset}" / run / "best_fid.tar", {"vq_model": tokenizer_weights(dataset), "epoch": 1})
    write_options(output / f"vq_{dataset}" / run / "config.txt", VQ_OPTIONS)
    save(
        output / f"mtrans_{dataset}" / run / "best_fid.tar",
        {"t2m_trans": masked_weights(has_segments=True), "epoch": 1},
    )
    save(output / f"rtrans_{dataset}" / run / "last.tar", {"all": residual_weights(), "epoch": 1, "iter": 9})
    for kind in ("mtrans", "rtrans"):
        write_options(output / f"{kind}_{dataset}" / run / "config.txt", TRANSFORMER_OPTIONS | {"vq_name": run})
    write_statistics(root / "checkpoints" / dataset / "Comp_v6_KLD005" / "meta", dataset)
    return root


def name_tokenizer(folder: Path, name: str) -> None:
    """Change the tokenizer that the options of every run in ``folder`` name."""
    for path in (*folder.rglob("opt.txt"), *folder.rglob("config.txt")):
        lines = path.read_text().splitlines()
        path.write_text("".join(f"vq_name: {name}\n" if line.startswith("vq_name:") else f"{line}\n" for line in lines))
