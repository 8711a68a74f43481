"""How long the Studio takes to show its window and to be ready: ``segmo-studio measure-startup STARTED``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer

from segmo_studio.app import make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import EngineService
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme

_PATIENCE_MS = 120_000


class _FirstPaint(QObject):
    """Notes when a widget has been painted for the first time."""

    def __init__(self, started: float) -> None:
        super().__init__()
        self._started = started
        self.seconds: float | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.seconds is None:
            # The event comes before the painting: what it takes belongs to it.
            QTimer.singleShot(0, self, self._note)
        return super().eventFilter(watched, event)

    def _note(self) -> None:
        if self.seconds is None:
            self.seconds = time.time() - self._started


def main(arguments: Sequence[str]) -> int:
    """Start the Studio as ``segmo-studio`` does, with settings of its own, and close it once it is ready.

    arguments: the clock (``time.time()``) when the process was started. Prints JSON: painted, the seconds from there
    until the window is on the screen; ready, until the 3D view is drawn and the model is loaded.
    """
    started = float(arguments[0])
    application = make_application()
    with tempfile.TemporaryDirectory() as private:
        settings = Settings(QSettings(f"{private}/settings.ini", QSettings.Format.IniFormat), Path(private))
        window = MainWindow(Theme(application, "dark"), settings, EngineService)
        paint = _FirstPaint(started)
        window.installEventFilter(paint)
        window.show()
        window.warm_up_soon()
        ready: list[float] = []

        def look() -> None:
            if window.bundles.is_ready and window.view.is_drawn:
                ready.append(time.time() - started)
                application.quit()

        watch = QTimer(application, interval=10)
        watch.timeout.connect(look)
        watch.start()
        QTimer.singleShot(_PATIENCE_MS, application, application.quit)
        application.exec()
        watch.stop()
        window.projects.give_up()
        window.close()
    if not ready:
        sys.stderr.write(f"segmo-studio: not ready after {_PATIENCE_MS // 1000} s, expected a loaded model\n")
        return 2
    sys.stdout.write(json.dumps({"painted": paint.seconds, "ready": ready[0]}) + "\n")
    return 0
