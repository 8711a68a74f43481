"""Where the parts of a model lie in a downloaded MoMask or SegMo folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from segmo_core.conversion.upstream_checkpoint import Option, read_options
from segmo_core.errors import FileFormatError

T = TypeVar("T")

DATASETS = ("t2m", "kit")

_MOMASK_OPTIONS, _SEGMO_OPTIONS = "opt.txt", "config.txt"
_MODEL_FOLDER = "model"
_BEST_FIRST = ("net_best_fid.tar", "latest.tar", "finest.tar")
_LATEST_FIRST = ("latest.tar", "net_best_fid.tar", "finest.tar")  # what MoMask generates with
_SEGMO_FILES = ("best_fid.tar", "best_top1.tar", "last.tar")
_SEGMO_DATASETS = {"t2m": ("t2m", "humanml"), "kit": ("kit",)}  # how names of runs begin, in lower case
_EVALUATOR_STATISTICS = "Comp_v6_KLD005"


@dataclass(frozen=True)
class PublishedPart:
    """One checkpoint file with the options it was trained with (empty where there are none)."""

    path: Path
    options: dict[str, Option]

    @property
    def is_momask(self) -> bool:
        """Whether it lies where MoMask keeps it (``NAME/model/*.tar``); SegMo keeps files in the run's folder."""
        return self.path.parent.name == _MODEL_FOLDER


@dataclass(frozen=True)
class PublishedFolder:
    """statistics, evaluator_statistics: folders of mean.npy and std.npy."""

    tokenizer: PublishedPart
    masked_transformer: PublishedPart
    residual_transformer: PublishedPart
    statistics: Path
    length_estimator: Path | None
    evaluator: Path | None
    evaluator_statistics: Path


def find_published(folder: Path, dataset: str | None = None) -> PublishedFolder:
    """The parts in ``folder``: MoMask's checkpoints (``checkpoints/t2m``) or SegMo's ``output``, or what holds them.

    dataset: "t2m" or "kit", needed where both are there. Raises FileFormatError naming the part that is missing.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileFormatError(f"{folder}: no such folder, expected a downloaded MoMask or SegMo folder")
    dataset = dataset or _only_dataset(folder)
    momask, runs = _momask_folder(folder, dataset), _segmo_folder(folder)
    masked = _segmo_part(runs, "mtrans", dataset)
    if masked is not None:
        tokenizer = _segmo_part(runs, "vq", dataset) or _momask_part(momask, "rvq_", _BEST_FIRST)
        residual = _required(_segmo_part(runs, "rtrans", dataset), runs, f"rtrans_{dataset}/*/{_SEGMO_FILES[0]}")
    else:
        masked = _momask_part(momask, "t2m_", _LATEST_FIRST)
        wanted = str((masked.options if masked else {}).get("vq_name", ""))
        tokenizer = _momask_part(momask, "rvq_", _BEST_FIRST, wanted)
        residual = _required(_momask_part(momask, "tres_", _BEST_FIRST), momask, "tres_*/model/*.tar")
    masked = _required(masked, momask, f"t2m_*/model/*.tar of MoMask or output/mtrans_{dataset} of SegMo")
    tokenizer = _required(tokenizer, momask, "rvq_*/model/*.tar")
    common = momask / _EVALUATOR_STATISTICS / "meta"
    return PublishedFolder(
        tokenizer=tokenizer,
        masked_transformer=masked,
        residual_transformer=residual,
        statistics=_statistics_folder(tokenizer, common),
        length_estimator=_first_file([momask / "length_estimator" / _MODEL_FOLDER], ("finest.tar", "latest.tar")),
        evaluator=_first_file([momask / "text_mot_match" / _MODEL_FOLDER], ("finest.tar", "latest.tar")),
        evaluator_statistics=common,
    )


def _only_dataset(folder: Path) -> str:
    """The data set that ``folder`` is about, by its name or by what it holds; the tensors have the last word."""
    if folder.name in DATASETS:
        return folder.name
    found = {name for name in DATASETS for place in (folder, folder / "checkpoints") if (place / name).is_dir()}
    found |= {name for name in DATASETS if _segmo_kinds(_segmo_folder(folder), "mtrans", name)}
    if len(found) > 1:
        raise FileFormatError(f"{folder}: holds {' and '.join(sorted(found))}, expected one of them to be named")
    return found.pop() if found else DATASETS[0]


def _momask_folder(folder: Path, dataset: str) -> Path:
    """``checkpoints/<dataset>`` in ``folder``, or ``folder`` itself."""
    places = [folder / dataset, folder / "checkpoints" / dataset, folder.parent / "checkpoints" / dataset]
    return next((place for place in places if place.is_dir()), folder)


def _segmo_folder(folder: Path) -> Path:
    return folder / "output" if (folder / "output").is_dir() else folder


def _momask_part(folder: Path, prefix: str, files: Sequence[str], wanted: str = "") -> PublishedPart | None:
    """The one folder in ``folder`` whose name starts with ``prefix``; ``wanted`` decides between several."""
    found = sorted(path for path in folder.glob(f"{prefix}*") if path.is_dir())
    if len(found) > 1:
        named = [path for path in found if path.name == wanted]
        if not named:
            names = ", ".join(path.name for path in found)
            raise FileFormatError(f"{folder}: several folders {prefix}* ({names}), expected one")
        found = named
    if not found:
        return None
    path = _required(_first_file([found[0] / _MODEL_FOLDER], files), found[0], f"model/{files[0]}")
    return PublishedPart(path, read_options(found[0] / _MOMASK_OPTIONS))


def _segmo_kinds(folder: Path, kind: str, dataset: str) -> list[Path]:
    """Folders of runs of ``kind``: vq, mtrans or rtrans."""
    names = tuple(f"{kind}_{alias}" for alias in _SEGMO_DATASETS[dataset])
    return sorted(path for path in folder.glob(f"{kind}_*") if path.is_dir() and path.name.lower().startswith(names))


def _segmo_part(folder: Path, kind: str, dataset: str) -> PublishedPart | None:
    """The newest run (their names begin with the date) of ``kind``."""
    kinds = _segmo_kinds(folder, kind, dataset)
    runs = sorted((run for path in kinds for run in path.iterdir() if run.is_dir()), key=lambda run: run.name)
    path = _first_file([*runs[::-1], *kinds], _SEGMO_FILES)
    if path is None:
        return None
    options = path.parent / _SEGMO_OPTIONS
    return PublishedPart(path, read_options(options) if options.is_file() else {})


def _statistics_folder(tokenizer: PublishedPart, common: Path) -> Path:
    """A tokenizer's own statistics come first: those of MoMask differ from the data set's."""
    own = [tokenizer.path.parent / "meta", tokenizer.path.parent.parent / "meta"]
    return next((path for path in own if path.is_dir()), own[1] if tokenizer.is_momask else common)


def _first_file(folders: Iterable[Path], names: Sequence[str]) -> Path | None:
    return next((folder / name for folder in folders for name in names if (folder / name).is_file()), None)


def _required(part: T | None, folder: Path, expected: str) -> T:
    if part is None:
        raise FileFormatError(f"{folder}: no {expected} in it")
    return part
