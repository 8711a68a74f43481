"""What follows what in composed sequences."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
from captioned_folders import small_mocap22
from sample_motions import turning_walk

from segmo_core.data.composition.sequences import Composer, CompositionSettings
from segmo_core.data.mocap22 import Clip

NUM_FRAMES = 40


class FourActions:
    """A clip each of somebody who stands, sits down, sits, and stands up, of which only standing is frequent."""

    def __init__(self) -> None:
        upright = turning_walk(num_frames=2).joint_positions[0].astype(np.float64)
        upright = upright - upright[0] * [1, 0, 1]
        seated = upright.copy()
        seated[[joint for joint in range(22) if joint not in (4, 5, 7, 8, 10, 11)], 1] -= 0.35
        fall = np.clip(np.linspace(-0.3, 1.3, NUM_FRAMES), 0, 1)[:, None, None]
        ways = {"stand": 0 * fall, "sit down": fall, "sit": 1 + 0 * fall, "stand up": fall[::-1]}
        self._joints = {name: upright + way * (seated - upright) for name, way in ways.items()}
        self.clips = [self._clip(name, name) for name in ways] + [self._clip("stand", str(i)) for i in range(20)]

    @staticmethod
    def _clip(action: str, name: str) -> Clip:
        return Clip(name, "made up", "MIT", action, None, None, (), "train", True, 0, NUM_FRAMES)

    def clip_joints(self, clip: Clip) -> np.ndarray:
        return self._joints[str(clip.action)]

    def sentence(self, clip: Clip, generator: np.random.Generator) -> str:
        return f"a person does {clip.action}."


def following(action: str, **settings: float) -> Counter[str]:
    data = FourActions()
    only = {"still_share": 0.0, "simultaneous_share": 0.0, "repeat_share": 0.0, "pause_share": 0.0, "candidates": 2}
    composer = Composer(data, data.clips, CompositionSettings(**(only | settings)))  # type: ignore[arg-type]
    found: Counter[str] = Counter()
    for number in range(150):
        actions = composer.compose(number).actions
        found.update(after for before, after in pairwise(actions) if before == action)
    return found


def test_who_sat_down_stands_up_or_stays_seated() -> None:
    drawn, matched = following("sit down", low_share=0.0), following("sit down", low_share=1.0)
    assert set(matched) == {"sit", "stand up"}
    assert drawn["stand"] > 0


def test_a_share_of_the_segments_goes_down() -> None:
    rarely, often = following("stand", down_share=0.0), following("stand", down_share=0.5)
    assert rarely["sit down"] / rarely.total() < 0.2
    assert 0.35 < often["sit down"] / often.total() < 0.75


def test_another_draw_of_a_composed_motion_is_cropped(tmp_path: Path) -> None:
    """FID of real motions compares two draws; of the same frames it would say nothing."""
    from segmo_core.data.text_motion_set import open_text_motions

    folder = small_mocap22(tmp_path / "set", num_frames=90)
    data = open_text_motions(folder, "train", tmp_path / "cache", composition=CompositionSettings(num_sequences=30))
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    whole = [len(data.draw(index, one).features) for index in range(30)]
    again = [len(data.draw_again(index, other)) for index in range(30)]
    assert set(np.subtract(whole, again)) == {0, 4}
    assert one.random() == other.random()
