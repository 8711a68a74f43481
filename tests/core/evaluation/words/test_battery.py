"""The battery holds what it promises, recorded clips pass it, and somebody who only stands does not."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from made_bodies import standing

from segmo_core.evaluation.words.amounts import AMOUNTS
from segmo_core.evaluation.words.battery.all_sentences import BATTERY
from segmo_core.evaluation.words.battery.sentence import KINDS
from segmo_core.evaluation.words.paraphrases import PARAPHRASES
from segmo_core.grounding.geometry.body import Body
from segmo_core.motion.features import HUMANML3D_LAYOUT, on_floor_facing_forward, uniform_skeleton
from segmo_core.motion.skeleton import HUMANML3D_BONE_LENGTHS

DATA = Path(__file__).resolve().parents[4].parent / "shared" / "data"
FOLDERS = [DATA / name for name in ("mocap22", "mocap23") if (DATA / name / "clips.jsonl").is_file()]
needs_data = pytest.mark.skipif(not FOLDERS, reason="the data sets are not here")
CLIPS_OF_A_LABEL = 6


def test_there_are_enough_sentences_of_every_kind() -> None:
    counts = Counter(sentence.kind for sentence in BATTERY)
    assert len(BATTERY) >= 120
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 12
    assert len({sentence.text for sentence in BATTERY}) == len(BATTERY)


def test_who_only_stands_does_next_to_nothing_of_it() -> None:
    body = Body.of(standing(80))
    passed = [sentence.text for sentence in BATTERY if sentence.check(body).passed]
    assert passed == ["the person just stands there"]
    assert not [amount.text for amount in AMOUNTS if amount.is_right(amount.measure(body))]
    assert not [one.table for one in PARAPHRASES if one.check(body).passed]


def test_every_verdict_says_what_it_measured() -> None:
    body = Body.of(standing(80))
    assert all(sentence.check(body).told for sentence in BATTERY)


@cache
def clips_by_label() -> dict[str, list[np.ndarray]]:
    """Some clips of every label of every data set, spread over those that are there, on the model's skeleton."""
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    wanted = {label for sentence in BATTERY for label in sentence.real} | {"walk", "bow"}
    for folder in FOLDERS:
        rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text(encoding="utf-8").splitlines()]
        whole = {row.get("part_of") for row in rows}
        with np.load(folder / "motions.npz") as archive:
            root, local, offsets = archive["root"], archive["local"], archive["offsets"]
        numbers: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            label = row["action"] or row["description"]
            if label in wanted and row["id"] not in whole and row["frames"] >= 8:
                numbers[label].append(number)
        for label, those in numbers.items():
            for number in those[:: max(1, len(those) // CLIPS_OF_A_LABEL)][:CLIPS_OF_A_LABEL]:
                span = slice(int(offsets[number]), int(offsets[number + 1]))
                joints = local[span].astype(np.float64) + root[span, None].astype(np.float64)
                uniform = uniform_skeleton(joints, HUMANML3D_BONE_LENGTHS, HUMANML3D_LAYOUT)
                found[label].append(on_floor_facing_forward(uniform, HUMANML3D_LAYOUT))
    return dict(found)


@needs_data
def test_recorded_clips_do_what_their_sentence_says() -> None:
    told, passed = 0, 0
    for sentence in BATTERY:
        clips = [joints for label in sentence.real for joints in clips_by_label().get(label, [])]
        verdicts = [sentence.check(Body.of(joints)).passed for joints in clips]
        told, passed = told + len(verdicts), passed + sum(verdicts)
        if verdicts:
            assert any(verdicts), f"{sentence.text}: none of {len(verdicts)} recorded clips passes"
    assert told > 150
    assert passed / told > 0.8  # high stools, exercises that stand up again and clips that end too early are among them


@needs_data
@pytest.mark.parametrize("label", ["walk", "bow"])
def test_recorded_clips_of_something_else_do_not_pass(label: str) -> None:
    others = [sentence for sentence in BATTERY if label not in sentence.real]
    bodies = [Body.of(joints) for joints in clips_by_label()[label]]
    hits = [sentence.text for sentence in others for body in bodies if sentence.check(body).passed]
    assert len(hits) / (len(others) * len(bodies)) < 0.1, Counter(hits)


@needs_data
def test_no_table_of_the_data_holds_a_sentence_that_is_held_out() -> None:
    held_out = {text.strip(" .").lower() for one in PARAPHRASES for text in one.held_out}
    for folder in FOLDERS:
        tables = (folder / "captions.json").read_text() + (folder / "cmu_captions.json").read_text()
        tables += (folder / "clips.jsonl").read_text()
        assert not [text for text in held_out if text in tables.lower()]
