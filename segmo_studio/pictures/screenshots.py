"""Pictures of the real window for the README: `segmo-studio screenshots OUT_DIR`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSettings, QTimer

from segmo_core.errors import SegmoError
from segmo_studio.app import has_display, make_application
from segmo_studio.main_window import MainWindow
from segmo_studio.panels.prompt_panel import EXAMPLE_PROMPTS
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.loaded_engine import engine_of
from segmo_studio.settings import Settings
from segmo_studio.theme.theme import Theme

_SIZE = (1600, 1000)
_SETTLE_MS = 700
_PATIENCE_MS = 120_000


class ScreenshotError(SegmoError):
    """The window did not get to the state that was to be shown."""


def take_screenshots(folder: Path, bundle: Path | None = None) -> list[Path]:
    """Generate the first example prompt with seed 1 and save the window as dark.png and light.png in ``folder``.

    Raises ScreenshotError with the sentence the window shows when generation fails.
    """
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application()
    theme = Theme(application, "dark")
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    with tempfile.TemporaryDirectory() as private:
        settings = Settings(QSettings(f"{private}/settings.ini", QSettings.Format.IniFormat))
        window = MainWindow(theme, settings, lambda runner: EngineService(runner, lambda _folder: engine_of(bundle)))
        window.resize(*_SIZE)
        window.show()
        window.jobs.compose(EXAMPLE_PROMPTS[0])
        _wait(lambda: not window.runner.jobs)
        take = window.document.current
        if take.motion is None or take.track is None:
            raise ScreenshotError(window.toast.sentence.text())
        window.playback.pause()
        window.selection.select_segment(1)
        second = take.track[1]
        window.playback.set_frame((second.start + second.end) // 2)
        for name in ("dark", "light"):
            theme.choose(name)
            _pause(_SETTLE_MS)
            saved.append(folder / f"{name}.png")
            window.grab().save(str(saved[-1]))
        window.projects.give_up()
        window.close()
    return saved


def _pause(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _wait(condition: Callable[[], bool]) -> None:
    for _ in range(_PATIENCE_MS // 50):
        if condition():
            return
        _pause(50)
    raise ScreenshotError(f"window: still busy after {_PATIENCE_MS // 1000} s, expected a motion")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="segmo-studio screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where dark.png and light.png go")
    parser.add_argument("--bundle", type=Path, help="another model bundle than the starter")
    options = parser.parse_args(arguments)
    try:
        saved = take_screenshots(options.folder, options.bundle)
    except SegmoError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in saved))
    return 0
