"""``segmo convert``: published folders with random weights become bundles that generate; broken ones are refused."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from published_folders import (
    MASKED_FILE,
    MASKED_FOLDER,
    RESIDUAL_FILE,
    SIZES,
    VQ_FILE,
    VQ_FOLDER,
    masked_weights,
    momask_folder,
    name_tokenizer,
    residual_weights,
    save,
    segmo_folder,
    tokenizer_weights,
)

from segmo_core import catalog
from segmo_core.bundle import load_bundle, load_evaluator
from segmo_core.cli import main
from segmo_core.conversion.convert import convert_folder
from segmo_core.conversion.upstream import load_published, published_masked_config
from segmo_core.engine import Engine
from segmo_core.errors import BundleError, FileFormatError, InvalidRequestError
from segmo_core.generation.request import GenerationRequest
from segmo_core.models.token_transformers.masked_transformer import MaskedTransformer
from segmo_core.models.token_transformers.sampling import generate_base_tokens
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.models.trunk.configs import MaskedTransformerConfig
from segmo_core.motion.skeleton import MODEL_SKELETON

TEXTS = ("A person walks forward.", "A person waves.")


class WordLengthEncoder:
    """Stands in for CLIP: vectors of its width that differ from text to text."""

    name = "clip"
    width = 512

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.random.default_rng(sum(map(ord, text))).standard_normal(512) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), 512)


@pytest.fixture
def stub_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalog.TEXT_ENCODERS, "clip", f"{__name__}:WordLengthEncoder")


def request_of(engine: Engine, seed: int = 3) -> GenerationRequest:
    return GenerationRequest("a person walks and waves", engine.suggest_track(TEXTS, durations=(2.0, 1.6)), seed=seed)


@pytest.mark.parametrize("dataset", ["t2m", "kit"])
@pytest.mark.usefixtures("stub_clip")
def test_momask_is_converted_loaded_and_generates(dataset: str, tmp_path: Path) -> None:
    report = convert_folder(momask_folder(tmp_path, dataset), tmp_path / "bundle")
    assert (report.source, report.dataset) == ("MoMask", {"t2m": "HumanML3D", "kit": "KIT-ML"}[dataset])
    assert [part.name for part in report.parts] == [
        "tokenizer", "masked transformer", "residual transformer", "length estimator", "evaluator",
    ]  # fmt: skip
    engine = Engine(tmp_path / "bundle", device="cpu")
    manifest = engine.describe_bundle().manifest
    assert manifest.text_encoder == "clip"
    assert manifest.frame_rate == {"t2m": 20.0, "kit": 12.5}[dataset]
    assert manifest.sampling.guidance_scale == {"t2m": 4.0, "kit": 2.0}[dataset]
    result = engine.generate(request_of(engine))
    assert result.motion.num_frames == 72 == result.track.num_frames
    assert result.motion.frame_rate == 20.0
    assert result.motion.skeleton.same_as(MODEL_SKELETON)
    assert len(result.token_ids) == {"t2m": 18, "kit": 12}[dataset]  # 3.6 s in tokens of 0.2 and of 0.32 s
    again = engine.generate(request_of(engine))
    np.testing.assert_array_equal(again.motion.joint_positions, result.motion.joint_positions)
    with pytest.raises(InvalidRequestError, match="no grounding head"):
        engine.ground(result.motion, "a person waves")


@pytest.mark.usefixtures("stub_clip")
@pytest.mark.parametrize("dataset", ["t2m", "kit"])
def test_segmo_finds_text_in_its_aligned_space(dataset: str, tmp_path: Path) -> None:
    convert_folder(segmo_folder(tmp_path, dataset), tmp_path / "bundle")
    engine = Engine(tmp_path / "bundle", device="cpu")
    motion = engine.generate(request_of(engine)).motion
    assert engine.finding_way() == "aligned"
    found = engine.ground(motion, "a person waves")
    assert 0 <= found.start < found.end <= motion.num_frames
    stretches = engine.describe_motion(motion, ["a person walks", "a person waves"])
    assert (stretches[0].start, stretches[-1].end) == (0, motion.num_frames)
    with pytest.raises(InvalidRequestError, match="no grounding head"):
        engine.check(motion, engine.suggest_track(TEXTS, durations=(2.0, 1.6)))


@pytest.mark.usefixtures("stub_clip")
def test_segments_reach_segmo_and_not_momask(tmp_path: Path) -> None:
    texts = ("A person walks forward.", "A person sits.")
    for make, told in ((momask_folder, False), (segmo_folder, True)):
        folder = make(tmp_path / make.__name__)
        convert_folder(folder, tmp_path / f"{make.__name__}.bundle")
        engine = Engine(tmp_path / f"{make.__name__}.bundle", device="cpu")
        first = request_of(engine)
        other = GenerationRequest(first.prompt, engine.suggest_track(texts, durations=(2.0, 1.6)), seed=3)
        same = np.array_equal(engine.generate(first).token_ids, engine.generate(other).token_ids)
        assert same != told


@pytest.mark.usefixtures("stub_clip")
def test_segment_times_do_not_reach_a_published_model(tmp_path: Path) -> None:
    convert_folder(segmo_folder(tmp_path), tmp_path / "bundle")
    engine = Engine(tmp_path / "bundle", device="cpu")
    early, late = (
        GenerationRequest("walk, wave", engine.suggest_track(TEXTS, durations=durations), seed=1)
        for durations in ((0.8, 2.8), (2.8, 0.8))
    )
    np.testing.assert_array_equal(engine.generate(early).token_ids, engine.generate(late).token_ids)


def test_the_bundle_holds_the_given_weights_unrounded(tmp_path: Path) -> None:
    report = convert_folder(segmo_folder(tmp_path), tmp_path / "bundle")
    assert (report.source, report.dataset) == ("SegMo", "HumanML3D")
    bundle = load_bundle(tmp_path / "bundle")
    weights = masked_weights(has_segments=True)
    assert torch.equal(bundle.masked_transformer.token_embedding.weight, weights["token_emb.weight"])
    ours = bundle.masked_transformer.trunk.layers[1]
    assert torch.equal(ours.query_key_value.weight, weights["seqTransEncoder.layers.1.self_attn.in_proj_weight"])
    config = bundle.masked_transformer.config
    assert (config.max_segments, config.segment_order_embedding, config.timed_conditioning) == (5, False, False)
    assert bundle.residual_transformer.config.num_heads == 4
    assert bundle.length_estimator is None
    assert load_evaluator(tmp_path / "bundle") is None


@pytest.mark.usefixtures("stub_clip")
def test_evaluator_and_length_estimator_come_back_from_the_bundle(tmp_path: Path) -> None:
    convert_folder(momask_folder(tmp_path), tmp_path / "bundle")
    estimator = load_bundle(tmp_path / "bundle").length_estimator
    engine = Engine(tmp_path / "bundle", device="cpu")
    assert estimator is not None
    text = torch.from_numpy(WordLengthEncoder().encode(TEXTS))
    lengths = estimator.expected_lengths(text)
    assert ((lengths > 1) & (lengths < 49)).all()
    seconds = engine.estimate_seconds(TEXTS[0])
    assert seconds == pytest.approx(min(float(lengths[0]) * 0.2, 9.8), rel=1e-4)
    evaluator = load_evaluator(tmp_path / "bundle")
    assert evaluator is not None
    assert evaluator.statistics.mean.shape == (263,)
    assert evaluator.model.embed_motion(torch.randn(2, 40, 263), torch.tensor([40, 33])).shape == (2, 16)


def test_generation_from_the_bundle_is_that_of_the_published_weights(tmp_path: Path) -> None:
    convert_folder(momask_folder(tmp_path), tmp_path / "bundle")
    reference = MaskedTransformer(published_masked_config(MaskedTransformerConfig(**SIZES), has_segments=False)).eval()
    load_published(reference, masked_weights(has_segments=False))
    text = torch.from_numpy(WordLengthEncoder().encode(TEXTS))
    none = torch.zeros(2, 0, dtype=torch.bool)
    condition = TextCondition.from_embeddings(text, torch.zeros(2, 0, 512), none, torch.full((2, 11), -1))
    loaded = load_bundle(tmp_path / "bundle").masked_transformer
    ids = [
        generate_base_tokens(model, condition, torch.tensor([11, 7]), generator=torch.Generator().manual_seed(0))
        for model in (reference, loaded)
    ]
    assert torch.equal(*ids)


def test_weights_that_are_not_shared_are_converted(tmp_path: Path) -> None:
    convert_folder(momask_folder(tmp_path, share_weights=False), tmp_path / "bundle")
    model = load_bundle(tmp_path / "bundle").residual_transformer
    assert model.config.doubled_projection
    assert torch.equal(model.projection_bias, residual_weights(share_weights=False)["output_proj_bias"][:-1])


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda tensors: tensors.pop(name)


def put(name: str, *shape: int) -> Callable[[dict[str, Any]], None]:
    return lambda tensors: tensors.update({name: torch.zeros(shape)})


BROKEN = [
    (MASKED_FILE, "t2m_transformer", drop("token_emb.weight"), "'token_emb.weight' is missing"),
    (MASKED_FILE, "t2m_transformer", drop("output_process.dense.bias"), "'output_process.dense.bias' is missing"),
    (MASKED_FILE, "t2m_transformer", put("cond_emb.bias", 33), "'cond_emb.bias' is 33, expected 32"),
    (MASKED_FILE, "t2m_transformer", put("cond_emb.weight", 32, 400), "texts of width 400, expected 512"),
    (MASKED_FILE, "t2m_transformer", put("token_emb.weight", 40, 16), "made for 38 codes, expected 32"),
    (MASKED_FILE, "t2m_transformer", put("other_model.logit_scale", 1), "'other_model.logit_scale' is unknown"),
    (VQ_FILE, "net", drop("decoder.model.6.weight"), "'decoder.model.6.weight' is missing"),
    (VQ_FILE, "net", drop("quantizer.layers.2.codebook"), "show num_quantizers 2, expected 3"),
    (VQ_FILE, "net", put("encoder.model.2.0.weight", 16, 16, 3), "is 16 x 16 x 3, expected 16 x 16 x 4"),
    (RESIDUAL_FILE, "res_transformer", drop("quant_emb.bias"), "'quant_emb.bias' is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "part", "change", "sentence"), BROKEN)
def test_a_broken_checkpoint_is_refused_in_one_sentence(
    file: str,
    part: str,
    change: Callable[[dict[str, Any]], None],
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = momask_folder(tmp_path)
    content = torch.load(folder / file, weights_only=True)
    change(content[part])
    save(folder / file, content)
    error = refusal(folder, tmp_path, capsys)
    assert str(folder / file) in error
    assert sentence in error


def test_a_pickle_with_code_is_refused_and_never_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = momask_folder(tmp_path)

    class Code:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "was run",))

    save(folder / MASKED_FILE, {"t2m_transformer": masked_weights(has_segments=False), "extra": Code()})
    assert "latest.tar: holds code (" in refusal(folder, tmp_path, capsys)
    assert not (tmp_path / "was run").exists()


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_plain_pickle_is_refused_and_never_run(
    protocol: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = momask_folder(tmp_path)
    code = pickle.dumps({"t2m_transformer": os.system}, protocol=protocol)
    (folder / MASKED_FILE).write_bytes(code)
    error = refusal(folder, tmp_path, capsys)
    assert "latest.tar: holds code (" in error
    assert "system" in error


@pytest.mark.parametrize("keep", [0, 100, 0.5, 0.99])
def test_a_truncated_file_is_refused(keep: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = momask_folder(tmp_path)
    data = (folder / RESIDUAL_FILE).read_bytes()
    (folder / RESIDUAL_FILE).write_bytes(data[: int(keep if keep > 1 else keep * len(data))])
    assert "net_best_fid.tar: not a checkpoint of torch, or truncated" in refusal(folder, tmp_path, capsys)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (f"{VQ_FOLDER}/meta/mean.npy", "mean.npy: no such file, expected the statistics"),
        (MASKED_FILE, "no model/latest.tar in it"),
    ],
)
def test_a_missing_file_is_named(path: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = momask_folder(tmp_path)
    (folder / path).unlink()
    assert sentence in refusal(folder, tmp_path, capsys)


def test_statistics_of_pickled_objects_or_another_width_are_refused(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    np.save(folder / VQ_FOLDER / "meta/std.npy", np.array([{"a": 1}] * 263, dtype=object))
    with pytest.raises(FileFormatError, match=r"std\.npy: not a readable \.npy file of numbers"):
        convert_folder(folder, tmp_path / "bundle")
    np.save(folder / VQ_FOLDER / "meta/std.npy", np.ones(251))
    with pytest.raises(FileFormatError, match=r"found \(251,\), expected 263 numbers"):
        convert_folder(folder, tmp_path / "bundle")
    np.save(folder / VQ_FOLDER / "meta/std.npy", np.zeros(263))
    with pytest.raises(FileFormatError, match="column 0 is not above zero"):
        convert_folder(folder, tmp_path / "bundle")


def test_options_that_contradict_the_tensors_are_refused(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    options = folder / MASKED_FOLDER / "opt.txt"
    options.write_text(options.read_text().replace("n_layers: 2", "n_layers: 8"))
    with pytest.raises(FileFormatError, match="tensors show n_layers 2, expected 8 as in its options"):
        convert_folder(folder, tmp_path / "bundle")


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 5000 + ".5", "-" + "9" * 30])
@pytest.mark.parametrize("name", ["n_layers", "n_heads"])
def test_options_of_thousands_of_digits_end_in_a_sentence(
    name: str, number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = momask_folder(tmp_path)
    options = folder / MASKED_FOLDER / "opt.txt"
    (line,) = [line for line in options.read_text().splitlines() if line.startswith(f"{name}:")]
    options.write_text(options.read_text().replace(line, f"{name}: {number}"))
    assert len(refusal(folder, tmp_path, capsys)) < 400


def test_a_missing_alignment_block_is_not_taken_for_momask(tmp_path: Path) -> None:
    folder = segmo_folder(tmp_path)
    (path,) = folder.glob("output/mtrans_t2m/*/best_fid.tar")
    save(path, {"t2m_trans": masked_weights(has_segments=False)})
    with pytest.raises(FileFormatError, match=r"segment_align_block\.gather_ln\.weight' is missing"):
        convert_folder(folder, tmp_path / "bundle")


def test_a_folder_with_both_data_sets_needs_one_to_be_named(tmp_path: Path) -> None:
    momask_folder(tmp_path, "t2m")
    momask_folder(tmp_path, "kit")
    with pytest.raises(FileFormatError, match="holds kit and t2m, expected one of them to be named"):
        convert_folder(tmp_path, tmp_path / "bundle")
    assert convert_folder(tmp_path, tmp_path / "bundle", "kit").dataset == "KIT-ML"
    assert convert_folder(tmp_path / "checkpoints" / "t2m", tmp_path / "bundle").dataset == "HumanML3D"


def test_the_tensors_say_which_data_set_a_folder_is_of(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path, "kit").rename(tmp_path / "download")
    assert convert_folder(folder, tmp_path / "bundle").dataset == "KIT-ML"
    with pytest.raises(FileFormatError, match="features of 251 columns, expected those of HumanML3D"):
        convert_folder(folder, tmp_path / "other", "t2m")


def test_segmo_without_a_tokenizer_takes_momask_s(tmp_path: Path) -> None:
    folder = segmo_folder(tmp_path)
    momask_folder(tmp_path)
    for path in folder.glob("output/vq_t2m/*/*"):
        path.unlink()
    name_tokenizer(folder / "output", "")
    report = convert_folder(folder, tmp_path / "bundle")
    assert report.source == "SegMo"
    assert report.parts[0].path == tmp_path / "checkpoints/t2m" / VQ_FILE


def test_only_a_bundle_is_replaced(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.tex").write_text("")
    with pytest.raises(BundleError, match="already there and no bundle"):
        convert_folder(folder, tmp_path / "precious")
    convert_folder(folder, tmp_path / "bundle")
    convert_folder(folder, tmp_path / "bundle")
    assert load_bundle(tmp_path / "bundle").manifest.name == "MoMask HumanML3D"


def test_the_command_says_what_it_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = momask_folder(tmp_path)
    assert main(["convert", str(folder), "-o", str(tmp_path / "bundle")]) == 0
    printed = capsys.readouterr().out
    assert "masked transformer" in printed
    assert "Wrote MoMask for HumanML3D" in printed
    assert main(["convert", str(folder), "-o", str(tmp_path / "bundle"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {part["name"]: part["num_tensors"] for part in answer["parts"]}["tokenizer"] == len(tokenizer_weights())
    assert main(["info", str(tmp_path / "bundle")]) == 0
    assert "clip" in capsys.readouterr().out


def refusal(folder: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence that ``segmo convert`` refuses ``folder`` with."""
    assert main(["convert", str(folder), "-o", str(out / "bundle")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("segmo: ")
    assert captured.err.count("\n") == 1
    assert not (out / "bundle").exists()
    return captured.err
