"""Made hierarchies under every naming: whatever is left out, doubled or drawn together, a body stays a body."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import numpy as np
import pytest
from foreign_bodies import A_POSE, NAMINGS, Body, body_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_motions import standing
from scipy.spatial.transform import Rotation

from segmo_core import motion_files
from segmo_core.errors import FileFormatError
from segmo_core.motion.skeleton import SMPL_JOINT_NAMES
from segmo_core.retargeting.to_model_skeleton import RetargetResult

STANDING = standing(6, slide=0.1)
MODEL_WIDTHS = {part: float(np.linalg.norm(STANDING.joint(f"left_{part}")[0] - STANDING.joint(f"right_{part}")[0]))
                for part in ("hip", "shoulder")}  # fmt: skip
BY_NAME = [naming for naming in NAMINGS if naming not in ("German", "Japanese", "numbers")]
EXAMPLES = int(os.environ.get("MADE_HIERARCHIES", "25"))
"""Of damaged bodies; 10,000 were tried once."""
UNITS = (1.0, 0.01, 0.0254, 0.001)


@st.composite
def made(draw: st.DrawFn, naming: str) -> tuple[Body, dict[str, tuple[float, float, float]]]:
    """A body under ``naming``: collars at or across the middle, spine joints, fingers, ends, prefix joints, a lift."""
    names = NAMINGS[naming].split()
    pose = {**A_POSE} if draw(st.booleans()) else None
    body = body_of(STANDING, names, pose)
    apart = draw(st.sampled_from([None, 0.05, 0.02, 0.002, 0.0, -0.0005, -0.004]))
    if apart is not None:
        for side, sign in (("left", 1.0), ("right", -1.0)):
            collar, shoulder = (body.names.index(names[SMPL_JOINT_NAMES.index(f"{side}_{part}")])
                                for part in ("collar", "shoulder"))  # fmt: skip
            reach = body.offsets[collar] + body.offsets[shoulder]
            body.offsets[collar] = np.array([sign * apart, *body.offsets[collar][1:]])
            body.offsets[shoulder] = reach - body.offsets[collar]
    removed = draw(st.sampled_from([(), ("spine3",), ("spine2", "spine3"), ("left_foot", "right_foot")]))
    ends: dict[str, tuple[float, float, float]] = {}
    for part in removed:
        index = body.names.index(names[SMPL_JOINT_NAMES.index(part)])
        if part.endswith("foot"):
            bearer = body.names[body.parents[index]]
            if draw(st.booleans()) or pose is None:
                ends[bearer] = tuple(body.offsets[index])
            body.remove(body.names[index])
        else:
            body.merge_upwards(body.names[index])
    if draw(st.booleans()):
        for side in ("left", "right"):
            wrist = names[SMPL_JOINT_NAMES.index(f"{side}_wrist")]
            direction = body.offsets[body.names.index(wrist)]
            for finger in range(draw(st.integers(1, 5))):
                offset = tuple(0.3 * direction + np.array([0.0, 0.0, 0.02 * (finger - 2)]))
                body.append(f"{wrist}_f{finger}_1", wrist, offset)
                body.append(f"{wrist}_f{finger}_2", f"{wrist}_f{finger}_1", tuple(0.15 * direction))
    body.root = body.root + np.array([0.0, draw(st.sampled_from([0.0, 0.6, -0.9])), 0.0])
    unit = draw(st.sampled_from(UNITS))
    turned = body.turned(Rotation.identity(), unit)
    return turned, {name: tuple(np.array(end) / unit) for name, end in ends.items()}


def check_body(result: RetargetResult) -> None:
    """Constant widths near the model's, left on the left, feet on the floor, upright."""
    for part in ("hip", "shoulder"):
        across = result.motion.joint(f"left_{part}") - result.motion.joint(f"right_{part}")
        width = np.linalg.norm(across, axis=-1)
        assert np.ptp(width) < 0.02
        assert abs(width.mean() - MODEL_WIDTHS[part]) < 0.09
        assert (across[:, 0] > 0.5 * width).all()  # the body faces +Z, so that its left is +X
    for side in ("left", "right"):
        toes = result.motion.joint(f"{side}_foot")
        assert np.abs(toes[:, 1]).max() < 0.08
        assert ((toes - result.motion.joint(f"{side}_ankle"))[:, 2] > 0).all()
    assert (result.motion.joint("head")[:, 1] > 1.2).all()
    assert result.warnings == ()


@pytest.mark.parametrize("naming", BY_NAME)
def test_every_naming_keeps_a_body(tmp_path: Path, naming: str) -> None:
    path = tmp_path / "made.bvh"

    @settings(max_examples=12, derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(made(naming))
    def check(body: tuple[Body, dict[str, tuple[float, float, float]]]) -> None:
        path.write_text(body[0].text(body[1]), encoding="utf-8")
        check_body(motion_files.open_retargeted(path))

    check()


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The text of a made body with a few of its numbers changed to foreign ones."""
    body, ends = draw(made(draw(st.sampled_from(BY_NAME))))
    lines = body.text(ends).split("\n")
    numbers = [index for index, line in enumerate(lines) if "OFFSET" in line or line[:1].isdigit() or line[:1] == "-"]
    for _ in range(draw(st.integers(1, 3))):
        row = draw(st.sampled_from(numbers))
        words = lines[row].split()
        places = [place for place, word in enumerate(words) if word[-1:].isdigit()]
        value = draw(st.sampled_from(["0", "-1", "1e3", "-1e4", "5e5", "1e6", "180", "90", "-45.5", "7"]))
        words[draw(st.sampled_from(places))] = value
        lines[row] = " ".join(words)
    return "\n".join(lines)


def check_sense(result: RetargetResult) -> None:
    """What is no nonsense: near a person, nowhere else than it should be, or warned about."""
    assert result.mean_error < 0.2
    steps = np.linalg.norm(np.diff(result.motion.joint_positions[:, 0], axis=0), axis=-1)
    assert steps.max(initial=0.0) < 21.0
    wild = steps.max(initial=0.0) > 2.0 or result.mean_error > 0.1
    assert result.warnings or not wild


def test_damaged_numbers_are_refused_or_make_sense(tmp_path: Path) -> None:
    path = tmp_path / "made.bvh"

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(damaged())
    def check(text: str) -> None:
        path.write_text(text, encoding="utf-8")
        with contextlib.suppress(FileFormatError):
            check_sense(motion_files.open_retargeted(path))

    check()
