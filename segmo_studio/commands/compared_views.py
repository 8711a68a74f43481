"""Keeps the 3D views up to what is compared: ghosts in the first one, companions beside it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from segmo_core.project.project import Take
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.document import Document
from segmo_studio.panels.view_area import ViewArea
from segmo_studio.theme.theme import Theme
from segmo_studio.viewport.beside.companion_view import CompanionView
from segmo_studio.viewport.motion_view import MotionView


class ComparedViews(QObject):
    """Companions are made when they are first wanted and free their graphics memory while they are not."""

    def __init__(
        self, document: Document, comparison: Comparison, view: MotionView, area: ViewArea, theme: Theme
    ) -> None:
        super().__init__(view)
        self._document = document
        self._comparison = comparison
        self._view = view
        self._area = area
        self._theme = theme
        self._companions: list[CompanionView] = []
        self._shown: tuple[tuple[int, str], ...] = ()
        comparison.changed.connect(self._show)
        document.take_edited.connect(self._show)
        theme.changed.connect(self._follow_theme)

    def release(self) -> None:
        """Free the graphics memory of all companions."""
        for view in self._companions:
            view.release()

    def _show(self) -> None:
        comparison = self._comparison
        others = comparison.others
        self._view.set_ghosts([take.motion for take in others if take.motion] if comparison.shows_ghosts else [])
        self._show_sides(others if comparison.shows_sides else ())

    def _show_sides(self, takes: tuple[Take, ...]) -> None:
        while len(self._companions) < len(takes):
            self._companions.append(CompanionView(self._view))
        current = self._document.current
        shown = tuple((take.take_id, take.name) for take in (current, *takes))
        if shown != self._shown:
            self._shown = shown
            used = self._companions[: len(takes)]
            for together in (self._view, *used):
                together.share_time(len(shown))
            self._area.show_beside(used, [name for _, name in shown])
            for view in self._companions[len(takes) :]:
                view.release()
        for view, take in zip(self._companions, takes, strict=False):
            if view.motion is not take.motion or view.track is not take.shown_track:
                view.set_motion(take.motion, take.shown_track)
                view.keep_up()

    def _follow_theme(self) -> None:
        for view in self._companions:
            view.set_theme("dark" if self._theme.colours.is_dark else "light")
