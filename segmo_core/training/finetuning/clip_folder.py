"""Own and rehearsed clips as one data set of mocap22's layout, for sequences to be joined of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from segmo_core.bundle_folder import new_folder
from segmo_core.serialization import write_json
from segmo_core.training.finetuning.own_clips import OwnClip

OWN, REHEARSED = "own", "rehearsed"


def write_clip_folder(
    folder: Path, own: Sequence[OwnClip], rehearsed: Sequence[OwnClip], own_share: float, licence: str
) -> Path:
    """Write clips as mocap22 has them; of every fourth rehearsed one, and of all own ones, validation sees a copy.

    own_share: of the segments of joined sequences, about, that show own clips. Clips are drawn by the frames of their
    action, so own ones stand there as often as that takes. Raises BundleError where the folder cannot be written.
    """
    copies = _copies(own, rehearsed, own_share)
    rows: list[tuple[OwnClip, str, str, str]] = []
    for number in range(copies):
        rows += [(clip, f"{clip.name}#{number}", OWN, "train") for clip in own]
    rows += [(clip, f"{clip.name}#val", OWN, "val") for clip in own]
    for number, clip in enumerate(rehearsed):
        rows.append((clip, clip.name, REHEARSED, "val" if number % 4 == 3 else "train"))
    with new_folder(folder) as temporary:
        joints = np.concatenate([clip.joints for clip, *_ in rows]).astype(np.float32)
        np.savez(
            temporary / "motions.npz",
            root=joints[:, 0],
            local=joints - joints[:, :1],
            offsets=np.cumsum([0, *(len(clip.joints) for clip, *_ in rows)]),
        )
        listed = [
            {
                "id": name, "source": source, "licence": licence, "action": clip.action, "style": None,
                "description": None, "captions": list(clip.texts), "frames": len(clip.joints), "split": split,
                "ship": True,
            }
            for clip, name, source, split in rows
        ]  # fmt: skip
        lines = "".join(json.dumps(row) + "\n" for row in listed)
        (temporary / "clips.jsonl").write_text(lines, encoding="utf-8")
        write_json(temporary / "captions.json", {"subjects": ["a person"], "actions": {}, "styles": {}})
        write_json(temporary / "cmu_captions.json", {})
    return folder


def _copies(own: Sequence[OwnClip], rehearsed: Sequence[OwnClip], own_share: float) -> int:
    """How often own clips are listed, so that about ``own_share`` of the draws are theirs."""
    exponent = 0.8  # CompositionSettings.action_exponent

    def weight(clips: Iterable[OwnClip]) -> float:
        frames: dict[str, int] = {}
        for clip in clips:
            frames[clip.action] = frames.get(clip.action, 0) + len(clip.joints)
        return float(sum(count**exponent for count in frames.values()))

    if not rehearsed:
        return 1
    wanted = own_share / (1 - own_share) * weight(rehearsed) * 0.75 / weight(own)
    return max(1, round(float(wanted ** (1 / exponent))))
