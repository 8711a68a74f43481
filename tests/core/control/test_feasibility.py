"""What no body can do is said in one sentence, with the nearest that can be done."""

from __future__ import annotations

import pytest

from segmo_core.control.constraints import Constraint, Distance, Pin, RootPath, RootWaypoint, Turn
from segmo_core.control.feasibility import check_constraints
from segmo_core.errors import InvalidRequestError


@pytest.mark.parametrize(
    ("constraints", "sentence"),
    [
        (
            [RootWaypoint(1.0, 0.0, 10.0)],
            "waypoint at 1 s: 10.0 m from the start in 1 s, farther than a person gets; the nearest is 0.00,5.00",
        ),
        (
            [Pin("right_hand", 2.0, (0.0, 3.0, 0.5))],
            "the right hand at 2 s: 3.00 m high, where nobody who stands reaches; the nearest is 0.00,2.15,0.50",
        ),
        (
            [Pin("left_foot", 2.0, (0.0, -0.1, 0.5))],
            "the left foot at 2 s: below the floor, where nobody who stands reaches; the nearest is 0.00,0.00,0.50",
        ),
        ([RootWaypoint(9.0, 0.0, 1.0)], "waypoint at 9 s: after the end of the motion at 6.0 s"),
        ([RootWaypoint(2.0, 0.0, 1.0), RootWaypoint(2.0, 1.0, 1.0)], "two places at once, 1.00 m apart"),
        ([Distance(0.0, 1.0, 9.0)], "9 m from 0 to 1 s: farther than a person gets in that time; the nearest is 5.0 m"),
        ([Turn(0.0, 1.0, -720.0)], "the nearest is -540 degrees"),
        ([RootPath(((0.0, 0.0), (0.0, 40.0)))], "path of 2 points: 40.0 m in 6.0 s"),
        (
            [RootWaypoint(2.0, 0.0, 1.0), Pin("left_hand", 2.0, (3.0, 1.0, 1.0))],
            "3.00 m beside where the body is to be, out of reach; the nearest is 1.10,1.00,1.00",
        ),
        (
            [Pin("left_hand", 2.0, (1.5, 1.0, 0.0)), Pin("right_hand", 2.0, (-1.5, 1.0, 0.0))],
            "the right hand at 2 s: 3.00 m from the left hand, farther than one body reaches",
        ),
    ],
)
def test_contradictions(constraints: list[Constraint], sentence: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        check_constraints(constraints, 6.0)
    assert sentence in str(error.value)


def test_what_can_be_done_passes() -> None:
    check_constraints([RootWaypoint(0.0, 0.0, 0.0), RootWaypoint(3.0, 2.0, 3.0), Pin("head", 3.0, (2.0, 1.5, 3.0))], 6)
