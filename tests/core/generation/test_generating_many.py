"""Many motions through the facade: those of one at a time, bit for bit; what fails is told."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path

import pytest

from segmo_core import Engine, GenerationRequest, SegmentTrack, Workers
from segmo_core.errors import BundleError, InvalidRequestError


def test_many_are_those_of_one_at_a_time(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    track = SegmentTrack.from_durations(["a person walks", "a person waves"], [40, 36])
    requests = [GenerationRequest("a person walks, then waves", track, seed) for seed in range(4)]
    alone = [engine.generate(request) for request in requests]
    for workers in (1, Workers(2, threads=2)):
        made = list(engine.generate_many([*requests, "...", "a person runs"], workers))
        assert [outcome.number for outcome in made] == list(range(6))
        for outcome, expected in zip(made, alone, strict=False):
            assert outcome.result is not None
            assert outcome.result.motion.joint_positions.tobytes() == expected.motion.joint_positions.tobytes()
            assert outcome.result.token_ids.tobytes() == expected.token_ids.tobytes()
            assert outcome.result.request == outcome.item == expected.request
        assert made[4].result is None
        assert made[4].problem.startswith("prompt: empty")
        assert made[5].result is not None


def test_an_endless_list_is_as_good(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    outcomes = engine.generate_many(f"a person walks {n} steps" for n in itertools.count(1))
    assert [outcome.item for outcome in itertools.islice(outcomes, 2)] == [
        "a person walks 1 steps",
        "a person walks 2 steps",
    ]


def test_an_engine_that_was_pickled_is_the_same_bundle_on_the_same_device(tiny_bundle: Path) -> None:
    engine = Engine(tiny_bundle, device="cpu")
    engine.load()
    again = pickle.loads(pickle.dumps(engine))
    assert (again.folder, again.is_loaded, type(again)) == (engine.folder, False, Engine)


def test_what_cannot_start_is_told(tmp_path: Path) -> None:
    for workers in (1, 2):
        with pytest.raises(BundleError):
            next(Engine(tmp_path).generate_many(["a person walks"], workers))
    with pytest.raises(InvalidRequestError, match="workers: 0"):
        Engine().generate_many([], 0)
