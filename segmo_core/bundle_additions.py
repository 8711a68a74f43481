"""Small parts that are put into a bundle that is there, and read without the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors.torch import save_file
from torch import nn

from segmo_core.bundle_manifest import (
    DURATION_MODEL,
    JOINT_JUDGE,
    read_manifest,
    record_part,
    verify_files,
    weights_file,
)
from segmo_core.bundle_weights import Part, weights_of
from segmo_core.errors import BundleError, FileFormatError
from segmo_core.models.estimators.duration_model import DurationModel
from segmo_core.models.estimators.joint_judge import JointJudge
from segmo_core.serialization import write_atomically

M = TypeVar("M", bound=nn.Module)

_DURATION_MODEL = Part(DURATION_MODEL, DurationModel)
_JOINT_JUDGE = Part(JOINT_JUDGE, JointJudge)


def load_duration_model(folder: Path) -> DurationModel | None:
    """The duration model of a bundle, in evaluation mode on the CPU; None when it has none. Reads no other weights."""
    return _loaded(folder, _DURATION_MODEL)


def load_joint_judge(folder: Path) -> JointJudge | None:
    """The judge on joints of a bundle, in evaluation mode on the CPU; None when it has none."""
    return _loaded(folder, _JOINT_JUDGE)


def add_duration_model(folder: Path, model: DurationModel, figures: Mapping[str, float], section: str) -> None:
    """Put a duration model into a bundle that is there, or in the place of the one it has; other files stay.

    figures: its measured numbers for the manifest. section: Markdown about it for the model card.
    Raises BundleError when the folder is no bundle, or cannot be written.
    """
    _add(folder, DURATION_MODEL, model, model.config, figures, section)


def add_joint_judge(folder: Path, model: JointJudge, figures: Mapping[str, float], section: str) -> None:
    """As ``add_duration_model``, a judge on joints."""
    _add(folder, JOINT_JUDGE, model, model.config, figures, section)


def _loaded(folder: Path, part: Part[M]) -> M | None:
    folder = Path(folder)
    manifest = read_manifest(folder)
    if getattr(manifest, part.name) is None:
        return None
    verify_files(folder, manifest, (weights_file(part.name),))
    return part.load(folder, manifest).eval().requires_grad_(False)


def _add(folder: Path, name: str, model: nn.Module, config: Any, figures: Mapping[str, float], section: str) -> None:
    folder = Path(folder)
    read_manifest(folder)
    path = folder / weights_file(name)
    try:
        write_atomically(path, lambda temporary: save_file(weights_of(model, half_precision=True), temporary))
        record_part(folder, name, config, figures, section)
    except (FileFormatError, OSError) as error:
        raise BundleError(f"{folder}: cannot be written ({error})") from None
