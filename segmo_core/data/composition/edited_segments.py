"""Edited clips as segments of sequences: taken whole, since what they tell is true of the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segmo_core.data.editing.edited_clips import EditedClip


class EditedSegments:
    """Draws edited clips that fit: into the room there is, and onto the posture there was."""

    def __init__(self, clips: Sequence[EditedClip]) -> None:
        self._clips = clips
        self._lengths = np.array([len(clip.joints) for clip in clips])
        self._begins_low = np.array([clip.begins_low for clip in clips])

    def draw(
        self, shortest: int, longest: int, is_low: bool | None, generator: np.random.Generator
    ) -> EditedClip | None:
        """One of at most ``longest`` frames, rather of ``shortest`` than fewer; None where none fits.

        is_low: whether the body before sits, kneels or lies; None where nothing was before.
        """
        fits = self._lengths <= longest
        if is_low is not None:
            fits &= self._begins_low == is_low
        found = np.flatnonzero(fits & (self._lengths >= shortest))
        if not len(found):
            found = np.flatnonzero(fits)
        return self._clips[int(generator.choice(found))] if len(found) else None
