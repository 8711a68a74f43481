"""The motions of the grid, generated with the starter bundle and kept; what each must be is checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from segmo_core.formats.registry import read_motion, write_motion
from segmo_core.motion import kinematics, rotations
from segmo_core.motion.motion import Motion

_WALK_AND_BACK = ["A person walks forward.", "A person turns around 180 degrees.", "A person walks back."]
_MINUTE = ["A person walks forward.", "A person waves with both hands.", "A person jumps.", "A person sits down.",
           "A person stands up.", "A person spins around."]  # fmt: skip

_MOST_SEEDS = 10
# Name -> segments, seconds, first seed to try.
RECIPES: dict[str, tuple[list[str], float, int]] = {
    "walk and wave": (["A person walks forward.", "A person waves with the right hand."], 6.8, 1),
    "turns around": (_WALK_AND_BACK, 9.0, 1),
    "on the floor": (["A person lies down on the floor."], 6.0, 1),
    "jumps and kicks": (["A person jumps.", "A person kicks."], 6.0, 1),
    "dances": (["A person dances."], 8.0, 1),
    "one minute": (_MINUTE * 2, 60.0, 1),
}


def turned_degrees(motion: Motion) -> float:
    """Between the two headings of the pelvis that are farthest apart, turns counted."""
    world = kinematics.global_rotations(motion.skeleton, motion.local_rotations)[:, 0]
    forward = rotations.rotate(world, np.array([0.0, 0.0, 1.0]))
    return float(np.degrees(np.ptp(np.unwrap(np.arctan2(forward[:, 0], forward[:, 2])))))


def lowest_head(motion: Motion) -> float:
    return float(motion.joint("head")[:, 1].min())


MUST_BE: dict[str, Callable[[Motion], bool]] = {
    "turns around": lambda motion: turned_degrees(motion) > 180,
    "on the floor": lambda motion: lowest_head(motion) < 0.2,
    "one minute": lambda motion: motion.num_frames >= 1200,
}


def load_motions(folder: Path, only: list[str] | None = None) -> dict[str, Motion]:
    """Name -> motion at 20 fps on the model skeleton, of all or ``only`` some; generated where ``folder`` has none."""
    from segmo_core.engine import Engine
    from segmo_core.generation.request import GenerationRequest

    engine = Engine(device="cpu")
    motions = {}
    for name, (texts, seconds, seed) in RECIPES.items():
        if only and name not in only:
            continue
        path = folder / f"{name.replace(' ', '-')}.npz"
        is_it = MUST_BE.get(name, lambda _: True)
        for tried in range(seed, seed + _MOST_SEEDS):
            if not path.exists():
                request = GenerationRequest(" ".join(texts), engine.suggest_track(texts, seconds), tried)
                result = engine.generate(request)
                write_motion(result.motion, path, result.track)
            motions[name] = read_motion(path)
            if is_it(motions[name]):
                break
            path.unlink()
        else:
            raise ValueError(f"{path}: no motion of {_MOST_SEEDS} is what {name!r} says, expected other words")
    return motions
