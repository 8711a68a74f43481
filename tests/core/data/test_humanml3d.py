"""HumanML3D and KIT-ML folders: what is read, and that nothing disappears without a word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from captioned_folders import WALK_LINE, WAVE_LINE, kit_features, small_humanml3d, walk_features, write_folder

from segmo_core.data.captioned_folders.humanml3d import HUMANML3D, KIT_ML, dataset_kind, load_humanml3d
from segmo_core.errors import DataError


def test_clips_hold_the_rows_and_captions_of_their_files(tmp_path: Path) -> None:
    folder = small_humanml3d(tmp_path / "set")
    data = load_humanml3d(folder, tmp_path / "cache")
    assert (data.name, data.frame_rate, len(data.clips), data.skipped) == ("HumanML3D", 20.0, 10, ())
    clip = data.select("val")[0]
    np.testing.assert_array_equal(data.clip_features(clip), np.load(folder / "new_joint_vecs" / "000006.npy"))
    assert [caption.text for caption in clip.captions] == ["a person walks forward, then stops", "someone waves"]
    assert clip.captions[0].tags[:3] == ("a/DET", "person/NOUN", "walk/VERB")
    np.testing.assert_array_equal(data.statistics.mean, np.load(folder / "Mean.npy"))


def test_a_stretch_is_a_clip_of_its_own_and_hides_the_whole_without_captions(tmp_path: Path) -> None:
    features = walk_features(150)
    lines = "a man bows#a/DET#1.5#4.0\na man waves#a/DET#0.0#1.0\n"
    texts = {"a": lines, "b": "a man bows#a/DET#1.5#4.0\n" + WALK_LINE}
    folder = write_folder(tmp_path / "set", {"a": features, "b": features}, texts, {"train": ["a", "b"]})
    data = load_humanml3d(folder, tmp_path / "cache", ["train"])
    assert [(clip.name, clip.num_frames) for clip in data.clips] == [("a@1", 50), ("b", 150), ("b@1", 50)]
    np.testing.assert_array_equal(data.clip_features(data.clips[0]), features[30:80])
    assert [str(skip) for skip in data.skipped] == ["a, line 2: too short, 20 frames, expected at least 40"]


def test_kit_counts_its_own_frames(tmp_path: Path) -> None:
    texts = {"00001": "a person kneels#a/DET#2.0#6.0\n" + WAVE_LINE}
    folder = write_folder(tmp_path / "set", {"00001": kit_features(80)}, texts, {"train": ["00001"]})
    data = load_humanml3d(folder, tmp_path / "cache", ["train"])
    assert (data.name, data.frame_rate, data.features.shape[1]) == ("KIT-ML", 12.5, 251)
    assert [(clip.start, clip.stop) for clip in data.clips] == [(0, 80), (25, 75)]
    assert KIT_ML.length_problem(24) is None
    assert HUMANML3D.length_problem(24) is not None


def test_every_motion_that_cannot_be_used_is_named_with_its_reason(tmp_path: Path) -> None:
    broken = walk_features(60)
    broken[7, 3] = np.nan
    motions = {
        "good": walk_features(60), "nan": broken, "short": walk_features(39), "long": walk_features(200),
        "untold": walk_features(60), "silent": walk_features(60), "wide": np.zeros((60, 12), dtype=np.float32),
    }  # fmt: skip
    texts = {name: WALK_LINE for name in motions if name != "untold"} | {"silent": "\n"}
    texts["good"] = "only a caption\n" + WALK_LINE + "a person runs#a/DET#1#soon\n"
    names = [*motions, "absent"]
    folder = write_folder(tmp_path / "set", {k: v for k, v in motions.items() if k != "wide"}, texts, {"test": names})
    np.save(folder / "new_joint_vecs" / "wide.npy", motions["wide"])
    (folder / "new_joint_vecs" / "torn.npy").write_bytes(b"\x93NUMPY\x01")
    (folder / "test.txt").write_text((folder / "test.txt").read_text() + "torn\n")
    data = load_humanml3d(folder, tmp_path / "cache", ["test"])
    reasons = {skip.name: skip.reason for skip in data.skipped}
    assert [clip.name for clip in data.clips] == ["good"]
    assert reasons["good, line 1"] == "1 fields, expected caption#tags#start#end"
    assert "start '1' and end 'soon'" in reasons["good, line 3"]
    assert reasons["nan"] == "frame 7 holds NaN or infinity"
    assert "too short, 39 frames" in reasons["short"]
    assert "too long, 200 frames" in reasons["long"]
    assert "untold.txt: no such file" in reasons["untold"]
    assert reasons["silent"] == "no caption in its text file"
    assert reasons["wide"] == "shape (60, 12), expected (T, 263)"
    assert "absent.npy: no such file" in reasons["absent"]
    assert "torn.npy: not readable as an array" in reasons["torn"]
    assert len(reasons) == 10
    assert data.skipped_path is not None
    listed = data.skipped_path.read_text().splitlines()
    assert len(listed) == 10
    assert "test: nan: frame 7 holds NaN or infinity" in listed
    assert "10 motions or captions left out" in data.notices[0]


def test_the_cache_follows_the_files(tmp_path: Path) -> None:
    folder = small_humanml3d(tmp_path / "set")
    before = load_humanml3d(folder, tmp_path / "cache", ["test"])
    assert len(before.select("test")[0].captions) == 2
    (folder / "texts" / "000008.txt").write_text(WALK_LINE)
    after = load_humanml3d(folder, tmp_path / "cache", ["test"])
    assert len(after.select("test")[0].captions) == 1


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "val.txt").unlink(), r"val\.txt: no such file"),
        (
            lambda folder: (folder / "val.txt").write_bytes(b"\xff"),
            r"val\.txt: not a text file in UTF-8, expected the n",
        ),
        (lambda folder: (folder / "Std.npy").unlink(), r"Std\.npy: no such file"),
        (lambda folder: np.save(folder / "Std.npy", np.zeros(263)), r"Std\.npy: holds 0"),
        (lambda folder: np.save(folder / "Mean.npy", np.zeros(10)), r"Mean\.npy: 10 features"),
        (lambda folder: (folder / "val.txt").write_text("nobody\n"), r"val\.txt: none of its 1 motions can be used"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_sentence(tmp_path: Path, spoil, sentence: str) -> None:
    folder = small_humanml3d(tmp_path / "set")
    spoil(folder)
    with pytest.raises(DataError, match=sentence):
        load_humanml3d(folder, tmp_path / "cache")


def test_without_motions_the_name_of_the_folder_decides(tmp_path: Path) -> None:
    for name, kind in (("KIT-ML", KIT_ML), ("other", HUMANML3D)):
        (tmp_path / name / "texts").mkdir(parents=True)
        assert dataset_kind(tmp_path / name) is kind
    with pytest.raises(DataError, match="no folder texts"):
        dataset_kind(tmp_path)
