"""Playback: which frame is shown now. Follows the clock, so a slow view drops frames instead of time."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
_TICK_MS = 33


class Playback(QObject):
    """Position in a motion of ``num_frames`` frames at ``frame_rate`` Hz, with speed, direction and a loop range."""

    length_changed = Signal()
    """Another number of frames or another rate."""
    frame_changed = Signal(int)
    moment_changed = Signal(float)
    """The frame, or while playing the place between two: pictures come more often than the motion has frames."""
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    """Frames per frame, negative when playing backwards."""
    loop_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._num_frames = 0
        self._frame_rate = 20.0
        self._position = 0.0
        self._frame = 0
        self._speed = 1.0
        self._direction = 1
        self._looping = True
        self._loop_range: tuple[int, int] | None = None
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def frame(self) -> int:
        return self._frame

    @property
    def num_frames(self) -> int:
        return self._num_frames

    @property
    def frame_rate(self) -> float:
        return self._frame_rate

    @property
    def seconds(self) -> float:
        return self._frame / self._frame_rate

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Frames per frame, negative when playing backwards."""
        return self._speed * self._direction

    @property
    def is_looping(self) -> bool:
        return self._looping

    @property
    def loop_range(self) -> tuple[int, int]:
        """Half-open frames that are played; the whole motion unless set."""
        start, end = self._loop_range or (0, self._num_frames)
        end = min(end, self._num_frames)
        return (start, end) if start < end else (0, self._num_frames)

    @property
    def has_loop_range(self) -> bool:
        return self._loop_range is not None and self.loop_range != (0, self._num_frames)

    def set_length(self, num_frames: int, frame_rate: float) -> None:
        """Play another motion; the position is kept where it still exists. Zero frames stop."""
        is_other = (num_frames, frame_rate) != (self._num_frames, self._frame_rate)
        self._num_frames = num_frames
        self._frame_rate = frame_rate
        if num_frames == 0:
            self.pause()
        self.set_frame(min(self._frame, max(num_frames - 1, 0)))
        if is_other:
            self.length_changed.emit()

    def set_frame(self, frame: int) -> None:
        """Go to a frame, held inside the motion."""
        frame = max(0, min(int(frame), max(self._num_frames - 1, 0)))
        self._show(float(frame))

    def step(self, frames: int) -> None:
        """Pause and move by whole frames."""
        self.pause()
        self.set_frame(self._frame + frames)

    def set_interval(self, milliseconds: int) -> None:
        """How often a picture is wanted while playing."""
        if milliseconds != self._timer.interval():
            self._timer.setInterval(milliseconds)

    @property
    def moment(self) -> float:
        """The frame, or the place between two."""
        return min(self._position, max(self._num_frames - 1.0, 0.0))

    def toggle(self) -> None:
        if self.is_playing:
            self.pause()
        else:
            self._turn(1)
            self.play()

    def play(self) -> None:
        """Play on; from the start of the range when the end was reached."""
        if self._num_frames < 2 or self.is_playing:
            return
        start, end = self.loop_range
        if self._direction > 0 and self._frame >= end - 1:
            self.set_frame(start)
        elif self._direction < 0 and self._frame <= start:
            self.set_frame(end - 1)
        self._clock.start()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (+1): play that way, faster with every press; K (0) pauses at normal speed."""
        if direction == 0:
            self.pause()
            self._turn(1)
            self.set_speed(1.0)
        elif self.is_playing and direction == self._direction:
            self.change_speed(1)
        else:
            self.pause()
            self._turn(direction)
            self.set_speed(1.0)
            self.play()

    def _turn(self, direction: int) -> None:
        if direction != self._direction:
            self._direction = direction
            self.speed_changed.emit(self.speed)

    def set_speed(self, speed: float) -> None:
        self._speed = min(SPEEDS, key=lambda known: abs(known - speed))
        self.speed_changed.emit(self.speed)

    def change_speed(self, steps: int) -> None:
        """The next faster (+1) or slower (-1) speed."""
        index = SPEEDS.index(self._speed) + steps
        self.set_speed(SPEEDS[max(0, min(index, len(SPEEDS) - 1))])

    def set_looping(self, looping: bool) -> None:
        self._looping = looping
        self.loop_changed.emit()

    def set_loop_in(self, frame: int | None = None) -> None:
        """Start the played range at ``frame`` (default: here)."""
        frame = self._frame if frame is None else frame
        _, end = self.loop_range
        self._loop_range = (frame, end if end > frame else self._num_frames)
        self.loop_changed.emit()

    def set_loop_out(self, frame: int | None = None) -> None:
        """End the played range after ``frame`` (default: here)."""
        frame = self._frame if frame is None else frame
        start, _ = self.loop_range
        self._loop_range = (start if start <= frame else 0, frame + 1)
        self.loop_changed.emit()

    def set_loop_range(self, start: int, end: int) -> None:
        """Play frames [start, end), held inside the motion."""
        start = max(0, min(start, self._num_frames - 1))
        self._loop_range = (start, max(start + 1, min(end, self._num_frames)))
        self.loop_changed.emit()

    def clear_loop_range(self) -> None:
        self._loop_range = None
        self.loop_changed.emit()

    def _show(self, moment: float) -> None:
        before, self._position, self._frame = self._frame, moment, int(moment)
        self.moment_changed.emit(self.moment)
        if self._frame != before:
            self.frame_changed.emit(self._frame)

    def _tick(self) -> None:
        start, end = self.loop_range
        moment = self._position + self._clock.restart() / 1000.0 * self._frame_rate * self.speed
        inside = start <= moment < end
        if not inside:
            ran_out = moment >= end if self._direction > 0 else moment < start
            if ran_out and not self._looping:
                self.pause()
                self.set_frame(end - 1 if self._direction > 0 else start)
                return
            if ran_out:
                moment = start + (moment - start) % (end - start)
        self._show(max(0.0, min(moment, self._num_frames - 0.001)))
