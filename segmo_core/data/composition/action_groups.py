"""Clips by action, drawn so that frequent actions do not drown the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from segmo_core.data.mocap22 import Clip


class ActionGroups:
    """clips: those of each action. An action is drawn with probability (its frames) ** ``exponent``."""

    def __init__(self, clips: Sequence[Clip], exponent: float) -> None:
        groups: dict[str, list[Clip]] = defaultdict(list)
        for clip in clips:
            groups[clip.group].append(clip)
        self.clips = dict(groups)
        self._names = sorted(groups)
        weights = np.array([sum(clip.num_frames for clip in groups[name]) ** exponent for name in self._names])
        self._weights = weights / weights.sum()

    def draw(self, generator: np.random.Generator) -> list[Clip]:
        """The clips of a random action."""
        return self.clips[str(generator.choice(self._names, p=self._weights))]
