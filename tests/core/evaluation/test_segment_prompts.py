"""Prompts for measuring: different actions, unequal durations that fit, the same again for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from segmo_core.data.captions.clip_sentences import CaptionTables
from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.judges.action_classifier import CLASSES
from segmo_core.evaluation.samples.segment_prompts import draw_prompts


@pytest.fixture
def data() -> Mocap22:
    templates = {labels[0]: (f"{{subject}} does {labels[0]}{{style}}.",) for labels in CLASSES.values()}
    tables = CaptionTables(("a man",), templates, {}, {}, {})
    return Mocap22((Path("nowhere"),), [], np.zeros((0, 22, 3)), np.zeros((0, 263)), tables)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_prompts_ask_for_different_actions_evenly_and_fit_the_model(data: Mocap22, count: int) -> None:
    prompts = draw_prompts(data, count, 65)
    asked = Counter(action for prompt in prompts for action in prompt.actions)
    assert set(asked) == set(CLASSES)
    assert max(asked.values()) - min(asked.values()) <= count
    for prompt in prompts:
        assert len(set(prompt.actions)) == count
        assert all(frames % 4 == 0 and 32 <= frames <= 80 for frames in prompt.num_frames)
        assert sum(prompt.num_frames) <= 196
        assert prompt.sentences[0].startswith(f"a person does {CLASSES[prompt.actions[0]][0]}")
        assert prompt.track.ends == tuple(np.cumsum(prompt.num_frames).tolist())
    assert len({prompt.num_frames for prompt in prompts}) > 5
    assert len({prompt.seed for prompt in prompts}) == 65
    assert draw_prompts(data, count, 10) == prompts[:10]
    assert draw_prompts(data, count, 10, seed=1) != prompts[:10]


def test_too_many_segments_are_refused(data: Mocap22) -> None:
    with pytest.raises(InvalidRequestError, match="segments: 7 in a prompt, expected 1 to 6"):
        draw_prompts(data, 7, 1)
