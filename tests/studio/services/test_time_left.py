"""The time left never grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmo_studio.services.time_left import TimeLeft


def test_a_steady_job_is_told_right() -> None:
    left = TimeLeft()
    said = [left.note(moment / 2, moment / 40) for moment in range(30)]
    assert said[0] is None
    assert said[10] == 15.0
    assert said[29] == pytest.approx(5.5)


@given(st.lists(st.tuples(st.floats(0.01, 5.0), st.floats(0.0, 0.2)), max_size=40))
def test_it_never_runs_backwards(steps: list[tuple[float, float]]) -> None:
    """Fast parts, slow parts, parts that report nothing: 11, 25, 39 s was what people saw."""
    left, now, fraction, last = TimeLeft(), 0.0, 0.0, None
    left.note(now, fraction)
    for wait, done in steps:
        now, fraction = now + wait, min(fraction + done, 1.0)
        said = left.note(now, fraction)
        assert last is None or (said is not None and said <= last)
        assert said is None or said >= 0.0
        last = said
