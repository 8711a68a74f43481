"""Files of several clips in a library: every clip is one motion, found by itself, and a second run reads nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_motions import turning_walk

from segmo_core import motion_files
from segmo_core.engine import Engine
from segmo_core.formats.registry import write_motion
from segmo_core.library.clip_folders import clip_file_names
from segmo_core.library.index import MotionIndex


def two_people(path: Path, *, second_has_arms: bool = True) -> None:
    """A BVH of two people called one and two/2; the second may lack what makes a body."""
    write_motion(turning_walk(num_frames=40), path)
    head, rows = path.read_text().removeprefix("HIERARCHY\n").split("MOTION\n")
    declared, values = rows.split("\n", 2)[:2], rows.split("\n", 2)[2]
    if second_has_arms:
        both = "\n".join(f"{row} {row}" for row in values.strip().split("\n"))
        other = head.replace("ROOT pelvis", "ROOT two/2")
    else:
        both = "\n".join(f"{row} 0 0 0" for row in values.strip().split("\n"))
        other = (
            "ROOT two/2\n{\nOFFSET 0 0 0\nCHANNELS 3 Xrotation Yrotation Zrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n"
        )
    head = head.replace("ROOT pelvis", "ROOT one")
    path.write_text("\n".join(["HIERARCHY", head + other, "MOTION", *declared, both]))


def test_names_of_clips_are_names_of_files() -> None:
    assert clip_file_names(["Walk", "walk", "a/b:c", "..", "walk"]) == ("Walk", "walk (1)", "a_b_c", "clip", "walk (4)")


def test_every_clip_is_indexed(tmp_path: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, library = tmp_path / "motions", tmp_path / "library"
    folder.mkdir()
    two_people(folder / "pair.bvh")
    write_motion(turning_walk(num_frames=48), folder / "alone.npz")
    engine = Engine(tiny_bundle, device="cpu")
    report = engine.add_to_library(library, [folder], all_clips=True)
    assert sorted(path.name for path in report.added) == ["alone.npz", "one.npz"]
    assert [path.name for path in report.copies] == ["two_2.npz"], "of the same content"
    (clips,) = (library / "clips").iterdir()
    assert clips.name.startswith("pair-")
    assert motion_files.read(clips / "two_2.npz").motion.num_frames == 40
    found = engine.search_library(library, "a person walks", 10)
    assert {hit.path.name for hit in found} <= {"alone.npz", "one.npz", "two_2.npz"}
    assert MotionIndex(library).info().num_files == 3

    def unwanted(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(motion_files, "open_retargeted", unwanted)
    monkeypatch.setattr(motion_files, "read", unwanted)
    again = engine.add_to_library(library, [folder], all_clips=True)
    assert (len(again.unchanged), again.added, dict(again.failures)) == (3, (), {})


def test_a_clip_that_is_no_person_is_told(tmp_path: Path, tiny_bundle: Path) -> None:
    two_people(tmp_path / "pair.bvh", second_has_arms=False)
    (tmp_path / "broken.bvh").write_text("HIERARCHY")
    report = Engine(tiny_bundle, device="cpu").add_to_library(
        tmp_path / "library", [tmp_path / "pair.bvh", tmp_path / "broken.bvh"], all_clips=True
    )
    assert [path.name for path in report.added] == ["one.npz"]
    (sentence,) = report.warnings[tmp_path / "pair.bvh"]
    assert sentence.startswith("clip 'two/2' is left out: skeleton: no joint found for left_hip")
    assert [path.name for path in report.failures] == ["broken.bvh"]
