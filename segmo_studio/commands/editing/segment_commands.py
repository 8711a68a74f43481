"""What the Edit menu does with the selected segments of the current take."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from segmo_studio.commands.actions import Actions
from segmo_studio.document.document import Document
from segmo_studio.document.playback import Playback
from segmo_studio.document.selection import Selection
from segmo_studio.panels.prompt_panel import PromptPanel
from segmo_studio.services.editing.segment_editor import SegmentEditor
from segmo_studio.services.track_editor import TrackEditor
from segmo_studio.timeline.timeline_view import TimelineView


class SegmentCommands(QObject):
    """Verbs of TrackEditor for the segment that was clicked last, of SegmentEditor for all that are selected."""

    def __init__(
        self,
        document: Document,
        selection: Selection,
        playback: Playback,
        editor: TrackEditor,
        segments: SegmentEditor,
        panel: PromptPanel,
        timeline: TimelineView,
        actions: Actions,
    ) -> None:
        super().__init__(document)
        self._document = document
        self._selection = selection
        self._playback = playback
        self._editor = editor
        self._segments = segments
        self._panel = panel
        self._timeline = timeline
        self._actions = actions
        for signal in (
            document.take_switched,
            document.takes_changed,
            document.take_edited,
            selection.segment_selected,
        ):
            signal.connect(self.enable)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the actions."""
        editor, segments, selection = self._editor, self._segments, self._selection
        return {
            "add_segment": self._panel.append_segment,
            "insert_segment": self._insert,
            "split": lambda: editor.split(self._playback.frame),
            "merge": lambda: editor.merge(selection.segment),
            "delete": lambda: segments.remove(selection.segments, ripple=False),
            "delete_ripple": lambda: segments.remove(selection.segments, ripple=True),
            "edit_text": lambda: self._timeline.edit_text(selection.segment),
            "boundary_earlier": lambda: editor.nudge_boundary(selection.segment, -1),
            "boundary_later": lambda: editor.nudge_boundary(selection.segment, 1),
            "typical_duration": lambda: editor.set_typical_duration(selection.segment),
            "cut": lambda: segments.cut(selection.segments),
            "copy": self._copy,
            "paste": segments.paste,
            "duplicate": lambda: segments.duplicate(selection.segments),
            "select_all": selection.select_all,
            "segment_earlier": lambda: self._move(-1),
            "segment_later": lambda: self._move(1),
            "mend": lambda: segments.mend(selection.segment),
        }

    def enable(self) -> None:
        """Show which commands make sense."""
        track, chosen = self._document.current.track, self._selection.segments
        number, can_move = len(track or ()), self._editor.can_ripple and bool(chosen)
        possible = {
            "insert_segment": self._editor.can_append,
            "cut": bool(chosen) and len(chosen) < number,
            "copy": bool(chosen),
            "paste": self._segments.can_paste,
            "duplicate": can_move,
            "select_all": number > 0,
            "segment_earlier": can_move and chosen[0] > 0,
            "segment_later": can_move and chosen[-1] < number - 1,
            "mend": self._selection.segment in self._timeline.badges,
        }
        for name, is_possible in possible.items():
            self._actions[name].setEnabled(is_possible)

    def _copy(self) -> None:
        self._segments.copy(self._selection.segments)
        self.enable()

    def _insert(self) -> None:
        if self._segments.insert_behind(self._selection.segment):
            self._timeline.edit_text(self._selection.segment)

    def _move(self, step: int) -> None:
        chosen = self._selection.segments
        if chosen:
            self._segments.move(chosen, chosen[0] - 1 if step < 0 else chosen[-1] + 2)
