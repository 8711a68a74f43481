"""The first window fits the screen it opens on, and everything in it can be reached there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot
from window_support import HeldEngine, wait_until_idle

from segmo_studio.main_window import MainWindow
from segmo_studio.panels.view_area import ViewArea
from segmo_studio.theme.theme import Theme
from segmo_studio.timeline.rows import LEAST_HEIGHT, MAXIMUM_LANES, Rows
from segmo_studio.views import fit_to_screen, hold_inside

FIVE = "a person walks, then jumps, then bows, then waves, then sits down"


@pytest.mark.parametrize(
    ("screen", "size"),
    [((1920, 1080), (1600, 1000)), ((1366, 728), (1366, 688)), ((1280, 680), (1280, 640)), ((1600, 960), (1600, 920))],
)
def test_the_first_window_fits_its_screen(qtbot: QtBot, screen: tuple[int, int], size: tuple[int, int]) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    fit_to_screen(window, QRect(0, 0, *screen))
    assert window.normalGeometry().size() == QSize(*size) or window.size() == QSize(*size)
    assert bool(window.windowState() & Qt.WindowState.WindowMaximized) == (screen < (1600, 1000) or screen[1] < 1000)


def test_a_size_remembered_from_a_larger_screen_is_held_inside(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setGeometry(3000, 200, 1900, 1100)
    hold_inside(window, QRect(0, 0, 1366, 728))
    assert window.geometry() == QRect(0, 0, 1366, 728)


def inside(window: MainWindow, widget: QWidget) -> bool:
    return window.rect().contains(QRect(widget.mapTo(window, QPoint()), widget.size()))


@pytest.mark.parametrize("size", [(1280, 680), (1366, 728)])
def test_everything_is_in_sight_on_a_small_screen(
    window: MainWindow, engine: HeldEngine, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.commands["reset_layout"].trigger()
    window.jobs.compose(FIVE)
    wait_until_idle(qtbot, window)
    qtbot.wait(50)
    assert (window.width(), window.height()) == size
    for widget in (window.timeline, window.inspector, window.takes, window.prompt_panel, window.statusBar()):
        assert inside(window, widget), widget
    panel = window.prompt_panel
    assert inside(window, panel.prompt)
    shown = [card for card in panel.cards if not card.visibleRegion().isEmpty()]
    assert len(shown) >= 4
    assert all(card.height() < 50 for card in panel.cards)
    window.selection.select_segment(4)
    qtbot.wait(20)
    assert panel.cards[4].visibleRegion().boundingRect().height() == panel.cards[4].height()
    assert inside(window, panel.generate)


def test_the_timeline_can_be_made_low_and_keeps_its_segments() -> None:
    low = Rows.of(900, LEAST_HEIGHT, MAXIMUM_LANES)
    assert (low.num_lanes, low.curve.height()) == (0, 0)
    assert low.track.bottom() <= LEAST_HEIGHT
    lanes = [Rows.of(900, height, MAXIMUM_LANES).num_lanes for height in range(100, 320, 10)]
    assert lanes == sorted(lanes)
    assert lanes[-1] == MAXIMUM_LANES
    for height in range(100, 320):
        rows = Rows.of(900, height, 2)
        assert rows.found.bottom() <= height
        assert rows.curve.bottom() <= height
        assert rows.curve.height() == 0 or rows.curve.top() >= rows.found.bottom()


@pytest.mark.parametrize("width", [330, 480, 640, 900])
def test_hint_and_sign_lie_under_nothing(qtbot: QtBot, theme: Theme, window: MainWindow, width: int) -> None:
    area = window.view_area
    area.setParent(None)
    qtbot.addWidget(area)
    area.resize(width, 420)
    area.show()
    area.show_hint(
        ("Describe a motion", "Type it on the left, press Ctrl+Enter,", "or drop a motion file here: .bvh …")
    )
    area.show_badge(True)
    qtbot.wait(20)
    assert isinstance(area, ViewArea)
    tools = area._tools.geometry()
    assert not area._hint.geometry().intersects(tools)
    assert not area._badge.geometry().intersects(tools)
    assert area._hint.geometry().right() < width / 2 + 20 or width < 400


def test_a_floating_panel_has_a_frame_and_a_docked_one_a_button_to_close_it(window: MainWindow, qtbot: QtBot) -> None:
    dock = window.docks["inspector"]
    title = dock.titleBarWidget()
    assert title is not None
    dock.setFloating(True)
    assert dock.titleBarWidget() is None  # then Qt and the window system give it theirs
    assert not dock.windowFlags() & Qt.WindowType.FramelessWindowHint
    dock.setFloating(False)
    assert dock.titleBarWidget() is title
    close = next(button for button in title.children() if getattr(button, "accessibleName", str)() == "Close Inspector")
    close.click()
    assert not dock.isVisible()


def test_the_name_of_the_segment_lies_under_no_button(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: window.view_area.width() < 800)
    tools, free = window.view_area._tools.geometry(), window.view._label_area
    assert free is not None
    assert free.width() >= 200
    assert free.right() <= tools.left() or free.top() >= tools.bottom()
