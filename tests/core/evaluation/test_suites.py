"""The suites from end to end on a small made-up data set: tiny bundles of random weights, an untrained judge."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from captioned_folders import small_mocap22

from segmo_core.cli import main
from segmo_core.data.mocap22 import Mocap22, load_mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges import trained_judge as judging
from segmo_core.evaluation.judges.action_classifier import CLASSES, ActionClassifier, TrainedClassifier
from segmo_core.evaluation.judges.trained_judge import trained_judge
from segmo_core.evaluation.measures.tables import markdown
from segmo_core.evaluation.samples.tested_bundle import SamplingChoices, open_tested
from segmo_core.evaluation.suites.figure_tables import grounding_tables, long_tables, movement_tables
from segmo_core.evaluation.suites.grounding_suite import EVEN_CUT, measure_grounding
from segmo_core.evaluation.suites.long_suite import long_request, measure_long
from segmo_core.evaluation.suites.measuring import shipped_peers
from segmo_core.evaluation.suites.movement_suite import JOINED, measure_movement
from segmo_core.evaluation.suites.report import measure_bundle
from segmo_core.evaluation.suites.segment_suite import SegmentSettings, measure_segments
from segmo_core.evaluation.suites.segment_tables import segment_tables
from segmo_core.motion.motion_quality import foot_skating
from segmo_core.serialization import to_plain


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips that are called walk, run and wave-left-hand; mirror images of the last wave the right one."""
    folder = small_mocap22(tmp_path_factory.mktemp("data") / "mocap22", clips_each=2)
    rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text().splitlines()]
    for row in rows:
        if row["action"] == "wave":
            row["action"] = "wave-left-hand"
        elif row["id"].endswith("-1"):
            row["action"] = "run"
    (folder / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sentences = {labels[0]: [f"{{subject}} does {labels[0]}{{style}}."] for labels in CLASSES.values()}
    table = {"subjects": ["a person"], "actions": sentences, "styles": {}}
    (folder / "captions.json").write_text(json.dumps(table))
    return folder


@pytest.fixture(scope="module")
def data(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Mocap22:
    return load_mocap22(folder, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def judge(data: Mocap22) -> TrainedClassifier:
    torch.manual_seed(0)
    return TrainedClassifier(ActionClassifier().eval(), data.statistics(data.select("train", only_shippable=False)))


def test_segments_are_counted_for_generated_and_for_joined_motions(
    tiny_bundle: Path, data: Mocap22, judge: TrainedClassifier
) -> None:
    tested = open_tested(tiny_bundle, choices=SamplingChoices(steps=2, temperature=0.5))
    figures = measure_segments(tested, data, judge, SegmentSettings(prompts=2, counts=(1, 3)))
    assert (figures.sampling.steps, figures.sampling.temperature) == (2, 0.5)
    for found in (figures.generated, figures.joined):
        assert {count: row.recognised.total for count, row in found.by_count.items()} == {1: 2, 3: 6}
        assert found.overall.recognised.total == 8
    assert figures.boundaries is not None
    assert figures.boundaries.generated is not None
    assert figures.boundaries.generated.error.total == 4  # two in each prompt of three
    assert set(figures.boundaries.real_by_count) == {3}
    json.dumps(to_plain(figures))
    assert markdown(segment_tables(figures)).count("real joined") >= 2
    again = measure_segments(tested, data, judge, SegmentSettings(prompts=2, counts=(1, 3)))
    assert to_plain(again) == to_plain(figures)


def test_a_model_without_segments_is_asked_the_same_and_nothing_is_made_up(
    make_tiny_bundle: Callable[..., Path], data: Mocap22, judge: TrainedClassifier
) -> None:
    tested = open_tested(make_tiny_bundle("caption only", max_segments=0))
    figures = measure_segments(
        tested, data, judge, SegmentSettings(prompts=1, counts=(2,), candidates=3, repaired=True)
    )
    assert figures.boundaries is None
    assert not figures.can_be_timed
    assert (figures.settings.candidates, figures.settings.repaired) == (1, False)
    assert len(figures.notices) == 3
    assert figures.generated.overall.recognised.total == 2
    report = measure_bundle(tested, data, judge, prompts=1, motions=1)
    assert report.grounding is None
    assert "boundary_error_frames" not in report.values()
    assert "recognised_4_segments" in report.values()


@pytest.mark.parametrize("timing", ["even", "none"])
def test_timings_and_candidates_run(tiny_bundle: Path, data: Mocap22, judge: TrainedClassifier, timing: str) -> None:
    settings = SegmentSettings(prompts=1, counts=(2,), candidates=2, repaired=True, timing=timing)  # type: ignore[arg-type]
    figures = measure_segments(open_tested(tiny_bundle), data, judge, settings)
    assert figures.generated.overall.recognised.total == 2


def test_wrong_settings_are_refused_in_a_sentence(data: Mocap22) -> None:
    with pytest.raises(InvalidRequestError, match="prompts: 0"):
        SegmentSettings(prompts=0)
    with pytest.raises(InvalidRequestError, match=r"segments: \[9\]"):
        SegmentSettings(counts=(9,))
    with pytest.raises(InvalidRequestError, match="seconds: 10 for 20 segments, expected at least 32"):
        long_request(data, 10, 20, 0)


def test_the_judge_is_trained_once(data: Mocap22, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = data.select("train", only_shippable=False)
    monkeypatch.setattr(
        judging, "train_classifier", lambda *a, **k: TrainedClassifier(ActionClassifier().eval(), statistics)
    )
    statistics = data.statistics(everything)
    first = trained_judge(data, tmp_path, steps=2)
    monkeypatch.setattr(judging, "train_classifier", None)  # would fail if it were called
    second = trained_judge(data, tmp_path, steps=2)
    motions = [data.clip_joints(clip) for clip in everything[:4]]
    np.testing.assert_array_equal(first.predict(motions), second.predict(motions))
    with pytest.raises(TypeError):
        trained_judge(data, tmp_path, steps=3)  # other settings are another judge


def test_ways_of_grounding_stand_side_by_side(tiny_bundle: Path, data: Mocap22) -> None:
    tested = open_tested(tiny_bundle)
    assert tested.grounder is not None
    figures = measure_grounding("tiny", tested.grounder, shipped_peers(), data, sequences=8)
    assert figures.ways[0].name == "this bundle"
    assert figures.ways[-1].name == EVEN_CUT
    totals = {way.localisation.recall_05.total for way in figures.ways}
    assert len(totals) == 1
    assert [way.absent_auroc is not None for way in figures.ways] == [True, False, True, False]
    assert "IoU 0.7" in markdown(grounding_tables(figures))


def test_movement_is_measured_at_every_stage(tiny_bundle: Path, data: Mocap22) -> None:
    figures = measure_movement(open_tested(tiny_bundle), data, motions=1)
    assert set(figures.by_action) == {"walk", "run", "wave-left-hand", "wave-right-hand", JOINED}
    assert all(value >= 0 for row in figures.by_action.values() for value in vars(row.skating).values())
    runs = [data.clip_joints(clip) for clip in data.select("test", only_shippable=True) if clip.action == "run"]
    assert figures.by_action["run"].skating.real in [
        pytest.approx(foot_skating(joints, 20.0), rel=1e-2) for joints in runs
    ]
    assert figures.overall.num_real == figures.overall.num_generated == 4
    assert figures.tokenizer_error > 0
    assert "| walk |" in markdown(movement_tables(figures))


def test_long_motions_have_their_joins(tiny_bundle: Path, data: Mocap22) -> None:
    tested = open_tested(tiny_bundle)
    figures = measure_long(tested, data, motions=1, seconds=24.0, segments=8)
    assert figures.windows >= 3
    assert figures.discontinuities["root speed"].joins_largest is not None
    request = long_request(data, 60.0, 20, 0)
    assert (len(request.track), request.track.num_frames) == (20, 1200)
    assert all(a.text != b.text for a, b in zip(request.track[:-1], request.track[1:], strict=True))
    assert "window joins" in markdown(long_tables(figures))


def test_the_command_prints_markdown(
    tiny_bundle: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "movement", str(tiny_bundle), "--data", str(folder), "--cache", str(tmp_path)]
    assert main([*arguments, "--limit", "1", "--steps", "1", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("**tiny: foot skating")
