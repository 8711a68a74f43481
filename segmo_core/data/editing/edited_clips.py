"""Edited clips: motion nobody recorded, made from what was, with labels that are true because they were made so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmo_core.data.captions.action_words import caption
from segmo_core.data.editing.body import PELVIS
from segmo_core.data.editing.families import FAMILIES, Bases, Drawn, Family
from segmo_core.data.editing.gate import complaint
from segmo_core.data.editing.labels import disagreement
from segmo_core.data.editing.told import Told
from segmo_core.data.mocap22 import Clip, Mocap22
from segmo_core.data.raw_clips import on_the_models_skeleton
from segmo_core.errors import SegmoError
from segmo_core.progress import Progress, SilentProgress
from segmo_core.serialization import write_atomically

FloatArray = NDArray[np.floating]

EDITING_VERSION = 4  # of what is made
_ATTEMPTS = 5
_LONGEST, _SHORTEST = 196, 16  # frames
_IN_FLIGHT = ("jump", "hop", "skip-rope")
_AT_A_RUN = ("run", "sprint", "jog")
# How often an amount that is true is also told.
_TOLD_SHARES = {
    "count": 0.85,
    "distance": 0.85,
    "steps": 0.95,
    "turn": 0.7,
    "speed": 1.0,
    "side": 0.6,
    "direction": 0.9,
}
_ONCE_TOLD = 0.3


@dataclass(frozen=True, eq=False)
class EditedClip:
    """joints (T, 22, 3) metres on the model's skeleton and the floor, of what ``told`` says."""

    joints: FloatArray
    told: Told

    @property
    def begins_low(self) -> bool:
        """Whether it begins sitting, kneeling or lying."""
        return bool(self.joints[0, PELVIS, 1] < 0.8)

    def sentence(self, generator: np.random.Generator) -> str:
        """A sentence about it, in some of the many words there are."""
        return told_sentence(self.told, generator)


def told_sentence(told: Told, generator: np.random.Generator) -> str:
    """A sentence for what is told; amounts are left out now and then, where the words stay true without them."""
    concept, plain = told.concept, told.plain()
    del plain["concept"]
    kept = {name: value for name, value in plain.items() if generator.random() < _TOLD_SHARES[name]}
    if kept.get("count") == 1 and generator.random() > _ONCE_TOLD:
        del kept["count"]
    speed = kept.get("speed")
    if speed is not None and generator.random() < 0.4:
        other = _named_speed(concept, speed)
        if other != concept:
            concept = other
            del kept["speed"]
    if "turn" in kept and "direction" in plain:
        kept["direction"] = plain["direction"]
    gait = "run" if concept.startswith(_AT_A_RUN) else "walk"
    try:
        return caption(concept, generator, gait=gait, **kept)
    except SegmoError:  # this act cannot be told without its side or way
        return caption(concept, generator, gait=gait, **{n: v for n, v in plain.items() if n != "speed"})


def _named_speed(concept: str, speed: float) -> str:
    if concept == "walk":
        return "walk-slowly" if speed < 0.8 else "walk-fast" if speed > 1.5 else concept
    return "jog" if concept == "run" and speed < 2.4 else concept


def edited_clips(
    data: Mocap22, clips: Sequence[Clip], count: int, seed: int, progress: Progress | None = None
) -> Iterator[EditedClip]:
    """``count`` edited clips of ``clips``; number i depends on the clips, the seed and i alone.

    Families whose bases are not among the clips are left out; nothing at all comes where none is left.
    """
    progress = progress or SilentProgress()
    bases = Bases(data, clips)
    families = [family for family in FAMILIES if getattr(bases, family.needs)]
    if not families:
        return
    weights = np.array([family.weight for family in families])
    weights /= weights.sum()
    for number in range(count):
        progress.raise_if_cancelled()
        if number % 100 == 0:
            progress.report(number / count, f"edited clip {number} of {count}")
        generator = np.random.default_rng([seed, number])
        family = families[int(generator.choice(len(families), p=weights))]
        clip = made(family, bases, generator)
        if clip is not None:
            yield clip


def made(family: Family, bases: Bases, generator: np.random.Generator) -> EditedClip | None:
    """A clip of a family that passes the gate and does what it is told to; None where several tries did not."""
    for _ in range(_ATTEMPTS):
        act = family.make(Drawn(bases, generator), generator)
        if not _SHORTEST <= len(act.joints) <= _LONGEST:
            continue
        joints = on_the_models_skeleton(act.joints)
        walks = act.told.concept.startswith(("walk", "tiptoe", "sneak"))
        if complaint(joints, walks=walks, jumps=act.told.concept.startswith((*_IN_FLIGHT, *_AT_A_RUN))) is not None:
            continue
        if disagreement(joints, act.told) is None:
            return EditedClip(joints.astype(np.float32), act.told)
    return None


def kept_edited_clips(
    data: Mocap22, clips: Sequence[Clip], count: int, seed: int, cache: Path, progress: Progress | None = None
) -> list[EditedClip]:
    """``edited_clips``, from ``cache`` where they were made before."""
    names = hashlib.sha256(json.dumps([[clip.name, clip.mirrored] for clip in clips]).encode()).hexdigest()
    key = hashlib.sha256(f"{EDITING_VERSION} {data.fingerprint} {names} {count} {seed}".encode()).hexdigest()[:12]
    folder = cache / f"edited-{key}"
    if not (folder / "index.json").is_file():
        found = list(edited_clips(data, clips, count, seed, progress))
        folder.mkdir(parents=True, exist_ok=True)
        rows = np.concatenate([clip.joints for clip in found]) if found else np.zeros((0, 22, 3), dtype=np.float32)
        index = [[len(clip.joints), clip.told.plain()] for clip in found]
        write_atomically(folder / "joints.npy", lambda path: np.save(path, rows))
        write_atomically(folder / "index.json", lambda path: path.write_text(json.dumps(index)))
    joints = np.load(folder / "joints.npy", mmap_mode="r")
    read, start = [], 0
    for length, plain in json.loads((folder / "index.json").read_text()):
        read.append(EditedClip(joints[start : start + length], Told.of(plain)))
        start += length
    return read
