"""Projects on disk: the same bytes of motion after reopening, and one sentence for every file that is not whole."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_motions import turning_walk

from segmo_core.cli import main
from segmo_core.engine import Engine
from segmo_core.errors import FileFormatError, InvalidRequestError
from segmo_core.generation.kept_tokens import GivenTokens
from segmo_core.generation.request import GenerationRequest
from segmo_core.grounding.grounding_result import GroundingResult
from segmo_core.grounding.segment_check import SegmentCheck, TrackAlignment
from segmo_core.motion.hands.hand_poses import HandPoses
from segmo_core.project.project import GenerationSettings, Project, Take
from segmo_core.project.project_file import (
    FORMAT_VERSION,
    ProjectBundle,
    ProjectFile,
    find_take,
    read_project,
    read_thumbnail,
    write_project,
)
from segmo_core.retargeting.to_model_skeleton import to_model_skeleton
from segmo_core.segmentation.text_segmenter import SegmentedText
from segmo_core.timeline.segment_track import SegmentTrack, TextSegment

PROMPT = "a person walks, then wäves"


@pytest.fixture(scope="module")
def project(tiny_bundle: Path) -> Project:
    """A generated take that was edited and checked, a motion from a file, and an empty take."""
    engine = Engine(tiny_bundle, device="cpu")
    track = SegmentTrack.from_durations(("A person walks.", "A person wäves."), (24, 16))
    result = engine.generate(GenerationRequest(PROMPT, track, seed=2**62))
    check = SegmentCheck("A person walks.", 0.5, 0.75, 0, 24, "swapped", 1)
    generated = Take(
        3,
        "Mine",
        PROMPT,
        SegmentedText(PROMPT, (TextSegment("A person walks.", 0, 14), TextSegment("A person wäves.")), "rules"),
        track.with_boundary(0, 20, 8),
        result,
        groundings=(GroundingResult("waves", 24, 40, 0.1 + 0.2, 1 / 3, np.linspace(0, 1, 40, dtype=np.float32)),),
        alignment=TrackAlignment((check, replace(check, finding=None, other=None)), -0.25),
        starred=True,
        locked=(1,),
        given=(GivenTokens(0, result.token_ids[:5], 11),),
    )
    hands = HandPoses(np.broadcast_to([0.6, 0.0, 0.0, -0.8], (12, 30, 4)), num_found=7)
    read = to_model_skeleton(replace(turning_walk(num_frames=12), hands=hands))
    opened = Take(5, "file", opened=read.motion, source=Path("/somewhere/ä file.bvh"), read_as=read)
    settings = GenerationSettings(seed=7, guidance_scale=2.5, candidates=4)
    return Project((generated, opened, Take(6, "Take 6")), 5, settings)


@pytest.fixture
def saved(project: Project, tmp_path: Path) -> Path:
    path = tmp_path / "mine.segmo"
    write_project(
        ProjectFile(project, ProjectBundle("tiny", Path("/bundles/tiny")), drafts={6: "a pers"}),
        path,
        b"\x89PNG thumbnail",
    )
    return path


def test_a_reopened_project_is_the_same_to_the_bit(project: Project, saved: Path, tmp_path: Path) -> None:
    found = read_project(saved)
    assert found.bundle == ProjectBundle("tiny", Path("/bundles/tiny"))
    assert (found.project.current_id, found.project.settings) == (5, project.settings)
    before, after = project.takes[0], found.project.takes[0]
    assert before.result is not None
    assert after.result is not None
    np.testing.assert_array_equal(after.result.motion.joint_positions, before.result.motion.joint_positions)
    np.testing.assert_array_equal(after.result.motion.local_rotations, before.result.motion.local_rotations)
    np.testing.assert_array_equal(after.result.token_ids, before.result.token_ids)
    assert after.result.request.seed == 2**62
    assert after.result.origin == before.result.origin
    assert (after.track, after.segmented, after.alignment) == (before.track, before.segmented, before.alignment)
    assert after.groundings[0].confidence == 1 / 3
    assert after.plan is not None
    assert before.plan is not None
    assert after.plan.kept == before.plan.kept
    assert (after.starred, after.locked, after.given[0].seed) == (True, (1,), 11)
    np.testing.assert_array_equal(after.given[0].token_ids, before.given[0].token_ids)
    opened = found.project.takes[1]
    assert opened.source == Path("/somewhere/ä file.bvh")
    assert opened.read_as is not None
    assert opened.read_as.summary == project.takes[1].read_as.summary
    assert opened.motion is not None
    assert opened.motion.hands is not None
    assert opened.motion.hands.num_found == 7
    np.testing.assert_array_equal(opened.motion.hands.local_rotations[11, 29], [0.6, 0.0, 0.0, -0.8])
    assert found.project.takes[2].is_empty
    assert found.drafts == {6: "a pers"}
    again = tmp_path / "again.segmo"
    write_project(found, again, read_thumbnail(saved))
    assert again.read_bytes() == saved.read_bytes()


def test_editing_goes_on_after_reopening(project: Project, saved: Path, tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    before, after = project.takes[0].plan, read_project(saved).project.takes[0].plan
    assert before is not None
    assert after is not None
    asked, reopened = engine.regenerate(before, 5), engine.regenerate(after, 5)
    np.testing.assert_array_equal(asked.token_ids, reopened.token_ids)
    np.testing.assert_array_equal(asked.motion.joint_positions, reopened.motion.joint_positions)


def test_foreign_token_ids_are_refused_by_the_model(saved: Path, tiny_bundle: Path) -> None:
    take = read_project(saved).project.takes[0]
    assert take.result is not None
    assert take.track is not None
    strange = replace(take, track=take.result.track.with_text(1, "A person bows."))
    strange = replace(strange, result=replace(take.result, token_ids=take.result.token_ids + 10**6))
    assert strange.plan is not None
    with pytest.raises(InvalidRequestError, match="kept token ids: 1000"):
        Engine(tiny_bundle, device="cpu").regenerate(strange.plan, 1)


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The file with another document, its arrays as they are."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    change(document)
    members["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _take(document: dict[str, Any]) -> dict[str, Any]:
    take: dict[str, Any] = document["project"]["takes"][0]
    return take


BAD_DOCUMENTS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "newer": (lambda d: d.update(version=FORMAT_VERSION + 1), "written by a newer program"),
    "foreign": (lambda d: d.update(format="other"), "format 'other', expected 'segmo-project'"),
    "no takes": (lambda d: d["project"].update(takes=[]), "holds no takes"),
    "number of text": (lambda d: _take(d).update(take_id="x"), r"takes\[0\].take_id: found 'x', expected int"),
    "unknown key": (lambda d: _take(d).update(strange=1), "unknown key 'strange'"),
    "missing key": (lambda d: _take(d).pop("name"), "key 'name' is missing"),
    "lock of nothing": (lambda d: _take(d).update(locked=[7]), "a lock or tokens for a segment that is not there"),
    "bad track": (
        lambda d: _take(d)["track"]["segments"][0].update(end=0),
        r"takes\[0\].track: segment track: segment 1 is empty",
    ),
    "bad rate": (lambda d: _take(d)["result"]["motion"].update(frame_rate=0), "frame rate 0"),
    "endless prompt": (
        lambda d: _take(d).update(prompt="walks " * 1_700_000),
        r"takes\[0\].prompt: 10,200,000 letters, expected at most 100,000",
    ),
    "endless draft": (
        lambda d: d.update(drafts={"3": "walks " * 1_700_000}),
        "draft of take 3: 10,200,000 letters, expected at most 100,000",
    ),
    "infinite": (lambda d: _take(d)["result"].update(seconds=float("inf")), "seconds: found inf, expected float"),
    "huge": (lambda d: _take(d)["result"]["request"].update(seed=10**400), "a number of at most nineteen digits"),
    "unprintable": (
        lambda d: _take(d)["result"]["motion"]["skeleton"]["joint_names"].__setitem__(3, "spine\x1b[2J"),
        "take 3: joint names that cannot be shown",
    ),
    "no array": (
        lambda d: _take(d)["result"]["token_ids"].update(array="nowhere"),
        "the array 'nowhere' is missing",
    ),
    "another array": (
        lambda d: _take(d)["result"]["token_ids"].update(array="project/takes/0/result/motion/joint_positions"),
        "take 3: token ids of shape",
    ),
    "twice": (lambda d: d["project"]["takes"].append(_take(d)), "two takes have one number"),
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_a_document_that_is_not_right_gets_one_sentence(name: str, saved: Path) -> None:
    change, sentence = BAD_DOCUMENTS[name]
    with pytest.raises(FileFormatError, match=sentence) as caught:
        read_project(rewritten(saved, change))
    assert str(caught.value).startswith(f"{saved}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("array", "value", "sentence"),
    [
        ("0/result/motion/local_rotations", 0.0, "take 3: rotations of another length than 1"),
        ("0/result/motion/skeleton/rest_offsets", np.nan, "take 3: a coordinate of nan"),
        ("0/result/motion/joint_positions", 1e300, r"takes\[0\].result.motion: motion: frame 0 holds NaN or infinity"),
        ("1/opened/hands/local_rotations", 3.0, "take 5: rotations of another length than 1"),
        ("1/read_as/motion/hands/local_rotations", np.inf, "hands: rotations hold NaN or infinity"),
    ],
)
def test_motions_that_are_none_get_one_sentence(array: str, value: float, sentence: str, saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = f"project/takes/{array}.npy"
    changed = io.BytesIO()
    np.save(changed, np.full_like(np.load(io.BytesIO(members[name])), value, dtype=np.float64))
    with zipfile.ZipFile(saved, "w") as archive:
        for each, content in {**members, name: changed.getvalue()}.items():
            archive.writestr(each, content)
    with pytest.raises(FileFormatError, match=sentence):
        read_project(saved)


def test_damaged_files_are_refused_and_never_anything_else(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    damaged = tmp_path / "damaged.segmo"
    refused = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        content = bytearray(whole)
        if seed % 3 == 0:
            content = content[: int(rng.integers(0, len(content)))]
        else:
            for place in rng.integers(0, len(content), 20):
                content[place] = int(rng.integers(0, 256))
        damaged.write_bytes(bytes(content))
        try:
            read_project(damaged)
        except FileFormatError as error:
            refused += str(error).startswith(str(damaged))
    assert refused >= 100


def test_an_unwritable_place_leaves_what_was_there(project: Project, saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_project(ProjectFile(project), tmp_path / "nowhere" / "x.segmo")
    assert saved.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.segmo"]


def test_a_take_is_named_by_its_number(project: Project) -> None:
    assert find_take(project, None, Path("p")).take_id == 5
    assert find_take(project, 3, Path("p")).name == "Mine"
    with pytest.raises(InvalidRequestError, match="take: 4 is not in p, expected one of 3, 5, 6"):
        find_take(project, 4, Path("p"))


def test_the_command_line_exports_a_take(saved: Path, tmp_path: Path, project: Project) -> None:
    output = tmp_path / "take.npy"
    assert main(["export", str(saved), "--take", "3", "-o", str(output)]) == 0
    result = project.takes[0].result
    assert result is not None
    np.testing.assert_allclose(np.load(output), result.motion.joint_positions, atol=1e-6)


def test_the_command_line_tells_what_is_in_a_project(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(saved), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [take["take"] for take in told["takes"]] == [3, 5, 6]
    assert told["takes"][0]["seed"] == 2**62
    assert [segment["text"] for segment in told["takes"][0]["segments"]] == ["A person walks.", "A person wäves."]
    assert main(["info", str(saved)]) == 0
    assert "Mine" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--take", "4"], "take: 4 is not in"),
        (["--take", "6"], "take 6 (Take 6) has no motion yet"),
        (["--keep-skeleton"], "keep-skeleton: given for a project"),
    ],
)
def test_what_a_project_does_not_have_is_said(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["export", str(saved), *arguments, "-o", str(tmp_path / "x.bvh")]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert sentence in told
    assert not (tmp_path / "x.bvh").exists()


def test_only_projects_have_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path / "x.bvh"), "--take", "1", "-o", str(tmp_path / "y.bvh")]) == 2
    assert "expected a project (.segmo)" in " ".join(capsys.readouterr().err.split())


def test_a_file_of_version_1_opens_without_marks(saved: Path) -> None:
    def older(document: dict[str, Any]) -> None:
        document["version"] = 1
        for take in document["project"]["takes"]:
            for name in ("starred", "locked", "given"):
                del take[name]

    take = read_project(rewritten(saved, older)).project.takes[0]
    assert (take.starred, take.locked, take.given) == (False, (), ())
