"""Generation, regeneration and grounding through the facade, on a tiny bundle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segmo_core.engine import Engine
from segmo_core.errors import BundleError, CancelledError, InvalidRequestError
from segmo_core.generation.kept_tokens import TokenPlan
from segmo_core.generation.request import GenerationRequest
from segmo_core.motion.motion import Motion
from segmo_core.motion.skeleton import MODEL_SKELETON
from segmo_core.progress import CallbackProgress

TEXTS = ("A person walks forward.", "A person waves with the right hand.", "A person runs.")


@pytest.fixture(scope="module")
def engine(tiny_bundle: Path) -> Engine:
    return Engine(tiny_bundle, device="cpu")


def request_of(engine: Engine, durations: tuple[float, ...] = (2.0, 1.6, 1.2), seed: int = 3) -> GenerationRequest:
    track = engine.suggest_track(TEXTS[: len(durations)], durations=durations)
    return GenerationRequest("a person walks, waves and runs", track, seed=seed)


def test_motion_has_the_length_of_its_track_and_constant_bones(engine: Engine) -> None:
    result = engine.generate(request_of(engine))
    assert result.motion.num_frames == 96 == result.track.num_frames
    assert result.track.ends == (40, 72, 96)
    assert result.token_ids.shape == (24, 3)
    parents = np.array(MODEL_SKELETON.parents[1:])
    bones = result.motion.joint_positions[:, 1:] - result.motion.joint_positions[:, parents]
    lengths = np.linalg.norm(bones, axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(MODEL_SKELETON.bone_lengths[1:], lengths.shape), atol=1e-5)


def test_same_seed_same_motion_other_seed_another(engine: Engine) -> None:
    first, again = engine.generate(request_of(engine)), engine.generate(request_of(engine))
    other = engine.generate(request_of(engine, seed=4))
    assert first.motion.joint_positions.tobytes() == again.motion.joint_positions.tobytes()
    assert not np.array_equal(first.token_ids, other.token_ids)


def test_fast_engine_is_deterministic_and_refused_where_it_cannot_be(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segmo_core.models.trunk import processor

    if processor.has_bfloat16():
        quick = Engine(tiny_bundle, device="cpu", fast=True)
        first, again = quick.generate(request_of(quick)), quick.generate(request_of(quick))
        assert np.array_equal(first.token_ids, again.token_ids)
        assert first.motion.num_frames == 96
        assert np.isfinite(first.motion.joint_positions).all()
    monkeypatch.setattr(processor, "has_bfloat16", lambda: False)
    with pytest.raises(InvalidRequestError, match="fast: expected a processor with bfloat16"):
        Engine(tiny_bundle, device="cpu", fast=True).load()


def test_boundaries_steer_the_tokens(engine: Engine) -> None:
    early = engine.generate(request_of(engine, durations=(1.2, 2.4, 1.2)))
    late = engine.generate(request_of(engine, durations=(2.4, 1.2, 1.2)))
    assert early.token_ids.shape == late.token_ids.shape
    assert not np.array_equal(early.token_ids, late.token_ids)


def test_regenerating_one_segment_keeps_the_tokens_of_the_others(engine: Engine) -> None:
    before = engine.generate(request_of(engine))
    after = engine.regenerate(TokenPlan(before, before.track, again=(1,)), seed=11)
    np.testing.assert_array_equal(after.token_ids[:10], before.token_ids[:10])
    np.testing.assert_array_equal(after.token_ids[18:], before.token_ids[18:])
    assert not np.array_equal(after.token_ids[10:18], before.token_ids[10:18])


def test_dragged_boundary_regenerates_both_neighbours_and_nothing_else(engine: Engine) -> None:
    before = engine.generate(request_of(engine))
    track = before.track.with_boundary(0, 28)
    plan = TokenPlan(before, track)
    assert plan.anew == (0, 1)
    after = engine.regenerate(plan)
    assert after.track.ends == (28, 72, 96)
    np.testing.assert_array_equal(after.token_ids[18:], before.token_ids[18:])


def test_longer_segment_moves_the_tokens_that_follow(engine: Engine) -> None:
    before = engine.generate(request_of(engine))
    track = before.track.with_duration(0, 48)
    plan = TokenPlan(before, track)
    assert plan.anew == (0,)
    after = engine.regenerate(plan)
    np.testing.assert_array_equal(after.token_ids[12:], before.token_ids[10:])


def test_previews_are_motions_of_the_full_length(engine: Engine) -> None:
    seen: list[Motion] = []
    engine.generate(request_of(engine), preview=seen.append)
    assert len(seen) >= 2
    assert all(motion.num_frames == 96 for motion in seen)


def test_cancelling_stops_between_steps(engine: Engine) -> None:
    progress = CallbackProgress()
    progress.cancel()
    with pytest.raises(CancelledError):
        engine.generate(request_of(engine), progress)


def test_grounding_answers_in_the_frames_of_the_motion(engine: Engine, walk: Motion) -> None:
    result = engine.ground(walk, "a person walks")
    assert 0 <= result.start < result.end <= walk.num_frames
    assert result.curve.shape == (walk.num_frames,)
    assert -1.0 <= result.score <= 1.0
    double = Motion(np.repeat(walk.joint_positions, 3, axis=0), 60.0, walk.skeleton)
    at_sixty = engine.ground(double, "a person walks")
    assert at_sixty.curve.shape == (180,)
    with pytest.raises(InvalidRequestError, match="query: empty"):
        engine.ground(walk, "  ")


@pytest.mark.parametrize(
    ("seconds", "durations", "message"),
    [
        (0.0, None, "seconds: 0, expected 0.8 to 600"),
        (1000.0, None, "seconds: 1000"),
        (float("nan"), None, "seconds: nan"),
        (None, (1.0, 2.0), "durations: 2 given for 3 segments"),
        (None, (1.0, 0.0, 2.0), "durations: segment 2 lasts 0 s"),
        (None, (250.0, 250.0, 250.0), "750 s in all"),
        (1.0, None, "1 for 3 segments, expected at least 1.2"),
    ],
)
def test_impossible_durations_are_refused(
    engine: Engine, seconds: float | None, durations: tuple[float, ...] | None, message: str
) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        engine.suggest_track(TEXTS, seconds, durations)


def test_suggested_track_divides_the_whole_length_in_tokens(engine: Engine) -> None:
    track = engine.suggest_track(TEXTS, seconds=6.0)
    assert track.num_frames == 120
    assert all(segment.num_frames % 4 == 0 for segment in track)
    assert track[0].num_frames > track[2].num_frames  # a walk lasts longer than a run


def test_missing_truncated_and_foreign_bundles_are_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    import shutil

    with pytest.raises(BundleError, match="no such folder"):
        Engine(tmp_path / "nowhere").load()
    (tmp_path / "foreign").mkdir()
    with pytest.raises(BundleError, match=r"not a bundle, expected a file bundle\.json"):
        Engine(tmp_path / "foreign").load()
    cut = shutil.copytree(tiny_bundle, tmp_path / "cut")
    weights = cut / "masked_transformer.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(BundleError, match="1000 bytes, expected"):
        Engine(cut).load()
    altered = shutil.copytree(tiny_bundle, tmp_path / "altered")
    weights = altered / "tokenizer.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(bytes(data))
    with pytest.raises(BundleError, match="checksum"):
        Engine(altered).load()
    other = shutil.copytree(tiny_bundle, tmp_path / "other")
    (other / "bundle.json").write_text('{"format": "something else"}')
    with pytest.raises(BundleError, match="format 'something else', expected 'segmo-bundle'"):
        Engine(other).load()


def test_a_motion_is_the_same_on_one_thread_and_on_several(engine: Engine) -> None:
    import torch

    before = torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(engine.generate(request_of(engine, (6.0,))).motion.joint_positions.tobytes())
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]
