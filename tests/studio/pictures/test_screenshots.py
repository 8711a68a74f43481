"""The pictures for the README come from the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from segmo_studio.pictures.screenshots import main, take_screenshots


@pytest.mark.slow
def test_light_and_dark_pictures(qapp: QApplication, tiny_bundle: Path, tmp_path: Path) -> None:
    saved = take_screenshots(tmp_path / "pictures", tiny_bundle)
    assert [path.name for path in saved] == ["dark.png", "light.png"]
    dark, light = (QImage(str(path)) for path in saved)
    assert (dark.width(), dark.height()) == (1600, 1000)
    assert QColor(dark.pixel(20, 500)).lightness() < 60 < 200 < QColor(light.pixel(20, 500)).lightness()


@pytest.mark.slow
def test_a_missing_bundle_is_one_sentence(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--bundle", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
