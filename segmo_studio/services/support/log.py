"""The log file: what happened in the window, for whoever looks for a fault. Prompts and motions are not in it, but the
sentences that the window tells, which name files.
"""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from segmo_studio.services.jobs import Job, JobRunner, JobState
from segmo_studio.services.notifications import Notification, Notifications

LOG_NAME = "studio.log"
_MOST_BYTES, _OLD_FILES = 1 << 20, 2
_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING}
_QT_LEVELS = {QtMsgType.QtWarningMsg: logging.WARNING, QtMsgType.QtCriticalMsg: logging.ERROR,
              QtMsgType.QtFatalMsg: logging.CRITICAL}  # fmt: skip
_logger = logging.getLogger("segmo_studio")


def start_log(folder: Path) -> Path | None:
    """Write into ``folder`` from now on, what ends the program by an error included; None where that cannot be."""
    path = folder / LOG_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=_MOST_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    stop_log()
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    _logger.propagate = False
    sys.excepthook = _on_error
    threading.excepthook = lambda found: _on_error(found.exc_type, found.exc_value, found.exc_traceback)
    qInstallMessageHandler(_on_qt_message)
    return path


def stop_log() -> None:
    """Close the file, so that it can be moved."""
    for handler in list(_logger.handlers):
        _logger.removeHandler(handler)
        handler.close()


def note(sentence: str) -> None:
    """One line."""
    _logger.info(sentence)


def follow(notifications: Notifications, runner: JobRunner) -> None:
    """Note what the user is told, and every job's beginning and end."""
    notifications.posted.connect(_note_told)
    runner.job_added.connect(lambda job: _logger.info("job %d: %s", job.number, job.title))
    runner.job_ended.connect(_note_end)


def last_lines(path: Path | None, count: int) -> str:
    """The end of a log; empty where there is none."""
    if path is None:
        return ""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def _note_told(told: Notification) -> None:
    _logger.log(_LEVELS.get(told.level, logging.INFO), "told: %s", told.sentence)
    if told.details:
        _logger.info("details: %s", told.details.rstrip())


def _note_end(job: Job[Any]) -> None:
    level = logging.WARNING if job.state is JobState.FAILED else logging.INFO
    _logger.log(level, "job %d: %s", job.number, job.state.value)


def _on_error(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not issubclass(kind, KeyboardInterrupt):
        _logger.critical("unexpected error", exc_info=(kind, error, trace))
    if error is not None:
        sys.__excepthook__(kind, error, trace)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    _logger.log(_QT_LEVELS.get(kind, logging.INFO), "Qt: %s", message)
    if kind in _QT_LEVELS and sys.__stderr__ is not None:
        sys.__stderr__.write(f"{message}\n")
