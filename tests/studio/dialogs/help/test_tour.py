"""The tour: by keys alone, skippable, once; nothing else happens while it is there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from segmo_studio.commands.support_commands import TOUR
from segmo_studio.main_window import MainWindow


def test_enter_walks_through_and_it_does_not_come_again(window: MainWindow, qtbot: QtBot) -> None:
    window.support.offer_tour()
    tour = window.support.tour
    assert tour is not None
    qtbot.waitUntil(lambda: QApplication.focusWidget() is tour.next)
    titles = []
    for _ in TOUR:
        titles.append(tour.title.text())
        assert tour.rect().contains(tour.card.geometry())
        QTest.keyClick(tour, Qt.Key.Key_Return)
    assert titles == [title for _, title, _ in TOUR]
    assert window.support.tour is None
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.prompt_panel.prompt)
    window.support.offer_tour()
    assert window.support.tour is None
    window.commands["tour"].trigger()
    assert window.support.tour is not None


def test_escape_skips_it_for_good(window: MainWindow, qtbot: QtBot) -> None:
    window.support.offer_tour()
    tour = window.support.tour
    assert tour is not None
    qtbot.waitUntil(lambda: QApplication.focusWidget() is tour.next)
    QTest.keyClick(tour.next, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not window.prompt_panel.prompt
    QTest.keyClick(tour, Qt.Key.Key_Escape)
    window.support.offer_tour()
    assert window.support.tour is None


def test_buttons_go_back_and_on_and_the_card_lies_beside_its_part(generated: MainWindow, qtbot: QtBot) -> None:
    window = generated
    for size in ((1280, 690), (1600, 950), (900, 600)):
        window.resize(*size)
        window.commands["tour"].trigger()
        tour = window.support.tour
        assert tour is not None
        qtbot.waitUntil(lambda tour=tour: tour.size() == window.size())
        QTest.mouseClick(tour.next, Qt.MouseButton.LeftButton)
        assert tour.step == 1
        QTest.mouseClick(tour.back, Qt.MouseButton.LeftButton)
        assert tour.step == 0
        assert not tour.back.isEnabled()
        for _ in range(len(TOUR) - 1):
            part = tour._steps[tour.step].part
            lit = QRect(part.mapTo(window, QPoint(0, 0)), part.size())
            if size[0] > 1000 and tour.step not in (1, len(TOUR) - 1):
                assert not lit.adjusted(1, 1, -1, -1).intersects(tour.card.geometry()), (size, tour.step)
            assert tour.rect().contains(tour.card.geometry())
            QTest.mouseClick(tour.next, Qt.MouseButton.LeftButton)
        assert tour.next.text() == "Done"
        QTest.mouseClick(tour.skip, Qt.MouseButton.LeftButton)
        assert window.support.tour is None


def test_keys_mean_nothing_else_meanwhile(generated: MainWindow, qtbot: QtBot) -> None:
    generated.commands["tour"].trigger()
    tour = generated.support.tour
    assert tour is not None
    takes = generated.document.current
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_S, Qt.Key.Key_R):
        QTest.keyClick(tour, key)
        QTest.keyClick(tour.next, key)
    assert generated.document.current is takes
    assert not generated.runner.jobs
