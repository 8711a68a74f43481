"""Which parts of a downloaded MoMask or SegMo folder make one model: those that were trained on each other's tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segmo_core.conversion.upstream_runs import (
    MASKED,
    RESIDUAL,
    SEGMO_KINDS,
    TOKENIZER,
    PublishedPart,
    first_file,
    momask_parts,
    part_in,
    segmo_parts,
)
from segmo_core.errors import FileFormatError

DATASETS = ("t2m", "kit")

_EVALUATOR_STATISTICS = "Comp_v6_KLD005"
_MOMASK_EXPECTED = {TOKENIZER: "rvq_*/model/*.tar", RESIDUAL: "tres_*/model/*.tar"}


@dataclass(frozen=True)
class PartChoice:
    """Folders of runs, or checkpoint files, that somebody names; None leaves the choice to the options of the runs."""

    tokenizer: Path | None = None
    masked: Path | None = None
    residual: Path | None = None


@dataclass(frozen=True)
class PublishedFolder:
    """statistics, evaluator_statistics: folders of mean.npy and std.npy. notices: what the choice could not know."""

    tokenizer: PublishedPart
    masked_transformer: PublishedPart
    residual_transformer: PublishedPart
    statistics: Path
    length_estimator: Path | None
    evaluator: Path | None
    evaluator_statistics: Path
    notices: tuple[str, ...] = ()


def find_published(folder: Path, dataset: str | None = None, choice: PartChoice | None = None) -> PublishedFolder:
    """The parts in ``folder``: MoMask's checkpoints (``checkpoints/t2m``) or SegMo's ``output``, or what holds them.

    dataset: "t2m" or "kit", needed where both are there. choice: which runs, where several would do. Raises
    FileFormatError naming the part that is missing, that there are several of, or that was made with other tokens.
    """
    folder, choice = Path(folder), choice or PartChoice()
    if not folder.is_dir():
        raise FileFormatError(f"{folder}: no such folder, expected a downloaded MoMask or SegMo folder")
    dataset = dataset or _only_dataset(folder)
    momask, runs = _momask_folder(folder, dataset), _segmo_folder(folder)
    published = momask_parts(momask)
    own = {kind: segmo_parts(runs, kind, dataset) for kind in SEGMO_KINDS}
    masked = _masked(choice, own[MASKED], published[MASKED], momask, dataset)
    is_segmo = not masked.is_momask
    tokenizer = _tokenizer(choice, masked, own[TOKENIZER] if is_segmo else [], published[TOKENIZER], momask)
    residuals = own[RESIDUAL] if is_segmo else published[RESIDUAL]
    expected = f"rtrans_{dataset}/*/best_fid.tar" if is_segmo else _MOMASK_EXPECTED[RESIDUAL]
    residual = _residual(choice, residuals, tokenizer, masked, runs if is_segmo else momask, expected)
    common = momask / _EVALUATOR_STATISTICS / "meta"
    return PublishedFolder(
        tokenizer=tokenizer,
        masked_transformer=masked,
        residual_transformer=residual,
        statistics=_statistics_folder(tokenizer, common),
        length_estimator=first_file([momask / "length_estimator" / "model"], ("finest", "latest")),
        evaluator=first_file([momask / "text_mot_match" / "model"], ("finest", "latest")),
        evaluator_statistics=common,
        notices=tuple(_notices(tokenizer, masked, residual)),
    )


def _masked(
    choice: PartChoice, own: Sequence[PublishedPart], momask: Sequence[PublishedPart], folder: Path, dataset: str
) -> PublishedPart:
    """SegMo's newest finished run where there is one, for it has its own; of MoMask's the only one."""
    if choice.masked is not None:
        return part_in(choice.masked, MASKED)
    if own:
        return own[0]
    if not momask:
        raise FileFormatError(f"{folder}: no t2m_*/model/*.tar of MoMask or output/mtrans_{dataset} of SegMo in it")
    return _the_only(momask, folder, MASKED)


def _tokenizer(
    choice: PartChoice,
    masked: PublishedPart,
    own: Sequence[PublishedPart],
    momask: Sequence[PublishedPart],
    folder: Path,
) -> PublishedPart:
    """The one that the masked transformer's options name. SegMo's empty name means MoMask's tokenizer."""
    if choice.tokenizer is not None:
        return part_in(choice.tokenizer, TOKENIZER)
    named = masked.tokenizer_name
    candidates = [*([] if named == "" else own), *momask]
    if named:
        fitting = [part for part in candidates if part.run.name == Path(named).name]
        if fitting:
            return fitting[0]
        if candidates:
            found = ", ".join(part.run.name for part in candidates)
            raise FileFormatError(
                f"{masked.path}: made with the tokenizer {named!r}, found {found}; expected that one, or to be told "
                "which by --tokenizer DIR"
            )
    elif own and named is None:
        return own[0]
    if not candidates:
        raise FileFormatError(f"{folder}: no {_MOMASK_EXPECTED[TOKENIZER]} in it")
    return _the_only(candidates, folder, TOKENIZER)


def _residual(
    choice: PartChoice,
    candidates: Sequence[PublishedPart],
    tokenizer: PublishedPart,
    masked: PublishedPart,
    folder: Path,
    expected: str,
) -> PublishedPart:
    """One that was made with the same tokenizer as the masked transformer, as the published code asserts."""
    if choice.residual is not None:
        part = part_in(choice.residual, RESIDUAL)
        _check_same_tokens(part, masked, tokenizer)
        return part
    if not candidates:
        raise FileFormatError(f"{folder}: no {expected} in it")
    fitting = [part for part in candidates if _has_same_tokens(part, masked, tokenizer)]
    if not fitting:
        _check_same_tokens(candidates[0], masked, tokenizer)
    return fitting[0] if not masked.is_momask else _the_only(fitting, folder, RESIDUAL)


def _has_same_tokens(residual: PublishedPart, masked: PublishedPart, tokenizer: PublishedPart) -> bool:
    if residual.tokenizer_name is None:
        return True
    if masked.tokenizer_name is not None:
        return residual.tokenizer_name == masked.tokenizer_name
    return residual.tokenizer_name in ("", tokenizer.run.name)


def _check_same_tokens(residual: PublishedPart, masked: PublishedPart, tokenizer: PublishedPart) -> None:
    if not _has_same_tokens(residual, masked, tokenizer):
        expected = masked.tokenizer_name if masked.tokenizer_name is not None else tokenizer.run.name
        raise FileFormatError(
            f"{residual.path}: made with the tokenizer {residual.tokenizer_name!r}, expected {expected!r} as the "
            "masked transformer was"
        )


def _the_only(parts: Sequence[PublishedPart], folder: Path, kind: str) -> PublishedPart:
    if len(parts) > 1:
        names = ", ".join(part.run.name for part in parts)
        raise FileFormatError(f"{folder}: several runs of a {kind} ({names}), expected one, or --{kind} DIR")
    return parts[0]


def _notices(tokenizer: PublishedPart, masked: PublishedPart, residual: PublishedPart) -> list[str]:
    told = []
    for part in (tokenizer, masked, residual):
        if not part.options:
            told.append(f"{part.path}: no options beside it; what tensors do not show is taken as published.")
        if part.is_only_begun:
            told.append(f"{part.path}: the last state of a training; no best one is there.")
    if masked.tokenizer_name and masked.tokenizer_name != tokenizer.run.name:
        told.append(
            f"{masked.path}: its options name the tokenizer {masked.tokenizer_name!r}; {tokenizer.run} was asked for."
        )
    return told


def _only_dataset(folder: Path) -> str:
    """The data set that ``folder`` is about, by its name or by what it holds; the tensors have the last word."""
    if folder.name in DATASETS:
        return folder.name
    found = {name for name in DATASETS for place in (folder, folder / "checkpoints") if (place / name).is_dir()}
    found |= {name for name in DATASETS if segmo_parts(_segmo_folder(folder), MASKED, name)}
    if len(found) > 1:
        raise FileFormatError(f"{folder}: holds {' and '.join(sorted(found))}, expected one of them to be named")
    return found.pop() if found else DATASETS[0]


def _momask_folder(folder: Path, dataset: str) -> Path:
    """``checkpoints/<dataset>`` in ``folder``, or ``folder`` itself."""
    places = [folder / dataset, folder / "checkpoints" / dataset, folder.parent / "checkpoints" / dataset]
    return next((place for place in places if place.is_dir()), folder)


def _segmo_folder(folder: Path) -> Path:
    return folder / "output" if (folder / "output").is_dir() else folder


def _statistics_folder(tokenizer: PublishedPart, common: Path) -> Path:
    """A tokenizer's own statistics come first: those of MoMask differ from the data set's."""
    own = [tokenizer.path.parent / "meta", tokenizer.path.parent.parent / "meta"]
    return next((path for path in own if path.is_dir()), own[1] if tokenizer.is_momask else common)
