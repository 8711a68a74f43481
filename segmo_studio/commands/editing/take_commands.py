"""What the Takes menu does, and a segment's way from one take into another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint

from segmo_core.project.project import Take
from segmo_studio.commands.actions import Actions, spec_of
from segmo_studio.document.comparison import Comparison
from segmo_studio.document.document import Document
from segmo_studio.document.editing.segment_clip import DropPlace, SegmentClip
from segmo_studio.document.selection import Selection
from segmo_studio.panels.takes_panel import TakesPanel
from segmo_studio.services.editing.clip_editor import ClipEditor
from segmo_studio.services.editing.take_editor import TakeEditor
from segmo_studio.services.take_jobs import TakeJobs
from segmo_studio.timeline.timeline_view import TimelineView

NUM_VARIATIONS = 4


class TakeCommands(QObject):
    """Joins takes panel, timeline and comparison to the document."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        comparison: Comparison,
        editor: TakeEditor,
        clips: ClipEditor,
        jobs: TakeJobs,
        panel: TakesPanel,
        timeline: TimelineView,
        actions: Actions,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._comparison = comparison
        self._editor = editor
        self._clips = clips
        self._jobs = jobs
        self._panel = panel
        self._timeline = timeline
        self._actions = actions
        panel.segment_dragged.connect(self._show_drop)
        panel.segment_dropped.connect(self._drop)
        timeline.segments_dragged.connect(self._show_drop_of_current)
        timeline.segments_dropped.connect(self._drop_of_current)
        panel.variations.setText(spec_of("variations").text)
        panel.variations.setToolTip(actions["variations"].toolTip())
        panel.variations.clicked.connect(actions["variations"].trigger)
        comparison.changed.connect(self.enable)
        document.takes_changed.connect(self.enable)
        document.take_switched.connect(self.enable)
        selection.segment_selected.connect(self.enable)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        document, comparison, editor = self._document, self._comparison, self._editor
        return {
            "new_take": editor.new_take,
            "rename_take": self._panel.rename_current,
            "delete_take": lambda: editor.remove(document.current.take_id),
            "star_take": lambda wanted: editor.star(document.current.take_id, wanted),
            "previous_take": lambda: self._step(-1),
            "next_take": lambda: self._step(1),
            "swap_takes": comparison.swap,
            "compare_take": lambda wanted: comparison.mark(document.current.take_id, wanted),
            "compare_sides": comparison.show_sides,
            "compare_ghosts": comparison.show_ghosts,
            "variations": lambda: self._jobs.vary(NUM_VARIATIONS),
            "lock": lambda wanted: editor.lock(self._selection.segment, wanted),
        }

    def enable(self) -> None:
        """Show which commands make sense, and what is on."""
        take, comparison, index = self._document.current, self._comparison, self._selection.segment
        is_locked, has_others = index in take.locked, bool(comparison.others)
        possible = {
            "star_take": not take.is_empty,
            "previous_take": len(self._document.project.takes) > 1,
            "next_take": len(self._document.project.takes) > 1,
            "swap_takes": has_others,
            "compare_take": take.motion is not None,
            "compare_sides": has_others or comparison.shows_sides,
            "compare_ghosts": has_others or comparison.shows_ghosts,
            "variations": take.is_generated and take.track is not None,
            "lock": is_locked or self._editor.can_lock(index),
        }
        for name, is_possible in possible.items():
            self._actions[name].setEnabled(is_possible)
        self._panel.variations.setEnabled(possible["variations"])
        for name, is_on in (
            ("star_take", take.starred),
            ("compare_take", take.take_id in comparison.marked),
            ("compare_sides", comparison.shows_sides),
            ("compare_ghosts", comparison.shows_ghosts),
            ("lock", is_locked),
        ):
            self._actions[name].setChecked(is_on)
        self._actions["lock"].setText(f"Unlock segment {index + 1}" if is_locked else spec_of("lock").text)

    def _step(self, step: int) -> None:
        takes = self._document.project.takes
        number = takes.index(self._document.current) + step
        self._document.select_take(takes[number % len(takes)].take_id)

    def _show_drop(self, take_id: int, index: int, point: QPoint) -> None:
        self._timeline.show_drop(point if index >= 0 else None)
        self._show_row(take_id, point if index >= 0 else None)

    def _drop(self, take_id: int, index: int, point: QPoint) -> None:
        place, take = self._timeline.drop_place(point), self._document.project.find(take_id)
        self._timeline.show_drop(None)
        if take is None:
            self._show_row(take_id, None)
        elif place is None:
            self._drop_on_row(take, (index,), point)
        else:
            self._show_row(take_id, None)
            clip = SegmentClip.of(take, index)
            self._clips.put(f"Use segment {index + 1} of {take.name}", [clip], place)

    def _show_drop_of_current(self, indices: tuple[int, ...], point: QPoint) -> None:
        self._show_row(self._document.current.take_id, point if indices else None)

    def _drop_of_current(self, indices: tuple[int, ...], point: QPoint) -> None:
        self._drop_on_row(self._document.current, indices, point)

    def _show_row(self, take_id: int, point: QPoint | None) -> None:
        place = None if point is None else self._panel.drop_place(point)
        self._panel.show_drop(place if place is not None and place[0] != take_id else None)

    def _drop_on_row(self, take: Take, indices: tuple[int, ...], point: QPoint) -> None:
        """Segments of ``take`` into the other take whose row is under ``point``; that one is shown then."""
        place = self._panel.drop_place(point)
        self._panel.show_drop(None)
        if place is None or place[0] == take.take_id:
            return
        clips, former = [SegmentClip.of(take, index) for index in indices], self._document.current.take_id
        what = f"segment {indices[0] + 1}" if len(indices) == 1 else f"{len(indices)} segments"
        self._document.select_take(place[0])
        if not self._clips.put(f"Use {what} of {take.name}", clips, DropPlace(place[1], replaces=False)):
            self._document.select_take(former)
