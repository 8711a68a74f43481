"""Tiny data sets in the layouts of HumanML3D, KIT-ML and mocap22, made from plain formulas."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sample_motions import turning_walk

from segmo_core.data.captioned_folders.humanml3d import KIT_ML
from segmo_core.motion.features import HUMANML3D_LAYOUT, KIT_LAYOUT, features_from_joints, on_floor_facing_forward
from segmo_core.motion.resampling import resample_positions
from segmo_core.motion.skeleton import KIT_SKELETON
from segmo_core.retargeting.to_kit_skeleton import to_kit_skeleton

WALK_LINE = "a person walks forward, then stops#a/DET person/NOUN walk/VERB forward/ADV then/ADV stop/VERB#0.0#0.0\n"
WAVE_LINE = "someone waves#someone/PRON wave/VERB#nan#nan\n"


def walk_features(num_frames: int) -> np.ndarray:
    """(num_frames, 263) float32 of a synthetic walk."""
    joints = turning_walk(num_frames=num_frames + 1).joint_positions
    return features_from_joints(on_floor_facing_forward(joints, HUMANML3D_LAYOUT))


def kit_features(num_frames: int, phase: float = 0.0) -> np.ndarray:
    """(num_frames, 251) float32 of smooth waves."""
    time, column = np.arange(num_frames)[:, None] * 0.2, np.arange(251)[None] * 0.3
    return np.sin(time + column + phase).astype(np.float32)


def write_folder(
    folder: Path,
    motions: Mapping[str, np.ndarray],
    texts: Mapping[str, str],
    splits: Mapping[str, Sequence[str]],
) -> Path:
    """A data set folder; Mean.npy and Std.npy are of all finite motions."""
    (folder / "new_joint_vecs").mkdir(parents=True)
    (folder / "texts").mkdir()
    for name, features in motions.items():
        np.save(folder / "new_joint_vecs" / f"{name}.npy", features)
    for name, text in texts.items():
        (folder / "texts" / f"{name}.txt").write_text(text, encoding="utf-8")
    for split, names in splits.items():
        (folder / f"{split}.txt").write_text("".join(f"{name}\n" for name in names))
    rows = np.concatenate([features for features in motions.values() if np.isfinite(features).all()])
    np.save(folder / "Mean.npy", rows.mean(axis=0))
    np.save(folder / "Std.npy", np.maximum(rows.std(axis=0), 0.05))
    return folder


def small_humanml3d(folder: Path, counts: Mapping[str, int] | None = None) -> Path:
    """A few walks of 64 to 99 frames with two captions each: by default 6 to train on, 2 to validate, 2 to test."""
    motions, texts, splits = {}, {}, {}
    number = 0
    for split, count in (counts or {"train": 6, "val": 2, "test": 2}).items():
        splits[split] = []
        for _ in range(count):
            name = f"{number:06d}"
            motions[name] = walk_features(64 + number % 36)
            texts[name] = WALK_LINE + WAVE_LINE
            splits[split].append(name)
            number += 1
    return write_folder(folder, motions, texts, splits)


def small_mocap22(folder: Path, clips_each: int = 3, num_frames: int = 60) -> Path:
    """``clips_each`` clips for every split of the actions walk and wave, which can only be told by their length."""
    folder.mkdir(parents=True)
    rows, roots, locals_, offsets = [], [], [], [0]
    for split in ("train", "val", "test"):
        for action in ("walk", "wave"):
            for number in range(clips_each):
                joints = turning_walk(num_frames=num_frames + 4 * number).joint_positions
                roots.append(joints[:, 0])
                locals_.append(joints - joints[:, :1])
                offsets.append(offsets[-1] + len(joints))
                rows.append(
                    {
                        "id": f"{split}-{action}-{number}", "source": "made up", "licence": "MIT", "ship": True,
                        "split": split, "action": action, "style": None, "description": None, "frames": len(joints),
                    }
                )  # fmt: skip
    np.savez(
        folder / "motions.npz",
        root=np.concatenate(roots).astype(np.float32),
        local=np.concatenate(locals_).astype(np.float16),
        offsets=np.array(offsets),
    )
    (folder / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    actions = {"walk": ["{subject} walks{style}."], "wave": ["{subject} waves{style}."]}
    tables = {"subjects": ["a person", "someone"], "actions": actions, "styles": {}}
    (folder / "captions.json").write_text(json.dumps(tables))
    (folder / "cmu_captions.json").write_text("{}")
    return folder


def small_kit(folder: Path, counts: Mapping[str, int] | None = None) -> Path:
    """Walks as KIT-ML has them, 21 joints in millimetres at 12.5 fps, with the captions of ``small_humanml3d``."""
    joints = resample_positions(turning_walk(num_frames=320).joint_positions, 20.0, KIT_ML.frame_rate)
    placed = on_floor_facing_forward(to_kit_skeleton(joints, 1000 * KIT_SKELETON.bone_lengths), KIT_LAYOUT)
    features = features_from_joints(placed, KIT_LAYOUT)
    motions, splits = {}, {}
    for split, count in (counts or {"train": 6, "val": 2, "test": 2}).items():
        splits[split] = [f"{len(motions) + number:05d}" for number in range(count)]
        motions |= {name: features[int(name) : int(name) + 66 + int(name) % 30] for name in splits[split]}
    return write_folder(folder, motions, dict.fromkeys(motions, WALK_LINE + WAVE_LINE), splits)
