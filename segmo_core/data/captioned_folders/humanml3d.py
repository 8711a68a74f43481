"""HumanML3D and KIT-ML in their official folders.

``new_joint_vecs/<name>.npy`` (T, 263) or (T, 251), ``texts/<name>.txt``, ``train.txt``, ``val.txt``, ``test.txt``,
``Mean.npy`` and ``Std.npy``. What cannot be used is reported by name with its reason, never dropped silently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captioned_folders.caption_files import CaptionLine, read_caption_file
from segmo_core.data.captioned_folders.captioned_motion import Caption, CaptionedClip, CaptionedDataset, SkippedMotion
from segmo_core.errors import DataError, FileFormatError
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT, FeatureLayout
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import read_text, real_path, write_atomically

FloatArray = NDArray[np.floating]

SPLITS = ("train", "val", "test")
MOTIONS_FOLDER, TEXTS_FOLDER = "new_joint_vecs", "texts"
CACHE_VERSION = 2
SKIPPED_SUFFIX = ".skipped.txt"


@dataclass(frozen=True, eq=False)
class DatasetKind:
    """What differs between the two. Motions shorter than min_frames or of limit_frames and longer are not used.

    Published: HumanML3D 40 to 199 frames at 20 fps, KIT-ML 24 to 199 at 12.5. Times of sub-clips are seconds at the
    frame rate (SegMo; MoMask counts 20 frames a second in KIT-ML too, which points past the end of its motions).
    """

    name: str
    layout: FeatureLayout
    frame_rate: float
    min_frames: int
    limit_frames: int = 200

    def length_problem(self, num_frames: int) -> str | None:
        if num_frames < self.min_frames:
            return f"too short, {num_frames} frames, expected at least {self.min_frames}"
        if num_frames >= self.limit_frames:
            return f"too long, {num_frames} frames, expected fewer than {self.limit_frames}"
        return None


HUMANML3D = DatasetKind("HumanML3D", HUMANML3D_LAYOUT, 20.0, 40)
KIT_ML = DatasetKind("KIT-ML", KIT_LAYOUT, 12.5, 24)
_KINDS = (HUMANML3D, KIT_ML)


def has_layout(folder: Path) -> bool:
    """Whether ``folder`` is laid out like HumanML3D or KIT-ML."""
    return (folder / TEXTS_FOLDER).is_dir()


def dataset_kind(folder: Path) -> DatasetKind:
    """Which of the two it is: by the width of Mean.npy, or of the first motion; where neither is there, by name."""
    if not has_layout(folder):
        raise DataError(f"{folder}: no folder {TEXTS_FOLDER} in it, expected HumanML3D or KIT-ML")
    motion = min((folder / MOTIONS_FOLDER).glob("*.npy"), default=None)
    for path in (folder / "Mean.npy", motion):
        if path is not None and path.is_file():
            width = _read_array(path).shape[-1]
            for kind in _KINDS:
                if kind.layout.dimension == width:
                    return kind
            raise DataError(f"{path}: {width} features, expected 263 (HumanML3D) or 251 (KIT-ML)")
    return KIT_ML if "kit" in real_path(folder).name.lower() else HUMANML3D


def load_humanml3d(
    folder: Path, cache: Path, splits: Sequence[str] = SPLITS, progress: Progress | None = None
) -> CaptionedDataset:
    """The clips of ``splits``; their features are joined in one array in ``cache`` on first use.

    Raises DataError naming what is missing in ``folder``, or when nothing in a split can be used.
    """
    progress = progress or SilentProgress()
    kind = dataset_kind(folder)
    names = {split: _read_split(folder, split) for split in splits}
    statistics = _statistics(folder, kind)
    stamp = _stamp(folder, kind, names)
    base = cache / f"{kind.name}-{'-'.join(splits)}"
    index_path, rows_path = base.with_suffix(".json"), base.with_suffix(".f32")
    if not _is_current(index_path, stamp):
        cache.mkdir(parents=True, exist_ok=True)
        _build(folder, kind, names, index_path, rows_path, stamp, progress)
    index = json.loads(index_path.read_text(encoding="utf-8"))
    dataset = CaptionedDataset(
        folder=folder,
        name=kind.name,
        layout=kind.layout,
        frame_rate=kind.frame_rate,
        clips=[_clip_from(row) for row in index["clips"]],
        features=_mapped(rows_path, kind.layout.dimension),
        statistics=statistics,
        skipped=tuple(SkippedMotion(**row) for row in index["skipped"]),
        skipped_path=index_path.with_suffix(SKIPPED_SUFFIX),
    )
    for split in splits:
        if not dataset.select(split):
            first = next((f" ({skip})" for skip in dataset.skipped if skip.split == split), "")
            raise DataError(f"{folder / split}.txt: none of its {len(names[split])} motions can be used{first}")
    return dataset


def _build(
    folder: Path,
    kind: DatasetKind,
    names: dict[str, list[str]],
    index_path: Path,
    rows_path: Path,
    stamp: str,
    progress: Progress,
) -> None:
    clips: list[CaptionedClip] = []
    skipped: list[SkippedMotion] = []

    def write_rows(path: Path) -> None:  # one motion at a time: all of HumanML3D is 4 GB
        row, total = 0, sum(len(found) for found in names.values())
        listed = [(split, name) for split, found in names.items() for name in found]
        with path.open("wb") as stream:
            for number, (split, name) in enumerate(listed):
                progress.raise_if_cancelled()
                if number % 100 == 0:
                    progress.report(number / total, f"reading {kind.name}, motion {number} of {total}")
                read = _read_motion(folder, kind, split, name, row)
                skipped.extend(read.skipped)
                if read.clips:
                    clips.extend(read.clips)
                    stream.write(np.ascontiguousarray(read.features, dtype="<f4").data)
                    row += len(read.features)

    write_atomically(rows_path, write_rows)
    index = {"stamp": stamp, "clips": [asdict(clip) for clip in clips], "skipped": [asdict(skip) for skip in skipped]}
    listing = "".join(f"{skip.split}: {skip}\n" for skip in skipped)
    write_atomically(index_path.with_suffix(SKIPPED_SUFFIX), lambda path: path.write_text(listing, encoding="utf-8"))
    write_atomically(index_path, lambda path: path.write_text(json.dumps(index), encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class _ReadMotion:
    clips: list[CaptionedClip]
    skipped: list[SkippedMotion]
    features: FloatArray


def _read_motion(folder: Path, kind: DatasetKind, split: str, name: str, row: int) -> _ReadMotion:
    """The clips of one motion, whose features will begin at ``row``; the whole first, then its stretches."""
    nothing = np.zeros((0, kind.layout.dimension), dtype=np.float32)

    def refused(reason: str) -> _ReadMotion:
        return _ReadMotion([], [SkippedMotion(split, name, reason)], nothing)

    try:
        features = _read_array(folder / MOTIONS_FOLDER / f"{name}.npy")
        captions = read_caption_file(folder / TEXTS_FOLDER / f"{name}.txt")
    except (DataError, FileFormatError) as error:
        return refused(str(error))
    if features.ndim != 2 or features.shape[1] != kind.layout.dimension:
        return refused(f"shape {features.shape}, expected (T, {kind.layout.dimension})")
    if not np.isfinite(features).all():
        frame = int(np.argwhere(~np.isfinite(features).all(axis=1))[0, 0])
        return refused(f"frame {frame} holds NaN or infinity")
    problem = kind.length_problem(len(features))
    if problem:
        return refused(problem)
    skipped = [SkippedMotion(split, f"{name}, line {number}", reason) for number, reason in captions.problems]
    clips = []
    whole = tuple(line.caption for line in captions.lines if line.start is None)
    if whole:
        clips.append(CaptionedClip(name, name, split, row, row + len(features), whole, name.startswith("M")))
    for line in captions.lines:
        if line.start is None or line.end is None:
            continue
        start, stop = _frames_of(line, kind, len(features))
        number = line.caption.line + 1
        problem = kind.length_problem(stop - start)
        if problem:
            skipped.append(SkippedMotion(split, f"{name}, line {number}", problem))
        else:
            clip_name = f"{name}@{number}"
            found = CaptionedClip(
                clip_name, name, split, row + start, row + stop, (line.caption,), name.startswith("M")
            )
            clips.append(found)
    if not captions.lines and not skipped:
        return refused("no caption in its text file")
    return _ReadMotion(clips, skipped, features.astype(np.float32))


def _frames_of(line: CaptionLine, kind: DatasetKind, num_frames: int) -> tuple[int, int]:
    start, end = line.start or 0.0, line.end or 0.0
    return min(int(start * kind.frame_rate), num_frames), min(int(end * kind.frame_rate), num_frames)


def _read_array(path: Path) -> FloatArray:
    try:
        found: FloatArray = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path}: not readable as an array ({str(error).splitlines()[0]})") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind != "f":
        raise DataError(f"{path}: not an array of floating point numbers")
    return found


def _read_split(folder: Path, split: str) -> list[str]:
    try:
        text = read_text(folder / f"{split}.txt", "the names of the motions of the split")
    except FileFormatError as error:
        raise DataError(str(error)) from None
    return [name.strip() for name in text.split("\n") if name.strip()]


def _statistics(folder: Path, kind: DatasetKind) -> FeatureStatistics:
    found = []
    for name in ("Mean.npy", "Std.npy"):
        values = _read_array(folder / name).astype(np.float32)
        if values.shape != (kind.layout.dimension,) or not np.isfinite(values).all():
            raise DataError(f"{folder / name}: shape {values.shape}, expected {kind.layout.dimension} finite numbers")
        found.append(values)
    if (found[1] <= 0).any():
        raise DataError(f"{folder / 'Std.npy'}: holds {found[1].min():g}, expected deviations above 0")
    return FeatureStatistics(found[0], found[1])


def _stamp(folder: Path, kind: DatasetKind, names: dict[str, list[str]]) -> str:
    """Changes with the lists, and with the size or time of any file that they name."""
    digest = hashlib.sha256(f"{CACHE_VERSION} {kind.name} {real_path(folder)}".encode())
    for split, listed in names.items():
        digest.update(split.encode())
        for name in listed:
            for path in (folder / MOTIONS_FOLDER / f"{name}.npy", folder / TEXTS_FOLDER / f"{name}.txt"):
                found = path.stat() if path.is_file() else None
                digest.update(f"{name} {found.st_size} {found.st_mtime_ns}".encode() if found else b"-")
    return digest.hexdigest()


def _mapped(path: Path, width: int) -> FloatArray:
    if path.stat().st_size == 0:
        return np.zeros((0, width), dtype=np.float32)
    return np.memmap(path, dtype="<f4", mode="r").reshape(-1, width)


def _is_current(index_path: Path, stamp: str) -> bool:
    if not index_path.is_file() or not index_path.with_suffix(".f32").is_file():
        return False
    try:
        return bool(json.loads(index_path.read_text(encoding="utf-8"))["stamp"] == stamp)
    except (ValueError, KeyError):
        return False


def _clip_from(row: dict[str, Any]) -> CaptionedClip:
    captions = tuple(Caption(c["text"], tuple(c["tags"]), c["line"]) for c in row["captions"])
    return CaptionedClip(**{**row, "captions": captions})
