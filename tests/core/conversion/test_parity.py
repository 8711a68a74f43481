"""The parity command: our modules, given published weights, against the outputs of the published code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from segmo_core.cli.app import main
from segmo_core.conversion.parity import EXPECTED_FIXTURES, check_fixture
from segmo_core.conversion.parity_fixture import Comparisons
from segmo_core.conversion.parity_names import published_model
from segmo_core.conversion.upstream import load_published
from segmo_core.conversion.upstream_names import published_shapes

PARITY_FOLDER = Path(__file__).resolve().parents[4] / "shared" / "parity"
needs_fixtures = pytest.mark.skipif(
    not PARITY_FOLDER.is_dir(), reason=f"outputs of the published code are not at {PARITY_FOLDER}"
)

# What must have been compared, so that no comparison vanishes unseen.
COMPARED = {
    "rvq": ["encode", "decode", "decode, codes left out", "decode, first 2 layers", "forward", "perplexity"],
    "rvq_train_step": ["step1 loss", "step2 codebook 2", "step2 code sums 0", "step1 gradient norms"],
    "momask_mask_transformer": [
        "logits cond", "logits uncond", "logits cfg4", "generate argmax", "generate argmax_ts18", "generate invcdf",
        "generate invcdf_t07_top05", "generate gumbel", "edit", "training masking", "training loss", "gradient norms",
    ],
    "segmo_mask_transformer": [
        "logits cond", "logits uncond", "logits cfg4", "generate argmax", "generate argmax_kit", "generate invcdf",
        "generate argmax_otherseg", "generate gumbel", "training masking", "training loss", "gradient norms",
        "aggregation", "alignment loss, absent segments included", "alignment loss, absent segments left out",
    ],
    "momask_residual_transformer_share": ["logits cfg5 q1", "logits cfg5 q3", "generate gumbel", "gradient norms"],
    "momask_residual_transformer_noshare": ["logits cfg5 q1", "logits cfg5 q3", "generate argmax", "gradient norms"],
    "segmo_residual_transformer_share": ["logits cfg5 q2", "generate argmax", "training loss", "gradient norms"],
    "evaluator": ["movements", "motion embeddings", "text embeddings"],
    "length_estimator": ["logits"],
    "metrics": [
        "R-precision", "matching score", "FID", "FID, singular (40 rows)", "diversity", "multimodality", "MPJPE",
    ],
    "motion": ["features to joints", "whole processing, rotations", "21 joints, rotations", "21 joints, contacts"],
    "keys_momask_full": ["rvq_t2m", "rvq_kit", "momask_res_transformer_noshare", "evaluator_t2m", "length_estimator"],
    "keys_segmo_full": ["segmo_t2m_trans", "segmo_res_trans_share_weight", "segmo_vq_model"],
}  # fmt: skip


@needs_fixtures
@pytest.mark.parametrize("name", EXPECTED_FIXTURES)
def test_every_fixture_passes(name: str) -> None:
    report = check_fixture(PARITY_FOLDER, name)
    assert report.failures == ()
    assert report.passes
    assert set(COMPARED[name]) <= {check.name for check in report.checks}
    assert (report.largest_error or 0) < 1e-4


@needs_fixtures
def test_the_command_prints_a_row_for_each_fixture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parity", str(PARITY_FOLDER)]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in EXPECTED_FIXTURES)
    assert "FAIL" not in printed


@needs_fixtures
@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("rvq", "model.decoder.model.4.bias"),
        ("rvq_train_step", "model_before.encoder.model.0.weight"),
        ("momask_mask_transformer", "model.seqTransEncoder.layers.1.linear2.weight"),
        ("segmo_mask_transformer", "model.segment_align_block.gather_ln.bias"),
        ("momask_residual_transformer_noshare", "model.output_proj_bias"),
        ("segmo_residual_transformer_share", "model.quant_emb.weight"),
        ("evaluator", "motion_encoder.gru.weight_hh_l0_reverse"),
        ("length_estimator", "model.output.5.bias"),
        ("metrics", "mpjpe_pred"),
        ("motion", "raw_joints"),
    ],
)
def test_a_disturbed_weight_is_noticed(
    name: str, tensor: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_with(tmp_path, name, lambda tensors: tensors[tensor].view(-1)[:3].add_(0.05))
    assert main(["parity", str(tmp_path), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert not answer["passes"]
    (failed,) = [fixture for fixture in answer["fixtures"] if not fixture["passes"] and not fixture["skipped"]]
    assert failed["name"] == name
    assert [check for check in failed["checks"] if not check["passes"]]


@needs_fixtures
def test_one_wrong_id_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_with(tmp_path, "momask_mask_transformer", lambda tensors: tensors["gen_gumbel"][0, :1].add_(1))
    assert main(["parity", str(tmp_path)]) == 1
    assert "momask_mask_transformer, generate gumbel: ids differ" in capsys.readouterr().out


@needs_fixtures
def test_values_that_are_no_numbers_do_not_pass(tmp_path: Path) -> None:
    copy_with(tmp_path, "length_estimator", lambda tensors: tensors["logits"].view(-1)[:1].fill_(float("nan")))
    assert not check_fixture(tmp_path, "length_estimator").passes


@needs_fixtures
def test_missing_fixtures_are_skipped_by_name_and_half_a_fixture_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_with(tmp_path, "length_estimator", lambda tensors: None)
    assert main(["parity", str(tmp_path)]) == 0
    assert "evaluator: skipped, evaluator.json and evaluator.safetensors not found" in capsys.readouterr().out
    shutil.copy(PARITY_FOLDER / "evaluator.json", tmp_path)
    assert main(["parity", str(tmp_path)]) == 1
    assert "evaluator.safetensors: missing" in capsys.readouterr().out


@needs_fixtures
def test_truncated_fixture_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_with(tmp_path, "rvq", lambda tensors: None)
    path = tmp_path / "rvq.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    assert main(["parity", str(tmp_path)]) == 1
    assert "not readable as safetensors" in capsys.readouterr().out


@needs_fixtures
def test_a_fixture_of_another_name_but_known_kind_is_compared(tmp_path: Path) -> None:
    for extension in ("json", "safetensors"):
        shutil.copy(PARITY_FOLDER / f"evaluator.{extension}", tmp_path / f"evaluator_again.{extension}")
    assert check_fixture(tmp_path, "evaluator_again").passes


@pytest.mark.parametrize("make", [lambda folder: None, lambda folder: folder.mkdir()])
def test_nothing_to_compare_is_no_success(
    make: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "fixtures")
    assert main(["parity", str(tmp_path / "fixtures")]) == 2
    assert str(tmp_path / "fixtures") in capsys.readouterr().err


def test_errors_are_relative_to_the_largest_stored_value() -> None:
    compare = Comparisons()
    compare.floats("close", torch.tensor([100.005, 1.0]), torch.tensor([100.0, 1.0]))
    compare.floats("far", torch.tensor([100.0, 1.02]), torch.tensor([100.0, 1.0]))
    assert [check.passes for check in compare.checks] == [True, False]
    assert compare.checks[1].error == pytest.approx(2e-4, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "millions"), [("rvq_t2m", 19.44), ("momask_t2m_transformer", 12.05), ("segmo_t2m_trans", 12.34)]
)
def test_published_sizes(name: str, millions: float) -> None:
    model = published_model(name)
    assert sum(parameter.numel() for parameter in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.006)
    load_published(model, {key: torch.zeros(shape) for key, shape in published_shapes(model).items()})


def copy_with(folder: Path, name: str, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """The fixture ``name`` in ``folder``, its tensors changed in place by ``change``."""
    tensors = load_file(PARITY_FOLDER / f"{name}.safetensors")
    change(tensors)
    save_file(tensors, folder / f"{name}.safetensors")
    shutil.copy(PARITY_FOLDER / f"{name}.json", folder)
