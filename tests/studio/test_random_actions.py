"""Whatever somebody does: no exception, no stuck job, and undone to the end it is the first state byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from pytestqt.qtbot import QtBot
from random_actions import RandomActions
from window_support import HeldEngine

from segmo_studio.main_window import MainWindow

_PATIENT = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize(
    ("runs", "steps", "least"),
    [
        pytest.param(5, 25, 20, id="a few"),
        pytest.param(14, 100, 500, id="many", marks=pytest.mark.slow),
    ],
)
def test_random_actions_leave_nothing_behind(
    make_window: Callable[[Any], MainWindow],
    engine: HeldEngine,
    qtbot: QtBot,
    tmp_path: Path,
    runs: int,
    steps: int,
    least: int,
) -> None:
    done = [0]
    run_state_machine_as_test(
        lambda: RandomActions(lambda: make_window(engine), qtbot, tmp_path, done),
        settings=settings(_PATIENT, max_examples=runs, stateful_step_count=steps),
    )
    assert done[0] >= least
