"""What is found in a motion says how sure that is; what is probably not there is muted."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot
from window_support import wait_until_idle

from segmo_core.grounding.grounding_result import GroundingResult
from segmo_studio.document.findings import found_words
from segmo_studio.main_window import MainWindow
from segmo_studio.timeline.rows import MAXIMUM_LANES, lanes_of
from segmo_studio.timeline.tool_tips import tool_tip


def show_confidence(window: MainWindow, confidence: float) -> GroundingResult:
    """Let the only thing found in the current take be "a person swims", that sure."""
    take = window.document.current
    found = replace(take.groundings[0], query="a person swims", start=0, end=60, confidence=confidence)
    window.document.push_take("x", replace(take, groundings=(found,)))
    return found


def bar_colour(window: MainWindow) -> QColor:
    picture, place = window.timeline.grab().toImage(), window.timeline._places.grounding_place(0)
    point = QPointF(place.right() - 60, place.top() + 4) * picture.devicePixelRatio()
    return picture.pixelColor(point.toPoint())


def test_confidence_is_a_percentage_and_never_rounded_up_to_a_half(generated: MainWindow) -> None:
    assert found_words(show_confidence(generated, 0.876)) == "a person swims: 87 %"
    assert found_words(show_confidence(generated, 0.4999)) == "a person swims: probably not in this motion (49 %)"


def test_what_is_not_in_the_motion_is_muted(generated: MainWindow) -> None:
    show_confidence(generated, 0.9)
    assert bar_colour(generated).hslSaturation() > 60
    show_confidence(generated, 0.1)
    muted, ground = bar_colour(generated), generated.theme.colours.colour("surface")
    difference = [
        abs(muted.red() - ground.red()),
        abs(muted.green() - ground.green()),
        abs(muted.blue() - ground.blue()),
    ]
    assert max(difference) < 16


def test_the_tool_tip_says_so_too(generated: MainWindow) -> None:
    view = generated.timeline
    show_confidence(generated, 0.1)
    text, _place = tool_tip(view._places, view._places.grounding_place(0).center(), generated.advice)
    assert text.startswith("“a person swims” is probably not in this motion.\nNearest to it: 0.00 – 3.00 s (10 % sure")
    show_confidence(generated, 0.9)
    text, _place = tool_tip(view._places, view._places.grounding_place(0).center(), generated.advice)
    assert text.startswith("“a person swims”   0.00 – 3.00 s\n90 % sure")


def test_find_says_what_is_not_there(generated: MainWindow, qtbot: QtBot) -> None:
    """Random weights find nothing, and say so."""
    window = generated
    window.timeline_panel.bar.query.setText("a person plays the piano")
    window.timeline_panel.bar._find.click()
    wait_until_idle(qtbot, window)
    found = window.document.current.groundings[-1]
    assert found.confidence < 0.5
    assert window.toast.sentence.text().startswith("“a person plays the piano” is probably not in this motion (")


def test_stretches_share_a_lane_only_when_all_are_taken(generated: MainWindow) -> None:
    one = generated.document.current.groundings[0]
    apart = [replace(one, start=start, end=start + 30) for start in (0, 10, 20, 25, 40)]
    lanes = lanes_of(apart)
    assert lanes == [0, 1, 2, 3, 0]
    crowded = lanes_of([replace(one, start=start, end=100 - start) for start in range(MAXIMUM_LANES + 1)])
    assert crowded[:MAXIMUM_LANES] == list(range(MAXIMUM_LANES))
    assert crowded[-1] == MAXIMUM_LANES - 1  # the one that ends first, so that they overlap least
