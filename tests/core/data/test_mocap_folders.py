"""Data folders of mocap22's layout: several at once, kept by content, put right, left out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from captioned_folders import small_humanml3d, small_mocap22

from segmo_core.cli import main
from segmo_core.data.composition.sequences import Composer, CompositionSettings
from segmo_core.data.corrections import corrected
from segmo_core.data.folders import fingerprint, folders_of, is_mocap22, the_only
from segmo_core.data.mocap22 import load_mocap22
from segmo_core.data.pools.token_pool import compose_pool
from segmo_core.data.raw_clips import joints_and_features, with_every_bone
from segmo_core.errors import ConfigError, DataError
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS, SMPL_JOINT_NAMES

FEW = CompositionSettings(num_sequences=4, min_segment_frames=8, max_segment_frames=40, max_frames=80)


def rewritten(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text().splitlines()]
    for row in rows:
        change(row)
    (folder / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_mocap22(tmp_path / "first", clips_each=1)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Clips of other names, drawn by hand, under another licence."""
    other = small_mocap22(tmp_path / "second", clips_each=1)
    rewritten(
        other,
        lambda row: row.update(
            id=f"drawn-{row['id']}", keyframed=True, action="fly", source="pack", licence="CC BY-NC 4.0",
            captions=["a person flies."],
        ),
    )  # fmt: skip
    return other


def test_two_folders_are_one_data_set(folder: Path, other: Path, tmp_path: Path) -> None:
    both = load_mocap22([folder, other], tmp_path / "cache")
    alone = load_mocap22(folder, tmp_path / "alone")
    assert both.name == "first, second"
    assert len(both.clips) == 2 * len(alone.clips)
    assert len(both.features) == both.clips[-1].stop == 2 * len(alone.features)
    assert [clip.keyframed for clip in both.clips] == [False] * len(alone.clips) + [True] * len(alone.clips)
    assert both.sentence(both.clips[-1], np.random.default_rng(0)) == "a person flies."


def test_a_clip_in_two_folders_is_refused(folder: Path, tmp_path: Path) -> None:
    twin = shutil.copytree(folder, tmp_path / "twin")
    with pytest.raises(DataError, match=r"twin: clip 'train-walk-0' is in .*first too, expected every clip once"):
        load_mocap22([folder, twin], tmp_path / "cache")
    with pytest.raises(DataError, match="first: given twice"):
        folders_of([folder, folder])
    with pytest.raises(DataError, match="no folder given"):
        folders_of([])


def test_folders_of_other_layouts_stand_alone(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    humanml3d = small_humanml3d(tmp_path / "HumanML3D")
    assert is_mocap22(folder)
    assert not is_mocap22([folder, humanml3d])
    assert the_only(humanml3d) == humanml3d
    folders = ["--data", str(folder), "--data", str(humanml3d)]
    assert main(["evaluate", "text-to-motion", *folders, "--real-only", "--cache", str(tmp_path)]) == 2
    assert main(["evaluate", "segmentation", *folders, "--cache", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert "expected --evaluator" in printed
    assert "motions.npz: no such file" in printed
    with pytest.raises(DataError, match="HumanML3D: not mocap22"):
        the_only([folder, humanml3d])


@pytest.mark.parametrize(
    ("key", "value"), [("ship", False), ("captions", ["a person strolls."]), ("split", "test"), ("licence", "NC")]
)
def test_what_is_corrected_in_the_folder_is_seen(folder: Path, tmp_path: Path, key: str, value: object) -> None:
    before = load_mocap22(folder, tmp_path / "cache")
    first = fingerprint(folder)
    rewritten(folder, lambda row: row.update({key: value}) if row["id"] == "train-walk-0" else None)
    after = load_mocap22(folder, tmp_path / "cache")
    assert fingerprint(folder) != first
    assert after.fingerprint != before.fingerprint
    assert len(after.clips) == len(before.clips)
    clip = next(clip for clip in after.clips if clip.name == "train-walk-0")
    seen = {"ship": clip.may_ship, "captions": list(clip.captions), "split": clip.split, "licence": clip.licence}
    assert seen[key] == value


def test_a_changed_caption_table_makes_new_sequences(folder: Path, tmp_path: Path) -> None:
    def sentences() -> set[str]:
        data = load_mocap22(folder, tmp_path / "cache")
        pool = compose_pool(data, "train", FEW, tmp_path / "cache", only_shippable=True)
        return {line for sequence in pool.sentences for wording in sequence for line in wording}

    assert not any("saunter" in line for line in sentences())
    table = json.loads((folder / "captions.json").read_text())
    table["actions"]["walk"] = ["{subject} saunters{style}."]
    (folder / "captions.json").write_text(json.dumps(table))
    assert any("saunter" in line for line in sentences())


def test_a_ship_flag_taken_back_takes_the_clip_out(folder: Path, tmp_path: Path) -> None:
    kept = load_mocap22(folder, tmp_path / "cache").select("train", only_shippable=True)
    rewritten(folder, lambda row: row.update(ship=row["action"] != "wave"))
    left = load_mocap22(folder, tmp_path / "cache").select("train", only_shippable=True)
    assert {clip.action for clip in kept} == {"walk", "wave"}
    assert {clip.action for clip in left} == {"walk"}


def test_names_of_folders_and_times_change_nothing(folder: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(folder, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    assert fingerprint(moved) == fingerprint(folder)


def test_sources_and_licences_are_left_out(folder: Path, other: Path, tmp_path: Path) -> None:
    data = load_mocap22([folder, other], tmp_path / "cache")
    for entry in ("NC", "pack", "CC BY-NC 4.0"):
        rest = data.without([entry])
        assert {clip.source for clip in rest.clips} == {"made up"}
        assert rest.fingerprint != data.fingerprint
    assert data.without([]) is data
    with pytest.raises(ConfigError, match=r"leave_out: 'bandai' is no source and in no licence of first, second"):
        data.without(["bandai"])


def test_drawn_clips_are_drawn_apart(folder: Path, other: Path, tmp_path: Path) -> None:
    data = load_mocap22([folder, other], tmp_path / "cache")
    clips = data.select("train", only_shippable=True)

    def share(keyframed_share: float) -> float:
        settings = CompositionSettings(
            keyframed_share=keyframed_share, still_share=0, repeat_share=0, simultaneous_share=0, min_segment_frames=8,
            max_segment_frames=24, max_frames=80,
        )  # fmt: skip
        composer = Composer(data, clips, settings)
        actions = [action for number in range(60) for action in composer.compose(number).actions]
        return actions.count("fly") / len(actions)

    assert share(0.0) == 0.0
    assert 0.1 < share(0.25) < 0.4


def test_bones_of_no_length_follow_their_neighbours() -> None:
    stooping = np.zeros((8, 22, 3))
    way = np.array([0.0, 0.6, 0.8])
    spine = [SMPL_JOINT_NAMES.index(name) for name in ("pelvis", "spine1", "spine2", "spine3", "neck", "head")]
    for number, joint in enumerate(spine):
        stooping[:, joint] = way * 0.1 * (number - (number > 2))  # spine3 lies where spine2 does
    filled = with_every_bone(stooping)
    bone = filled[:, spine[3]] - filled[:, spine[2]]
    assert np.allclose(bone, way * HUMANML3D_BONE_LENGTHS[spine[3]])
    assert np.allclose(filled[:, spine[4]] - filled[:, spine[3]], way * 0.1)


def test_mislabelled_clips_are_put_right() -> None:
    row = {
        "id": "accad_Male1_B24_WalkToCrouch",
        "action": "walk, kneel",
        "captions": ["a person kneels."],
        "ship": True,
    }
    assert corrected(row)["action"] == "walk, squat"
    assert corrected(row)["ship"]
    assert not any("kneel" in line for line in corrected(row)["captions"])
    assert corrected({"id": "x", "action": "walk"}) == {"id": "x", "action": "walk"}


def test_the_projects_data_has_no_unfilled_bone() -> None:
    source = Path(__file__).resolve().parents[4] / "shared" / "data" / "mocap22"
    if not source.is_dir():
        pytest.skip("the mocap22 data set is not here")
    rows = [json.loads(line) for line in (source / "clips.jsonl").read_text().splitlines()]
    number = next(i for i, row in enumerate(rows) if row["id"] == "cmu_05_10")
    with np.load(source / "motions.npz") as archive:
        root, local, offsets = archive["root"], archive["local"], archive["offsets"]
    span = slice(int(offsets[number]), int(offsets[number + 1]))
    joints = local[span].astype(np.float64) + root[span, None]
    world, _ = joints_and_features(joints)
    assert np.linalg.norm(joints[:, 9] - joints[:, 6], axis=-1).max() < 1e-3
    assert np.allclose(np.linalg.norm(world[:, 9] - world[:, 6], axis=-1), HUMANML3D_BONE_LENGTHS[9])
    assert np.median(world[..., 1].min(axis=1)) < 0.03
