"""Small models that are trained beside the large ones: kept in a folder of the training, until a bundle takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from segmo_core.errors import DataError, SegmoError
from segmo_core.serialization import from_plain, read_json, to_plain, write_atomically, write_json

M = TypeVar("M", bound=nn.Module)
C = TypeVar("C")


@dataclass(frozen=True, eq=False)
class SmallModel(Generic[M]):
    """A trained model, its measured numbers by name, and what the model card says of it (Markdown)."""

    model: M
    figures: dict[str, float]
    section: str


def keep(trained: SmallModel[Any], folder: Path, text_encoder: str) -> None:
    """Write a model that was trained for vectors of ``text_encoder`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous() for name, value in trained.model.state_dict().items()}
    write_atomically(folder / "model.safetensors", lambda path: save_file(state, path))
    plain = {
        "text_encoder": text_encoder,
        "config": to_plain(trained.model.config),
        "figures": trained.figures,
        "section": trained.section,
    }
    write_json(folder / "report.json", plain)


def kept(folder: Path, text_encoder: str, config: type[C], build: Callable[[C], M]) -> SmallModel[M] | None:
    """What ``keep`` left in ``folder`` for vectors of that encoder; None when there is none.

    DataError when it cannot be read.
    """
    if not (folder / "report.json").is_file():
        return None
    report: dict[str, Any] = read_json(folder / "report.json")
    try:
        if report["text_encoder"] != text_encoder:
            return None
        model = build(from_plain(config, report["config"]))
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (SafetensorError, RuntimeError, OSError, KeyError, SegmoError) as error:
        raise DataError(f"{folder}: not a trained model of this kind ({error})") from None
    return SmallModel(model.eval(), report["figures"], report["section"])
