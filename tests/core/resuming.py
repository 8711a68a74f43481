"""A training that was cut and resumed, held against one that was not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import torch

from segmo_core.training.loop import Objective, train
from segmo_core.training.stage_settings import StageSettings


def assert_resumes_exactly(objective: Callable[[], Objective], settings: StageSettings, folder: Path) -> None:
    """Cut after half of the steps, it ends with the very same weights."""
    whole = objective()
    train(whole, settings, folder / "whole")
    train(objective(), dataclasses.replace(settings, steps=settings.steps // 2), folder / "cut")
    resumed = objective()
    train(resumed, settings, folder / "cut", resume=True)
    for name, value in whole.model.state_dict().items():
        torch.testing.assert_close(resumed.model.state_dict()[name], value, rtol=0, atol=0)
