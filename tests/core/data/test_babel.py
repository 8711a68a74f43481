"""BABEL's labels as boundaries of actions, and the segmenters against them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from captioned_folders import small_mocap22

from segmo_core.cli import main
from segmo_core.data.babel import FrameLabel, action_ends, read_babel, stretches_of
from segmo_core.errors import FileFormatError


def labels(*rows: tuple[str, float, float]) -> list[FrameLabel]:
    return [FrameLabel(*row) for row in rows]


def test_a_frame_has_the_label_that_began_last() -> None:
    """A turn while walking is a turn; the walk goes on after it."""
    overlapping = labels(("walk", 0.0, 4.0), ("turn", 1.0, 2.0), ("wave", 4.0, 5.0))
    assert action_ends(overlapping, 100) == (20, 40, 80, 100)


def test_transitions_and_gaps_go_with_the_action_before() -> None:
    rows = labels(("transition", 0.0, 0.5), ("walk", 0.5, 1.0), ("transition", 1.0, 1.5), ("sit", 2.0, 3.0))
    assert action_ends(rows, 80) == (40, 80)
    assert action_ends(labels(("walk", 0.0, 1.0), ("transition", 1.0, 1.2), ("walk", 1.2, 2.0)), 40) == (40,)
    assert action_ends([], 40) == ()


def test_actions_shorter_than_a_token_go_with_the_one_before() -> None:
    assert action_ends(labels(("walk", 0, 2), ("hop", 2, 2.1), ("sit", 2.1, 4)), 80) == (42, 80)


def test_long_motions_are_taken_in_stretches_of_whole_actions() -> None:
    found = stretches_of((60, 120, 180, 240, 600, 640, 660))
    assert [(one.start, one.stop, one.ends) for one in found] == [
        (0, 180, (60, 120, 180)), (600, 660, (40, 60)),
    ]  # fmt: skip
    assert [one.ends for one in stretches_of((20, 40, 60, 80, 100, 120, 140))] == [
        (20, 40, 60, 80, 100), (20, 40),
    ]  # fmt: skip


PUBLIC = {
    "536": {
        "babel_sid": 536, "feat_p": "CMU/CMU/05/05_13_poses.npz", "dur": 3.0, "seq_ann": {"labels": []},
        "frame_ann": {
            "labels": [
                {"raw_label": "walking", "proc_label": "walk", "act_cat": ["walk"], "start_t": 0.0, "end_t": 1.5},
                {"raw_label": "sits", "proc_label": None, "act_cat": ["sit"], "start_t": 1.5, "end_t": 3.0},
            ]
        },
    },
    "7": {"babel_sid": 7, "feat_p": "KIT/KIT/3/walk_poses.npz", "dur": 1.0, "frame_ann": None},
    "8": {
        "feat_p": "CMU/CMU/01/01_02_poses.npz",
        "frame_anns": [
            {"labels": [{"raw_label": "jump", "proc_label": "jump", "start_t": 0, "end_t": 1}]},
            {"labels": []},
        ],
    },
}  # fmt: skip


def test_the_public_file_and_its_extra_are_read(tmp_path: Path) -> None:
    (tmp_path / "val.json").write_text(json.dumps(PUBLIC))
    found = read_babel(tmp_path / "val.json")
    assert found["cmu_05_13"] == (FrameLabel("walk", 0.0, 1.5), FrameLabel("sits", 1.5, 3.0))
    assert (found["kit_walk"], found["cmu_01_02"]) == ((), (FrameLabel("jump", 0.0, 1.0),))


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', '{"1": {"feat_p": "x"}}{', "words", '{"clip": "a"}'])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "val.json").write_text(text)
    with pytest.raises(FileFormatError, match=r"val\.json: not BABEL's labels"):
        read_babel(tmp_path / "val.json")


def test_the_segmenters_are_measured_against_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="motion primitives need scikit-learn")
    data = small_mocap22(tmp_path / "set", clips_each=4, num_frames=90)
    rows = [
        {"clip": f"train-walk-{number}", "segments": [
            {"label": "walk", "start": 0, "end": 40}, {"label": "turn", "start": 40, "end": 90}]}
        for number in range(2)
    ]  # fmt: skip
    (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["evaluate", "segmentation", "--data", str(data), "--babel", str(tmp_path / "labels.jsonl")]
    command += ["--cache", str(tmp_path / "cache")]
    assert main([*command, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["clips"], figures["stretches"]) == (2, 2)
    errors = {row["name"]: row["overall"] for row in figures["rows"]}
    assert set(errors) == {"uniform", "change-point", "clustering"}
    assert errors["uniform"] == {"mean": 1.5, "std": 0.5, "count": 2}  # 11 and 12 of 22 and 23 tokens, not 10
    assert main([*command, "--markdown"]) == 0
    assert "2 stretches of 2 motions, boundaries by people" in capsys.readouterr().out
