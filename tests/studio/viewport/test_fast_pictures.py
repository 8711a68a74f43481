"""What makes pictures that follow one another cheap, and that it changes little of what they show."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from segmo_core.body.mannequin import load_mannequin
from segmo_studio.viewport import driver
from segmo_studio.viewport.coarse_body import coarser
from segmo_studio.viewport.painting.enlarging import paint_enlarged


def test_a_coarse_body_lies_on_the_whole_one() -> None:
    whole = load_mannequin()
    coarse = coarser(whole)
    assert len(coarse.faces) == pytest.approx(0.4 * len(whole.faces), rel=0.02)
    assert {tuple(point) for point in coarse.vertices} <= {tuple(point) for point in whole.vertices}
    np.testing.assert_allclose(coarse.joint_weights.sum(axis=1), 1.0, atol=1e-5)
    for side in (np.min, np.max):  # as tall, as wide and as deep, to two millimetres
        np.testing.assert_allclose(side(coarse.vertices, axis=0), side(whole.vertices, axis=0), atol=0.002)
    assert coarser(whole) is coarse


def test_strips_leave_no_seam(qtbot: QtBot) -> None:
    small = QImage(101, 83, QImage.Format.Format_RGB32)
    painter = QPainter(small)
    for row in range(83):
        painter.fillRect(0, row, 101, 1, 0xFF000000 + row * 0x030201)
    painter.end()
    area = QRectF(0, 0, 317, 211)
    pictures = []
    for in_strips in (True, False):
        picture = QImage(317, 211, QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        if in_strips:
            paint_enlarged(painter, area, small)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, small)
        painter.end()
        pictures.append(picture)
    assert pictures[0] == pictures[1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Mesa's threads are told on Linux alone")
@pytest.mark.parametrize(("processors", "given", "told"), [(2, None, "0"), (8, None, None), (2, "4", "4")])
def test_on_two_processors_mesa_draws_without_threads(
    processors: int, given: str | None, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(processors)))
    monkeypatch.setattr(driver, "_loads", lambda _library: True)
    monkeypatch.setenv("LP_NUM_THREADS", "")  # put back as it was after the test
    monkeypatch.delenv("LP_NUM_THREADS")
    if given is not None:
        monkeypatch.setenv("LP_NUM_THREADS", given)
    driver.require_graphics()
    assert os.environ.get("LP_NUM_THREADS") == told
