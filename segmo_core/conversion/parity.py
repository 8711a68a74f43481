"""Our modules, given published weights, against the outputs of the published code.

A folder holds fixtures, NAME.safetensors with NAME.json. Ids must be identical, numbers agree to 1e-4 of the largest
one they are compared with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segmo_core.conversion.parity_evaluation import check_evaluator, check_length_estimator, check_metrics
from segmo_core.conversion.parity_fixture import Check, Comparisons, Fixture
from segmo_core.conversion.parity_masked import check_masked_transformer
from segmo_core.conversion.parity_motion import check_motion
from segmo_core.conversion.parity_names import check_names
from segmo_core.conversion.parity_residual import check_residual_transformer
from segmo_core.conversion.parity_rvqvae import check_rvqvae, check_rvqvae_training
from segmo_core.errors import FileFormatError, SegmoError

EXPECTED_FIXTURES = (
    "rvq",
    "rvq_train_step",
    "momask_mask_transformer",
    "momask_residual_transformer_share",
    "momask_residual_transformer_noshare",
    "segmo_mask_transformer",
    "segmo_residual_transformer_share",
    "evaluator",
    "length_estimator",
    "metrics",
    "motion",
    "keys_momask_full",
    "keys_segmo_full",
)
# What a name is about, the first that fits; so another fixture of a kind is compared as well.
KINDS: tuple[tuple[str, Callable[[Fixture, Comparisons], None]], ...] = (
    (r"rvq_train_step.*", check_rvqvae_training),
    (r"rvq.*", check_rvqvae),
    (r".*mask_transformer.*", check_masked_transformer),
    (r".*residual_transformer.*", check_residual_transformer),
    (r"evaluator.*", check_evaluator),
    (r"length_estimator.*", check_length_estimator),
    (r"metrics.*", check_metrics),
    (r"motion.*", check_motion),
)
NAME_LIST = r"keys_.+"


@dataclass(frozen=True)
class FixtureReport:
    """What became of one fixture. skipped: why nothing was compared (empty when it was)."""

    name: str
    checks: tuple[Check, ...] = ()
    skipped: str = ""

    @property
    def passes(self) -> bool:
        return not self.skipped and bool(self.checks) and all(check.passes for check in self.checks)

    @property
    def largest_error(self) -> float | None:
        """Of all numbers compared, relative; None when none were."""
        return max((check.error for check in self.checks if check.error is not None), default=None)

    @property
    def ids_identical(self) -> bool | None:
        """Whether all ids compared are; None when none were."""
        found = [check.is_identical for check in self.checks if check.is_identical is not None]
        return all(found) if found else None

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passes)


def check_fixture(folder: Path, name: str) -> FixtureReport:
    """Compare the fixture ``name`` of ``folder``; a fixture that is not there is skipped, a broken one fails."""
    folder = Path(folder)
    is_list = re.fullmatch(NAME_LIST, name) is not None
    check = next((check for pattern, check in KINDS if re.fullmatch(pattern, name)), None)
    if check is None and not is_list:
        return FixtureReport(name, skipped="no fixture of a kind that is compared")
    files = [folder / f"{name}.json"] if is_list else [folder / f"{name}.json", folder / f"{name}.safetensors"]
    missing = [path for path in files if not path.is_file()]
    if missing == files:
        return FixtureReport(name, skipped=f"{' and '.join(path.name for path in missing)} not found")
    compare = Comparisons()
    try:
        if missing:
            raise FileFormatError(f"{missing[0]}: missing, expected beside the other file of this fixture")
        if check is None:
            check_names(files[0], compare)
        else:
            check(Fixture(folder, name), compare)
    except (SegmoError, KeyError, ValueError, IndexError, RuntimeError, TypeError, AttributeError) as error:
        # Whatever a fixture of another layout makes the modules raise is a comparison that failed, not our end.
        compare.problem("not compared to the end", f"{type(error).__name__}: {error}")
    return FixtureReport(name, tuple(compare.checks))


def check_folder(folder: Path) -> list[FixtureReport]:
    """A report for each expected fixture and any other; FileFormatError when the folder holds none to compare."""
    folder = Path(folder)
    if not folder.is_dir():
        raise FileFormatError(f"{folder}: no such folder, expected one of parity fixtures")
    others = {path.stem for path in folder.glob("*.safetensors")} | {path.stem for path in folder.glob("keys_*.json")}
    names = (*EXPECTED_FIXTURES, *sorted(others - set(EXPECTED_FIXTURES)))
    reports = [check_fixture(folder, name) for name in names]
    if all(report.skipped for report in reports):
        raise FileFormatError(f"{folder}: no parity fixture in it, expected files such as {names[0]}.safetensors")
    return reports
