"""The user's own SMPL body in the view: drawn once the settings name it, the mannequin where it cannot be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_smpl import body_arrays
from pytestqt.qtbot import QtBot
from viewport_support import pixels
from window_support import wait_until_idle

from segmo_studio.main_window import MainWindow


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with a made-up model of SMPL's kind: a licensed one is nobody's to pass on."""
    (tmp_path / "smpl").mkdir()
    arrays = {name: value for name, value in body_arrays().items() if name != "bs_type"}
    np.savez(tmp_path / "smpl" / "SMPL_NEUTRAL.npz", **arrays)
    return tmp_path


def test_the_body_of_the_settings_is_drawn(generated: MainWindow, models: Path, qtbot: QtBot) -> None:
    window = generated
    mannequin = pixels(window.view)
    window._settings.smpl_folder = models
    window.support.settings_changed.emit()
    wait_until_idle(qtbot, window)
    assert window.view.body is not None
    assert len(window.view.body.vertices) != 0
    smpl = pixels(window.view)
    assert np.abs(smpl - mannequin).sum(axis=-1).max() > 30
    window._settings.smpl_folder = None
    window.support.settings_changed.emit()
    assert window.view.body is None
    np.testing.assert_array_equal(pixels(window.view), mannequin)


def test_a_folder_without_models_leaves_the_mannequin(generated: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    generated._settings.smpl_folder = tmp_path
    generated.support.settings_changed.emit()
    wait_until_idle(qtbot, generated)
    assert generated.view.body is None
    assert "holds no SMPL model" in generated.toast.sentence.text()
    assert "The mannequin is drawn instead." in generated.toast.sentence.text()
