"""How many pictures a second the 3D view shows: ``segmo-studio measure-playing SECONDS``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, QTimer

from segmo_studio.app import make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.panels.prompt_panel import EXAMPLE_PROMPTS
from segmo_studio.services.engine_service import EngineService
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme

_SIZE = (1600, 1000)
_PATIENCE_MS = 120_000
_SETTLE_MS = 1500  # until the view has found the quality that it can keep


class _Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return super().eventFilter(watched, event)


def main(arguments: Sequence[str]) -> int:
    """Play the first example prompt's motion in the whole window, and then once more while another is generated.

    arguments: the seconds to play. Prints JSON: playing, generating, pictures a second; view, its size in pixels.
    """
    seconds = float(arguments[0])
    application = make_application()
    with tempfile.TemporaryDirectory() as private:
        settings = Settings(QSettings(f"{private}/settings.ini", QSettings.Format.IniFormat), Path(private))
        window = MainWindow(Theme(application, "dark"), settings, EngineService)
        window.resize(*_SIZE)
        window.show()
        window.jobs.compose(EXAMPLE_PROMPTS[0])
        if not _wait(lambda: not window.runner.jobs):
            sys.stderr.write("segmo-studio: no motion was generated, expected one to play\n")
            return 2
        paints = _Paints()
        window.view.installEventFilter(paints)
        window.playback.set_looping(True)
        window.playback.play()
        _pause(_SETTLE_MS)
        playing = _rate(paints, seconds)
        window.jobs.generate(EXAMPLE_PROMPTS[1])
        generating = _rate(paints, seconds, lambda: bool(window.runner.jobs))
        size = [window.view.width(), window.view.height()]
        window.playback.pause()
        window.projects.give_up()
        window.close()
    sys.stdout.write(json.dumps({"playing": playing, "generating": generating, "view": size}) + "\n")
    return 0


def _rate(paints: _Paints, seconds: float, goes_on: Callable[[], bool] = lambda: True) -> float:
    """Pictures a second for ``seconds``, or for as long as ``goes_on`` says if that is shorter."""
    first, started = paints.count, time.perf_counter()
    while time.perf_counter() - started < seconds and goes_on():
        _pause(50)
    return (paints.count - first) / (time.perf_counter() - started)


def _pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _wait(condition: Callable[[], bool]) -> bool:
    for _ in range(_PATIENCE_MS // 50):
        if condition():
            return True
        _pause(50)
    return False
