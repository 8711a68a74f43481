"""Runs of the published code in a folder: which checkpoint of each, what part of a model it is, made with what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.conversion.upstream_checkpoint import Option, read_checkpoint, read_options
from segmo_core.errors import FileFormatError

TOKENIZER, MASKED, RESIDUAL = "tokenizer", "masked", "residual"
# Under which name the published code stores each part.
STORED_AS = {
    TOKENIZER: ("vq_model", "net"),
    MASKED: ("t2m_transformer", "t2m_trans", "trans"),
    RESIDUAL: ("res_transformer", "res_trans", "all"),
}
SEGMO_KINDS = {TOKENIZER: "vq", MASKED: "mtrans", RESIDUAL: "rtrans"}
SEGMO_DATASETS = {"t2m": ("t2m", "humanml"), "kit": ("kit",)}  # how names of runs begin, in lower case
_MOMASK_PREFIXES = {"rvq": TOKENIZER, "t2m_": MASKED, "tres_": RESIDUAL}
_OPTION_FILES = ("opt.txt", "config.txt")  # of MoMask and of SegMo
_MODEL_FOLDER = "model"
_NO_RUNS = ("length_estimator", "text_mot_match")
_BEST_FIRST = ("net_best_fid", "latest", "finest", "net_best_acc", "net_best_loss")
_LATEST_FIRST = ("latest", *(name for name in _BEST_FIRST if name != "latest"))  # what MoMask generates with
_SEGMO_FINISHED = ("best_fid", "best_top1")
_BEGUN = "last"
_ENDINGS = (".tar", ".pth", ".pt")
NO_NAME = ("", "None")


@dataclass(frozen=True)
class PublishedPart:
    """One checkpoint file with the options it was trained with (empty where there are none)."""

    path: Path
    options: dict[str, Option]

    @property
    def is_momask(self) -> bool:
        """Whether it lies where MoMask keeps it (``NAME/model/*.tar``); SegMo keeps files in the run's folder."""
        return self.path.parent.name == _MODEL_FOLDER

    @property
    def run(self) -> Path:
        """The folder of its run."""
        return self.path.parent.parent if self.is_momask else self.path.parent

    @property
    def is_only_begun(self) -> bool:
        """Whether nothing but the last state of SegMo's training is there, no best one."""
        return self.path.stem == _BEGUN

    @property
    def tokenizer_name(self) -> str | None:
        """The tokenizer its options name: "" where they name none, None where there is no such option."""
        named = self.options.get("vq_name")
        return None if named is None else "" if str(named) in NO_NAME else str(named)


def part_in(given: Path, kind: str) -> PublishedPart:
    """The part in a run's folder, or in a checkpoint file. FileFormatError when there is none."""
    if given.is_file():
        return PublishedPart(given, _options_near(given))
    part = _part_of_run(given, kind)
    if part is None:
        raise FileFormatError(f"{given}: no checkpoint in it, expected a run of a {kind} of MoMask or SegMo")
    return part


def momask_parts(folder: Path) -> dict[str, list[PublishedPart]]:
    """The runs in ``checkpoints/<data set>`` by what they are: by their names, or by what their checkpoints hold."""
    found: dict[str, list[PublishedPart]] = {TOKENIZER: [], MASKED: [], RESIDUAL: []}
    for run in sorted(folder.iterdir()):
        if not (run / _MODEL_FOLDER).is_dir() or run.name in _NO_RUNS:
            continue
        kind = next((kind for prefix, kind in _MOMASK_PREFIXES.items() if run.name.startswith(prefix)), None)
        if kind is None:
            any_part = _part_of_run(run, TOKENIZER)
            kind = None if any_part is None else _kind_inside(any_part.path)
            if kind is None:
                continue
        part = _part_of_run(run, kind)
        if part is None:
            raise FileFormatError(f"{run}: no model/{_names_of(kind)[0]}.tar in it")
        found[kind].append(part)
    return found


def segmo_parts(folder: Path, kind: str, dataset: str) -> list[PublishedPart]:
    """SegMo's runs of a part, the finished ones first, of those the newest first (names begin with the date)."""
    names = tuple(f"{SEGMO_KINDS[kind]}_{alias}" for alias in SEGMO_DATASETS[dataset])
    kinds = [path for path in folder.glob(f"{SEGMO_KINDS[kind]}_*") if path.is_dir()]
    places = [path for path in sorted(kinds) if path.name.lower().startswith(names)]
    runs = sorted((run for place in places for run in place.iterdir() if run.is_dir()), key=lambda run: run.name)
    found = [_part_of_run(run, kind) for run in (*runs[::-1], *places)]
    return sorted((part for part in found if part is not None), key=lambda part: part.is_only_begun)


def first_file(folders: Iterable[Path], stems: Sequence[str]) -> Path | None:
    """The first file of one of these names, whatever its ending."""
    places = (folder / f"{stem}{ending}" for folder in folders for stem in stems for ending in _ENDINGS)
    return next((path for path in places if path.is_file()), None)


def _names_of(kind: str) -> Sequence[str]:
    return _LATEST_FIRST if kind == MASKED else _BEST_FIRST


def _part_of_run(run: Path, kind: str) -> PublishedPart | None:
    path = first_file([run / _MODEL_FOLDER], _names_of(kind)) or first_file([run], (*_SEGMO_FINISHED, _BEGUN))
    if path is None:
        model = run / _MODEL_FOLDER
        others = [file for file in model.iterdir() if file.suffix in _ENDINGS] if model.is_dir() else []
        path = others[0] if len(others) == 1 else None
    return None if path is None else PublishedPart(path, _options_near(path))


def _options_near(path: Path) -> dict[str, Option]:
    """Of the run that a checkpoint is of; none where there is no file of them."""
    run = path.parent.parent if path.parent.name == _MODEL_FOLDER else path.parent
    file = next((run / name for name in _OPTION_FILES if (run / name).is_file()), None)
    return {} if file is None else read_options(file)


def _kind_inside(path: Path) -> str | None:
    """By the parts that a checkpoint holds; None for one that is of another model, or cannot be read."""
    try:
        content = read_checkpoint(path)
    except FileFormatError:
        return None
    return next((kind for kind, names in STORED_AS.items() if any(name in content for name in names)), None)
