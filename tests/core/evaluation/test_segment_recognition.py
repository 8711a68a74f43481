"""What counts as recognised, exchanged, missing and on the wrong side, on prompts whose answer is written down."""

from __future__ import annotations

import numpy as np
import pytest

from segmo_core.errors import InvalidRequestError
from segmo_core.evaluation.measures.boundary_figures import boundary_error, boundary_figures
from segmo_core.evaluation.measures.intervals import Mean, Share
from segmo_core.evaluation.suites.segment_recognition import Sighting, recognition_figures


def test_wilson_interval_of_published_examples() -> None:
    # Newcombe 1998, table I: 81 of 263 and 0 of 20.
    share = Share.counted(81, 263)
    assert (share.low, share.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    none = Share.counted(0, 20)
    assert (none.low, none.high) == (0.0, pytest.approx(0.1611, abs=1e-4))
    assert Share.of([]) is None
    with pytest.raises(InvalidRequestError, match="share: 3 of 2"):
        Share.counted(3, 2)


def test_mean_has_the_interval_of_the_normal_law_for_many_values() -> None:
    values = np.random.default_rng(4).normal(5.0, 2.0, 2000)
    found = Mean.of(values.tolist())
    assert found is not None
    half = 1.96 * values.std() / np.sqrt(2000)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.value == pytest.approx(half, rel=0.1)
    assert found.value - found.low == pytest.approx(half, rel=0.1)
    assert Mean.of([]) is None


def test_exchanged_misplaced_and_missing_segments() -> None:
    exchanged = Sighting(("walk", "bow", "run"), ("bow", "walk", "run"))
    assert exchanged.recognised == (False, False, True)
    assert exchanged.order_errors == exchanged.swapped == (True, True, False)
    assert exchanged.missing == (False, False, False)
    # The walk goes on where a bow was asked for: an order error, not an exchange, and the bow is missing.
    repeated = Sighting(("walk", "bow"), ("walk", "walk"))
    assert repeated.order_errors == (False, True)
    assert repeated.swapped == (False, False)
    assert repeated.missing == (False, True)
    # Something that nobody asked for is no matter of order.
    foreign = Sighting(("walk", "bow"), ("walk", "dance"))
    assert foreign.order_errors == (False, False)
    assert foreign.missing == (False, True)


def test_figures_count_segments_by_number_side_and_action() -> None:
    figures = recognition_figures(
        {
            1: [Sighting(("wave-left-hand",), ("wave-right-hand",)), Sighting(("bow",), ("bow",))],
            2: [
                Sighting(("walk-turn-left", "bow"), ("walk-turn-left", "bow")),
                Sighting(("wave-left-hand", "wave-right-hand"), ("wave-right-hand", "wave-left-hand")),
            ],
        }
    )
    assert (figures.by_count[1].recognised.hits, figures.by_count[1].recognised.total) == (1, 2)
    assert (figures.by_count[2].recognised.hits, figures.by_count[2].recognised.total) == (2, 4)
    assert (figures.by_count[2].order_errors.hits, figures.by_count[2].swapped.hits) == (2, 2)
    assert (figures.overall.recognised.hits, figures.overall.recognised.total) == (3, 6)
    assert (figures.overall.all_recognised.hits, figures.overall.all_recognised.total) == (2, 4)
    assert figures.overall.wrong_side is not None
    assert (figures.overall.wrong_side.hits, figures.overall.wrong_side.total) == (3, 4)
    waves = figures.by_action["wave-left-hand"]
    assert (waves.recognised.hits, waves.recognised.total) == (0, 2)
    assert waves.seen_as == {"wave-right-hand": 2}
    assert figures.by_action["bow"].wrong_side is None
    assert "run" not in figures.by_action


def test_boundary_errors_keep_their_sign_and_their_number_of_segments() -> None:
    figures = boundary_figures({1: [], 2: [-4.0, 8.0], 3: [0.0, 0.0]}, [True, False, False, True], {2: [2.0]})
    assert figures.generated is not None
    assert figures.generated.error.value == pytest.approx(3.0)
    assert figures.generated.bias.value == pytest.approx(1.0)
    assert (figures.generated.within_token.hits, figures.generated.within_token.total) == (3, 4)
    assert set(figures.generated_by_count) == {2, 3}
    assert figures.generated_by_count[2].error.value == pytest.approx(6.0)
    assert figures.real is not None
    assert figures.real.error.value == pytest.approx(2.0)
    assert figures.generated_recognised is not None
    assert figures.generated_recognised.error.value == pytest.approx(2.0)
    assert boundary_error([]) is None
