"""Where a moment is on screen, and which moment is under a point."""

from __future__ import annotations

from dataclasses import dataclass, replace

_TICK_STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_MINIMUM_SECONDS_SHOWN = 0.2
_MAXIMUM_SECONDS_SHOWN = 3600.0


@dataclass(frozen=True)
class TimeScale:
    """left, width: the strip of the widget that shows time, in pixels. start, seconds: the stretch of time shown."""

    left: float
    width: float
    start: float = 0.0
    seconds: float = 5.0

    @property
    def pixels_per_second(self) -> float:
        return self.width / self.seconds

    def x_of(self, seconds: float) -> float:
        return self.left + (seconds - self.start) * self.pixels_per_second

    def seconds_at(self, x: float) -> float:
        return self.start + (x - self.left) / self.pixels_per_second

    def zoomed(self, factor: float, x: float) -> TimeScale:
        """Show ``factor`` times less time, keeping the moment under ``x`` where it is."""
        seconds = min(max(self.seconds / factor, _MINIMUM_SECONDS_SHOWN), _MAXIMUM_SECONDS_SHOWN)
        anchor = self.seconds_at(x)
        start = anchor - (x - self.left) / (self.width / seconds)
        return replace(self, start=start, seconds=seconds)

    def panned(self, pixels: float) -> TimeScale:
        """Move the content by ``pixels`` to the right."""
        return replace(self, start=self.start - pixels / self.pixels_per_second)

    def paged_to(self, seconds: float, whole: float) -> TimeScale:
        """Itself while it shows the moment ``seconds``, else the page from there on; going back, the one before.

        The last page of the ``whole`` seconds is a full one.
        """
        if self.start <= seconds <= self.start + self.seconds:
            return self
        start = seconds if seconds > self.start else seconds - self.seconds * 0.9
        latest = max(whole * 1.03 - self.seconds, 0.0)
        return replace(self, start=min(max(start, 0.0), latest))

    def resized(self, left: float, width: float) -> TimeScale:
        """The same stretch of time on another strip."""
        return replace(self, left=left, width=max(width, 1.0))

    def fitted(self, seconds: float) -> TimeScale:
        """Show 0 to ``seconds`` with a little room on the right."""
        return replace(self, start=0.0, seconds=max(seconds, _MINIMUM_SECONDS_SHOWN) * 1.06)

    def held_inside(self, seconds: float) -> TimeScale:
        """Keep some of 0 to ``seconds`` in view: no panning into empty time."""
        latest = max(seconds - self.seconds * 0.2, 0.0)
        return replace(self, start=min(max(self.start, -self.seconds * 0.02), latest))

    def tick_step(self, minimum_pixels: float) -> float:
        """The smallest round number of seconds that leaves ``minimum_pixels`` between two ticks."""
        for step in _TICK_STEPS:
            if step * self.pixels_per_second >= minimum_pixels:
                return step
        return _TICK_STEPS[-1]
