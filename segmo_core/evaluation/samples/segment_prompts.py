"""Prompts of one to four different actions with a duration for each, drawn from the caption tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segmo_core.data.captions.clip_sentences import join_sentences
from segmo_core.data.mocap22 import Mocap22
from segmo_core.errors import DataError, InvalidRequestError
from segmo_core.evaluation.judges.action_classifier import CLASSES
from segmo_core.timeline.segment_track import SegmentTrack
from segmo_core.timeline.token_grid import FRAMES_PER_TOKEN, WINDOW_TOKENS

# Of one segment: 1.6 to 4 s. Together they fit what a model decides at once (9.8 s).
SHORTEST_TOKENS, LONGEST_TOKENS = 8, 20
_OWN_TEMPLATES = {"dance": ("{subject} dances{style}.",)}  # where the tables have none
MAX_ACTIONS = WINDOW_TOKENS // SHORTEST_TOKENS


@dataclass(frozen=True)
class SegmentPrompt:
    """actions: classes of the judge, all different, in order; sentences: one for each; caption: the whole prompt.

    num_frames: of each segment, whole tokens. seed: to generate with.
    """

    actions: tuple[str, ...]
    sentences: tuple[str, ...]
    caption: str
    num_frames: tuple[int, ...]
    seed: int

    @property
    def track(self) -> SegmentTrack:
        return SegmentTrack.from_durations(self.sentences, list(self.num_frames))


def draw_prompts(data: Mocap22, num_segments: int, count: int, seed: int = 0) -> list[SegmentPrompt]:
    """``count`` prompts of ``num_segments`` segments. All actions are asked for about equally often.

    The first prompts stay the same when more are drawn.
    """
    if not 1 <= num_segments <= MAX_ACTIONS:
        raise InvalidRequestError(f"segments: {num_segments} in a prompt, expected 1 to {MAX_ACTIONS}")
    generator = np.random.default_rng([seed, num_segments])
    waiting: list[str] = []
    prompts = []
    for number in range(count):
        actions = tuple(_different_actions(waiting, num_segments, generator))
        sentences = tuple(prompt_sentence(data, action, generator) for action in actions)
        prompts.append(
            SegmentPrompt(
                actions,
                sentences,
                join_sentences(sentences, generator),
                draw_durations(num_segments, generator),
                seed * 1_000_003 + num_segments * 10_007 + number,
            )
        )
    return prompts


def draw_durations(num_segments: int, generator: np.random.Generator) -> tuple[int, ...]:
    """Frames of each segment, independent of each other but for the sum that the model can do."""
    while True:
        tokens = generator.integers(SHORTEST_TOKENS, LONGEST_TOKENS + 1, num_segments)
        if tokens.sum() <= WINDOW_TOKENS:
            return tuple(int(number) * FRAMES_PER_TOKEN for number in tokens)


def prompt_sentence(data: Mocap22, class_name: str, generator: np.random.Generator) -> str:
    """A sentence for a class from the caption tables, without style. DataError for a class they do not know."""
    label = CLASSES[class_name][0]
    templates = data.tables.templates.get(label, _OWN_TEMPLATES.get(label))
    if templates is None:
        raise DataError(f"captions.json: no sentences for {label!r}, expected those of mocap22")
    return str(generator.choice(list(templates))).format(subject="a person", style="")


def _different_actions(waiting: list[str], count: int, generator: np.random.Generator) -> list[str]:
    """The next ``count`` different actions of a shuffled deck, which is shuffled anew when it runs out."""
    chosen: list[str] = []
    while len(chosen) < count:
        fitting = [name for name in waiting if name not in chosen]
        if not fitting:
            waiting += [str(name) for name in generator.permutation(list(CLASSES))]
            continue
        chosen.append(fitting[0])
        waiting.remove(fitting[0])
    return chosen
