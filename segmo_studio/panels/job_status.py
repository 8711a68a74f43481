"""The running job in the status bar: what it does, how far it is, how long it takes, and Cancel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from segmo_studio.services.jobs import PULL_LANE, Job, JobRunner
from segmo_studio.theme.widgets import label, push_button

_DELAY_MS = 250
_REFRESH_MS = 200


class JobStatus(QWidget):
    """Shows the oldest job of the runner, the getting of a language model last, for that takes hours.

    Appears after a quarter of a second, so that short jobs do not flicker.
    """

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self._job: Job[Any] | None = None
        self.text = label("", "small")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName("Progress of the running job")
        self._left = label("", "small")
        self.cancel_button = push_button("Cancel", "quiet", "Cancel the running job  (Ctrl+.)")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(10)
        for widget in (self.text, self.bar, self._left, self.cancel_button):
            row.addWidget(widget)
        row.addStretch(1)
        self.cancel_button.clicked.connect(self.cancel)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._show_job)
        runner.job_added.connect(self._follow)
        runner.job_ended.connect(self._follow)
        self.hide()

    def cancel(self) -> None:
        """Cancel the job on show."""
        job = self._current
        if job is not None:
            job.cancel()
            self.text.setText("Cancelling…")

    @property
    def _current(self) -> Job[Any] | None:
        return min(self._runner.jobs, key=lambda job: job.lane == PULL_LANE, default=None)

    def _follow(self) -> None:
        if not self._runner.jobs:
            self._timer.stop()
            self._job = None
            self.hide()
        elif not self._timer.isActive():
            self._timer.start(_DELAY_MS)

    def _show_job(self) -> None:
        job = self._current
        if job is None:
            return
        self._timer.setInterval(_REFRESH_MS)
        waiting = len(self._runner.jobs) - 1
        more = f"   (+{waiting} waiting)" if waiting else ""
        message = f": {job.message}" if job.message and job.message != job.title else ""
        self.text.setText("Cancelling…" if job.is_cancelling else f"{job.title}{message}{more}")
        is_known = job.fraction > 0
        self.bar.setRange(0, 1000 if is_known else 0)
        self.bar.setValue(round(job.fraction * 1000))
        left = job.seconds_left
        self._left.setText(
            "" if left is None else f"{max(left, 0.1):.1f} s left" if left < 10 else f"{left:.0f} s left"
        )
        self.show()
