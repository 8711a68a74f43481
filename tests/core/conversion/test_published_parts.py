"""Which parts of a published folder go together, and what is read although it is not as downloaded."""

from __future__ import annotations

import argparse
import collections
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from published_folders import (
    MASKED_FILE,
    MASKED_FOLDER,
    RESIDUAL_FILE,
    RESIDUAL_FOLDER,
    TRANSFORMER_OPTIONS,
    VQ_FILE,
    VQ_FOLDER,
    VQ_OPTIONS,
    masked_weights,
    momask_folder,
    name_tokenizer,
    save,
    segmo_folder,
    tokenizer_weights,
    write_options,
)

from segmo_core.bundle import load_bundle, load_evaluator
from segmo_core.cli import main
from segmo_core.conversion.convert import ConversionReport, convert_folder
from segmo_core.conversion.upstream_folder import PartChoice
from segmo_core.errors import FileFormatError


def part(report: ConversionReport, name: str) -> Path:
    return next(part.path for part in report.parts if part.name == name)


def another_segmo_tokenizer(folder: Path, run: str, file: str = "best_fid.tar") -> Path:
    place = folder / "output" / "vq_t2m" / run
    weights = {name: tensor * 0.5 for name, tensor in tokenizer_weights().items()}
    save(place / file, {"vq_model": weights, "epoch": 1})
    write_options(place / "config.txt", VQ_OPTIONS)
    return place


def test_the_tokenizer_that_a_segmo_run_names_is_taken(tmp_path: Path) -> None:
    folder = segmo_folder(tmp_path)
    newer = another_segmo_tokenizer(folder, "2025-03-04_wide")
    report = convert_folder(folder, tmp_path / "bundle")
    assert part(report, "tokenizer").parent.name == "2025-01-02_base"
    name_tokenizer(folder / "output", newer.name)
    assert part(convert_folder(folder, tmp_path / "bundle"), "tokenizer").parent == newer
    name_tokenizer(folder / "output", "2024-12-24_lost")
    with pytest.raises(
        FileFormatError, match=r"made with the tokenizer '2024-12-24_lost', found 2025-03-04_wide, 2025"
    ):
        convert_folder(folder, tmp_path / "bundle")
    report = convert_folder(folder, tmp_path / "bundle", choice=PartChoice(tokenizer=newer))
    assert any("its options name the tokenizer '2024-12-24_lost'" in notice for notice in report.notices)


def test_an_empty_name_means_momasks_tokenizer(tmp_path: Path) -> None:
    folder = segmo_folder(tmp_path)
    momask_folder(tmp_path)
    for name in ("", "None"):
        name_tokenizer(folder / "output", name)
        assert part(convert_folder(folder, tmp_path / "bundle"), "tokenizer") == tmp_path / "checkpoints/t2m" / VQ_FILE


def test_a_finished_run_is_taken_before_one_that_has_begun(tmp_path: Path) -> None:
    folder = segmo_folder(tmp_path)
    begun = folder / "output" / "mtrans_t2m" / "2026-02-03_again"
    save(begun / "last.tar", {"t2m_trans": masked_weights(has_segments=True), "epoch": 1})
    report = convert_folder(folder, tmp_path / "bundle")
    assert part(report, "masked transformer").name == "best_fid.tar"
    assert any("rtrans_t2m/2025-01-02_base/last.tar: the last state of a training" in told for told in report.notices)


@pytest.mark.parametrize("make", [momask_folder, segmo_folder])
def test_a_residual_transformer_of_other_tokens_is_refused(make: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = make(tmp_path)
    (options,) = [
        path for path in folder.rglob("*.txt") if path.parent.name == RESIDUAL_FOLDER or "rtrans" in str(path)
    ]
    write_options(options, TRANSFORMER_OPTIONS | {"vq_name": "rvq_other"})
    with pytest.raises(FileFormatError, match=r"made with the tokenizer 'rvq_other', expected '.+' as the masked"):
        convert_folder(folder, tmp_path / "bundle")


def named_as_people_do(folder: Path) -> None:
    """The experiments have names of their own, and the tokenizer is one that the options name."""
    for old, new in ((VQ_FOLDER, "VQVAE_dp2"), (MASKED_FOLDER, "mtrans_name"), (RESIDUAL_FOLDER, "rtrans_name")):
        (folder / old).rename(folder / new)
    name_tokenizer(folder, "VQVAE_dp2")


def test_runs_of_any_name_are_known_by_what_they_hold(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    named_as_people_do(folder)
    report = convert_folder(folder, tmp_path / "bundle")
    found = {part.path.parent.parent.name for part in report.parts}
    assert found == {"VQVAE_dp2", "mtrans_name", "rtrans_name", "length_estimator", "text_mot_match"}


def test_of_several_runs_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = momask_folder(tmp_path)
    for second in ("t2m_second", "tres_second"):
        first = MASKED_FOLDER if second.startswith("t2m") else RESIDUAL_FOLDER
        save(folder / second / "model" / "latest.tar", torch.load(next((folder / first).rglob("*.tar"))))
        write_options(folder / second / "opt.txt", TRANSFORMER_OPTIONS)
    command = ["convert", str(folder), "-o", str(tmp_path / "bundle")]
    assert main(command) == 2
    assert f"several runs of a masked ({MASKED_FOLDER}, t2m_second), expected one, or --masked DIR" in (
        capsys.readouterr().err
    )
    command += ["--masked", str(folder / "t2m_second")]
    assert main(command) == 2
    assert f"several runs of a residual ({RESIDUAL_FOLDER}, tres_second)" in capsys.readouterr().err
    assert main([*command, "--residual", str(folder / "tres_second"), "--tokenizer", str(folder / VQ_FOLDER)]) == 0
    assert "t2m_second" in capsys.readouterr().out


HARMLESS = {
    "numpy scalars": {"fid": np.float64(0.5), "step": np.int64(3), "top1": np.float32(0.25)},
    "a namespace": {"opt": argparse.Namespace(name="x", lr=2e-4)},
    "a default dictionary": {"best": collections.defaultdict(float, {"fid": 1.0})},
    "an array": {"mean": np.zeros(3)},
    "a path": {"where": Path("/data")},
}


@pytest.mark.parametrize("more", HARMLESS.values(), ids=HARMLESS)
def test_harmless_values_beside_the_weights_are_read(more: dict[str, Any], tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    content = {"t2m_transformer": masked_weights(has_segments=False)} | more
    save(folder / MASKED_FILE, content)
    convert_folder(folder, tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle").masked_transformer
    assert torch.equal(loaded.token_embedding.weight, content["t2m_transformer"]["token_emb.weight"])


def test_prefixes_and_the_text_encoder_in_a_file_are_left_out(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    weights = {f"module.{name}": tensor for name, tensor in masked_weights(has_segments=False).items()}
    weights |= {"module.clip_model.logit_scale": torch.zeros(1)}
    save(folder / MASKED_FILE, {"t2m_transformer": weights})
    convert_folder(folder, tmp_path / "bundle")


@pytest.mark.parametrize("name", ["net_best_acc.tar", "net_best_fid.pth", "latest.pth", "epoch_400.tar"])
def test_other_names_of_the_checkpoint_are_found(name: str, tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    (folder / RESIDUAL_FILE).rename((folder / RESIDUAL_FILE).with_name(name))
    assert part(convert_folder(folder, tmp_path / "bundle"), "residual transformer").name == name


def test_options_may_be_missing(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    (folder / VQ_FOLDER / "opt.txt").unlink()
    report = convert_folder(folder, tmp_path / "bundle")
    assert (
        f"{folder / VQ_FILE}: no options beside it; what tensors do not show is taken as published." in report.notices
    )


@pytest.mark.parametrize("how", ["cut off", "another width", "without statistics"])
def test_a_broken_evaluator_is_told_and_left_out(how: str, tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    path = folder / "text_mot_match/model/finest.tar"
    if how == "cut off":
        path.write_bytes(path.read_bytes()[:500])
    elif how == "another width":
        content = torch.load(path)
        content["text_encoder"].pop("gru.bias_hh_l0")
        save(path, content)
    else:
        (folder / "Comp_v6_KLD005/meta/std.npy").unlink()
    report = convert_folder(folder, tmp_path / "bundle")
    assert load_evaluator(tmp_path / "bundle") is None
    assert any("The evaluator is left out" in notice for notice in report.notices)


def test_a_broken_length_estimator_is_told_and_left_out(tmp_path: Path) -> None:
    folder = momask_folder(tmp_path)
    save(folder / "length_estimator/model/finest.tar", {"estimator": {"output.0.weight": torch.zeros(3, 3)}})
    report = convert_folder(folder, tmp_path / "bundle")
    assert load_bundle(tmp_path / "bundle").length_estimator is None
    assert any("The length estimator is left out" in notice for notice in report.notices)


def test_info_tells_of_nothing_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for make, segments, found in (
        (momask_folder, "not told, it reads the whole prompt", "not found, it has no grounding head"),
        (segmo_folder, "told their texts;", "in its aligned space, as in the paper"),
    ):
        folder = make(tmp_path / make.__name__)
        convert_folder(folder, tmp_path / f"{make.__name__}.bundle")
        assert main(["info", str(tmp_path / f"{make.__name__}.bundle")]) == 0
        printed = " ".join(capsys.readouterr().out.replace("│", " ").split())
        assert segments in printed
        assert found in printed
        assert ("its length estimator" in printed) == (make is momask_folder)
