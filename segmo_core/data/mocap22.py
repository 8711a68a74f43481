"""Data sets of mocap22's layout: 22-joint clips at 20 fps with labels, captions and licences, as features.

Several folders are one data set. Every clip is put on the model's skeleton, on the floor, facing +Z, together with its
mirror image. The result is computed once and cached for as long as no file changes; a clip that cannot be used is
reported by name, never dropped silently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions.clip_sentences import CaptionTables
from segmo_core.data.captions.label_sentences import label_sentence
from segmo_core.data.corrections import corrected
from segmo_core.data.folders import DataFolders, fingerprint, folders_of
from segmo_core.data.pools.fitted_statistics import FEATURE_BIAS, published_statistics
from segmo_core.data.raw_clips import joints_and_features
from segmo_core.errors import ConfigError, DataError, SegmoError
from segmo_core.motion.feature_statistics import FeatureStatistics
from segmo_core.motion.features import HUMANML3D_LAYOUT, FeatureLayout
from segmo_core.motion.mirroring import mirror_joints, mirror_text
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import real_path, write_atomically

FloatArray = NDArray[np.floating]

CACHE_VERSION = 3
_SWAPPED_ACTIONS = {
    "walk-left": "walk-right", "raise-up-left-hand": "raise-up-right-hand", "walk-turn-left": "walk-turn-right",
    "wave-left-hand": "wave-right-hand",
}  # fmt: skip
MIRRORED_ACTION = _SWAPPED_ACTIONS | {right: left for left, right in _SWAPPED_ACTIONS.items()}


@dataclass(frozen=True)
class Clip:
    """One clip. start, stop: its rows in the arrays of the data set. mirrored: left and right exchanged.

    keyframed: drawn by an animator, not recorded.
    """

    name: str
    source: str
    licence: str
    action: str | None
    style: str | None
    description: str | None
    captions: tuple[str, ...]
    split: str
    may_ship: bool
    start: int
    stop: int
    mirrored: bool = False
    keyframed: bool = False

    @property
    def num_frames(self) -> int:
        return self.stop - self.start

    @property
    def group(self) -> str:
        """What the clip is sampled by: its action, or its description, or its source."""
        return self.action or self.description or self.source


@dataclass
class Mocap22:
    """All usable clips and, per frame row, joints (rows, 22, 3) metres and features (rows, 263) float32.

    fingerprint: changes with the content of any file that was read, and with what was left out. What is computed from
    the data is kept under it.
    """

    folders: tuple[Path, ...]
    clips: list[Clip]
    joints: FloatArray
    features: FloatArray
    tables: CaptionTables
    skipped: list[str] = field(default_factory=list)
    fingerprint: str = ""

    @property
    def name(self) -> str:
        """The names of the folders."""
        return ", ".join(real_path(folder).name for folder in self.folders)

    @property
    def layout(self) -> FeatureLayout:
        """Columns of the feature rows."""
        return HUMANML3D_LAYOUT

    def select(self, split: str, *, only_shippable: bool) -> list[Clip]:
        """Clips of one split ("train", "val", "test"), mirror images included."""
        return [clip for clip in self.clips if clip.split == split and (clip.may_ship or not only_shippable)]

    def without(self, left_out: Sequence[str]) -> Mocap22:
        """The data without some sources ("bandai-namco-1") or licences with some word ("NC", "CC BY-NC 4.0").

        ConfigError for what is neither.
        """
        if not left_out:
            return self
        for entry in left_out:
            if not any(_is_under(clip, entry) for clip in self.clips):
                known = sorted({clip.source for clip in self.clips} | {clip.licence for clip in self.clips})
                raise ConfigError(
                    f"leave_out: {entry!r} is no source and in no licence of {self.name}, "
                    f"expected one of {', '.join(known)}, or NC"
                )
        kept = [clip for clip in self.clips if not any(_is_under(clip, entry) for entry in left_out)]
        digest = hashlib.sha256(json.dumps([self.fingerprint, *sorted(left_out)]).encode()).hexdigest()[:16]
        return replace(self, clips=kept, fingerprint=digest)

    def clip_features(self, clip: Clip) -> FloatArray:
        """(T, 263) un-normalised."""
        return self.features[clip.start : clip.stop]

    def clip_joints(self, clip: Clip) -> FloatArray:
        """(T, 22, 3) metres, on the floor, starting at the origin facing +Z."""
        return self.joints[clip.start : clip.stop]

    def sentence(self, clip: Clip, generator: np.random.Generator) -> str:
        """A sentence for the clip, left and right exchanged in the words where the clip is a mirror image.

        Now and then one of the words that the table of acts has for its label.
        """
        said = label_sentence(clip.group, clip.style, self.tables, generator)
        if said is not None:
            return said
        text = self.tables.sentence(clip.action, clip.style, clip.description, clip.captions, generator)
        # Templates of left/right actions were already chosen by the exchanged label; only free text is swapped here.
        uses_template = not clip.captions and clip.action in self.tables.templates
        return mirror_text(text) if clip.mirrored and not uses_template else text

    def statistics(self, clips: list[Clip], bias: float = FEATURE_BIAS) -> FeatureStatistics:
        """Mean and standard deviation (263,) over clips, as published (``published_statistics``)."""
        return published_statistics(np.concatenate([self.clip_features(clip) for clip in clips]), self.layout, bias)


def _is_under(clip: Clip, entry: str) -> bool:
    """Whether ``entry`` names the clip's source, its licence or a word of that."""
    return entry in (clip.source, clip.licence, *clip.licence.replace("-", " ").split())


def load_mocap22(data: DataFolders, cache: Path, progress: Progress | None = None) -> Mocap22:
    """Read one folder or several, computing and caching joints and features on first use.

    Raises DataError naming what is missing, or which clip is in two folders.
    """
    progress = progress or SilentProgress()
    folders = folders_of(data)
    for folder in folders:
        for name in ("motions.npz", "clips.jsonl"):
            if not (folder / name).is_file():
                raise DataError(f"{folder / name}: no such file, expected a data set of mocap22's layout")
    stamp = {"version": CACHE_VERSION, "fingerprints": [fingerprint(folder) for folder in folders]}
    index_path = cache / "index.json"
    if not index_path.is_file() or json.loads(index_path.read_text())["stamp"] != stamp:
        _build_cache(folders, cache, stamp, progress)
    index = json.loads(index_path.read_text())
    clips = [Clip(**{**row, "captions": tuple(row["captions"])}) for row in index["clips"]]
    return Mocap22(
        folders=folders,
        clips=clips,
        joints=np.load(cache / "joints.npy", mmap_mode="r"),
        features=np.load(cache / "features.npy", mmap_mode="r"),
        tables=CaptionTables.load(folders),
        skipped=index["skipped"],
        fingerprint=hashlib.sha256(json.dumps(stamp).encode()).hexdigest()[:16],
    )


def _build_cache(folders: Sequence[Path], cache: Path, stamp: dict[str, Any], progress: Progress) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    clips: list[dict[str, Any]] = []
    skipped: list[str] = []
    all_joints: list[FloatArray] = []
    all_features: list[FloatArray] = []
    found_in: dict[str, Path] = {}
    start = 0
    for part, folder in enumerate(folders):
        rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text(encoding="utf-8").splitlines() if line]
        with np.load(folder / "motions.npz", allow_pickle=False) as archive:
            root, local, offsets = archive["root"], archive["local"], archive["offsets"]
        lasting_apart = {row["part_of"] for row in rows if row.get("part_of")}
        for number, row in enumerate(rows):
            progress.raise_if_cancelled()
            if number % 50 == 0:
                fraction = (part + number / len(rows)) / len(folders)
                progress.report(fraction, f"motion features, clip {number} of {len(rows)} in {folder.name}")
            if (other := found_in.setdefault(row["id"], folder)) != folder:
                raise DataError(f"{folder}: clip {row['id']!r} is in {other} too, expected every clip once")
            if row["id"] in lasting_apart:
                skipped.append(f"{row['id']}: its stretches are clips of their own")
                continue
            span = slice(int(offsets[number]), int(offsets[number + 1]))
            joints = local[span].astype(np.float64) + root[span, None].astype(np.float64)
            for mirrored in (False, True):
                try:
                    world, feature_rows = joints_and_features(mirror_joints(joints) if mirrored else joints)
                except SegmoError as error:
                    skipped.append(f"{row['id']}: {error}")
                    break
                all_joints.append(world.astype(np.float32))
                all_features.append(feature_rows)
                clips.append(_clip_row(corrected(row), start, start + len(feature_rows), mirrored))
                start += len(feature_rows)
    for name, arrays in (("joints", all_joints), ("features", all_features)):
        block = np.concatenate(arrays)
        write_atomically(cache / f"{name}.npy", lambda path, block=block: np.save(path, block))  # type: ignore[misc]
    text = json.dumps({"stamp": stamp, "clips": clips, "skipped": skipped})
    write_atomically(cache / "index.json", lambda path: path.write_text(text))


def _clip_row(row: dict[str, Any], start: int, stop: int, mirrored: bool) -> dict[str, Any]:
    """The fields of ``Clip``."""
    action = row["action"]
    return {
        "name": row["id"], "source": row["source"], "licence": row["licence"],
        "action": MIRRORED_ACTION.get(action, action) if mirrored else action,
        "style": row["style"], "description": row["description"], "captions": row.get("captions") or [],
        "split": row["split"], "may_ship": row["ship"], "start": start, "stop": stop, "mirrored": mirrored,
        "keyframed": bool(row.get("keyframed")),
    }  # fmt: skip
