"""`segmo-studio [--bundle DIR] [FILE]`: start the Studio."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from segmo_core.errors import SegmoError
from segmo_studio.main_window import MainWindow
from segmo_studio.services.engine_service import EngineService
from segmo_studio.services.support import log
from segmo_studio.settings import Settings
from segmo_studio.theme.icons import application_icon
from segmo_studio.theme.theme import Theme
from segmo_studio.theme.translation import Translator, read_catalogue

_INTERRUPTED = 130
_WAKING_MS = 200
_TURN_SECONDS = 0.001  # after which a job lets the window go on; Python's own 5 ms are a sixth of a picture


def has_display() -> bool:
    """Whether Qt can open a window: without a display it would end the program with a long message."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def make_application() -> QApplication:
    """The one QApplication, named so that settings and desktop find it."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    sys.setswitchinterval(_TURN_SECONDS)
    application.setApplicationName("SegMo Studio")
    application.setOrganizationName("SegMo")
    application.setDesktopFileName("segmo-studio")
    application.setWindowIcon(application_icon())
    return application


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, show the window, run until it is closed."""
    parser = argparse.ArgumentParser(prog="segmo-studio", description="SegMo Studio: text to 3D human motion.")
    parser.add_argument(
        "file", nargs="?", type=Path, help="a motion (.bvh, .fbx, .glb, .npz, ...) or a project (.segmo) to open"
    )
    parser.add_argument(
        "--bundle", type=Path, metavar="DIR", help="model bundle to use from now on (default: the one used last)"
    )
    options = parser.parse_args(arguments)
    if not has_display():
        sys.stderr.write("segmo-studio: no display found, expected a desktop; 'segmo generate' works without one\n")
        return 2
    application = make_application()
    settings = Settings()
    log.start_log(settings.log_folder)
    log.note(f"SegMo Studio {version('segmo')} starts")
    theme = Theme(application, settings.theme)
    said = _speak(application, settings)
    window = MainWindow(theme, settings, EngineService)
    if said:
        window.notifications.warning(said)
    log.follow(window.notifications, window.runner)
    window.show()
    window.warm_up_soon(options.bundle)
    if options.file is not None:
        QTimer.singleShot(0, lambda: window.files.open(options.file.absolute()))
    else:
        QTimer.singleShot(0, window.support.offer_tour)
    QTimer.singleShot(0, window.projects.offer_recovery)
    _close_on_interrupt(application, window)
    return application.exec()


def _speak(application: QApplication, settings: Settings) -> str:
    """Use the chosen language; what to say where its catalogue cannot be read, and English stays."""
    if not settings.language:
        return ""
    try:
        Translator(application, read_catalogue(settings.language_folder / f"{settings.language}.json"))
    except SegmoError as error:
        return str(error)
    return ""


def _close_on_interrupt(application: QApplication, window: MainWindow) -> None:
    """Ctrl+C in the terminal closes the window as its button does, with the question about what is not kept."""

    def close(*_: object) -> None:
        if window.close():
            application.exit(_INTERRUPTED)

    signal.signal(signal.SIGINT, close)
    waking = QTimer(application)  # Python hears of a signal only when it runs
    waking.timeout.connect(lambda: None)
    waking.start(_WAKING_MS)
